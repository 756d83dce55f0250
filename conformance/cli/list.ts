import { defects, profiles, properties, requirements, seed } from '../../model/index.js';
import { mustExist } from '../usage.js';
import { suitesOf } from '../suites/index.js';
import { stateOfTarget, targets } from './subject.js';
import type { Row } from './table.js';
import { tableOf } from './table.js';

/** `msgctx list`: what there is, one line each or as JSON. */

const lists: Readonly<Record<string, () => readonly Row[] | Promise<readonly Row[]>>> = {
  cases: () =>
    suitesOf(seed).flatMap((suite) =>
      suite.cases().map(({ id, requirements: rules, needs }) => ({
        id,
        suite: suite.name,
        requirements: rules,
        needs,
      })),
    ),
  requirements: () =>
    requirements.map(({ id, level, text, source, profiles: of, elements }) => ({
      id,
      level,
      text,
      source,
      profiles: of,
      elements,
    })),
  suites: () => suitesOf(seed).map(({ name, description }) => ({ name, description })),
  properties: () =>
    properties.map(({ name, kind, text, requirements: rules, profiles: of = [] }) => ({
      name,
      kind,
      text,
      requirements: rules,
      profiles: of,
    })),
  defects: () =>
    defects.map(({ id, text, source, profiles: of }) => ({ id, text, source, profiles: of })),
  profiles: () => Object.values(profiles).map(({ name, description }) => ({ name, description })),
  targets: () =>
    Promise.all(
      Object.entries(targets).map(async ([name, description]) => ({
        name,
        description,
        state: await stateOfTarget(name),
      })),
    ),
};

/** Prints one of the lists. */
export async function listCommand(what: string, json: boolean): Promise<number> {
  mustExist('list', what, Object.keys(lists));
  const rows = (await lists[what]?.()) ?? [];
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : tableOf(rows, process.stdout));
  return 0;
}
