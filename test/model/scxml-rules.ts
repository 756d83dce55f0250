import type { Element } from './xml.js';
import { allElements } from './xml.js';

/**
 * What the W3C Recommendation "State Chart XML (SCXML): State Machine Notation for Control Abstraction"
 * (1 September 2015) says of a document's structure, written from the tables "Attribute Details" and the
 * lists "Children" of its sections 3 and 4, and from the conformance sentences beside them.
 *
 * This is not the W3C's XML Schema, which no package of a registry carries; it covers every element of
 * sections 3 and 4, and refuses those of 5 and 6 (data model, external communication), which no machine
 * of this project has.
 */

const name = /^[A-Za-z_][\w.-]*$/;
const names = /^[A-Za-z_][\w.-]*( [A-Za-z_][\w.-]*)*$/;
const events = /^(\*|[\w-]+(\.[\w-]+)*(\.\*)?)( (\*|[\w-]+(\.[\w-]+)*(\.\*)?))*$/;
const anything = /^[\s\S]+$/;

type Occurs = 'any' | 'at most one' | 'exactly one';

interface Rule {
  readonly section: string;
  readonly attributes: Readonly<Record<string, RegExp>>;
  readonly required: readonly string[];
  readonly children: Readonly<Record<string, Occurs>>;
}

const executable: Readonly<Record<string, Occurs>> = {
  raise: 'any',
  if: 'any',
  foreach: 'any',
  log: 'any',
};
const behaviour: Readonly<Record<string, Occurs>> = {
  onentry: 'any',
  onexit: 'any',
  transition: 'any',
};

const rules: Readonly<Record<string, Rule>> = {
  scxml: {
    section: '3.2',
    attributes: {
      initial: names,
      name: /^[\w.:-]+$/,
      xmlns: /^http:\/\/www\.w3\.org\/2005\/07\/scxml$/,
      version: /^1\.0$/,
      datamodel: /^(null|ecmascript|xpath)$/,
      binding: /^(early|late)$/,
    },
    required: ['xmlns', 'version'],
    children: { state: 'any', parallel: 'any', final: 'any' },
  },
  state: {
    section: '3.3',
    attributes: { id: name, initial: names },
    required: [],
    children: {
      ...behaviour,
      initial: 'at most one',
      state: 'any',
      parallel: 'any',
      final: 'any',
      history: 'any',
    },
  },
  parallel: {
    section: '3.4',
    attributes: { id: name },
    required: [],
    children: { ...behaviour, state: 'any', parallel: 'any', history: 'any' },
  },
  transition: {
    section: '3.5',
    attributes: { event: events, cond: anything, target: names, type: /^(internal|external)$/ },
    required: [],
    children: executable,
  },
  initial: {
    section: '3.6',
    attributes: {},
    required: [],
    children: { transition: 'exactly one' },
  },
  final: {
    section: '3.7',
    attributes: { id: name },
    required: [],
    children: { onentry: 'any', onexit: 'any' },
  },
  onentry: { section: '3.8', attributes: {}, required: [], children: executable },
  onexit: { section: '3.9', attributes: {}, required: [], children: executable },
  history: {
    section: '3.10',
    attributes: { id: name, type: /^(shallow|deep)$/ },
    required: [],
    children: { transition: 'exactly one' },
  },
  raise: { section: '4.2', attributes: { event: name }, required: ['event'], children: {} },
  if: {
    section: '4.3',
    attributes: { cond: anything },
    required: ['cond'],
    children: { ...executable, elseif: 'any', else: 'at most one' },
  },
  elseif: { section: '4.4', attributes: { cond: anything }, required: ['cond'], children: {} },
  else: { section: '4.5', attributes: {}, required: [], children: {} },
  foreach: {
    section: '4.6',
    attributes: { array: anything, item: anything, index: anything },
    required: ['array', 'item'],
    children: executable,
  },
  log: {
    section: '4.7',
    attributes: { label: /^[\s\S]*$/, expr: anything },
    required: [],
    children: {},
  },
};

/** Every breach of the recommendation in a document, with the section that says otherwise. */
export function breaches(root: Element): readonly string[] {
  const all = allElements(root);
  const ids = all.flatMap(({ attributes }) => attributes['id'] ?? []);
  return [
    ...(root.name === 'scxml' ? [] : [`3.2: the document element is ${root.name}`]),
    ...ids
      .filter((id, nth) => ids.indexOf(id) < nth)
      .map((id) => `3.14: the id ${id} is there twice`),
    ...all.flatMap((element) => [...breachesAt(element), ...beyondTables(element, ids)]),
  ];
}

function breachesAt({ name: tag, attributes, children, text }: Element): readonly string[] {
  const rule = rules[tag];
  if (rule === undefined) return [`sections 3 and 4 have no element ${tag}`];
  const { section } = rule;
  const count = (child: string) => children.filter((one) => one.name === child).length;
  return [
    ...Object.entries(attributes)
      .filter(([key, value]) => rule.attributes[key]?.test(value) !== true)
      .map(([key, value]) => `${section}: ${tag} has ${key}="${value}"`),
    ...rule.required
      .filter((key) => !(key in attributes))
      .map((key) => `${section}: ${tag} lacks ${key}`),
    ...children
      .filter((child) => !(child.name in rule.children))
      .map((child) => `${section}: ${tag} contains ${child.name}`),
    ...Object.entries(rule.children)
      .filter(([child, occurs]) => occurs !== 'any' && count(child) > 1)
      .map(([child]) => `${section}: ${tag} contains ${child} more than once`),
    ...Object.entries(rule.children)
      .filter(([child, occurs]) => occurs === 'exactly one' && count(child) === 0)
      .map(([child]) => `${section}: ${tag} contains no ${child}`),
    ...(text.trim() === '' ? [] : [`${section}: ${tag} contains text`]),
  ];
}

/** What stands in sentences beside the tables. */
function beyondTables(element: Element, ids: readonly string[]): readonly string[] {
  const { name: tag, attributes, children } = element;
  const states = children.filter((child) => /^(state|parallel|final|history)$/.test(child.name));
  const named = (key: string) => attributes[key]?.split(' ') ?? [];
  const inside = allElements(element)
    .slice(1)
    .map((one) => one.attributes['id']);
  const says = (condition: boolean, what: string) => (condition ? [what] : []);
  return [
    ...says(tag === 'scxml' && states.length === 0, '3.2: scxml has no state, parallel or final'),
    ...says(
      tag === 'state' && 'initial' in attributes && states.length === 0,
      '3.3: an atomic state has an initial state',
    ),
    ...says(
      tag === 'state' && 'initial' in attributes && children.some((one) => one.name === 'initial'),
      '3.3: a state has both an attribute and an element initial',
    ),
    ...says(
      tag === 'transition' && !['event', 'cond', 'target'].some((key) => key in attributes),
      '3.5: a transition has none of event, cond and target',
    ),
    ...named('target')
      .filter((id) => !ids.includes(id))
      .map((id) => `3.5: no state has the id ${id}`),
    ...named('initial')
      .filter((id) => !inside.includes(id))
      .map((id) => `3.2, 3.3: the initial state ${id} is not inside`),
    ...says(
      children.some(
        (one) => one.name === 'initial' && one.children[0]?.attributes['target'] === undefined,
      ),
      '3.6: the transition of an initial has no target',
    ),
  ];
}
