import { spawn } from 'node:child_process';
import { isLoopback } from '../inspect/gate.js';
import type { MachineRead } from '../learn/machine-file.js';
import { parseMachine } from '../learn/machine-file.js';
import type { Inspector, InspectorOptions } from '../inspect/inspector.js';
import { startInspector } from '../inspect/inspector.js';
import { UsageError } from '../usage.js';
import { readText } from './files.js';
import type { SubjectOptions } from './subject.js';
import { openSubject, subjectWords } from './subject.js';

/** `msgctx inspect`: the machines, a run and saved conversations, in a browser. */

/** The options of `msgctx inspect`, as they were given. */
export interface InspectFlags extends SubjectOptions {
  readonly strict: boolean;
  readonly port?: number;
  readonly host: string;
  readonly stately: boolean;
  readonly replay?: string;
  /** A file of `msgctx learn --machine`. */
  readonly machine?: string;
}

/** Where programs with `createWebSocketInspector` look for an inspector, unless told otherwise. */
const portUsual = 8080;
const machineMaxBytes = 64 << 20;
const interruptedStatus = { SIGINT: 130, SIGTERM: 143 } as const;

/** Serves until it is interrupted. Returns the exit status. */
export async function inspectCommand(flags: InspectFlags): Promise<number> {
  const { host, stately, machine } = flags;
  const options = { ...optionsOf(flags), host, port: flags.port ?? portUsual };
  const stopped = interruption();
  const inspector = await start(options, flags);
  const name = host.includes(':') ? `[${host}]` : host;
  const address = `${name}:${inspector.port}`;
  const learnt = `http://${address}/#/machines?machine=learnt`;
  process.stdout.write(`inspector: http://${address}/\n`);
  if (machine !== undefined) process.stdout.write(`learnt:    ${learnt}\n`);
  process.stdout.write(`programs:  createWebSocketInspector({ url: 'ws://${address}' })\n`);
  if (!isLoopback(host)) {
    inspector.notice(`${host} can be reached from other machines, and nobody is asked who he is`);
  }
  if (stately) {
    process.stdout.write(`hosted:    http://${address}/stately.html\n`);
    openBrowser(`http://${address}/stately.html`);
  } else if (process.stdout.isTTY && process.env['CI'] === undefined) {
    openBrowser(machine === undefined ? `http://${address}/` : learnt);
  }
  const signal = await stopped;
  await inspector.close();
  return interruptedStatus[signal];
}

function optionsOf(flags: InspectFlags): Omit<InspectorOptions, 'host' | 'port'> {
  const { target, connect, adapter, replay, machine, strict, stately } = flags;
  const isNamed = [target, connect, adapter[0]].some((one) => one !== undefined);
  return {
    open: () => openSubject(flags),
    words: subjectWords(flags),
    run: isNamed && replay === undefined ? 'at once' : 'when asked',
    strict,
    ...(replay === undefined
      ? {}
      : { replay: { file: replay, read: () => readText(replay, 'a trace') } }),
    ...(machine === undefined ? {} : { learnt: { file: machine, read: readMachine(machine) } }),
    hosted: stately ? 'shown' : 'not shown',
    write: (text) => process.stderr.write(text),
  };
}

function readMachine(file: string): MachineRead {
  return parseMachine(readText(file, 'a learnt machine', machineMaxBytes), file);
}

/** Where the usual port is taken another one does; one that was asked for must be free. */
async function start(options: InspectorOptions, { port }: InspectFlags): Promise<Inspector> {
  if (options.host === '0.0.0.0' || options.host === '::') {
    throw new UsageError(
      `--host ${options.host} is every address; name the one that others ask for`,
    );
  }
  try {
    return await startInspector(options);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string') throw error;
    if (code === 'EADDRINUSE' && port === undefined) {
      const inspector = await startInspector({ ...options, port: 0 });
      inspector.notice(`port ${options.port} is in use, so that programs have to be told the port`);
      return inspector;
    }
    const reason = code === 'EADDRINUSE' ? 'it is in use; choose another --port' : code;
    throw new UsageError(`cannot listen on ${options.host} port ${options.port}: ${reason}`);
  }
}

function interruption(): Promise<keyof typeof interruptedStatus> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve(signal);
      });
    }
  });
}

/** Opens a page with what the system has for it; where there is nothing, the address was printed. */
function openBrowser(url: string): void {
  const programs: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'explorer' };
  const program = programs[process.platform] ?? 'xdg-open';
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
