import { shown } from '../../../impl/index.js';

/** A command that could not do what it was asked to; the message is a sentence for whoever asked. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  /** The failure of a system call on a file, with its errno. */
  static of(path: string, what: string, error: unknown): CommandFailed {
    if (error instanceof Error && 'code' in error) {
      return new CommandFailed(`${what} ${shown(path)} (${String(error.code)}): ${error.message}`);
    }
    throw error;
  }
}
