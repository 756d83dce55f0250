import { answer } from '../../impl/index.js';
import type { DaemonKeys, KeyToken } from '../../impl/index.js';
import { decodeDevicePacket, encodeDevicePacket } from '../../impl/wire/device.js';
import { encodeToken } from '../../impl/wire/token.js';
import type { Ready } from '../../conformance/subjects/linux/image.js';
import { insertion } from '../../conformance/subjects/linux/image.js';
import { Machine } from '../../conformance/subjects/linux/machine.js';

/**
 * A guest whose kernel reads and writes encrypted files, and our own daemon, which serves it from here:
 * the agent carries the packets of /dev/ecryptfs to it and back.
 */

const orderMs = 60_000;
const chunkBytes = 32_768;
const daemonPid = 1;
const roundsMax = 50;

/** See the file head. Made by `start`. */
export class Guest {
  readonly #machine: Machine;
  readonly #daemon: DaemonKeys;
  readonly #mount: string;
  /** How many requests the daemon was asked. */
  served = 0;
  #tasks = 0;

  private constructor(machine: Machine, daemon: DaemonKeys, mount: string) {
    this.#machine = machine;
    this.#daemon = daemon;
    this.#mount = mount;
  }

  /**
   * Boots a guest whose files are under one key, and registers the daemon there.
   *
   * @param options more options of the mount, each with a comma in front
   */
  static async start(
    image: Ready,
    token: KeyToken,
    daemon: DaemonKeys,
    options = '',
  ): Promise<Guest> {
    const machine = await Machine.start(image);
    const { signature } = token;
    const mount = `mount /mnt ecryptfs_sig=${signature},ecryptfs_cipher=aes,ecryptfs_key_bytes=16${options}`;
    const guest = new Guest(machine, daemon, mount);
    await guest.#order(`key ${signature} ${Buffer.from(encodeToken(token)).toString('hex')}`);
    await guest.#order(insertion({ contexts: 4, seconds: 10 }));
    await guest.#order('mount /lower mode=0777');
    await guest.#order(mount);
    await guest.#order(`open ${daemonPid} 0`);
    return guest;
  }

  end(): Promise<void> {
    return this.#machine.end();
  }

  /** What the kernel reads in a file that is there. */
  async reads(file: Uint8Array): Promise<Uint8Array> {
    this.#tasks += 1;
    const [begin = file, ...rest] = chunksOf(file);
    await this.#order(`ask ${this.#tasks} 0 ${begin.length} ${hexOf(begin)}`);
    await this.#serve(this.#tasks);
    const path = `${this.#tasks}/file`;
    for (const chunk of rest) await this.#order(`put /lower/${path} ${hexOf(chunk)}`);
    return this.get(`/mnt/${path}`);
  }

  /** The file that the kernel writes of some contents. */
  async writes(contents: Uint8Array): Promise<Uint8Array> {
    this.#tasks += 1;
    await this.#order(`ask ${this.#tasks} 0`);
    await this.#serve(this.#tasks);
    const path = `${this.#tasks}/file`;
    await this.put(`/mnt/${path}`, contents);
    await this.remount();
    return this.get(`/lower/${path}`);
  }

  /** Appends to a file, which is made where it is not there. */
  async put(path: string, contents: Uint8Array): Promise<void> {
    const [begin = new Uint8Array(), ...rest] = chunksOf(contents);
    for (const chunk of [begin, ...rest]) await this.#order(`put ${path} ${hexOf(chunk)}`);
  }

  /** Mounts anew: what was written is below for sure when nobody keeps it any more. */
  async remount(): Promise<void> {
    await this.#order('unmount /mnt');
    await this.#order(this.#mount);
  }

  /** What stands in a file. */
  async get(path: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for (let from = 0; ; from += chunkBytes) {
      const chunk = await this.piece(path, { from, count: chunkBytes });
      chunks.push(chunk);
      if (chunk.length < chunkBytes) return Uint8Array.from(Buffer.concat(chunks));
    }
  }

  /** What one call of read gives. */
  async piece(
    path: string,
    { from, count }: { readonly from: number; readonly count: number },
  ): Promise<Uint8Array> {
    const [line = ''] = await this.#order(`get ${path} ${from} ${count}`);
    return Buffer.from(line.replace('data ', ''), 'hex');
  }

  /** Lets the daemon answer until a call has returned. */
  async #serve(task: number): Promise<void> {
    for (let rounds = 0; rounds < roundsMax; rounds += 1) {
      for (const line of await this.#order('settle read')) {
        const [what, label, rest = ''] = line.split(' ');
        if (what === 'done' && label === String(task)) {
          if (rest !== '0') throw new Error(`the guest's call returned ${rest}`);
          return;
        }
        if (what === 'message') await this.#answer(Buffer.from(rest, 'hex'));
      }
    }
    throw new Error('the guest does not end what it was asked');
  }

  async #answer(packet: Uint8Array): Promise<void> {
    const message = decodeDevicePacket(packet);
    if (message.type !== 'request') throw new Error(`the kernel sent a ${message.type}`);
    this.served += 1;
    const payload = await answer(message.payload, this.#daemon);
    const reply = encodeDevicePacket({ ...message, type: 'response', payload });
    await this.#order(`write ${daemonPid} 0 ${hexOf(reply)}`);
  }

  async #order(words: string): Promise<readonly string[]> {
    const { lines, errno } = await this.#machine.order(words, orderMs);
    if (errno === undefined) return lines;
    throw new Error(`the guest answers ${errno} to: ${words.slice(0, 80)}`);
  }
}

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / chunkBytes);
  return Array.from({ length: count }, (_, nth) =>
    bytes.subarray(nth * chunkBytes, (nth + 1) * chunkBytes),
  );
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
