import { describe, expect, it } from 'vitest';
import type { Check, DefectId, Finding, Profile, Question } from '../../model/index.js';
import { calm, checksOf, defects, profiles, properties, seed, verify } from '../../model/index.js';

/** What the model is checked for, and that each check can fail. */

const disturbed = { ...calm, sendFails: true, signals: true };

function ask(
  profile: Profile,
  broken: readonly DefectId[] = [],
  without: readonly Check[] = [],
  more: Partial<Question> = {},
): readonly Finding[] {
  const queue = defects.some(({ id, queue: waits }) => waits && broken.includes(id)) ? 1 : 0;
  const tasks = broken.length === 0 ? 2 : 3;
  const { findings } = verify({
    bounds: { contexts: 2, users: 2, processes: 2, tasks, queue },
    profile,
    switches: { defects: broken, without, environment: disturbed },
    symmetry: true,
    statesMax: 1_000_000,
    ...more,
  });
  return findings;
}

const named = (findings: readonly Finding[], verdict: Finding['verdict']) =>
  findings.filter((one) => one.verdict === verdict).map(({ property }) => property.name);

describe('the properties', () => {
  it.each(Object.values(profiles))('all hold under profile $name', (profile) => {
    for (const queue of [0, 1]) {
      const bounds = { contexts: 2, users: 2, processes: 2, queue };
      const findings = ask(profile, [], [], { bounds });
      expect(findings.length).toBeGreaterThan(15);
      expect(findings.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    }
  });

  it('hold where messages to quit wait in the queues too', () => {
    const bounds = { contexts: 1, users: 2, processes: 2, queue: 2, quitMarkers: true };
    expect(ask(seed, [], [], { bounds }).filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  });

  it('hold where pids are used again, but that a stranger may then see a payload', () => {
    const environment = { ...disturbed, pidReuse: true };
    const more = { switches: { defects: [], without: [], environment } };
    expect(ask(seed, [], [], more).filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    const [seen] = ask(seed, [], [], { ...more, only: ['only-the-user-sees'] });
    expect([seen?.verdict, seen?.trace.length]).toEqual(['violated', 4]);
  });

  it.each([
    ['D-1', 'seed', { 'pool-is-whole': 2 }],
    ['D-1', 'device-6', { 'pool-is-whole': 2 }],
    ['D-2', 'seed', { 'only-the-user-completes': 5 }],
    ['D-3', 'device-6', { 'one-waiter': 5, 'answers-match': 7 }],
    ['D-5', 'seed', { 'never-crashes': 1 }],
    ['D-5', 'netlink-2.6.21', { 'never-crashes': 1 }],
    ['D-7', 'device-6', { 'ended-is-withdrawn': 4 }],
    ['D-7', 'device-2.6.26', { 'ended-is-withdrawn': 4 }],
    ['D-11', 'seed', { 'one-daemon': 2 }],
    ['D-14', 'device-2.6.26', { 'every-send-returns': 3 }],
    ['D-15', 'device-2.6.26', { 'refusals-are-reported': 1 }],
  ] as const)('are broken by %s under %s as %o says, and no other', (defect, name, broken) => {
    const profile = profiles[name] ?? seed;
    const violated = ask(profile, [defect]).filter(({ verdict }) => verdict === 'violated');
    const lengths = violated.map(({ property, trace }) => [property.name, trace.length]);
    expect(Object.fromEntries(lengths)).toEqual(broken);
    for (const { property } of violated) {
      expect(property.kind === 'always' ? property.brokenBy : []).toContain(defect);
    }
  });

  it.each([
    ['indexInRange', ['never-crashes']],
    ['contextInUse', ['never-crashes']],
    // The two below are asked again by what follows: a stale or missing daemon is nobody's process,
    // and without pids that are used again a process is of one user.
    ['daemonRegistered', []],
    ['senderIsUser', []],
    ['senderIsDaemon', ['only-the-daemon-completes']],
    ['contextPending', ['accepted-once']],
    ['sequenceMatches', ['answers-match']],
    ['requestUser', ['only-the-user-sees']],
    ['quitSender', ['only-itself-quits']],
    ['timeLimit', ['every-sleeper-resumes', 'a-reply-wins-over-the-time', 'a-sleeper-times-out']],
  ] as const)('need the check %s for %o', (check, broken) => {
    expect(checksOf(seed)).toContain(check);
    const findings = ask(seed, [], [check]);
    expect(named(findings, 'violated')).toEqual(broken);
    expect(named(findings, 'inconclusive')).toEqual([]);
  });

  it.each(['handleIsOpen', 'contextPending', 'sequenceMatches'] as const)(
    'need the check %s of the device',
    (check) => {
      const device = profiles['device-6'] ?? seed;
      const violated = ask(device, [], [check]).filter(({ verdict }) => verdict === 'violated');
      const breakers = violated.flatMap(({ property }) =>
        property.kind === 'always' ? property.brokenBy : [],
      );
      expect(breakers).toContain(check);
    },
  );

  it('stay apart where two defects meet', () => {
    const both = named(ask(profiles['device-6'] ?? seed, ['D-1', 'D-3']), 'violated');
    expect(both).toEqual(['pool-is-whole', 'one-waiter', 'answers-match']);
  });

  it('are each broken by something that is tried above', () => {
    const tried = [...defects.map(({ id }) => id), ...checksOf(seed), 'handleIsOpen'];
    for (const property of properties) {
      if (property.kind !== 'always') continue;
      expect(property.brokenBy.length, property.name).toBeGreaterThan(0);
      for (const one of property.brokenBy) expect(tried).toContain(one);
    }
    expect(tried.length).toBe(defects.length + 11);
  });

  it('are not true for want of an occasion', () => {
    // One process cannot be replaced, so nothing is said of a second daemon.
    const bounds = { contexts: 1, users: 1, processes: 1 };
    const findings = ask(seed, [], [], { bounds });
    expect(named(findings, 'inconclusive')).toEqual(['one-daemon']);
    expect(findings.find(({ verdict }) => verdict === 'inconclusive')?.why).toContain(
      'no step gives it an occasion (helo/replaces',
    );
  });

  it('hold of nothing that was not walked to its end', () => {
    const findings = ask(seed, [], [], { statesMax: 30 });
    expect(named(findings, 'inconclusive')).toContain('pool-is-whole');
    expect(named(findings, 'inconclusive')).toContain('every-sleeper-resumes');
    expect(named(findings, 'violated')).toEqual([]);
    const early = ask(seed, ['D-1'], [], { statesMax: 30 });
    expect(named(early, 'violated')).toEqual(['pool-is-whole']);
  });

  it('give the same verdicts and lengths with and without symmetry', () => {
    for (const [profile, broken] of [
      [seed, 'D-1'],
      [seed, 'D-11'],
      [profiles['device-6'] ?? seed, 'D-7'],
    ] as const) {
      const [one, all] = [true, false].map((symmetry) =>
        ask(profile, [broken], [], { symmetry }).map(({ property, verdict, trace }) => [
          property.name,
          verdict,
          trace.length,
        ]),
      );
      expect(one).toEqual(all);
    }
  });

  it('show a shortest run in the words of the protocol', () => {
    const [stolen] = ask(profiles['device-6'] ?? seed, ['D-3'], [], { only: ['answers-match'] });
    expect(stolen?.trace).toEqual([
      'helo u1.d1 -> registered',
      'request r1 u1 -> sent; its process sleeps',
      'quit u1.d1 -> no longer registered',
      'helo u1.d1 -> registered',
      'request r2 u1 -> sent; its process sleeps',
      'reply u1.d1 r2 -> accepted',
      'wake r1 -> returns the reply to another request',
    ]);
    const [asleep] = ask(seed, [], ['timeLimit'], { only: ['every-sleeper-resumes'] });
    expect(asleep?.trace).toEqual([
      'helo u1.d1 -> registered',
      'request r1 u1 -> sent; its process sleeps',
      'and then for ever:',
      'wake r1 -> sleeps on',
    ]);
  });

  it('are violated by a profile that does not claim them, if asked all the same', () => {
    const [isolation] = ask(profiles['device-6'] ?? seed, [], [], {
      only: ['only-the-user-completes'],
    });
    expect(isolation?.trace.at(-1)).toBe('reply u2.d1 r1 -> accepted');
  });
});
