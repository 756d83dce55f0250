import fc from 'fast-check';
import { DecodeError } from '../../impl/index.js';
import { codecs } from '../impl/codecs.js';

/**
 * `npm run fuzz [-- --seed N] [--count N]`: bytes in great number over all decoders in turn; each must give a
 * value or a DecodeError. Meant for every night: 10 million unless told otherwise. Same seed, same bytes.
 */

const countMax = 1_000_000_000;
const samplesPerCodec = 200;
const randomBytesMax = 800;

/** Numbers that are not to be foreseen by a decoder, and the same each time: xorshift, 32 bits. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  }

  below(limit: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state % limit;
  }
}

/** What is odd about a byte: the ends of ranges and of lengths of one byte and two. */
const odd = [0, 1, 3, 7, 8, 16, 64, 127, 128, 191, 192, 193, 223, 224, 254, 255];

function damaged(chance: Chance, sample: Uint8Array, other: Uint8Array): Uint8Array {
  switch (chance.below(6)) {
    case 0:
      return Uint8Array.from({ length: chance.below(randomBytesMax) }, () => chance.below(256));
    case 1:
      return sample.subarray(0, chance.below(sample.length + 1));
    case 2:
      return Buffer.concat([sample, other.subarray(0, 1 + chance.below(other.length))]);
    case 3: {
      const cut = chance.below(sample.length + 1);
      return Buffer.concat([sample.subarray(0, cut), other.subarray(chance.below(other.length))]);
    }
    default: {
      const bytes = sample.slice();
      for (let left = 1 + chance.below(4); left > 0; left -= 1) {
        const byte = odd[chance.below(odd.length)] ?? 0;
        bytes[chance.below(bytes.length)] = chance.below(2) === 0 ? byte : chance.below(256);
      }
      return bytes;
    }
  }
}

function argument(name: string, usual: number): number {
  const at = process.argv.indexOf(name);
  const text = at === -1 ? String(usual) : process.argv[at + 1];
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1 && number <= countMax) return number;
  process.stderr.write(`${name} is ${text ?? 'missing'}; give a number of 1 to ${countMax}.\n`);
  return process.exit(2);
}

const seed = argument('--seed', 1);
const count = argument('--count', 10_000_000);
const chance = new Chance(seed);
const formats = Object.entries(codecs).map(([name, { decode, samples }]) => ({
  name,
  decode,
  samples: fc.sample(samples, { seed, numRuns: samplesPerCodec }).map(({ bytes }) => bytes),
  values: 0,
  errors: 0,
}));
// A trace of the stack costs more than all the rest.
Error.stackTraceLimit = 0;
const startedMs = performance.now();
for (let nth = 0; nth < count; nth += 1) {
  const format = formats[nth % formats.length];
  if (format === undefined) break;
  const { samples } = format;
  const [sample, other] = [
    samples[chance.below(samples.length)],
    samples[chance.below(samples.length)],
  ];
  const bytes = damaged(chance, sample ?? new Uint8Array(1), other ?? new Uint8Array(1));
  try {
    format.decode(bytes);
    format.values += 1;
  } catch (error) {
    if (!(error instanceof DecodeError)) {
      const hex = Buffer.from(bytes).toString('hex');
      process.stderr.write(
        `${format.name} broke at input ${nth} of seed ${seed} by ${String(error)}: ${hex}\n`,
      );
      process.exit(1);
    }
    format.errors += 1;
  }
}
const seconds = (performance.now() - startedMs) / 1000;
for (const { name, values, errors } of formats) {
  process.stdout.write(`${name}: ${values} values, ${errors} errors\n`);
}
process.stdout.write(
  `${count} inputs of seed ${seed} in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} a second\n`,
);
