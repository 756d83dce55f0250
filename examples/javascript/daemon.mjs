/**
 * The daemon's half of the eCryptfs message-context protocol, in one file and without a dependency.
 *
 * The kernel keeps files encrypted under keys of their own, and keeps those keys encrypted under keys
 * that only the user's daemon can use. So it asks: a Tag 64 request is a key to be decrypted, a Tag 66
 * request one to be encrypted. The daemon says HELO when it starts, answers each request once with the
 * request's index and number, and says QUIT when it ends. A request that is wrong in any way gets a
 * failure: the process that asked sleeps until it has an answer.
 *
 * Top-down: constants, packets, keys, the daemon, and the adapter that drives it with JSON Lines over
 * stdin and stdout. Run it under the suite by
 *   npx msgctx run --suite daemon -- node examples/javascript/daemon.mjs [--fault NAME]
 * where NAME switches on one of the deliberate faults below, each there to be found.
 */
import { constants, createPrivateKey, privateDecrypt, publicEncrypt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';

const FAULTS = {
  'forgets-quit': 'a daemon that is asked to stop does not say QUIT',
  'trusts-lengths': 'what is missing of a field is taken for zeros',
  'prefix-module': 'a key module is found by the beginning of what the token says',
  'silent-failure': 'a request that fails gets no response',
  'wrong-index': 'every response carries index 0',
};

const IDENTITY = {
  protocol: 1,
  name: 'msgctx-example-daemon-javascript',
  version: '1.0.0',
  role: 'daemon',
  profile: 'seed',
  capabilities: ['virtualTime', 'files', 'raw'],
  contextsMin: 1,
  contextsMax: 32,
  payloadMax: 65536,
  timeoutMinMs: 1,
  timeoutStepMs: 1,
  framing: 'netlink',
  endian: 'little',
  language: 'javascript',
};

/** Types of messages that mean something to a daemon, and tags of packets. */
const [QUIT, REQUEST] = [101, 102];
const [DECRYPT, ENCRYPT] = [64, 66];
/** A failure's status; any that is not 0 would do. */
const FAILURE = 255;
/** The longest encrypted key, and the longest cipher code, key and checksum together. */
const ENCRYPTED_MAX = 512;
const CONTENT_MAX = 64;
const SIGNATURE_BYTES = 16;
const NETLINK_HEADER_BYTES = 16;

const args = process.argv.slice(2);
const fault = args[0] === '--fault' ? args[1] : undefined;
if (args.length > 0 && (args.length !== 2 || !Object.hasOwn(FAULTS, fault))) {
  console.error(`The only option is --fault NAME, with one of ${Object.keys(FAULTS).join(', ')}.`);
  process.exit(2);
}

/** A request that cannot be served; the message is for a person and holds no byte of a key. */
class Refused extends Error {}

/** A length of one byte below 192, else of two; nothing else is one. */
function readLength(bytes, at) {
  const [first, second] = bytes.subarray(at, at + 2);
  if (first < 192) return { length: first, start: at + 1 };
  if (first > 223 || second === undefined) throw new Refused('a length cannot be read');
  return { length: (first - 192) * 256 + second + 192, start: at + 2 };
}

function encodeLength(length) {
  return length < 192
    ? Buffer.of(length)
    : Buffer.of(192 + ((length - 192) >> 8), (length - 192) & 255);
}

/** A length and as many bytes. They must all be there. */
function readField(bytes, at) {
  const { length, start } = readLength(bytes, at);
  const end = start + length;
  if (end <= bytes.length) return { field: bytes.subarray(start, end), end };
  if (fault !== 'trusts-lengths') throw new Refused('a field ends outside the request');
  return { field: Buffer.concat([bytes.subarray(start), Buffer.alloc(end - bytes.length)]), end };
}

/** Opens the key of a token: path and passphrase, each behind its length and before a NUL. */
function openKey({ module, blob }) {
  const isOurs = fault === 'prefix-module' ? module.startsWith('openssl') : module === 'openssl';
  if (!isOurs) throw new Refused('there is no such key module');
  const fields = [];
  for (let at = 0; fields.length < 2;) {
    const end = at + 2 < blob.length ? at + 2 + blob.readUInt16LE(at) : Infinity;
    if (end > blob.length || blob[end - 1] !== 0)
      throw new Refused('a field of the token is cut off');
    fields.push(blob.subarray(at + 2, end - 1));
    at = end;
  }
  const [path, passphrase] = fields;
  try {
    return createPrivateKey({ key: readFileSync(path), passphrase });
  } catch {
    throw new Refused('the key cannot be opened');
  }
}

/** Encrypts or decrypts as the key module does: RSA, OAEP with SHA-1. */
function apply(operation, key, bytes) {
  try {
    return operation({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, bytes);
  } catch {
    throw new Refused('the key does not fit');
  }
}

/** The daemon. What it sends goes through `send`; its end through `exit`. */
class Daemon {
  #keyring = new Map(); // signature -> { module, blob }
  #isRunning = false;
  #emit;

  constructor(emit) {
    this.#emit = emit;
  }

  reset() {
    this.#keyring.clear();
    this.#isRunning = false;
  }

  addKey({ signature, module, blob }) {
    this.#keyring.set(signature, { module, blob: Buffer.from(blob, 'hex') });
  }

  start() {
    this.#isRunning = true;
    this.#emit('send', { type: 'helo' });
  }

  stop() {
    if (fault !== 'forgets-quit') this.#emit('send', { type: 'quit' });
    this.#exit();
  }

  deliver({ type, index, seq, payload }) {
    if (!this.#isRunning) return;
    if (type === 'quit') this.#exit();
    else this.#answer({ index, seq }, Buffer.from(payload, 'hex'));
  }

  /** A netlink datagram: one message, whose length must be what it says. */
  raw({ bytes }) {
    const datagram = Buffer.from(bytes, 'hex');
    const { length } = datagram;
    if (!this.#isRunning || length < NETLINK_HEADER_BYTES) return;
    if (datagram.readUInt32LE(0) !== length) return;
    const type = datagram.readUInt16LE(4);
    if (type === QUIT) this.#exit();
    if (type !== REQUEST || length < NETLINK_HEADER_BYTES + 8) return;
    const data = datagram.subarray(NETLINK_HEADER_BYTES + 8);
    if (datagram.readUInt32LE(20) !== data.length) return;
    this.#answer({ index: datagram.readUInt32LE(16), seq: datagram.readUInt32LE(8) }, data);
  }

  #exit() {
    this.#isRunning = false;
    this.#emit('exit', { status: 0 });
  }

  /** One response for one request. To what no reply tag belongs there is nothing to say. */
  #answer({ index, seq }, request) {
    const tag = request[0];
    if (tag !== DECRYPT && tag !== ENCRYPT) return;
    let reply;
    try {
      const body = this.#serve(tag, request);
      reply = Buffer.concat([Buffer.of(tag + 1, 0), encodeLength(body.length), body]);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      console.error(error.message);
      if (fault === 'silent-failure') return;
      reply = Buffer.of(tag + 1, FAILURE);
    }
    const place = fault === 'wrong-index' ? 0 : index;
    this.#emit('send', { type: 'response', index: place, seq, payload: reply.toString('hex') });
  }

  /** Cipher code, key and checksum are the kernel's affair: they are handed on as they are. */
  #serve(tag, request) {
    const { field: signature, end } = readField(request, 1);
    if (signature.length !== SIGNATURE_BYTES) throw new Refused('a signature has 16 digits');
    const { field: body } = readField(request, end);
    const token = this.#keyring.get(signature.toString('latin1'));
    if (token === undefined) throw new Refused('there is no such key');
    if (body.length > (tag === DECRYPT ? ENCRYPTED_MAX : CONTENT_MAX))
      throw new Refused('too long');
    const key = openKey(token);
    const made = apply(tag === DECRYPT ? privateDecrypt : publicEncrypt, key, body);
    if (tag === DECRYPT && made.length > CONTENT_MAX) throw new Refused('too long');
    return made;
  }
}

/** Works off calls in order; what a call causes is written before its answer. */
async function main() {
  const write = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
  const daemon = new Daemon((event, params) => write({ event, params }));
  const methods = ['reset', 'addKey', 'start', 'deliver', 'raw', 'stop'];
  process.stdout.on('error', () => process.exit(1)); // The runner is gone.
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, params } = JSON.parse(line);
    if (methods.includes(method)) daemon[method](params);
    const isKnown = methods.includes(method) || ['settle', 'shutdown'].includes(method);
    if (method === 'initialize') write({ id, result: IDENTITY });
    else if (isKnown) write({ id, result: {} });
    else
      write({ id, error: { code: 'UNSUPPORTED', message: `there is no method ${method} here` } });
    if (method === 'shutdown') return;
  }
}

await main();
