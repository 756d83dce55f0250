import type { Bounds, Check, Defect, DefectId, Finding, Profile } from '../../model/index.js';
import { checksOf, defects, profiles, properties, seed, verify } from '../../model/index.js';
import { mustExist, UsageError } from '../select.js';

/** `msgctx verify`: which properties hold within which bounds, and the shortest way to break one. */

/** The options of `msgctx verify` as they are typed. */
export interface VerifyFlags {
  readonly profile?: string;
  readonly defect: readonly string[];
  readonly without: readonly string[];
  readonly property: readonly string[];
  readonly contexts: number;
  readonly users: number;
  readonly processes: number;
  readonly tasks?: number;
  readonly queues?: number;
  readonly quitMarkers: boolean;
  readonly symmetry: boolean;
  readonly statesMax: number;
  readonly json: boolean;
}

/** Verifies and prints. Exit status: 0 all hold, 1 one is violated, 4 something is inconclusive. */
export function verifyCommand(flags: VerifyFlags): number {
  const chosen = flags.defect.map(defectOf);
  const profile = profileOf(flags.profile, chosen);
  for (const check of flags.without) mustExist('check', check, checksOf(profile));
  for (const name of flags.property) {
    mustExist(
      'property',
      name,
      properties.map((one) => one.name),
    );
  }
  const bounds = boundsOf(flags, chosen);
  const question = {
    bounds,
    profile,
    switches: {
      defects: chosen.map(({ id }) => id),
      // The names were found among the checks above.
      without: flags.without as readonly Check[],
      environment: { sendFails: true, signals: true, pidReuse: false },
    },
    symmetry: flags.symmetry,
    statesMax: flags.statesMax,
    ...(flags.property.length === 0 ? {} : { only: flags.property }),
  };
  const begin = performance.now();
  const verification = verifyWithin(question);
  const seconds = (performance.now() - begin) / 1000;
  const result = { ...verification, profile, bounds, flags, seconds };
  process.stdout.write(flags.json ? jsonOf(result) : textOf(result));
  const verdicts = verification.findings.map(({ verdict }) => verdict);
  return verdicts.includes('violated') ? 1 : verdicts.includes('inconclusive') ? 4 : 0;
}

/** What does not fit into the model is the user's to change. */
function verifyWithin(question: Parameters<typeof verify>[0]): ReturnType<typeof verify> {
  try {
    return verify(question);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function defectOf(id: string): Defect {
  mustExist(
    'defect',
    id,
    defects.map((one) => one.id),
  );
  const found = defects.find((one) => one.id === (id as DefectId));
  if (found === undefined) throw new UsageError(`there is no defect "${id}"`);
  return found;
}

/** The profile asked for, or the first one under which all the defects can happen. */
function profileOf(name: string | undefined, chosen: readonly Defect[]): Profile {
  const known = name === undefined ? undefined : profiles[name];
  if (name !== undefined && known === undefined) {
    mustExist('profile', name, Object.keys(profiles));
  }
  if (known !== undefined) {
    const stranger = chosen.find((defect) => !defect.profiles.includes(known.name));
    if (stranger === undefined) return known;
    throw new UsageError(
      `${stranger.id} cannot happen under profile ${known.name}, where ${stranger.elsewhere}; it can under ${stranger.profiles.join(', ')}`,
    );
  }
  const common = Object.values(profiles).find((profile) =>
    chosen.every((defect) => defect.profiles.includes(profile.name)),
  );
  const first = chosen[0]?.profiles[0];
  const preferred = profiles[first ?? seed.name];
  const all =
    preferred !== undefined && chosen.every((one) => one.profiles.includes(preferred.name));
  if (all) return preferred;
  if (common !== undefined) return common;
  throw new UsageError(
    `there is no profile under which ${chosen.map(({ id }) => id).join(' and ')} can happen together`,
  );
}

function boundsOf(flags: VerifyFlags, chosen: readonly Defect[]): Required<Bounds> {
  const queued = chosen.find(({ queue }) => queue);
  if (queued !== undefined && flags.queues === 0) {
    throw new UsageError(`${queued.id} happens to messages that wait: choose --queues 1 or more`);
  }
  const { contexts, users, processes, quitMarkers } = flags;
  return {
    contexts,
    users,
    processes,
    quitMarkers,
    tasks: flags.tasks ?? contexts + (chosen.length === 0 ? 0 : 1),
    queue: flags.queues ?? (queued === undefined ? 0 : 1),
  };
}

type Result = ReturnType<typeof verify> & {
  readonly profile: Profile;
  readonly bounds: Required<Bounds>;
  readonly flags: VerifyFlags;
  readonly seconds: number;
};

function jsonOf({
  profile,
  bounds,
  states,
  transitions,
  orbits,
  seconds,
  findings,
}: Result): string {
  const { contexts, users, processes, tasks, queue, quitMarkers } = bounds;
  const document = {
    schema: 'msgctx-verify/1',
    profile: profile.name,
    bounds: { contexts, users, processes, tasks, queues: queue, quitMarkers },
    states,
    transitions,
    orbits,
    seconds,
    properties: findings.map(({ property: { name, kind }, verdict, trace }) => ({
      name,
      kind,
      verdict,
      trace,
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function textOf(result: Result): string {
  const { profile, flags, states, transitions, orbits, seconds, complete, findings } = result;
  const count = (number: number) => number.toLocaleString('en-US');
  const switched = [
    ...flags.defect.map((id) => `defect ${id}`),
    ...flags.without.map((check) => `without ${check}`),
  ];
  const found = complete ? '' : ` found before the limit of ${count(flags.statesMax)} was reached`;
  return [
    `profile ${[profile.name, ...switched].join(', ')}: ${wordsOf(result.bounds)}`,
    ...findings.flatMap(linesOf),
    `${count(states)} states, ${count(transitions)} transitions, ${count(orbits)} orbits${found}; ${seconds.toFixed(2)} s`,
    `verdict: ${verdictOf(findings)}`,
    '',
  ].join('\n');
}

function wordsOf({
  contexts,
  users,
  processes,
  tasks,
  queue,
  quitMarkers,
}: Required<Bounds>): string {
  const queues = queue === 0 ? 'no queues' : `queues of ${queue}`;
  const markers = quitMarkers ? 'quit markers' : 'no quit markers';
  return `${contexts} contexts, ${users} users, ${processes} processes a user, ${tasks} tasks, ${queues}, ${markers}`;
}

function linesOf({ property, verdict, trace, why }: Finding): string[] {
  const line = `${verdict.padEnd(12)} ${property.kind.padEnd(10)} ${property.name}: ${property.text}`;
  if (verdict === 'holds') return [line];
  const rules = property.requirements.join(', ');
  const reason = verdict === 'violated' ? `rules: ${rules}` : `why: ${why ?? ''}`;
  return [line, `  ${reason}`, ...trace.map((step, nth) => `  ${nth + 1}. ${step}`)];
}

function verdictOf(findings: readonly Finding[]): string {
  const names = (verdict: Finding['verdict']) =>
    findings.filter((one) => one.verdict === verdict).map(({ property }) => property.name);
  const [violated, unknown] = [names('violated'), names('inconclusive')];
  if (violated.length > 0) return `violated: ${violated.join(', ')}`;
  if (unknown.length > 0) return `inconclusive: ${unknown.join(', ')}`;
  return `all ${findings.length} properties hold within these bounds`;
}
