import { spawn } from 'node:child_process';
import { HostError, hostInUrl, isLoopback } from '../inspect/bind.js';
import type { MachineRead } from '../learn/machine-file.js';
import { parseMachine } from '../learn/machine-file.js';
import type { Inspector, InspectorOptions } from '../inspect/inspector.js';
import { startInspector } from '../inspect/inspector.js';
import { printable } from '../printable.js';
import { UsageError } from '../usage.js';
import { readText } from './files.js';
import { statusAfter } from './signals.js';
import type { SubjectOptions } from './subject.js';
import { openSubject, subjectWords } from './subject.js';

/** `msgctx inspect`: shows the machines, a run and saved conversations in a browser. */

/** The options of `msgctx inspect`. */
export interface InspectFlags extends SubjectOptions {
  readonly strict: boolean;
  readonly port?: number;
  readonly host: string;
  readonly stately: boolean;
  readonly replay?: string;
  /** A file of `msgctx learn --machine`. */
  readonly machine?: string;
}

/** The port to which `createWebSocketInspector` connects unless it is given another. */
const portUsual = 8080;
const machineMaxBytes = 64 << 20;

/** Serves until it is interrupted. Returns the exit status. */
export async function inspectCommand(flags: InspectFlags): Promise<number> {
  const { host, stately, machine } = flags;
  // An IPv6 address may be given as it stands in a URL.
  const bare = /^\[.*\]$/.test(host) ? host.slice(1, -1) : host;
  const options = { ...optionsOf(flags), host: bare, port: flags.port ?? portUsual };
  const stopped = interruption();
  const inspector = await start(options, flags);
  const address = `${inspector.host}:${inspector.port}`;
  const learnt = `http://${address}/#/machines?machine=learnt`;
  process.stdout.write(`inspector: http://${address}/\n`);
  if (machine !== undefined) process.stdout.write(`learnt:    ${learnt}\n`);
  process.stdout.write(`programs:  createWebSocketInspector({ url: 'ws://${address}' })\n`);
  if (!isLoopback(inspector.address)) {
    inspector.notice(
      `other machines can reach ${inspector.address}, and the inspector asks nobody for a password`,
    );
  }
  if (stately) {
    process.stdout.write(`hosted:    http://${address}/stately.html\n`);
    openBrowser(`http://${address}/stately.html`);
  } else if (process.stdout.isTTY && process.env['CI'] === undefined) {
    openBrowser(machine === undefined ? `http://${address}/` : learnt);
  }
  const signal = await stopped;
  await inspector.close();
  return statusAfter(signal);
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

/** If the usual port is in use, another one does; a port that the user asked for must be free. */
async function start(options: InspectorOptions, { port }: InspectFlags): Promise<Inspector> {
  const { host } = options;
  if (hostInUrl(host) === undefined && !host.includes('%')) {
    throw new UsageError(
      `--host "${printable(host)}" is no address; expected one such as 127.0.0.1`,
    );
  }
  try {
    return await startInspector(options);
  } catch (error) {
    if (error instanceof HostError) throw new UsageError(error.message);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string') throw error;
    if (code === 'EADDRINUSE' && port === undefined) {
      const inspector = await startInspector({ ...options, port: 0 });
      inspector.notice(
        `port ${options.port} is in use; programs must be given port ${inspector.port}`,
      );
      return inspector;
    }
    const reasons: ReadonlyMap<string, string> = new Map([
      ['EADDRINUSE', 'it is in use; choose another --port'],
      ['EADDRNOTAVAIL', 'this machine does not have that address'],
      ['ENOTFOUND', 'there is no address of that name'],
      ['EACCES', 'this user may not use that port; choose one above 1023'],
    ]);
    const reason = reasons.get(code) ?? code;
    throw new UsageError(`cannot listen on ${host} port ${options.port}: ${reason}`);
  }
}

function interruption(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve(signal);
      });
    }
  });
}

/** Opens a page with the system's own program for that; if there is none, the user has the printed address. */
function openBrowser(url: string): void {
  const programs: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'explorer' };
  const program = programs[process.platform] ?? 'xdg-open';
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
