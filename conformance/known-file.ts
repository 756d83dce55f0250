import semver from 'semver';
import { isRequirementId } from '../model/index.js';
import type { Deviation } from './known.js';
import { UsageError } from './usage.js';
import { isMembers } from './members.js';

/** The file of known deviations: JSON, schema `msgctx-known/1` (schemas/known.json). */

const schema = 'msgctx-known/1';
const day = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/**
 * Reads the list.
 *
 * @param file its name, for messages
 * @throws UsageError that names the file, the entry and what was expected
 */
export function parseKnown(text: string, file: string): readonly Deviation[] {
  const document = documentOf(text, file);
  if (document['schema'] !== schema)
    throw new UsageError(`${file}: expected "schema": "${schema}"`);
  const { deviations } = document;
  if (!Array.isArray(deviations)) throw new UsageError(`${file}: expected an array "deviations"`);
  const ids = new Set<string>();
  return deviations.map((value: unknown, nth) => {
    const fail = (expected: string): never => {
      throw new UsageError(`${file}: deviation ${nth + 1}: expected ${expected}`);
    };
    const entry = readEntry(value, fail);
    if (ids.has(entry.id)) fail(`an id that is not listed twice, found "${entry.id}" again`);
    ids.add(entry.id);
    return entry;
  });
}

function documentOf(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isMembers(value)) return value;
  } catch (error) {
    throw new UsageError(`${file}: expected JSON (${error instanceof Error ? error.message : ''})`);
  }
  throw new UsageError(`${file}: expected a JSON object with "schema": "${schema}"`);
}

const texts = ['id', 'reason', 'reference', 'versions', 'expires'];

function readEntry(value: unknown, fail: (expected: string) => never): Deviation {
  if (!isMembers(value)) return fail('an object');
  const { id, reason, fails, flaky, versions, expires } = value;
  for (const name of texts) {
    const member = value[name];
    if (member !== undefined && typeof member !== 'string') fail(`a text in "${name}"`);
  }
  const unknown = Object.keys(value).find((name) => ![...texts, 'fails', 'flaky'].includes(name));
  if (unknown !== undefined) fail(`no member "${unknown}"`);
  if (typeof id !== 'string' || id === '') return fail('an "id"');
  if (typeof reason !== 'string' || reason.trim() === '') return fail(`a "reason" for "${id}"`);
  if (flaky !== undefined && flaky !== true) fail('"flaky": true, or no such member');
  if (typeof versions === 'string' && semver.validRange(versions) === null) {
    fail(`"versions" as a semver range, found "${versions}"`);
  }
  if (typeof expires === 'string' && !day.test(expires)) {
    fail(`"expires" as YYYY-MM-DD, found "${expires}"`);
  }
  const isList = Array.isArray(fails) && fails.every((one) => typeof one === 'string');
  if (fails !== undefined && !isList) fail('"fails" as a list of rules');
  if (isRequirementId(id) && flaky === true) fail(`a case, not a rule, to be flaky: "${id}"`);
  if (!isRequirementId(id) && flaky !== true && fails === undefined) {
    fail(`"fails" for the case "${id}": the rules that its failure names`);
  }
  // Every member was looked at.
  return value as unknown as Deviation;
}

/** Writes the list. */
export function printKnown(deviations: readonly Deviation[]): string {
  return `${JSON.stringify({ schema, deviations }, null, 2)}\n`;
}
