import type { IndexName, Process, SequenceName } from './names.js';
import {
  isOwn,
  nameOfProcess,
  printIndex,
  printSequence,
  readIndex,
  readNumber,
  readProcess,
  readSequence,
  take,
} from './names.js';

/**
 * The word `raw`: bytes that a process sends, which are a message or just not.
 *
 * A message is said by its type, a name or a number; it carries index, data length and data where an
 * index is said, and its number is that of the index unless another is said:
 *
 *     raw u1.d1 helo                      what HELO is in bytes
 *     raw u1.d1 response r1               what `reply u1.d1 r1` is in bytes
 *     raw u1.d1 request r1 seq=7          the type of requests, with r1's index and number 7
 *     raw u1.d1 7                         a message of type 7 that carries nothing
 *
 * Options spoil it: each number is added to the right one, and wraps at 2^32.
 *
 *     size=-3  size=+4    bytes that are missing at its end, or too many there
 *     length=+1           the length in its head is not the right one
 *     data=-1             the length of its data is not the right one
 *     code=224  code=five what stands for the length of a packet: one byte, or the form of five
 *     as=u1.d2            a netlink header names another process as its sender
 *     flags=7             a netlink header has flags
 *     order=other         the bytes of the host's numbers are in the other order
 */

/** Bytes that a process sends. */
export interface RawCommand {
  readonly do: 'raw';
  readonly by: Process;
  readonly type: RawType | number;
  /** Absent: it carries nothing. */
  readonly index?: IndexName;
  readonly sequence: SequenceName;
  readonly bytes?: number;
  readonly size?: number;
  readonly length?: number;
  readonly data?: number;
  readonly code?: number | 'five';
  readonly as?: Process;
  readonly flags?: number;
  readonly order?: 'other';
}

const types = ['helo', 'quit', 'request', 'response'] as const;

/** The name of a type of message. */
export type RawType = (typeof types)[number];

const spoiling = ['size', 'length', 'data'] as const;

/** What a line looks like. */
export const rawShape =
  'raw u1.d1 helo|quit|request|response|TYPE [r1|r1+256|unused|outside|last|3] [seq=…] [bytes=N] [size=±N] [length=±N] [data=±N] [code=N|code=five] [as=u1.d2] [flags=N] [order=other]';

/** The number that a message has where none is said. */
function usualNumber(index: IndexName | undefined): SequenceName {
  return isOwn(index) ? index : { is: 0 };
}

/** The command as one line. */
export function printRaw(command: RawCommand): string {
  const { by, type, index, sequence, bytes, code, as, flags, order } = command;
  const number = printSequence(sequence);
  const said = (key: string, value: string | number | undefined) =>
    value === undefined ? [] : [`${key}=${value}`];
  return [
    `raw ${nameOfProcess(by)} ${type}`,
    ...(index === undefined ? [] : [printIndex(index)]),
    ...(number === printSequence(usualNumber(index)) ? [] : [`seq=${number}`]),
    ...said('bytes', bytes),
    ...spoiling.flatMap((key) => {
      const by = command[key];
      return said(key, by !== undefined && by >= 0 ? `+${by}` : by);
    }),
    ...said('code', code),
    ...said('as', as && nameOfProcess(as)),
    ...said('flags', flags),
    ...said('order', order),
  ].join(' ');
}

/** Reads what follows `raw`; takes from `options` what it uses. */
export function readRaw(
  places: readonly string[],
  options: Map<string, string>,
): RawCommand | undefined {
  const [first = '', second = '', third, ...rest] = places;
  const by = readProcess(first);
  const type = types.find((one) => one === second) ?? readNumber(second);
  const index = third === undefined ? undefined : readIndex(third);
  const number = take(options, 'seq');
  const sequence = number === undefined ? usualNumber(index) : readSequence(number, undefined);
  const isIndexed = third === undefined || index !== undefined;
  if (!by || type === undefined || !isIndexed || !sequence || rest.length > 0) return undefined;
  const command = {
    do: 'raw',
    by,
    type,
    sequence,
    ...(index === undefined ? {} : { index }),
  } as const;
  return withSpoiling(command, options);
}

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  bytes: readNumber,
  size: readSigned,
  length: readSigned,
  data: readSigned,
  code: (text) => (text === 'five' ? text : readNumber(text)),
  as: readProcess,
  flags: readNumber,
  order: (text) => (text === 'other' ? text : undefined),
};

function withSpoiling(command: RawCommand, options: Map<string, string>): RawCommand | undefined {
  const read = Object.entries(readers).flatMap(([key, reader]) => {
    const text = take(options, key);
    return text === undefined ? [] : [[key, reader(text)] as const];
  });
  if (read.some(([, value]) => value === undefined)) return undefined;
  // Each reader gives what the member of its name holds.
  return { ...command, ...(Object.fromEntries(read) as Partial<RawCommand>) };
}

function readSigned(text: string): number | undefined {
  return /^[+-]\d{1,10}$/.test(text) ? Number(text) : undefined;
}
