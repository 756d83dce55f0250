import { once } from 'node:events';

/**
 * How a command ends after the reader of its output has gone, as in `msgctx list cases | head`.
 *
 * It says nothing about it. A command that comes to a verdict goes on: its exit status is the verdict, and the files
 * that it was asked for are written. A command whose only product is the output (`ecryptfs open`) stops, and
 * its exit status is 141, which is what a shell says of a program that SIGPIPE ended. All other trouble
 * with stdout, such as a full disk, is a message and exit status 2; of the commands on files, 1.
 */

/** The exit status of a command that stopped because nobody reads its output: 128 and the number of SIGPIPE. */
export const closedPipeStatus = 141;

/** A pipe that was closed as Linux and macOS say it, as Windows does, and what Node.js says of later writes. */
const codes: readonly unknown[] = ['EPIPE', 'EOF', 'ERR_STREAM_DESTROYED'];

/** A command stops because nobody reads its output. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

let isClosed = false;
let failureStatus = 2;

/** Sets the exit status after stdout could not be written for another reason than a closed pipe. */
export function exitOnFailureWith(status: number): void {
  failureStatus = status;
}

/** Lets no write to stdout or stderr end the process with a stack trace. */
export function surviveClosedPipes(): void {
  process.stdout.on('error', (error: Error) => {
    isClosed = isSaidBy(error);
    if (isClosed) return;
    process.stderr.write(`msgctx: stdout could not be written (${error.message})\n`);
    process.exit(failureStatus);
  });
  // Where stderr cannot be written, there is no place left to say so.
  process.stderr.on('error', () => undefined);
}

/**
 * Writes to stdout, and waits where the reader is slower.
 *
 * @throws ClosedPipe where nobody reads any more
 */
export async function writeOut(bytes: Uint8Array): Promise<void> {
  if (isClosed) throw new ClosedPipe('nobody reads stdout any more');
  if (process.stdout.write(bytes)) return;
  try {
    await once(process.stdout, 'drain');
  } catch (error) {
    throw isSaidBy(error) ? new ClosedPipe('nobody reads stdout any more') : error;
  }
}

function isSaidBy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && codes.includes(error.code);
}
