/** Takes pieces of a wanted length out of pieces of any length. */
export class Pieces {
  readonly #chunks: Iterator<Uint8Array>;
  #rest = new Uint8Array();

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  /** How many bytes are left where there are fewer than were wanted. */
  get left(): number {
    return this.#rest.length;
  }

  /** The next bytes without taking them; undefined where there are fewer. */
  peek(bytes: number): Uint8Array | undefined {
    while (this.#rest.length < bytes) {
      const next = this.#chunks.next();
      if (next.done === true) return undefined;
      this.#rest = Buffer.concat([this.#rest, next.value]);
    }
    return this.#rest.subarray(0, bytes);
  }

  /** The next bytes; undefined where there are fewer, which are then still there. */
  take(bytes: number): Uint8Array | undefined {
    const taken = this.peek(bytes);
    if (taken !== undefined) this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  /** Leaves bytes out, however many. Returns whether there were as many. */
  skip(bytes: number): boolean {
    let left = bytes;
    for (; left > this.#rest.length;) {
      left -= this.#rest.length;
      this.#rest = new Uint8Array();
      const next = this.#chunks.next();
      if (next.done === true) return false;
      this.#rest = Uint8Array.from(next.value);
    }
    this.#rest = this.#rest.subarray(left);
    return true;
  }
}

/** Numbers in the order of a file. */
export class Numbers {
  readonly #view: DataView;
  readonly #isLittle: boolean;

  constructor({ buffer, byteOffset, length }: Uint8Array, endian: 'little' | 'big') {
    this.#view = new DataView(buffer, byteOffset, length);
    this.#isLittle = endian === 'little';
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.#isLittle);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.#isLittle);
  }

  i64(at: number): number {
    return Number(this.#view.getBigInt64(at, this.#isLittle));
  }
}
