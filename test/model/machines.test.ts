import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate';
import { initialTransition, transition } from 'xstate';
import { describe, expect, it } from 'vitest';
import {
  cascade,
  contextMachine,
  createRegisterMachine,
  createReplyMachine,
  daemonMachine,
  isRequirementId,
  mermaidOf,
  seed,
  tabulate,
  taskMachine,
} from '../../model/index.js';

/** A state and all states within it. */
function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...(Object.values(node.states) as AnyStateNode[]).flatMap(nodesOf)];
}

const machines: AnyStateMachine[] = [
  contextMachine,
  taskMachine,
  daemonMachine,
  createReplyMachine(seed),
];

/** A table as lines: `free --ACQUIRE--> pending`. */
function lines(machine: Parameters<typeof tabulate>[0]): string[] {
  const table = tabulate(machine);
  return table.states.flatMap((state, from) =>
    table.events.flatMap((event, nth) => {
      const to = table.next(from, nth);
      if (to === undefined) return [];
      const actions = table.actions(from, nth);
      const does = actions.length === 0 ? '' : ` / ${actions.join(', ')}`;
      return [`${state} --${event}--> ${table.states[to] ?? ''}${does}`];
    }),
  );
}

describe('the component machines', () => {
  it('lead a context from free to pending to done and back, and back from pending in three ways', () => {
    expect(lines(contextMachine)).toEqual([
      'free --ACQUIRE--> pending',
      'pending --ACCEPT--> done / storeReply, wakeSleeper',
      'pending --EXPIRE--> free',
      'pending --INTERRUPT--> free',
      'pending --SEND_FAILED--> free',
      'done --RELEASE--> free',
    ]);
  });

  it('let a sleeper decide when it looks, and a reply win over the time', () => {
    expect(lines(taskMachine)).toEqual([
      'running --ASK--> sleeping.waiting',
      'sleeping.waiting --LOOK_REPLY--> running / returnReply',
      'sleeping.waiting --INTERRUPT--> running / returnInterrupted',
      'sleeping.waiting --EXPIRE--> sleeping.expired',
      'sleeping.waiting --LOOK_NOTHING--> sleeping.waiting',
      'sleeping.expired --LOOK_REPLY--> running / returnReply',
      'sleeping.expired --INTERRUPT--> running / returnInterrupted',
      'sleeping.expired --LOOK_EXPIRED--> running / returnTimeout',
    ]);
  });

  it('register, replace, lose and reclaim a daemon', () => {
    expect(lines(daemonMachine)).toEqual([
      'unregistered --REGISTER--> registered',
      'unregistered --LOOKUP_FAILS--> unregistered',
      'registered --SEND--> registered / deliverRequest',
      'registered --RENEW--> registered / maySendQuit',
      'registered --RENEW_AND_QUIT--> registered / sendQuit',
      'registered --REPLACE--> registered / sendQuit',
      'registered --UNREGISTER--> unregistered',
      'registered --DIE--> stale',
      'registered --CLOSE--> unregistered',
      'stale --SEND_FAILS--> stale',
      'stale --RECLAIM--> registered',
      'stale --USURP--> usurped',
      'usurped --SEND--> usurped / deliverToStranger',
      'usurped --RECLAIM--> registered / mayTellStranger',
    ]);
  });

  it('remember one of a few values in a register', () => {
    const table = tabulate(createRegisterMachine('owner', 2));
    expect(table.states).toEqual(['none', 'is0', 'is1']);
    expect(table.next(0, table.events.indexOf('CLEAR'))).toBeUndefined();
    expect(table.next(1, table.events.indexOf('CLEAR'))).toBe(0);
  });

  it('ask the checks of a reply in the order of the profile, and stop at the first that fails', () => {
    const ways = cascade(seed).map(({ asked, outcome }) => [asked.length, outcome]);
    expect(ways).toEqual([
      [7, 'accepted'],
      [1, 'bad-index'],
      [2, 'not-in-use'],
      [3, 'no-daemon'],
      [4, 'other-user'],
      [5, 'other-process'],
      [6, 'not-pending'],
      [7, 'wrong-sequence'],
    ]);
  });

  it('decide every combination of facts as the first failing check does', () => {
    const machine = createReplyMachine(seed);
    const [received] = initialTransition(machine);
    const facts = seed.checks.map(({ fact }) => fact);
    for (let bits = 0; bits < 2 ** facts.length; bits += 1) {
      const given = Object.fromEntries(facts.map((fact, nth) => [fact, ((bits >> nth) & 1) === 1]));
      const [after] = transition(machine, received, { type: 'REPLY', facts: given as never });
      const failing = seed.checks.find(({ fact }) => given[fact] === false);
      expect(after.value).toEqual(failing ? { refused: failing.otherwise } : 'accepted');
    }
  });

  it('are finite: no context, no delays, nothing invoked', () => {
    for (const machine of machines) {
      for (const node of nodesOf(machine.root)) {
        expect(node.after).toEqual([]);
        expect(node.invoke).toEqual([]);
      }
      const first: AnyMachineSnapshot = machine.getInitialSnapshot(undefined as never);
      expect(first.context).toEqual({});
    }
  });

  it('describe every state, and name the rules of every transition', () => {
    for (const machine of machines) {
      for (const node of nodesOf(machine.root)) {
        expect(node.description, `${machine.id} ${node.key}`).toBeTruthy();
        for (const arrow of [...node.transitions.values()].flat()) {
          const rules = (arrow.meta as { requirements: string[] }).requirements;
          expect(rules.length, `${machine.id} ${node.key}`).toBeGreaterThan(0);
          for (const rule of rules) expect(isRequirementId(rule), rule).toBe(true);
        }
      }
    }
  });

  it('are drawn in Mermaid with names that it takes, and each arrow once', () => {
    for (const machine of machines) {
      const lines = mermaidOf(machine).trimEnd().split('\n').slice(1);
      const arrow = /^ +(\w+|\[\*\]) --> \w+(: [^:]+)?$/;
      const state = /^ +(state "[^"]+" as \w+( \{)?|\})$/;
      for (const line of lines) expect(line).toMatch(line.includes('-->') ? arrow : state);
      const arrows = lines.filter((line) => line.includes('-->')).map((line) => line.split(':')[0]);
      expect(new Set(arrows).size).toBe(arrows.length);
    }
  });
});
