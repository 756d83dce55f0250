import { membersOf } from '../trace.js';

/**
 * Which lines of a log are ours, and where in a line the JSON stands.
 *
 * Loggers put a time, a level or a place before what a program writes, and other programs write into the same
 * file. A line is ours if it holds a JSON object with the member `command` or `schema`, whatever stands before or
 * behind that object; what is wrong with such an object is an error in the log. Every other line is foreign: it is
 * counted and left out. A line that begins such an object and does not end it is damaged: torn at the end of the
 * file, or overwritten in the middle.
 */

/** What was found in a line. */
export type Found =
  | {
      readonly kind: 'own';
      readonly members: Readonly<Record<string, unknown>>;
      /** What stands before the object. */
      readonly prefix: string;
      /** The object is a head, and a torn line without its end stands before it. */
      readonly isBehindTorn?: true;
    }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'damaged' };

/** What a line must begin with, where the user said so. */
export type Prefix = string | RegExp;

/** So many opening braces of a line are tried. */
const triedMax = 64;
const foreign: Found = { kind: 'foreign' };

/** Finds our object in a line. */
export function findOwn(line: string, prefix?: Prefix): Found {
  const plain = line.trim();
  if (plain.startsWith('{')) {
    const members = membersOf(plain);
    if (members !== undefined)
      return isOwn(members) ? { kind: 'own', members, prefix: '' } : foreign;
  }
  if (prefix === undefined) return findBehind(line, '');
  const said = prefixOf(line, prefix);
  if (said !== undefined) {
    const rest = line.slice(said.length);
    return rest.trimStart().startsWith('{') ? findBehind(rest, said) : foreign;
  }
  return plain.startsWith('{') ? findBehind(plain, '') : foreign;
}

function prefixOf(line: string, prefix: Prefix): string | undefined {
  if (typeof prefix === 'string') return line.startsWith(prefix) ? prefix : undefined;
  const found = prefix.exec(line);
  return found?.index === 0 ? found[0] : undefined;
}

function findBehind(line: string, before: string): Found {
  let isDamaged = false;
  let from = 0;
  for (let tried = 0; tried < triedMax; tried += 1) {
    const at = line.indexOf('{', from);
    if (at === -1) break;
    const end = endOf(line, at);
    const members = end === undefined ? undefined : membersOf(line.slice(at, end));
    if (members !== undefined && isOwn(members)) {
      // A program that was killed has left half a line, and its successor appended to it.
      if (isDamaged && Object.hasOwn(members, 'schema')) {
        return { kind: 'own', members, prefix: '', isBehindTorn: true };
      }
      if (isDamaged) return { kind: 'damaged' };
      return { kind: 'own', members, prefix: before + line.slice(0, at) };
    }
    isDamaged ||= members === undefined && beginning.test(line.slice(at, at + beginningMax));
    // What stands inside a foreign object is part of it.
    from = members === undefined || end === undefined ? at + 1 : end;
  }
  return isDamaged ? { kind: 'damaged' } : foreign;
}

const beginning = /^\{\s*"(?:schema|command|observed|at)"\s*:/;
const beginningMax = 200;

/** Whether a text ends in the middle of an object that may be ours. */
export function isTorn(line: string, { kind }: Found): boolean {
  if (kind !== 'foreign') return kind === 'damaged';
  const at = line.lastIndexOf('{');
  return at !== -1 && endOf(line, at) === undefined && /^\{\s*(?:"\w*"?\s*)?$/.test(line.slice(at));
}

function isOwn(members: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(members, 'command') || Object.hasOwn(members, 'schema');
}

/** Where the object that begins at a place ends; undefined where it does not. */
function endOf(line: string, at: number): number | undefined {
  let depth = 0;
  let isQuoted = false;
  for (let nth = at; nth < line.length; nth += 1) {
    const letter = line[nth];
    if (isQuoted) {
      if (letter === '\\') nth += 1;
      else if (letter === '"') isQuoted = false;
    } else if (letter === '"') isQuoted = true;
    else if (letter === '{') depth += 1;
    else if (letter === '}') {
      depth -= 1;
      if (depth === 0) return nth + 1;
    }
  }
  return undefined;
}
