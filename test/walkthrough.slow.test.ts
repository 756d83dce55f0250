import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshPort, transports } from './impl/transports.js';
import { blocksIn } from './pages.js';
import { transpiled } from './transpiled.js';

/** The walk-through of docs/ecryptfs.md, run to the letter: a shell, a kernel side and daemons as real processes. */

const isMissing = transports.some((one) => one.isMissing);
const folder = mkdtempSync(join(tmpdir(), 'msgctx-walk-'));
const programs = transpiled();

interface Step {
  readonly command: string;
  readonly lines: readonly string[];
}

/** The commands of the walk-through, each with what it prints. */
function steps(): readonly Step[] {
  const [block] = blocksIn('console').filter(({ mark }) => mark.startsWith('walk-through'));
  return (block?.text ?? '').split(/^\$ /m).slice(1).map((part) => {
    const [command = '', ...lines] = part.trimEnd().split('\n');
    return { command, lines };
  }); // prettier-ignore
}

/** What differs from run to run is taken out: signatures, markers, pids, uids, ports. */
const same = (line: string) =>
  line
    .replace(/[0-9a-f]{16}/g, 'SIGNATURE')
    .replace(/(marker {4})[0-9a-f]{8}(.* )[0-9a-f]{8}$/, '$1M$2M')
    .replace(/(port|uid|pid) \d+/g, '$1 N');

/** A shell, and the lines that it and its children print. */
class Shell {
  readonly #shell: ChildProcessWithoutNullStreams;
  #text = '';
  #look: () => void = () => undefined;

  constructor(port: number) {
    this.#shell = spawn('bash', { cwd: folder, detached: true });
    for (const pipe of [this.#shell.stdout, this.#shell.stderr]) {
      pipe.on('data', (chunk: Buffer) => {
        this.#text += chunk.toString();
        this.#look();
      });
    }
    const program = programs.path('conformance/cli/msgctx.js');
    this.#write(
      `run() { case $2 in keygen|info) exec node ${program} "$@";; *) exec node ${program} "$@" --netlink ${port};; esac; }`,
    );
    this.#write('msgctx() { (run "$@"); }');
  }

  /** Runs a command and waits until it is over; one in the background, until it has printed so many lines. */
  async does({ command, lines }: Step): Promise<readonly string[]> {
    this.#text = '';
    const isLasting = /(?<!&)&(?!&)/.test(command);
    // In the background there is no subshell between the job and its program.
    this.#write(isLasting ? command.replace('msgctx', 'run') : command);
    if (!isLasting) this.#write('echo; echo over');
    const isOver = () =>
      isLasting ? this.#lines.length >= lines.length : this.#text.endsWith('\nover\n');
    await new Promise<void>((resolve) => {
      this.#look = () => {
        if (isOver()) resolve();
      };
      this.#look();
    });
    return isLasting ? this.#lines : this.#lines.filter((line) => line !== 'over');
  }

  /** Ends the shell with everything it started. */
  end(): void {
    if (this.#shell.pid !== undefined) process.kill(-this.#shell.pid, 'SIGKILL');
  }

  get #lines(): readonly string[] {
    // The shell itself tells of jobs that were killed.
    return this.#text
      .split('\n')
      .filter((line) => line !== '' && !/^(?:bash|main): line \d+:/.test(line));
  }

  #write(line: string): void {
    this.#shell.stdin.write(`${line}\n`);
  }
}

describe.skipIf(isMissing)('the walk-through of docs/ecryptfs.md', () => {
  let shell: Shell | undefined;
  beforeAll(() => {
    shell = new Shell(freshPort());
  });
  afterAll(() => {
    shell?.end();
    rmSync(folder, { recursive: true });
    programs.remove();
  });

  it('has steps', () => {
    expect(steps()).toHaveLength(14);
  });

  it.each(steps())('$command', async (step) => {
    expect((await shell?.does(step))?.map(same)).toEqual(step.lines.map(same));
  });
});
