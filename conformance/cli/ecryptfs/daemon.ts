import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Session } from '../../../impl/index.js';
import {
  answer,
  bundledModules,
  connect,
  DaemonSide,
  Keyring,
  limited,
  PkiRegistry,
  readKeyFile,
  Secret,
  sentence,
  shown,
  TransportUnavailable,
} from '../../../impl/index.js';
import { UsageError } from '../../usage.js';
import { CommandFailed } from './failed.js';
import type { PlaceFlags } from './place.js';
import { placeOf, trustedUids } from './place.js';
import { exposureOf, readPassphrase } from './secrets.js';
import { untilStopped } from './stop.js';

/**
 * `msgctx ecryptfs daemon`: serves the keys of a user, until it is told to stop or to quit.
 *
 * Who a daemon serves is said by its credentials alone: so for several users root starts a process for
 * each, which becomes that user before it does anything else.
 */
export interface DaemonFlags extends PlaceFlags {
  readonly key: readonly string[];
  readonly user: readonly string[];
  readonly module: string;
  readonly passphraseFile?: string;
}

/** Returns the exit status. */
export async function daemonCommand(flags: DaemonFlags): Promise<number> {
  if (flags.user.length > 0) return serveUsers(flags);
  if (flags.key.length === 0)
    throw new UsageError('a daemon serves keys: name one with --key FILE');
  const modules = new PkiRegistry(bundledModules(readKeyFile));
  const keyring = new Keyring({ now: () => performance.now() });
  const uid = process.getuid?.() ?? 0;
  const keys = keyring.session(uid);
  const signatures = await addKeys(keys, modules, flags);
  // Whoever floods a daemon does not fill its log.
  const told = limited((text) => {
    process.stderr.write(`msgctx: ${sentence(text)}\n`);
  });
  const daemon = new DaemonSide({
    end: connect(placeOf(flags)),
    answer: async (payload) =>
      Secret.own(await answer(payload, { keys, modules, onFailure: told })),
    kernelUids: trustedUids(),
    told,
  });
  // Whoever reads the line may say at once that it is to stop.
  const stopped = untilStopped();
  process.stdout.write(`daemon of uid ${uid}, pid ${process.pid}: ${signatures.join(', ')}\n`);
  const ending = await Promise.race([daemon.ended, stopped.then(() => daemon.stop())]);
  keyring.end(uid);
  if (ending.kind === 'failed') throw new CommandFailed(`the daemon ended (EIO): ${ending.why}`);
  return 0;
}

/** Brings each key file into the keyring; returns their signatures. */
async function addKeys(
  keys: Session,
  modules: PkiRegistry,
  { key, module: name, passphraseFile }: DaemonFlags,
): Promise<string[]> {
  const module = modules.find(name);
  if (module === undefined || name === 'passphrase') {
    throw new UsageError(
      `there is no key module "${shown(name)}" for key files; known: openssl, rsa`,
    );
  }
  const passphrase = passphraseFile === undefined ? undefined : readPassphrase(passphraseFile);
  const signatures: string[] = [];
  for (const file of key) {
    const exposure = exposureOf(file);
    if (exposure !== undefined) process.stderr.write(`msgctx: warning: ${exposure}\n`);
    const keyfile = Buffer.from(resolve(file));
    const token = await module.token({ keyfile, ...(passphrase && { passphrase }) });
    if (token.kind === 'refused')
      throw new CommandFailed(`the key ${shown(file)} cannot be used: ${token.message}`);
    const { signature, blob } = token;
    const added = keys.add({ kind: 'private-key', signature, module: name, blob });
    blob.fill(0);
    if (added.kind === 'refused')
      throw new CommandFailed(`the key ${shown(file)}: ${added.message}`);
    signatures.push(signature);
  }
  passphrase?.fill(0);
  return signatures;
}

/** A process for each user; this one ends when all have ended, with the first status that is not 0. */
async function serveUsers(flags: DaemonFlags): Promise<number> {
  const users = flags.user.map((text) => {
    const [, uid, key = ''] = /^(\d+)=(.+)$/.exec(text) ?? [];
    if (uid === undefined) throw new UsageError(`--user "${shown(text)}" is not UID=KEYFILE`);
    return { uid: Number(uid), key };
  });
  if (flags.key.length > 0)
    throw new UsageError('with --user each user has a key of its own; leave --key out');
  const { netlink, socket, passphraseFile, module } = flags;
  const common = [
    ...(netlink === undefined ? [] : ['--netlink', String(netlink)]),
    ...(socket === undefined ? [] : ['--socket', socket]),
    ...(passphraseFile === undefined ? [] : ['--passphrase-file', passphraseFile]),
  ];
  const stopped = untilStopped();
  const children = users.map(({ uid, key }) =>
    startAs(uid, ['ecryptfs', 'daemon', '--key', key, '--module', module, ...common]),
  );
  void stopped.then(() => {
    for (const child of children) child.kill('SIGTERM');
  });
  const statuses = await Promise.all(
    children.map(
      (child) =>
        new Promise<number>((over) => {
          child.once('exit', (status) => {
            over(status ?? 1);
          });
        }),
    ),
  );
  return statuses.find((status) => status !== 0) ?? 0;
}

/** This program again, as a process of a user. */
function startAs(uid: number, words: readonly string[]): ChildProcess {
  const args = [...process.execArgv, process.argv[1] ?? '', ...words];
  try {
    return spawn(process.execPath, args, {
      uid,
      gid: uid,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TransportUnavailable(
      `a daemon of uid ${uid} cannot be started by uid ${process.getuid?.() ?? 0} (${reason}); run as root, or let each user start a daemon of its own`,
    );
  }
}
