import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { statSync } from 'node:fs';
import { printable, printableLines } from '../printable.js';

/**
 * What carries the lines of an adapter: the stdin and stdout of a child process, or a socket on which
 * it listens.
 *
 * A child leads a process group of its own, which is ended as a whole, so that nothing it started
 * stays behind. What listens by itself is somebody else's to end: only the connection is closed.
 */

/** What comes through a pipe. */
export interface Listener {
  data(chunk: Buffer): void;
  /** It is over, or never began; the words go on with "the adapter …". */
  over(breach: 'start' | 'death', seen: string): void;
}

/** The lines of an adapter. */
export interface Pipe {
  /** Who is at the other end, as the user named it. */
  readonly name: string;
  /** What it said otherwise, for the end of a message. */
  readonly said: string;
  /** Resolves when the other end has gone; says how, where it is a process of ours. */
  readonly gone: Promise<End | undefined>;
  write(text: string): void;
  /** Says that nothing more is written. */
  finish(): void;
  /** Ends it at once, with all it started. */
  end(): void;
}

const stderrKeptBytes = 2048;
const nameMax = 200;
/** How long the last output of a child is waited for when something else holds its pipe open. */
const lastWordsMs = 500;

/** Process groups that live now; ended when this process exits for whatever reason. */
const groups = new Set<number>();
process.on('exit', () => {
  for (const group of groups) endGroup(group);
});

function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nobody of the group lives any more.
  }
  groups.delete(group);
}

/** Starts an adapter as a child process. */
export function startChild(command: string, args: readonly string[], listener: Listener): Pipe {
  // Where the machine is at its limit there are no streams.
  const child: ChildProcess = spawn(command, args, { detached: true, stdio: 'pipe' });
  const { pid, stdin, stdout, stderr } = child;
  if (pid !== undefined) groups.add(pid);
  let lastWords = '';
  child.on('error', (error) => {
    listener.over('start', whyNotStarted(command, args, error));
  });
  child.on('exit', (code, signal) => {
    const over = () => {
      listener.over('death', `ended ${howEnded({ code, signal })}`);
    };
    child.once('close', over);
    // What has come meanwhile is read before the immediate, also where this process could not run for long.
    setTimeout(() => setImmediate(over), lastWordsMs).unref();
  });
  stdin?.on('error', () => undefined); // Its death is reported when it is known.
  stdout?.on('data', (chunk: Buffer) => {
    listener.data(chunk);
  });
  stdout?.on('end', () => {
    // An exit closes stdout as well, and is the better reason.
    setTimeout(() => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      listener.over('death', 'closed its stdout, but is still running');
    }, lastWordsMs).unref();
  });
  stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-stderrKeptBytes);
  });
  return {
    name: printable([command, ...args].join(' '), nameMax),
    get said() {
      return wordsOf(lastWords.trim());
    },
    gone: endOf(child),
    write: (text) => {
      stdin?.write(text);
    },
    finish: () => {
      stdin?.end();
    },
    end: () => {
      if (pid !== undefined) endGroup(pid);
      for (const pipe of [stdin, stdout, stderr]) pipe?.destroy();
    },
  };
}

/** Says what to do about a program that the system could not start. */
function whyNotStarted(command: string, args: readonly string[], error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  const file = statSync(command, { throwIfNoEntry: false });
  const first = command.split(' ')[0] ?? '';
  if (code === 'ENOENT' && file === undefined && command.includes(' ') && args.length === 0) {
    return `could not be started: there is no program of this name; write the program and its arguments as separate words: -- ${first} …`;
  }
  if (code === 'ENOENT' && file !== undefined) {
    return 'could not be started: its "#!" line names an interpreter that does not exist';
  }
  if (code === 'ENOENT') return 'could not be started: there is no such program';
  if (code === 'EACCES' && file?.isDirectory() === true) {
    return 'could not be started: it is a directory; name a program';
  }
  if (code === 'EACCES') {
    return 'could not be started: the file is not executable; run "chmod +x" on it, or start its interpreter: -- python3 FILE';
  }
  if (code === 'ENOEXEC') {
    return 'could not be started: the file is no program and has no "#!" line; start its interpreter: -- python3 FILE';
  }
  return `could not be started (${error.message})`;
}

function wordsOf(stderr: string): string {
  return stderr === '' ? 'its stderr is empty' : `its stderr ends: ${printableLines(stderr)}`;
}

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The end of a process in words. */
export function howEnded({ code, signal }: End): string {
  return signal === null ? `with status ${code ?? 'unknown'}` : `by signal ${signal}`;
}

/** Resolves when the process has ended and what it wrote to stderr was read, as far as that comes soon. */
function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const over = () => {
        resolve({ code, signal });
      };
      child.once('close', over);
      setTimeout(() => setImmediate(over), lastWordsMs).unref();
    });
  });
}

/** Where an adapter listens. */
export type Address =
  { readonly path: string } | { readonly host: '127.0.0.1'; readonly port: number };

const portMax = 65_535;

/** Reads `unix:PATH` or `tcp:127.0.0.1:PORT`; undefined when it is neither. */
export function addressOf(text: string): Address | undefined {
  if (text.startsWith('unix:')) return text.length > 5 ? { path: text.slice(5) } : undefined;
  const [, digits] = /^tcp:127\.0\.0\.1:(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return port >= 1 && port <= portMax ? { host: '127.0.0.1', port } : undefined;
}

/** Connects to an adapter that listens. */
export function connectTo(address: Address, listener: Listener): Pipe {
  const socket: Socket = connect(address);
  const gone = new Promise<undefined>((resolve) => {
    socket.once('close', () => {
      resolve(undefined);
    });
  });
  let isConnected = false;
  socket.on('connect', () => {
    isConnected = true;
  });
  socket.on('error', (error) => {
    if (!isConnected) listener.over('start', `could not be reached (${error.message})`);
  });
  socket.on('close', () => {
    listener.over('death', 'closed the connection');
  });
  socket.on('data', (chunk) => {
    listener.data(chunk);
  });
  return {
    name: 'path' in address ? `unix:${address.path}` : `tcp:${address.host}:${address.port}`,
    said: 'its stderr is its own',
    gone,
    write: (text) => {
      socket.write(text);
    },
    // A connection that is half closed is unusual: an adapter that listens sees it closed as a whole.
    finish: () => undefined,
    end: () => socket.destroy(),
  };
}
