import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { describe, expect, it } from 'vitest';
import {
  calm,
  contextMachine,
  createQueueMachine,
  createRegisterMachine,
  createReplyMachine,
  daemonMachine,
  isRequirementId,
  profiles,
  properties,
  requirements,
  requirementsOf,
  System,
  taskMachine,
} from '../../model/index.js';

/**
 * From a rule to what carries it, and back: nothing in the model is without a rule, and no rule
 * without something in the model.
 */

const ofWire = requirements.map(({ id }) => id).filter((id) => id.startsWith('WIR-'));

/** Rules that only an observer can see: why no element of the model carries them. */
const withoutElement: Readonly<Record<string, string>> = {
  ...Object.fromEntries(ofWire.map((id) => [id, 'the model knows no bytes'])),
  'INS-1': 'what an adapter shows of its inside is a matter of the adapter, not of the protocol',
};

/** Rules that no joint transition names, since several of them together show them. */
const withoutVector: Readonly<Record<string, string>> = {
  ...withoutElement,
  'REP-10': 'known by the messages: who got the request and who answered it',
  'REP-11': 'known by the errnos of all refusals',
};

function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...(Object.values(node.states) as AnyStateNode[]).flatMap(nodesOf)];
}

/** One thing in the model that a rule can name, with the rules that it names itself. */
interface Element {
  readonly name: string;
  readonly rules: readonly string[];
}

function elementsOf(machine: AnyStateMachine, numbered: boolean): Element[] {
  const plain = (event: string) => (numbered ? event.replace(/_\d+$/, '') : event);
  return nodesOf(machine.root).flatMap((node) => {
    const path = numbered ? machine.id : [machine.id, ...node.path].join('.');
    const arrows = [...node.transitions.values()].flat();
    const always = node.always ?? [];
    const entries = (node.entry as unknown[]).map(String);
    return [
      ...arrows.map((arrow) => ({
        name: `${path} ${plain(String(arrow.eventType))}`,
        rules: (arrow.meta as { requirements: string[] }).requirements,
      })),
      ...always
        .filter(({ guard }) => typeof guard !== 'string' && machine.id !== 'reply')
        .map((arrow) => ({
          name: `${path} always`,
          rules: (arrow.meta as { requirements: string[] }).requirements,
        })),
      ...always.flatMap(({ guard }) =>
        typeof guard === 'string' ? [{ name: `reply[${guard}]`, rules: [] }] : [],
      ),
      ...[...arrows.flatMap(({ actions }) => (actions as unknown[]).map(String)), ...entries].map(
        (action) => ({ name: `${machine.id}/${action}`, rules: [] }),
      ),
    ];
  });
}

const states = [contextMachine, taskMachine, daemonMachine].flatMap((machine) =>
  nodesOf(machine.root).map((node) => [machine.id, ...node.path].join('.')),
);
const shapes = [...states, 'owner', 'registrant', 'reply.refused', 'reply.accepted'];

const bounds = { contexts: 2, users: 2, processes: 2, queue: 1, quitMarkers: true };
const systems = Object.values(profiles).map(
  (profile) =>
    new System(bounds, profile, {
      defects: [],
      without: [],
      environment: {
        ...calm,
        sendFails: true,
        signals: true,
        pidReuse: profile.death !== 'ends it',
      },
    }),
);
const vectors = systems.flatMap((system) =>
  system.actions().flatMap((action) => system.vectors(action)),
);

const elements: Element[] = [
  ...elementsOf(contextMachine, false),
  ...elementsOf(taskMachine, false),
  ...elementsOf(daemonMachine, false),
  ...Object.values(profiles).flatMap((profile) => elementsOf(createReplyMachine(profile), false)),
  ...elementsOf(createRegisterMachine('owner', 2), true).filter(({ name }) => !/CLEAR/.test(name)),
  ...elementsOf(createRegisterMachine('registrant', 2), true),
  ...elementsOf(createQueueMachine(2, 2, true), true),
  ...vectors.map(({ name, requirements: rules }) => ({ name, rules })),
];

describe('the requirement catalogue', () => {
  it('has rules with text, source and profiles', () => {
    expect(requirements.length).toBe(72 + 27);
    expect(requirementsOf('seed', 'daemon').length).toBe(27);
    for (const { id, text, source, profiles: of } of requirements) {
      expect(id).toMatch(/^[A-Z]{3}-\d+$/);
      expect(text).toMatch(/^[A-Z].*\.$/);
      expect(source.length).toBeGreaterThan(10);
      for (const name of of) expect(Object.keys(profiles)).toContain(name);
    }
    expect(Object.values(profiles).map(({ name }) => requirementsOf(name).length)).toEqual([
      61, 59, 54, 54,
    ]);
  });

  it('leaves no transition, guard, action or joint transition of the model without a rule', () => {
    expect(elements.length).toBeGreaterThan(1000);
    const carried = new Set(requirements.flatMap((one) => one.elements));
    const orphans = new Set(elements.map(({ name }) => name).filter((name) => !carried.has(name)));
    expect([...orphans]).toEqual([]);
  });

  it('names for each rule elements that exist, or a reason', () => {
    const known = new Set([...elements.map(({ name }) => name), ...shapes]);
    for (const { id, role, elements: named } of requirements) {
      for (const name of named) expect(known.has(name), `${id}: ${name}`).toBe(true);
      // The model is one of the kernel's side: a daemon's rules are seen from outside.
      const isSeen = role === 'daemon' || withoutElement[id] !== undefined;
      expect(named.length > 0, id).toBe(!isSeen);
    }
  });

  it('is what the machines say of themselves', () => {
    for (const { name, rules } of elements) {
      for (const rule of rules) expect(isRequirementId(rule), `${name}: ${rule}`).toBe(true);
    }
    for (const { name, requirements: rules } of vectors) {
      expect(rules.length, name).toBeGreaterThan(0);
    }
  });

  it('is carried by joint transitions in each profile that has the rule', () => {
    systems.forEach((system) => {
      const carried = new Set(
        system
          .actions()
          .flatMap((action) => system.vectors(action).flatMap((one) => one.requirements)),
      );
      const rest = requirementsOf(system.profile.name).map(({ id }) => id);
      expect(rest.filter((id) => !carried.has(id) && withoutVector[id] === undefined)).toEqual([]);
      const foreign = [...carried].filter((id) => !rest.includes(id));
      expect(foreign).toEqual([]);
    });
  });

  it('is named by the properties that are checked', () => {
    for (const { name, requirements: rules } of properties) {
      expect(rules.length, name).toBeGreaterThan(0);
      for (const rule of rules) expect(isRequirementId(rule), `${name}: ${rule}`).toBe(true);
    }
  });
});
