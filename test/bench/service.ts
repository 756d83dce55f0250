import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Credentials, End, PkiModule, Place } from '../../impl/index.js';
import {
  answer,
  DaemonSide,
  decodeNetlinkMessage,
  encodeKeyRequest,
  encodeNetlinkMessage,
  generateKeyFile,
  KernelSide,
  Keyring,
  listen,
  MemoryTransport,
  opensslModule,
  PkiRegistry,
  readKeyFile,
  rsaModule,
  toKernel,
} from '../../impl/index.js';
import { echo } from './echo.js';
import { head, median, print, quick, turns } from './measure.js';

/**
 * Requests a second through each transport, against a bare ping-pong of the same bytes over the same sockets
 * between the same processes; and how that grows with contexts and users.
 */

const payload = new Uint8Array(64).fill(7);
const passphrase = Buffer.from('bench');
const bareBytes = encodeNetlinkMessage({ type: 'request', index: 0, sequence: 0, payload });
const self = { uid: process.getuid?.() ?? 0, pid: process.pid };
const count = quick ? 2000 : 20_000;
const folder = mkdtempSync(join(tmpdir(), 'msgctx-bench-'));
const program = fileURLToPath(new URL('echo.js', import.meta.url));

/** A second process, or for memory the same one, at the other end. */
interface Peer {
  readonly end: End;
  stop(): Promise<void>;
}

type How = 'bare' | 'daemon';

function atPlace(place: Place, how: How): Peer {
  const end = listen(place);
  const child: ChildProcess = fork(program, [how, JSON.stringify(place)]);
  return {
    end,
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function inMemory(how: How): Peer {
  const transport = new MemoryTransport();
  const end = transport.listen();
  const other = transport.connect(self);
  if (how === 'daemon') {
    new DaemonSide({ end: other, answer: (bytes) => bytes, kernelUids: [0], renewMs: 0 });
  } else {
    other.send(toKernel, Uint8Array.of(1));
    echo(other);
  }
  return { end, stop: () => Promise.resolve() };
}

const transports: Readonly<Record<string, (how: How) => Peer>> = {
  memory: inMemory,
  netlink: (how) => atPlace({ transport: 'netlink', port: 0x7000_0000 + process.pid }, how),
  channel: (how) => atPlace({ transport: 'channel', path: join(folder, 'kernel') }, how),
};

/** Exchanges a second: so many datagrams are on their way at a time, each is sent again when it is back. */
async function bare(open: (how: How) => Peer, window: number): Promise<number> {
  const peer = open('bare');
  const { end } = peer;
  let [back, via, beganMs] = [-1, 0, 0];
  await new Promise<void>((over) => {
    const read = (): void => {
      for (let got = end.receive(); got !== undefined; got = end.receive()) {
        if (got.kind !== 'datagram') continue;
        back += 1;
        if (back === 0) {
          [via, beganMs] = [got.via, performance.now()];
          for (let sent = 0; sent < window; sent += 1) end.send(via, bareBytes);
        } else if (back < count) end.send(via, bareBytes);
        else {
          over();
          return;
        }
      }
      end.whenReadable(read);
    };
    read();
  });
  const perSecond = count / ((performance.now() - beganMs) / 1000);
  await peer.stop();
  end.close();
  return perSecond;
}

/** Requests a second by so many who ask at a time. */
async function ours(open: (how: How) => Peer, window: number): Promise<number> {
  const peer = open('daemon');
  const { end } = peer;
  let side: KernelSide | undefined;
  await new Promise<void>((registered) => {
    const heard = (): void => {
      registered();
    };
    side = new KernelSide({ end, contexts: window, timeoutMs: 60_000, heard });
  });
  const uid = self.uid;
  let left = count;
  const ask = async () => {
    while (left > 0) {
      left -= 1;
      const outcome = await side?.request({ uid, payload });
      if (outcome?.kind !== 'answered') throw new Error(JSON.stringify(outcome));
    }
  };
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: window }, ask));
  const perSecond = count / ((performance.now() - beganMs) / 1000);
  side?.close();
  await peer.stop();
  return perSecond;
}

/** Requests a second of one user, while all other contexts sleep and all other users are registered. */
function growth(contexts: number, users: number): number {
  const transport = new MemoryTransport({ queueBytesMax: 2 ** 30 });
  const side = new KernelSide({ end: transport.listen(), contexts, timeoutMs: 600_000 });
  const register = (from: Credentials): End => {
    const end = transport.connect(from);
    end.send(toKernel, encodeNetlinkMessage({ type: 'helo' }));
    side.drain();
    return end;
  };
  const daemon = register({ uid: 1, pid: 1 });
  for (let uid = 2; uid <= users; uid += 1) register({ uid, pid: uid });
  const quiet = register({ uid: users + 1, pid: users + 1 });
  const ask = (uid: number) => side.ask({ uid, payload }, () => undefined);
  for (let nth = 1; nth < contexts; nth += 1) ask(users + 1);
  const beganMs = performance.now();
  for (let nth = 0; nth < count; nth += 1) {
    ask(1);
    const got = daemon.receive();
    const message = got?.kind === 'datagram' ? decodeNetlinkMessage(got.bytes) : undefined;
    if (message?.type !== 'request') throw new Error('no request came');
    daemon.send(toKernel, encodeNetlinkMessage({ ...message, type: 'response' }));
    side.drain();
  }
  const perSecond = count / ((performance.now() - beganMs) / 1000);
  side.close();
  quiet.close();
  return perSecond;
}

/** Requests a second to decrypt the key of a file, with RSA of 2048 bits, by one of the key modules. */
async function decrypting(module: PkiModule, file: string): Promise<number> {
  const token = await module.token({ keyfile: Buffer.from(file), passphrase });
  if (token.kind === 'refused') throw new Error(token.message);
  const { signature, blob } = token;
  const keys = new Keyring({ now: () => 0 }).session(self.uid);
  keys.add({ kind: 'private-key', signature, module: module.name, blob });
  const sealed = await module.seal(blob, new Uint8Array(19).fill(7));
  if (sealed.kind === 'refused') throw new Error(sealed.message);
  const request = encodeKeyRequest({ kind: 'decrypt', signature, encrypted: sealed.sealed });
  const modules = new PkiRegistry([module]);
  const transport = new MemoryTransport();
  const side = new KernelSide({ end: transport.listen(), timeoutMs: 60_000 });
  const end = transport.connect(self);
  const daemon = new DaemonSide({
    end,
    answer: (bytes) => answer(bytes, { keys, modules }),
    kernelUids: [0],
    renewMs: 0,
  });
  side.drain();
  const requests = quick ? 10 : 100;
  const beganMs = performance.now();
  for (let nth = 0; nth < requests; nth += 1) {
    await side.request({ uid: self.uid, payload: request });
  }
  const perSecond = requests / ((performance.now() - beganMs) / 1000);
  await daemon.stop();
  side.close();
  return perSecond;
}

const whole = (value: number) => String(Math.round(value));

head('Requests a second between two processes, 64 bytes', [
  'transport', 'at a time', 'bare ping-pong', 'requests', 'ratio',
]); // prettier-ignore
for (const [name, open] of Object.entries(transports)) {
  for (const window of [1, 32]) {
    const sides: { theirs: number[]; own: number[] } = { theirs: [], own: [] };
    for (let turn = 0; turn < turns; turn += 1) {
      sides.theirs.push(await bare(open, window));
      sides.own.push(await ours(open, window));
    }
    const [theirs, own] = [median(sides.theirs), median(sides.own)];
    print([name, String(window), whole(theirs), whole(own), `${(own / theirs).toFixed(2)}x`]);
  }
}
head('Growth: requests a second in memory, as contexts sleep and users are registered', [
  'contexts', 'users', 'requests',
]); // prettier-ignore
for (const [contexts, users] of [[1, 1], [32, 1], [1024, 1], [1, 100], [1, 10_000]] as const) {
  const all = Array.from({ length: turns }, () => growth(contexts, users));
  print([String(contexts), String(users), whole(median(all))]);
} // prettier-ignore
head('With RSA of 2048 bits, in memory: requests a second to decrypt the key of a file', [
  'key module', 'by', 'requests',
]); // prettier-ignore
const keyFile = join(folder, 'key.pem');
writeFileSync(keyFile, await generateKeyFile({ bits: 2048, passphrase }), { mode: 0o600 });
for (const [module, by] of [
  [opensslModule(readKeyFile), 'node:crypto'],
  [rsaModule(readKeyFile), 'node-forge'],
] as const) {
  print([module.name, by, whole(await decrypting(module, keyFile))]);
}
rmSync(folder, { recursive: true });
