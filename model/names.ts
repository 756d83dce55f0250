/**
 * The names in commands: of processes, of requests with an offset, of indices and sequence numbers;
 * how they are printed and read.
 */

/** A daemon process: the `process`th of the `user`th user, both counted from 1. */
export interface Process {
  readonly user: number;
  readonly process: number;
}

/** A number of a request, plus an offset; numbers wrap at 2^32. */
export interface Offset {
  readonly of: number;
  readonly plus: number;
}

/** Which context a reply names: a request's, one not in use, the first or the last outside, a literal. */
export type IndexName = Offset | 'unused' | 'outside' | 'last' | { readonly is: number };

/** Which sequence number a reply carries: a request's, the same with swapped bytes, a literal. */
export type SequenceName = Offset | { readonly swapped: number } | { readonly is: number };

/** The name of a process: `u1.d2`. */
export function nameOfProcess({ user, process }: Process): string {
  return `u${user}.d${process}`;
}

/** The length of a payload, where one is said. */
export function printBytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : ` bytes=${bytes}`;
}

/** Index and sequence number; the number only where it is not that of the index. */
export function printNumbers(index: IndexName, sequence: SequenceName): string {
  const [place, number] = [printIndex(index), printSequence(sequence)];
  return number === place && isOwn(index) ? place : `${place} seq=${number}`;
}

/** Whether an index is that of a request, so that the request's own number belongs to it. */
export function isOwn(index: IndexName | undefined): index is Offset {
  return typeof index === 'object' && 'plus' in index && index.plus === 0;
}

/** The name of an index. */
export function printIndex(index: IndexName): string {
  if (typeof index === 'string') return index;
  return 'is' in index ? String(index.is) : printOffset(index);
}

/** The name of a sequence number. */
export function printSequence(sequence: SequenceName): string {
  if ('is' in sequence) return String(sequence.is);
  return 'swapped' in sequence ? `r${sequence.swapped}.swapped` : printOffset(sequence);
}

function printOffset({ of, plus }: Offset): string {
  return `r${of}${plus === 0 ? '' : plus > 0 ? `+${plus}` : plus}`;
}

/** Takes an option out of those that were given. */
export function take(options: Map<string, string>, key: string): string | undefined {
  const value = options.get(key);
  options.delete(key);
  return value;
}

/** A number without a sign. */
export function readNumber(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** The number behind a letter. */
export function readName(letter: string, word: string): number | undefined {
  return word.startsWith(letter) ? readNumber(word.slice(1)) : undefined;
}

/** The name of a process. */
export function readProcess(word: string): Process | undefined {
  const [user = '', process = '', rest] = word.split('.');
  const by = { user: readName('u', user), process: readName('d', process) };
  if (rest !== undefined || by.user === undefined || by.process === undefined) return undefined;
  return { user: by.user, process: by.process };
}

/** The name of an index. */
export function readIndex(word: string): IndexName | undefined {
  if (word === 'unused' || word === 'outside' || word === 'last') return word;
  const is = readNumber(word);
  return is === undefined ? readOffset(word) : { is };
}

/** The name of a sequence number; where none is said, the one that belongs to the index. */
export function readSequence(
  text: string | undefined,
  index: IndexName | undefined,
): SequenceName | undefined {
  if (text === undefined) {
    return isOwn(index) ? index : undefined;
  }
  if (text.endsWith('.swapped')) {
    const swapped = readName('r', text.slice(0, -'.swapped'.length));
    return swapped === undefined ? undefined : { swapped };
  }
  const is = readNumber(text);
  return is === undefined ? readOffset(text) : { is };
}

function readOffset(text: string): Offset | undefined {
  const [, name = '', plus = '0'] = /^(r\d{1,10})([+-]\d{1,10})?$/.exec(text) ?? [];
  const of = readName('r', name);
  return of === undefined ? undefined : { of, plus: Number(plus) };
}
