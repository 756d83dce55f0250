import type { Command, Process, Profile, RequirementId } from '../../model/index.js';
import { requirementsOf } from '../../model/index.js';
import type { Case, Setup, Suite } from './suite.js';
import { needsOf, suiteOf } from './suite.js';

/**
 * Suite `resets`: what one conversation leaves behind must be gone in the next.
 *
 * Reason. Every case ends in a probe that answers, reads and waits until all is quiet, so that nothing
 * is ever left for the reset before the next case to clear: an implementation that forgets to clear
 * something is right until a case fails for what another one did. Here each kind of thing that can be
 * left (a registration, a sleeper in each of its states, a message that waits, a fault that has not come
 * due, a signal, a pid of another user, time) is left on purpose; then, after a reset in the middle of
 * the conversation, everything is tried that it could show in.
 */
export function resetsSuite(profile: Profile): Suite {
  return suiteOf({
    name: 'resets',
    description: 'what a conversation leaves behind, and that a reset clears it',
    parts: { 'resets/': () => casesOf(profile) },
  });
}

const [d1, d2, e1]: readonly [Process, Process, Process] = [
  { user: 1, process: 1 },
  { user: 1, process: 2 },
  { user: 2, process: 1 },
];
const helo = (by: Process): Command => ({ do: 'helo', by });
const ask = (request: number, user = 1): Command => ({ do: 'request', request, user });
const answer = (by: Process, of: number): Command => {
  const own = { of, plus: 0 };
  return { do: 'reply', by, index: own, sequence: own };
};
const wake = (request: number): Command => ({ do: 'wake', request });
const expire = (request: number): Command => ({ do: 'advance', request, lateMs: 0 });
const read = (by: Process): Command => ({ do: 'read', by });

/** What is left behind; `held` and `waits` say that sleepers are held, or that messages wait. */
interface Remnant {
  readonly name: string;
  readonly commands: readonly Command[];
  readonly held?: true;
  readonly waits?: true;
}

const full: readonly Command[] = [helo(d1), ask(1), ask(2), ask(3)];

const remnants: readonly Remnant[] = [
  { name: 'daemon', commands: [helo(d1), helo(e1)] },
  { name: 'successor', commands: [helo(d1), helo(d2)] },
  { name: 'dead-daemon', commands: [helo(d1), { do: 'exit', by: d1 }] },
  { name: 'other-user', commands: [helo(e1), ask(1, 2), helo(d1)] },
  {
    name: 'usurper',
    commands: [helo(d1), { do: 'exit', by: d1 }, { do: 'reuse', by: e1, of: d1 }],
  },
  { name: 'sleepers', commands: full },
  { name: 'sleepers-of-two', commands: [...full.slice(0, 2), helo(e1), ask(2, 2)] },
  { name: 'sleepers-late', commands: [...full, { do: 'advance', request: 1, lateMs: -1 }] },
  { name: 'answered', commands: [...full, answer(d1, 2), answer(d1, 1)], held: true },
  { name: 'expired', commands: [...full, expire(2)], held: true },
  { name: 'signalled', commands: [...full, { do: 'interrupt', request: 2 }], held: true },
  { name: 'time', commands: [helo(d1), ask(1), expire(1), { do: 'pass', ms: 1999 }] },
  { name: 'failure', commands: [helo(d1), { do: 'fail-send', nth: 5 }, ask(1)] },
  { name: 'failure-next', commands: [helo(d1), { do: 'fail-send', nth: 1 }] },
  { name: 'unread', commands: [helo(d1), ask(1), ask(2), helo(e1), ask(3, 2)], waits: true },
  { name: 'unread-quit', commands: [helo(d1), helo(d2)], waits: true },
  { name: 'unread-expired', commands: [helo(d1), ask(1), ask(2), expire(1)], waits: true },
  { name: 'unread-dead', commands: [helo(d1), ask(1), { do: 'exit', by: d1 }], waits: true },
];

/** Tried after the reset; requests have new names. The first process to speak has the first pid. */
const starts: Readonly<Record<string, readonly Command[]>> = {
  same: [
    ...[{ do: 'inspect' } as const, read(d1), read(d2), read(e1)],
    ...[ask(11), helo(d1), ask(12), read(d1), { do: 'advance', request: 12, lateMs: -1 } as const],
    ...[answer(d1, 12), wake(12), ask(13), read(d1), expire(13), wake(13)],
    ...[14, 15, 16, 17].flatMap((request) => [ask(request), read(d1)]),
    ...[14, 15, 16].flatMap((request) => [answer(d1, request), wake(request)]),
  ],
  other: [
    ...[ask(11, 2), helo(e1), read(e1), ask(12, 2), read(e1), helo(d1), read(d1), read(e1)],
    ...[answer(d1, 12), answer(e1, 12), wake(12), ask(13), read(d1), answer(e1, 13)],
    ...[answer(d1, 13), wake(13), { do: 'quit', by: d1 } as const, ask(14), ask(15, 2), read(e1)],
  ],
};

const rules: readonly RequirementId[] = [
  ...(['CTX-1', 'CTX-2', 'CTX-4', 'REQ-4', 'REQ-5', 'REQ-8', 'REG-1', 'REG-3'] as const),
  ...(['SLP-2', 'SLP-3', 'SLP-4', 'QUE-1'] as const),
];

function casesOf(profile: Profile): Case[] {
  const own = new Set(requirementsOf(profile.name).map(({ id }) => id));
  return remnants.flatMap(({ name, commands, held = false, waits = false }) =>
    Object.entries(starts).map(([start, after]): Case => {
      const setup: Setup = {
        ...{ contexts: 3, users: 2, processes: 2, manualWake: held, manualRead: waits },
      };
      const all = [...commands, { do: 'reset' } as const, ...after];
      const sensible = all.filter((one) => isSaid(one, setup));
      return {
        kind: 'script',
        id: `resets/${name}/${start}`,
        setup,
        needs: needsOf(sensible, setup).filter((word) => word !== 'inspect'),
        requirements: rules.filter((id) => own.has(id)),
        commands: sensible,
      };
    }),
  );
}

/** Who is not held is not woken, and what does not wait is not read. */
function isSaid({ do: verb }: Command, { manualWake, manualRead }: Setup): boolean {
  if (verb === 'wake') return manualWake;
  return verb !== 'read' || manualRead === true;
}
