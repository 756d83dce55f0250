import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import {
  FileError,
  guardMemory,
  sentence,
  shown,
  TransportUnavailable,
} from '../../../impl/index.js';
import { UsageError } from '../../usage.js';
import { collect, fileName, wholeUpTo } from '../numbers.js';
import { exitOnFailureWith } from '../pipes.js';
import type { DaemonFlags } from './daemon.js';
import { daemonCommand } from './daemon.js';
import { CommandFailed } from './failed.js';
import type { CreateFlags } from './create.js';
import { createFile } from './create.js';
import type { KeyFlags } from './given-keys.js';
import type { NameFlags } from './names.js';
import { listCommand, nameCommand } from './names.js';
import type { UnwrapFlags, WrapFlags } from './wrap.js';
import { unwrapCommand, wrapCommand } from './wrap.js';
import type { OpenFlags } from './open.js';
import { openFile } from './open.js';
import { infoCommand } from './info.js';
import type { KernelFlags } from './kernel.js';
import { kernelCommand } from './kernel.js';
import type { KeygenFlags } from './keygen.js';
import { keygenCommand } from './keygen.js';
import { addPlace } from './place.js';
import { createTree } from './tree-create.js';
import { openTree } from './tree-open.js';

/** `msgctx ecryptfs`: the reference system as processes. Exit status 1: a file or a key; 3: no such transport. */

const contextsMax = 65_536;
const hourMs = 3_600_000;

/** Adds the commands; `done` gets the exit status. */
export function addEcryptfs(command: Command, done: (status: number) => void): void {
  command.description('the reference system: keys, a kernel side, daemons and encrypted files');
  const run: Run = async (work) => {
    // Keys and passphrases are in the memory of all these commands.
    guardMemory();
    exitOnFailureWith(1);
    try {
      done(await work());
    } catch (error) {
      done(statusOf(error));
    }
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
  addFiles(command, run);
  addKeys(command.command('info <file>'))
    .description('what the header of an encrypted file says, and its name')
    .action((file: string, flags: KeyFlags) => run(() => infoCommand(file, flags)));
  addWrapping(command, run);
  addNames(command, run);
}

type Run = (work: () => Promise<number> | number) => Promise<void>;

/** The commands on files and folders. */
function addFiles(command: Command, run: Run): void {
  addKeys(addPlace(command.command('create <file>')))
    .description('encrypt stdin into a new file, or a folder into another')
    .option('--output <folder>', 'encrypt the files of the folder <file> into this one', fileName)
    .option('--encrypt-names', 'with --output, encrypt the names as well', false)
    .option('--signature <hex>', 'a key that its daemon has; may be repeated', collect, [])
    .option('--salt <hex>', 'the salt of the key that is derived from the passphrase')
    .option('--cipher <name>', 'aes or des3_ede', 'aes')
    .option(
      '--key-bytes <n>',
      'how long the key of the file is (default: the shortest of the cipher)',
      wholeUpTo(64, 1),
    )
    .option('--force', 'replace a file that is there; it keeps its mode and owner', false)
    .action((file: string, flags: CreateFlags) => run(() => createAny(file, flags)));
  addKeys(addPlace(command.command('open <file>')))
    .description('decrypt a file to stdout (- is stdin), or a folder to another')
    .option('--output <path>', 'write to this file, or to this folder, instead', fileName)
    .option('--force', 'with --output, replace files that are there', false)
    .addOption(
      new Option('--plain <what>', 'in a folder, what to do with files that are not encrypted')
        .choices(['copy', 'skip'])
        .default('copy'),
    )
    .option('--salvage', 'read what is left of a file that is cut off or damaged', false)
    .action((file: string, flags: OpenFlags) => run(() => openAny(file, flags)));
}

/** The commands on wrapped passphrases. */
function addWrapping(command: Command, run: Run): void {
  const login = ['--passphrase-file <path>', 'the file whose first line is the login passphrase'];
  const [flag = '', what = ''] = login;
  command
    .command('unwrap <file>')
    .description('print the passphrase in a wrapped-passphrase file')
    .requiredOption(flag, what)
    .option('--salt <hex>', 'the salt of a file of version 1, from ~/.ecryptfsrc')
    .action((file: string, flags: UnwrapFlags) => run(() => unwrapCommand(file, flags)));
  command
    .command('wrap <file>')
    .description('write a passphrase to a new wrapped-passphrase file')
    .requiredOption(flag, what)
    .requiredOption('--mount-passphrase-file <path>', 'the file whose first line is wrapped')
    .addOption(
      new Option('--version <n>', 'the version of the file').choices(['1', '2']).default('2'),
    )
    .option('--salt <hex>', 'the salt (default: a random one; in version 1 0011223344556677)')
    .action((file: string, flags: WrapFlags) => run(() => wrapCommand(file, flags)));
}

/** The commands on encrypted names. */
function addNames(command: Command, run: Run): void {
  addKeys(command.command('list <folder>'))
    .description('list a folder with its names decrypted')
    .action((folder: string, flags: KeyFlags) => run(() => listCommand(folder, flags)));
  addKeys(command.command('name <names...>'))
    .description('decrypt names of files')
    .option('--encrypt', 'encrypt them instead', false)
    .option('--cipher <name>', 'with --encrypt: aes or des3_ede', 'aes')
    .option('--key-bytes <n>', 'with --encrypt: how long the key is', wholeUpTo(64, 1))
    .action((names: readonly string[], flags: NameFlags) => run(() => nameCommand(names, flags)));
}

/** A folder and a file are opened by the same command. */
function openAny(path: string, flags: OpenFlags): Promise<number> {
  if (!isFolder(path)) return openFile(path, flags);
  if (flags.output !== undefined) return openTree(path, flags.output, flags);
  throw new UsageError(`${shown(path)} is a folder; add --output FOLDER`);
}

/** A folder and a file are created by the same command. */
function createAny(path: string, flags: CreateFlags): Promise<number> {
  if (flags.output === undefined) return createFile(path, flags);
  if (isFolder(path)) return createTree(path, flags.output, flags);
  throw new UsageError(`${shown(path)} is no folder; --output is for folders`);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The options that give keys. */
function addKeys(command: Command): Command {
  return command
    .option('--passphrase-file <path>', 'the file whose first line is the passphrase')
    .option(
      '--wrapped <path>',
      'the passphrase is in this wrapped-passphrase file, and --passphrase-file opens it',
    )
    .option(
      '--fekek-file <[hex=]path>',
      'a key of 32 to 64 bytes itself, of this signature; may be repeated',
      collect,
      [],
    );
}

function statusOf(error: unknown): number {
  const failed = error instanceof FileError || error instanceof CommandFailed;
  if (error instanceof UsageError) throw new UsageError(sentence(error.message));
  if (!failed && !(error instanceof TransportUnavailable)) throw error;
  process.stderr.write(`msgctx: ${sentence(error.message)}\n`);
  return failed ? 1 : 3;
}
