/**
 * A process of the reference system that looks for secrets in its own memory:
 * `node memory-party.mjs FOLDER-OF-THE-PROGRAM ROLE SCENE`.
 *
 * What it looks for comes inverted, so that the order to look is no find; nor is the buffer that it looks with.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const [, , base, role, text] = process.argv;
const scene = JSON.parse(text);
// Once the memory is guarded only root may open it.
const memory = openSync('/proc/self/mem', 'r');
const impl = await import(`${base}/impl/index.js`);
if (!impl.guardMemory()) throw new Error('the memory of this process cannot be guarded');

const kernelUids = [process.getuid()];
const chunkBytes = 1 << 20;
const chunk = Buffer.alloc(chunkBytes + 256);

/** How often each of some inverted needles is in the memory of this process. */
function count(inverted) {
  const found = Object.fromEntries(Object.keys(inverted).map((name) => [name, 0]));
  for (const line of readFileSync('/proc/self/maps', 'utf8').split('\n')) {
    const [, from, to, rights] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
    if (rights === undefined || !rights.startsWith('rw')) continue;
    const end = Number.parseInt(to, 16);
    for (let at = Number.parseInt(from, 16); at < end; at += chunkBytes) {
      // What was read before is in the memory that is read now.
      chunk.fill(0);
      const length = read(at, Math.min(chunk.length, end - at));
      for (const [name, needle] of Object.entries(inverted)) {
        found[name] += countIn(chunk.subarray(0, length), needle);
      }
    }
  }
  chunk.fill(0);
  return found;
}

function read(at, most) {
  try {
    return readSync(memory, chunk, 0, most, at);
  } catch {
    return 0;
  }
}

/** Needles that begin in the first part of a chunk; what lies behind is looked at with the next. */
function countIn(bytes, inverted) {
  let found = 0;
  const first = inverted[0] ^ 0xff;
  for (
    let at = bytes.indexOf(first);
    at !== -1 && at < chunkBytes;
    at = bytes.indexOf(first, at + 1)
  ) {
    if (inverted.every((byte, nth) => bytes[at + nth] === (byte ^ 0xff))) found += 1;
  }
  return found;
}

function kernel() {
  const { Door, KernelSide, listenChannel } = impl;
  const side = new KernelSide({ end: listenChannel(scene), timeoutMs: 600_000 });
  new Door({ end: listenChannel({ path: `${scene.path}.door` }), side });
}

async function daemon() {
  const {
    answer,
    bundledModules,
    connectChannel,
    DaemonSide,
    Keyring,
    PkiRegistry,
    readKeyFile,
    Secret,
  } = impl;
  const modules = new PkiRegistry(bundledModules(readKeyFile));
  const keys = new Keyring({ now: () => 0 }).session(0);
  const passphrase = Uint8Array.from(scene.passphrase, (byte) => byte ^ 0xff);
  const keyfile = Buffer.from(scene.keyFile);
  const { signature, blob } = await modules.find(scene.module).token({ keyfile, passphrase });
  passphrase.fill(0);
  keys.add({ kind: 'private-key', signature, module: scene.module, blob });
  blob.fill(0);
  new DaemonSide({
    end: connectChannel(scene),
    answer: async (payload) => Secret.own(await answer(payload, { keys, modules })),
    kernelUids,
  });
}

/** Makes a file, opens it twice and tells its key, inverted. */
async function user() {
  const {
    Asker,
    cipherOf,
    connectChannel,
    EncryptedFile,
    Keyring,
    NodeDisk,
    replaceFile,
    TagExchange,
  } = impl;
  const { signature, file: path } = scene;
  const keys = new Keyring({ now: () => 0 }).session(0);
  keys.add({ kind: 'private-key', signature, module: scene.module, blob: new Uint8Array() });
  const asker = new Asker({
    end: connectChannel({ path: `${scene.path}.door` }),
    kernelUids,
    patienceMs: 600_000,
  });
  const exchange = new TagExchange(async (payload) => {
    const outcome = await asker.ask(payload);
    return {
      ...outcome,
      kind: outcome.kind === 'answered' ? 'reply' : 'refused',
      message: outcome.errno,
    };
  });
  const access = { disk: new NodeDisk(), path, keys, exchange };
  // The same bytes each time, and none that a program has for other reasons.
  const random = (length) => Uint8Array.from({ length }, (_, nth) => (nth * 53 + 0x9e) & 0xff);
  await replaceFile({
    ...access,
    cipher: cipherOf('aes', 16),
    random,
    signatures: [signature],
    source: [Uint8Array.of(1, 2, 3)],
  });
  for (let turn = 0; turn < 2; turn += 1) {
    const file = await EncryptedFile.open({ ...access, access: 'read' });
    await file.close();
  }
  asker.close();
  return [...random(16)].map((byte) => byte ^ 0xff);
}

process.on('message', (inverted) => process.send(count(inverted)));
process.on('disconnect', () => {
  closeSync(memory);
  process.exit();
});
process.send((await { kernel, daemon, user }[role]()) ?? 'ready');
