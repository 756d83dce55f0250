import type { Command, Profile, RequirementId } from '../../model/index.js';
import { parseCommand, requirementsOf } from '../../model/index.js';
import type { Case, Setup, Suite } from './suite.js';
import { needsOf, suiteOf } from './suite.js';
import type { Family } from './wire-bytes.js';
import { familiesOf } from './wire-bytes.js';
import { wireConversations } from './wire-draws.js';

/**
 * Suite `wire`: the bytes of messages, right and wrong, in the framing of the profile.
 *
 * Reason. A kernel reads what any process may send: too short, too long, with lengths that lie, of types
 * that nobody has, with the name of another in it. Real kernels read beyond such bytes, wrapped sums of
 * them and believed them. So one thing at a time is made wrong with a message that is right otherwise,
 * and that is sent wherever it could do harm: while its request sleeps, when it is answered or gone, when
 * another has its context, and when nobody is registered. The right reply must be accepted all the same.
 * Well-formed messages that look odd must count, and a drawn mixture of all this with ordinary commands
 * shows what needs a history.
 */
export function wireSuite(profile: Profile): Suite {
  return suiteOf({
    name: 'wire',
    description: 'malformed, lying and unusual bytes, as datagrams or packets',
    parts: {
      'wire/': () => [
        ...familiesOf(framingOf(profile)).flatMap((family) => casesOf(profile, family)),
        ...randomCases(profile),
      ],
    },
  });
}

function framingOf({ checks }: Profile): 'netlink' | 'device' {
  return checks.some(({ fact }) => fact === 'handleIsOpen') ? 'device' : 'netlink';
}

const bounds = { contexts: 2, users: 2, processes: 2 };

function casesOf(profile: Profile, family: Family): Case[] {
  const { name, rows, isOdd = false } = family;
  const requirements = ownRules(profile, [...family.rules, ...(isOdd ? [] : (['SYS-1'] as const))]);
  const one = (id: string, lines: readonly string[], manualWake = false): Case => {
    const setup: Setup = { ...bounds, manualWake, framing: framingOf(profile) };
    const commands = lines.map(parseCommand);
    const needs = needsOf(commands, setup);
    return { kind: 'script', id: `wire/${name}/${id}`, setup, needs, requirements, commands };
  };
  const scripts = Object.entries(rows).map(([id, raws]) =>
    one(id, isOdd ? raws : everywhere(raws)),
  );
  if (isOdd) return scripts;
  const all = Object.values(rows).flat();
  return [
    ...scripts,
    one('done', whileDone(all), true),
    one('then-time-out', thenTimeOut(all)),
    one('hundreds', hundreds(all, framingOf(profile))),
  ];
}

/** The same bytes in every state of the request and of the daemon; the right reply follows. */
function everywhere(raws: readonly string[]): readonly string[] {
  return [
    'helo u1.d1',
    'request r1 u1',
    ...raws.map(about('r1')),
    'reply u1.d1 r1',
    ...raws.map(about('r1')),
    'request r2 u1',
    ...raws.map(about('r1')),
    ...raws.map(about('r2')),
    'quit u1.d1',
    ...raws.map(about('r2')),
    'helo u1.d1',
    'reply u1.d1 r2',
  ];
}

/** A request that is answered, and whose sleeper has not looked. */
function whileDone(raws: readonly string[]): readonly string[] {
  return ['helo u1.d1', 'request r1 u1', 'reply u1.d1 r1', ...raws.map(about('r1')), 'wake r1'];
}

/** A request that nobody answers any more: what the bytes took must come back. */
function thenTimeOut(raws: readonly string[]): readonly string[] {
  return ['helo u1.d1', 'request r1 u1', ...raws.map(about('r1')), 'advance r1', 'request r2 u1'];
}

const manyBytes = 300;

/** Hundreds of them with nothing right in between; then what is right must count. */
function hundreds(raws: readonly string[], framing: 'netlink' | 'device'): readonly string[] {
  const many = Array.from({ length: Math.ceil(manyBytes / raws.length) }, () => raws).flat();
  const right = ['raw u1.d1 response r1', 'reply u1.d1 r1', 'request r2 u1'];
  const words = ['raw u1.d2 helo', 'request r3 u1', 'raw u1.d2 quit', 'request r4 u1'];
  return [
    'helo u1.d1',
    'request r1 u1',
    ...many.slice(0, manyBytes).map(about('r1')),
    ...right,
    ...(framing === 'netlink' ? words : []),
  ];
}

/** Bytes are written about a request R that the conversation names. */
function about(request: string): (raw: string) => string {
  return (raw) => `raw ${raw.replaceAll('R', request)}`;
}

function ownRules(profile: Profile, rules: readonly RequirementId[]): readonly RequirementId[] {
  const own = new Set(requirementsOf(profile.name).map(({ id }) => id));
  return rules.filter((id) => own.has(id));
}

function randomCases(profile: Profile): Case[] {
  const all = requirementsOf(profile.name).map(({ id }) => id);
  const rules = all.filter((id) => id.startsWith('WIR-'));
  return [true, false].map((manualWake): Case => {
    const setup: Setup = { ...bounds, manualWake, framing: framingOf(profile) };
    const needs = needsOf([sample], setup);
    return {
      kind: 'random',
      id: `wire/drawn/${manualWake ? 'held' : 'plain'}`,
      setup,
      needs,
      requirements: [...rules, 'SYS-1'],
      share: 0.5,
      conversations: wireConversations(bounds, framingOf(profile)),
    };
  });
}

const sample: Command = parseCommand('raw u1.d1 helo');
