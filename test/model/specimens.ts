import type { AnyStateMachine } from 'xstate';
import { setup } from 'xstate';
import {
  contextMachine,
  createQueueMachine,
  createRegisterMachine,
  createReplyMachine,
  daemonMachine,
  profiles,
  taskMachine,
} from '../../model/index.js';

/** The machines that the tests of the exports hold, by name. */

interface CornerEvent {
  readonly type: string;
  readonly facts?: Readonly<Record<string, boolean>>;
}

const nothing = () => undefined;

/** What the component machines do not have, or not yet: every way that a language could get wrong. */
export const cornerMachine = setup({
  types: { events: {} as CornerEvent },
  actions: {
    enterOuter: nothing,
    exitOuter: nothing,
    enterOne: nothing,
    exitOne: nothing,
    enterTwo: nothing,
    note: nothing,
    noteAgain: nothing,
  },
  guards: { "isn't": ({ event }) => event.facts?.["isn't"] === true },
}).createMachine({
  id: 'corner',
  description: 'Names like "a" & <b>, and a comment that ends early: --> no.',
  initial: 'outer',
  states: {
    outer: {
      initial: 'one',
      entry: 'enterOuter',
      exit: 'exitOuter',
      on: {
        AGAIN: { target: 'outer', actions: 'note' },
        ANEW: { target: 'outer', reenter: true, actions: ['note', 'noteAgain'] },
        INTO: '.two',
        INTO_ANEW: { target: '.two', reenter: true },
        OUT: 'a<b> "c" & d',
      },
      states: {
        one: {
          entry: 'enterOne',
          exit: 'exitOne',
          on: { NEXT: 'two', SAME: { target: 'one', actions: 'note' }, UP: '#corner.outer' },
        },
        two: {
          entry: 'enterTwo',
          description: 'It is --- two.',
          on: { BACK: 'one', SAME: { target: 'two', reenter: true }, ANEW: { actions: 'note' } },
        },
      },
    },
    'a<b> "c" & d': {
      on: {
        BACK: 'outer',
        MAYBE: [{ guard: "isn't", target: 'outer.two' }, { actions: 'noteAgain' }],
      },
    },
  },
});

/** Machines without guards, which their tables describe, and that one. */
export const tabled: Readonly<Record<string, AnyStateMachine>> = {
  context: contextMachine,
  task: taskMachine,
  daemon: daemonMachine,
  register: createRegisterMachine('register', 2),
  queue: createQueueMachine(1, 2, false),
  corner: cornerMachine,
};

/** The cascade of every profile. */
export const cascades = Object.fromEntries(
  Object.values(profiles).map((profile) => [profile.name, profile] as const),
);

/** All of them. */
export const machines: Readonly<Record<string, AnyStateMachine>> = {
  ...tabled,
  ...Object.fromEntries(
    Object.entries(cascades).map(([name, profile]) => [
      `reply ${name}`,
      createReplyMachine(profile),
    ]),
  ),
};

/** Every combination of the facts that the checks of a profile ask for. */
export function factsOf(profile: string): readonly Readonly<Record<string, boolean>>[] {
  const facts = cascades[profile]?.checks.map(({ fact }) => fact) ?? [];
  return Array.from({ length: 2 ** facts.length }, (_, bits) =>
    Object.fromEntries(facts.map((fact, nth) => [fact, ((bits >> nth) & 1) === 1])),
  );
}
