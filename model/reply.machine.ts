import { initialTransition, setup, transition } from 'xstate';
import type { Profile, ReplyFact, ReplyRefusal } from './profiles.js';

/**
 * The cascade of checks on a reply, from `received` down to `accepted` or `refused`.
 *
 * Theory of operation. A reply names a context by index, and the index alone does not name a
 * request: contexts are reused, daemons are replaced, and anybody may send. The checks are asked
 * one after the other in the profile's order, and the first that fails decides what the sender is
 * told. Each check is an eventless transition whose guard is one fact about the reply; what the
 * facts are in a given state is the business of the system (system.ts), not of this machine.
 *
 * Source: the 2006 mail ("verifies that the registered daemon PID is the same as the PID of the
 * process that sent the message. It also validates a sequence number"); Linux 2.6.24
 * fs/ecryptfs/messaging.c ecryptfs_process_response.
 */

/** A reply arrives; the facts say how it relates to the system. */
export interface ReplyEvent {
  readonly type: 'REPLY';
  readonly facts: Readonly<Record<ReplyFact, boolean>>;
}

/** Builds the cascade of a profile. */
export function createReplyMachine(profile: Profile) {
  const factGuards = Object.fromEntries(
    profile.checks.map(({ fact }) => [
      fact,
      ({ event }: { event: ReplyEvent }) => event.facts[fact],
    ]),
  );
  const nameOf = (nth: number) => stateOfCheck(profile.checks[nth]?.fact);
  const checks = profile.checks.map(
    (check, nth) =>
      [
        nameOf(nth),
        {
          description: check.text,
          always: [
            { guard: check.fact, target: nameOf(nth + 1) },
            {
              target: `refused.${check.otherwise}`,
              meta: { requirements: [check.requirement, 'REP-8'] },
            },
          ],
        },
      ] as const,
  );
  const refusals = profile.checks.map(
    (check) => [check.otherwise, { type: 'final', description: `No to: ${check.text}` }] as const,
  );
  return setup({ types: {} as { events: ReplyEvent }, guards: factGuards }).createMachine({
    id: 'reply',
    description: `What is asked about a reply under profile ${profile.name}, in this order.`,
    initial: 'received',
    // The states are made from data, so their names are strings to the compiler.
    states: {
      received: {
        description: 'A process has sent a reply.',
        on: { REPLY: { target: nameOf(0), meta: { requirements: ['REP-8', 'REP-9'] } } },
      },
      ...Object.fromEntries(checks),
      accepted: { type: 'final', description: 'The reply is stored and the sleeper is woken.' },
      refused: {
        description: 'Nothing changes; the request goes on waiting.',
        initial: profile.checks[0]?.otherwise ?? 'bad-index',
        states: Object.fromEntries(refusals),
      },
    },
  });
}

function stateOfCheck(fact: ReplyFact | undefined): string {
  return fact === undefined ? 'accepted' : `check${fact.slice(0, 1).toUpperCase()}${fact.slice(1)}`;
}

/** One way through the cascade: the facts that were asked, their answers, and the end. */
export interface CascadePath {
  readonly asked: readonly { readonly fact: ReplyFact; readonly holds: boolean }[];
  readonly outcome: 'accepted' | ReplyRefusal;
}

/**
 * Every way through a profile's cascade, found by asking the machine itself: the facts are handed
 * over through getters, so that the machine shows which it asks and in which order.
 */
export function cascade(profile: Profile): readonly CascadePath[] {
  const machine = createReplyMachine(profile);
  const [received] = initialTransition(machine);
  const walk = (assumed: CascadePath['asked']): CascadePath[] => {
    const asked: { fact: ReplyFact; holds: boolean }[] = [];
    const facts = Object.defineProperties(
      {},
      Object.fromEntries(
        profile.checks.map(({ fact }) => [
          fact,
          {
            get: () => {
              const known = assumed.find((one) => one.fact === fact) ?? { fact, holds: true };
              if (!asked.some((one) => one.fact === fact)) asked.push(known);
              return known.holds;
            },
          },
        ]),
      ),
    );
    // The getters above answer every fact of the profile.
    const [after] = transition(machine, received, {
      type: 'REPLY',
      facts: facts as ReplyEvent['facts'],
    });
    const branches = asked
      .slice(assumed.length)
      .flatMap(({ fact }, nth) => [
        ...walk([...asked.slice(0, assumed.length + nth), { fact, holds: false }]),
      ]);
    return [{ asked, outcome: outcomeOf(after.value) }, ...branches];
  };
  return walk([]);
}

function outcomeOf(value: unknown): CascadePath['outcome'] {
  if (value === 'accepted') return 'accepted';
  // The machine has no other final state than accepted and the children of refused.
  return (value as { refused: ReplyRefusal }).refused;
}
