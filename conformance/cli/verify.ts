import type { Bounds, Finding, Profile } from '../../model/index.js';
import { properties, verify } from '../../model/index.js';
import { mustExist } from '../usage.js';
import type { ModelFlags } from './model.js';
import { modelOf, withinBounds } from './model.js';

/** `msgctx verify`: which properties hold within which bounds, and the shortest way to break one. */

/** The options of `msgctx verify` as they are typed. */
export interface VerifyFlags extends ModelFlags {
  readonly property: readonly string[];
  readonly symmetry: boolean;
  readonly statesMax: number;
  readonly json: boolean;
}

/** Verifies and prints. Exit status: 0 all hold, 1 one is violated, 4 something is inconclusive. */
export function verifyCommand(flags: VerifyFlags): number {
  const model = modelOf(flags);
  for (const name of flags.property) {
    mustExist(
      'property',
      name,
      properties.map((one) => one.name),
    );
  }
  const { symmetry, statesMax } = flags;
  const only = flags.property.length === 0 ? {} : { only: flags.property };
  const begin = performance.now();
  const verification = withinBounds(() => verify({ ...model, symmetry, statesMax, ...only }));
  const seconds = (performance.now() - begin) / 1000;
  const result = { ...verification, ...model, flags, seconds };
  process.stdout.write(flags.json ? jsonOf(result) : textOf(result));
  const verdicts = verification.findings.map(({ verdict }) => verdict);
  if (verdicts.includes('violated')) return 1;
  return verdicts.includes('inconclusive') || !verification.complete ? 4 : 0;
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
    orbits: orbits ?? null,
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
    `${count(states)} states, ${count(transitions)} transitions, ${orbits === undefined ? 'orbits not counted' : `${count(orbits)} orbits`}${found}; ${seconds.toFixed(2)} s`,
    `verdict: ${verdictOf(findings, complete)}`,
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
  let nth = 0;
  // The line before a loop is no step.
  const numbered = trace.map((step) =>
    step.endsWith(':') ? `     ${step}` : `  ${(nth += 1)}. ${step}`,
  );
  return [line, `  ${reason}`, ...numbered];
}

function verdictOf(findings: readonly Finding[], complete: boolean): string {
  const names = (verdict: Finding['verdict']) =>
    findings.filter((one) => one.verdict === verdict).map(({ property }) => property.name);
  const [violated, unknown] = [names('violated'), names('inconclusive')];
  if (violated.length > 0) return `violated: ${violated.join(', ')}`;
  if (unknown.length > 0) return `inconclusive: ${unknown.join(', ')}`;
  if (!complete) return 'inconclusive: the walk was not finished';
  return `all ${findings.length} properties hold within these bounds`;
}
