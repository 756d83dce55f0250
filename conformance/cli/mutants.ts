import { faults } from '../mutants/faults.js';
import { variants } from '../mutants/variants.js';
import { mustExist } from '../usage.js';
import type { FaultRow, Table, VariantRow } from '../mutants/table.js';
import { tableOf } from '../mutants/table.js';

/**
 * `msgctx mutants`: does the suite find every fault, and accuse nobody who is right?
 *
 * A line for each: "killed by paths in 3+5 steps" means that the shrunk conversation has three
 * commands, and that the fifth of the closing probe showed the fault. Seconds include shrinking.
 */

/** The options of `msgctx mutants`. */
export interface MutantFlags {
  readonly seed: number;
  readonly runs: number;
  readonly only: readonly string[];
  readonly json: boolean;
}

/** Makes the table and prints it. Exit status: 0 all killed and nobody accused, else 1. */
export async function mutantsCommand({ seed, runs, only, json }: MutantFlags): Promise<number> {
  const known = [...faults, ...variants].map(({ id }) => id);
  for (const id of only) mustExist('fault or variant', id, known);
  const clock = () => performance.now() / 1000;
  const begin = clock();
  const table = await tableOf({ clock, seed, runs, only }, (row) => {
    if (!json) process.stdout.write(`${'fault' in row ? faultLine(row) : variantLine(row)}\n`);
  });
  const seconds = clock() - begin;
  process.stdout.write(json ? jsonOf(table, seconds) : `${summary(table, seconds)}\n`);
  const right = table.faults.every(({ fault, verdict }) =>
    fault.equivalent === undefined ? verdict === 'killed' : verdict === 'equivalent',
  );
  const accused = table.variants.some(({ verdict }) => verdict === 'accused');
  return right && !accused ? 0 : 1;
}

function faultLine({ fault, ...row }: FaultRow): string {
  const name = `${fault.group.padEnd(12)} ${fault.id.padEnd(26)}`;
  if (row.verdict === 'survived') return `${name} SURVIVED: ${fault.text}`;
  if (row.verdict === 'equivalent') return `${name} equivalent: ${row.why}`;
  const probe = row.probeSteps === 0 ? '' : `+${row.probeSteps}`;
  const steps = `${row.steps}${probe} ${row.steps + row.probeSteps === 1 ? 'step' : 'steps'}`;
  const rules = row.requirements.join(', ') || 'the adapter broke';
  const named = row.isNamed ? '' : ` (its own: ${fault.requirement})`;
  const strict = fault.strict ? ', strict' : '';
  const wrong = fault.equivalent === undefined ? '' : ', THOUGH SAID TO BE EQUIVALENT';
  return `${name} killed by ${row.suite ?? ''} in ${steps}, ${row.seconds.toFixed(1)} s${strict}: ${rules}${named}${wrong}`;
}

function variantLine({ variant, verdict, passes, unsupported, why, seconds }: VariantRow): string {
  const name = `${'variant'.padEnd(12)} ${variant.id.padEnd(26)}`;
  const strict = variant.strict ? ', strict' : '';
  const left = unsupported === 0 ? '' : `, ${unsupported} unsupported`;
  if (verdict === 'accused') return `${name} ACCUSED: ${why}`;
  return `${name} pass: ${passes} cases${left}${strict}, ${seconds.toFixed(1)} s`;
}

function summary(table: Table, seconds: number): string {
  const count = (verdict: FaultRow['verdict']) =>
    table.faults.filter((row) => row.verdict === verdict).length;
  const named = table.faults.filter(({ isNamed }) => isNamed).length;
  const passed = table.variants.filter(({ verdict }) => verdict === 'pass').length;
  const slowest = Math.max(
    0,
    ...table.faults.map((row) => (row.verdict === 'killed' ? row.seconds : 0)),
  );
  return [
    `${table.faults.length} faults: ${count('killed')} killed (${named} by their own rule),`,
    `${count('survived')} survived, ${count('equivalent')} equivalent;`,
    `${table.variants.length} variants: ${passed} pass, ${table.variants.length - passed} accused;`,
    `slowest kill ${slowest.toFixed(1)} s, ${seconds.toFixed(0)} s in all`,
  ].join(' ');
}

function jsonOf(table: Table, seconds: number): string {
  const document = {
    schema: 'msgctx-mutants/1',
    seconds,
    faults: table.faults.map(({ fault, isNamed, ...row }) => ({
      ...fault,
      ...row,
      named: isNamed,
    })),
    variants: table.variants.map(({ variant, ...row }) => ({
      id: variant.id,
      text: variant.text,
      strict: variant.strict,
      ...row,
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
