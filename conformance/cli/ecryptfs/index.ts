import type { Command } from 'commander';
import { FileError, guardMemory, sentence, TransportUnavailable } from '../../../impl/index.js';
import { UsageError } from '../../usage.js';
import { collect, wholeUpTo } from '../numbers.js';
import type { DaemonFlags } from './daemon.js';
import { daemonCommand } from './daemon.js';
import { CommandFailed } from './failed.js';
import type { CreateFlags, FileFlags } from './files.js';
import { createCommand, openCommand } from './files.js';
import { infoCommand } from './info.js';
import type { KernelFlags } from './kernel.js';
import { kernelCommand } from './kernel.js';
import type { KeygenFlags } from './keygen.js';
import { keygenCommand } from './keygen.js';
import { addPlace } from './place.js';

/** `msgctx ecryptfs`: the reference system as processes. Exit status 1: a file or a key; 3: no such transport. */

const contextsMax = 65_536;
const hourMs = 3_600_000;

/** Adds the commands; `done` gets the exit status. */
export function addEcryptfs(command: Command, done: (status: number) => void): void {
  command.description('the reference system: keys, a kernel side, daemons and encrypted files');
  const run = async (work: () => Promise<number>) => {
    // Keys and passphrases are in the memory of all these commands.
    guardMemory();
    done(await work().catch(statusOf));
  };
  command
    .command('keygen <file>')
    .description('make an RSA key, as ecryptfs-utils keep it; prints its signature')
    .option('--bits <n>', 'how long', wholeUpTo(4096, 1024), 2048)
    .requiredOption('--passphrase-file <path>', 'the file whose first line opens the key')
    .action((file: string, flags: KeygenFlags) => run(() => keygenCommand(file, flags)));
  addPlace(command.command('kernel'))
    .description('the kernel side, until SIGTERM')
    .option('--contexts <n>', 'requests that can sleep at a time', wholeUpTo(contextsMax, 1), 32)
    .option('--timeout <ms>', 'how long each sleeps', wholeUpTo(hourMs, 1), 3000)
    .option(
      '--calls-per-user <n>',
      'requests of one user that can sleep at a time (default: a fair share, 12 of 32)',
      wholeUpTo(contextsMax, 1),
    )
    .action((flags: KernelFlags) => run(() => kernelCommand(flags)));
  addPlace(command.command('daemon'))
    .description('serve the keys of this user, until SIGTERM or until another is registered')
    .option('--key <file>', 'a key file; may be repeated', collect, [])
    .option('--module <name>', 'the key module: openssl or rsa', 'openssl')
    .option('--passphrase-file <path>', 'the file whose first line opens the keys')
    .option('--user <uid=file>', 'as root: a daemon of this user; may be repeated', collect, [])
    .action((flags: DaemonFlags) => run(() => daemonCommand(flags)));
  addPlace(command.command('create <file>'))
    .description('encrypt stdin into a file, in place of one that may be there')
    .option('--signature <hex>', 'a key that its daemon has; may be repeated', collect, [])
    .option('--passphrase-file <path>', 'a passphrase, which needs no daemon')
    .option('--cipher <name>', 'aes or des3_ede', 'aes')
    .option('--key-bytes <n>', 'how long the key of the file is', wholeUpTo(64, 1), 16)
    .action((file: string, flags: CreateFlags) => run(() => createCommand(file, flags)));
  addPlace(command.command('open <file>'))
    .description('decrypt a file to stdout')
    .option('--passphrase-file <path>', 'a passphrase that it may be under')
    .action((file: string, flags: FileFlags) => run(() => openCommand(file, flags)));
  command
    .command('info <file>')
    .description('what the header of an encrypted file says')
    .action((file: string) => run(() => infoCommand(file)));
}

function statusOf(error: unknown): number {
  const failed = error instanceof FileError || error instanceof CommandFailed;
  if (error instanceof UsageError) throw new UsageError(sentence(error.message));
  if (!failed && !(error instanceof TransportUnavailable)) throw error;
  process.stderr.write(`msgctx: ${sentence(error.message)}\n`);
  return failed ? 1 : 3;
}
