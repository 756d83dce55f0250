import { printable } from '../printable.js';

/**
 * Data of others: what programs, adapters and files contain.
 *
 * JSON.parse reads any depth, but a function that calls itself for each part runs out of stack at a few thousand
 * levels, and 20 kB are enough for that. So every walk over such data goes through rebuilt(), which goes down a fixed
 * number of levels and cuts off what is deeper.
 */

/** Levels of arrays and objects that are kept. */
export const depthMax = 400;
/** What stands in the place of a part that is cut off. */
export const tooDeep = '[nested too deeply]';
const textMax = 200;

/**
 * A part of the data: what is in its place, or `undefined` to go on into it.
 *
 * @param name the name of the member that holds the part; of an element of an array none
 * @param depth the level of the part
 */
export type Replace = (part: unknown, name: string | undefined, depth: number) => unknown;

/** JSON data with some parts replaced; the same object if nothing was. */
export function rebuilt(value: unknown, replace: Replace, depth = 0, name?: string): unknown {
  const replaced = replace(value, name, depth);
  if (replaced !== undefined) return replaced;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= depthMax) return tooDeep;
  if (Array.isArray(value)) {
    const parts: readonly unknown[] = value;
    const after = parts.map((one) => rebuilt(one, replace, depth + 1));
    return after.every((one, nth) => one === parts[nth]) ? value : after;
  }
  const entries: [string, unknown][] = Object.entries(value);
  const after = entries.map(([key, one]) => rebuilt(one, replace, depth + 1, key));
  if (entries.every(([, one], nth) => one === after[nth])) return value;
  return Object.fromEntries(entries.map(([key], nth) => [key, after[nth]]));
}

/** Text of others as one short line of visible text. */
export function short(text: string, max = textMax): string {
  return printable(text, max);
}

/** Any JSON value as one short line of visible text. */
export function textOf(value: unknown, max = textMax): string {
  if (typeof value === 'string') return short(value, max);
  const bounded = rebuilt(value, () => undefined);
  return bounded === undefined ? '' : short(JSON.stringify(bounded), max);
}

const notXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** XML without the characters that no XML document may contain; each becomes a replacement character. */
export function wellFormed(xml: string): string {
  return xml.replaceAll(notXml, '\ufffd');
}
