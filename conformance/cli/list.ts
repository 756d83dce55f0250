import { defects, profiles, properties, requirements, seed } from '../../model/index.js';
import { mustExist } from '../select.js';
import { suitesOf } from '../suites/index.js';
import { stateOfTarget, targets } from './subject.js';

/** `msgctx list`: what there is, a line each or as JSON. */

type Row = Readonly<Record<string, string | readonly string[]>>;

const lists: Readonly<Record<string, () => readonly Row[]>> = {
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
    Object.entries(targets).map(([name, description]) => ({
      name,
      description,
      state: stateOfTarget(name),
    })),
};

/** Prints one of the lists. */
export function listCommand(what: string, json: boolean): number {
  mustExist('list', what, Object.keys(lists));
  const rows = lists[what]?.() ?? [];
  if (json) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  for (const row of rows) {
    const cells = Object.values(row).map((cell) =>
      typeof cell === 'string' ? cell : cell.join(' '),
    );
    process.stdout.write(`${cells.join('\t')}\n`);
  }
  return 0;
}
