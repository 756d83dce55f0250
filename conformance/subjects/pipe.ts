import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

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
  /** Comes true when the other end has gone. */
  readonly gone: Promise<unknown>;
  write(text: string): void;
  /** Ends it at once, with all it started. */
  end(): void;
}

const stderrKeptBytes = 2048;
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
    listener.over('start', `could not be started (${error.message})`);
  });
  child.on('exit', (code, signal) => {
    const how = signal === null ? `with status ${code ?? 'unknown'}` : `by signal ${signal}`;
    const over = () => {
      listener.over('death', `ended ${how}`);
    };
    child.once('close', over);
    // What has come meanwhile is read before the immediate, also where this process could not run for long.
    setTimeout(() => setImmediate(over), lastWordsMs).unref();
  });
  stdin?.on('error', () => undefined); // Its death is reported when it is known.
  stdout?.on('data', (chunk: Buffer) => {
    listener.data(chunk);
  });
  stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-stderrKeptBytes);
  });
  return {
    name: [command, ...args].join(' '),
    get said() {
      return wordsOf(lastWords.trim());
    },
    gone: exitOf(child),
    write: (text) => {
      stdin?.write(text);
    },
    end: () => {
      if (pid !== undefined) endGroup(pid);
      for (const pipe of [stdin, stdout, stderr]) pipe?.destroy();
    },
  };
}

function wordsOf(stderr: string): string {
  return stderr === '' ? 'its stderr is empty' : `its stderr ends: ${stderr}`;
}

function exitOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('exit', resolve));
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
  const gone = new Promise((resolve) => socket.once('close', resolve));
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
    end: () => socket.destroy(),
  };
}
