import type { ProfileName, RequirementId } from '../../model/index.js';
import { profiles, seed } from '../../model/index.js';
import type { Clock } from '../real-time.js';
import type { CaseReport } from '../report.js';
import { run } from '../run.js';
import type { ChosenCase } from '../select.js';
import { selectCases } from '../select.js';
import type { Subject } from '../subject.js';
import type { Fault } from './faults.js';
import { faults } from './faults.js';
import { RacySubject } from './racy.js';
import { MutantSubject } from './subject.js';
import type { Variant } from './variants.js';
import { variants } from './variants.js';

/**
 * Holds every suite against every fault and every variant, and says what became of each.
 *
 * The run of a mutant stops at its first failure; the suites come in their order, `paths` first, and
 * the one case of tens of thousands of requests comes last.
 */

/** What became of a fault. */
export interface FaultRow {
  readonly fault: Fault;
  readonly verdict: 'killed' | 'survived' | 'equivalent';
  /** The suite and the case that failed first. */
  readonly suite?: string;
  readonly case?: string;
  /** The rules that the failure names. */
  readonly requirements: readonly RequirementId[];
  /** Whether the fault's own rule is among them. */
  readonly isNamed: boolean;
  /** The commands of the conversation as it was shrunk, and those of the probe after it. */
  readonly steps: number;
  readonly probeSteps: number;
  readonly why: string;
  readonly seconds: number;
}

/** What became of a variant. */
export interface VariantRow {
  readonly variant: Variant;
  readonly verdict: 'pass' | 'accused';
  readonly passes: number;
  readonly unsupported: number;
  readonly why: string;
  readonly seconds: number;
}

const longest = 'soak/answered-66000';

/** How one row is made. */
export interface RowOptions {
  /** Seconds since some moment; the measure of time comes from outside. */
  readonly clock: () => number;
  readonly seed: number;
  /** Conversations of a random case. */
  readonly runs: number;
}

/** How a table is made. */
export interface TableOptions extends RowOptions {
  /** The ids of the faults and variants to hold; all, if there are none. */
  readonly only: readonly string[];
}

/** The whole table. */
export interface Table {
  readonly faults: readonly FaultRow[];
  readonly variants: readonly VariantRow[];
}

/** Makes the table, and tells of each row as soon as it is there. */
export async function tableOf(
  options: TableOptions,
  tell: (row: FaultRow | VariantRow) => void,
): Promise<Table> {
  const rows: { faults: FaultRow[]; variants: VariantRow[] } = { faults: [], variants: [] };
  const chosen = ({ id }: { readonly id: string }) =>
    options.only.length === 0 || options.only.includes(id);
  for (const fault of faults.filter(chosen)) {
    const row = await tryFault(fault, options);
    rows.faults.push(row);
    tell(row);
  }
  for (const variant of variants.filter(chosen)) {
    const row = await tryVariant(variant, options);
    rows.variants.push(row);
    tell(row);
  }
  return rows;
}

/** Holds the suites against one fault. An equivalent one is held too: it must survive. */
export async function tryFault(fault: Fault, options: RowOptions): Promise<FaultRow> {
  const begin = options.clock();
  const { id: name, profile: version, with: words, strict } = fault;
  const isRacy = words.includes('concurrent');
  const subject = isRacy
    ? new RacySubject({ fault: name })
    : new MutantSubject({ fault: name, profile: version, with: words });
  // A race needs calls that overlap; where none do, its kernel is right.
  const isLeftOut = (id: string) => isRacy && !id.startsWith('interleavings/');
  const cases = await hold(subject, { version, strict }, options, isLeftOut);
  const seconds = options.clock() - begin;
  const failed = cases.find(({ verdict }) => verdict === 'fail');
  if (failed === undefined) {
    const verdict = fault.equivalent === undefined ? 'survived' : 'equivalent';
    const none = { requirements: [], isNamed: false, steps: 0, probeSteps: 0 };
    return { fault, verdict, why: fault.equivalent ?? '', seconds, ...none };
  }
  const { suite, id, requirements, trace, why } = failed;
  const probeSteps = trace.filter(({ probe }) => probe === true).length;
  return {
    fault,
    verdict: 'killed',
    suite,
    case: id,
    requirements,
    isNamed: requirements.includes(fault.requirement),
    steps: trace.length - probeSteps,
    probeSteps,
    why,
    seconds,
  };
}

/** Holds the suites against one variant. */
export async function tryVariant(variant: Variant, options: RowOptions): Promise<VariantRow> {
  const begin = options.clock();
  const { options: habits, strict, realTime } = variant;
  // Tens of thousands of requests try the numbers, and nothing else that others have not tried; of the
  // thousands of words of the H method every tenth shows as much of a habit as all of them.
  const isLeftOut = (id: string) =>
    (id === longest && habits.habits?.numbering === undefined) || /^complete.*[^7]$/.test(id);
  const terms = { version: habits.profile ?? 'seed', strict };
  const clock = simulatedClock();
  const clocked = realTime === undefined ? {} : { realTime: { clock: clock.nowMs, ...realTime } };
  const subject = new MutantSubject({ ...habits, ...clocked });
  const cases = await hold(subject, terms, { ...options, simulated: clock }, isLeftOut);
  const seconds = options.clock() - begin;
  const count = (verdict: CaseReport['verdict']) =>
    cases.filter((one) => one.verdict === verdict).length;
  const wrong = cases.find(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive');
  const [passes, unsupported] = [count('pass'), count('unsupported')];
  const denied = cases.find((one) => one.denied === true);
  const accused = wrong ?? denied;
  const nothing = passes === 0 ? 'no case was held' : '';
  const why = accused === undefined ? nothing : `${accused.id}: ${accused.why}`;
  return { variant, verdict: why === '' ? 'pass' : 'accused', passes, unsupported, why, seconds };
}

/** Time that goes on a little whenever it is read, and jumps when somebody waits. */
function simulatedClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => (nowMs += 0.01),
    sleep: (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
  };
}

async function hold(
  subject: Subject,
  { version, strict }: { readonly version: ProfileName; readonly strict: boolean },
  { seed: number, runs, simulated }: RowOptions & { readonly simulated?: Clock },
  isLeftOut: (id: string) => boolean = () => false,
): Promise<readonly CaseReport[]> {
  const profile = profiles[version] ?? seed;
  const all = selectCases(profile, [], [], { role: 'kernel' }).filter(({ id }) => !isLeftOut(id));
  const isLong = ({ id }: ChosenCase) => id === longest;
  const cases = [...all.filter((one) => !isLong(one)), ...all.filter(isLong)];
  const clocked = simulated === undefined ? {} : { clock: simulated };
  const options = { subject, profile, strict, cases, seed: number, runs, bail: true, ...clocked };
  return (await run(options)).cases;
}
