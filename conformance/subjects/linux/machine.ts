import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { lastWords } from './console.js';

/**
 * A virtual machine with the agent in it: QEMU in pure emulation, which needs no rights and no KVM.
 *
 * Its time is its own: four nanoseconds an instruction, and where the guest has nothing to do it jumps to
 * the next timer (icount without sleep). So what the guest sleeps takes no time here, and a busy host is not late.
 *
 * Its console comes through one pipe, the agent's lines through stdin and stdout, and orders to QEMU
 * itself through a third. A machine that was saved is restored in a tenth of the time that it takes to boot.
 */

/** What a machine is made of. */
export interface Image {
  readonly kernel: string;
  readonly initrd: string;
  /** A machine that was saved; it is restored instead of booted. */
  readonly snapshot?: string;
}

/** What the agent said to an order. */
export interface Said {
  readonly lines: readonly string[];
  /** Present when the call behind the order failed. */
  readonly errno?: string;
}

/** The machine is of no use any more. */
export class MachineLost extends Error {
  override readonly name = 'MachineLost';
}

/** The program of the machines. */
export const emulator = 'qemu-system-x86_64';
/** In front of a program: it ends with this process, even where this is killed. */
const tie = { name: 'setpriv', options: ['--pdeathsig', 'KILL'] };

/** Against hanging alone: it takes seconds. */
const bootMs = 60_000;
const helloEveryMs = 50;
const saveMs = 20_000;
const consoleKeptChars = 1 << 16;
/** What came on the console may be read a moment after what came from the agent. */
const consoleLateMs = 200;
const commandLine =
  'console=ttyS0 loglevel=3 mitigations=off panic=0 random.trust_cpu=on no_timer_check';

/** Processes that live now; ended when this process exits for whatever reason. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

interface Waiting {
  readonly lines: string[];
  readonly resolve: (said: Said) => void;
  readonly reject: (error: MachineLost) => void;
  readonly timer: NodeJS.Timeout;
}

/** One life of a machine. Made by `start`. */
export class Machine {
  readonly #child: ChildProcess;
  readonly #monitor: Writable & Readable;
  readonly #gone: Promise<void>;
  readonly #waiting: Waiting[] = [];
  #lost: MachineLost | undefined;
  #console = '';
  #partial = '';
  #nowMs = 0;
  /** The word that the agent is to say back before anything else counts. */
  #hello: { readonly word: string; readonly heard: () => void } | undefined;

  private constructor(image: Image) {
    const [name = '', ...options] = [...tieIfThere(), emulator, ...argumentsFor(image)];
    this.#child = spawn(name, options, {
      // stdin, stdout, stderr, console, monitor.
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    const { stdin, stdout, stderr, stdio } = this.#child;
    living.add(this.#child);
    // What is opened as a pipe behind stderr is a stream both ways.
    this.#monitor = stdio[4] as Writable & Readable;
    const screen = stdio[3] as Readable;
    for (const one of [stdin, this.#monitor]) one?.on('error', () => undefined);
    stdout?.on('data', (chunk: Buffer) => {
      this.#read(chunk.toString('latin1'));
    });
    for (const one of [screen, stderr]) {
      one?.on('data', (chunk: Buffer) => {
        this.#console = (this.#console + chunk.toString('latin1')).slice(-consoleKeptChars);
      });
    }
    this.#monitor.resume();
    this.#gone = new Promise((resolve) => {
      const over = (how: string) => () => {
        living.delete(this.#child);
        this.#lose(`the virtual machine ${how}`);
        resolve();
      };
      this.#child.once('error', over('could not be started'));
      this.#child.once('close', over('ended by itself'));
    });
  }

  /** @throws MachineLost when it does not come up */
  static async start(image: Image): Promise<Machine> {
    const machine = new Machine(image);
    try {
      await machine.#greet();
      return machine;
    } catch (error) {
      await machine.end();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** What the guest's clock showed when the agent last answered. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** What the console said, from the first sign of trouble. */
  get lastWords(): string {
    return lastWords(this.#console);
  }

  /** Lets the agent do something. @throws MachineLost when the kernel does not live through it */
  order(words: string, waitMs: number): Promise<Said> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const said = new Promise<Said>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#lose(`the guest did not answer in ${waitMs} ms`);
      }, waitMs);
      this.#waiting.push({ lines: [], resolve, reject, timer });
    });
    this.#child.stdin?.write(`${words}\n`);
    return said;
  }

  /** Saves it, to be restored from there; this one is of no use then. */
  async save(path: string): Promise<void> {
    this.#monitor.write(`migrate "exec:cat > '${path}'"\nquit\n`);
    const tooLong = setTimeout(() => this.#child.kill('SIGKILL'), saveMs);
    await this.#gone;
    clearTimeout(tooLong);
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  /**
   * Says hello until it is answered: what is written before the agent listens is lost. Until then the guest's
   * terminal says what it hears itself, so the answer is another word.
   */
  async #greet(): Promise<void> {
    const untilMs = performance.now() + bootMs;
    for (let nth = 1; this.#lost === undefined; nth += 1) {
      const word = nth.toString(16).padStart(4, '0');
      const heard = new Promise<boolean>((resolve) => {
        this.#hello = { word, heard: () => { resolve(true); } }; // prettier-ignore
        setTimeout(() => { resolve(false); }, helloEveryMs); // prettier-ignore
      });
      this.#child.stdin?.write(`\nhello ${word}\n`);
      if (await heard) return;
      if (performance.now() > untilMs) this.#lose(`the guest did not come up in ${bootMs} ms`);
    }
    throw this.#lost;
  }

  #read(text: string): void {
    const lines = (this.#partial + text).split(/\r?\n/);
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (this.#hello !== undefined) {
      if (line !== `here ${this.#hello.word}`) return;
      this.#hello.heard();
      this.#hello = undefined;
      return;
    }
    if (line.startsWith('lost: ')) {
      this.#lose(line.slice(6));
      return;
    }
    const [first] = this.#waiting;
    if (first === undefined) return;
    const over = /^(?:ok|no (\w+)) (\d+)$/.exec(line);
    if (over === null) {
      first.lines.push(line);
      return;
    }
    this.#waiting.shift();
    clearTimeout(first.timer);
    const [, errno, now] = over;
    this.#nowMs = Number(now);
    const { lines } = first;
    first.resolve(errno === undefined ? { lines } : { lines, errno });
  }

  #lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = new MachineLost(why);
    const waiting = this.#waiting.splice(0);
    for (const { timer } of waiting) clearTimeout(timer);
    const lost = this.#lost;
    setTimeout(() => {
      for (const { reject } of waiting) reject(lost);
    }, consoleLateMs);
  }
}

/** It is of util-linux; others' programs of that name do not know the option. */
function tieIfThere(): readonly string[] {
  const { name, options } = tie;
  return spawnSync(name, [...options, 'true']).status === 0 ? [name, ...options] : [];
}

function argumentsFor({ kernel, initrd, snapshot }: Image): string[] {
  const serial = (id: string, way: string) => [
    '-chardev',
    `${way},id=${id}`,
    '-serial',
    `chardev:${id}`,
  ];
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...[
      '-machine',
      'pc,accel=tcg',
      '-icount',
      'shift=2,sleep=off',
      '-cpu',
      'qemu64',
      '-smp',
      '1',
      '-m',
      '128',
    ],
    ...['-kernel', kernel, '-initrd', initrd, '-append', commandLine],
    ...serial('console', 'socket,fd=3'),
    ...serial('agent', 'stdio,signal=off'),
    ...['-chardev', 'socket,fd=4,id=monitor', '-mon', 'chardev=monitor,mode=readline'],
    ...(snapshot === undefined ? [] : ['-incoming', `exec:cat '${snapshot}'`]),
  ];
}
