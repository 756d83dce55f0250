import type { Condition, Move, Vector } from '../vector.js';
import { at, range } from '../vector.js';
import type { Rules } from './rules.js';
import { others, queueHas, queueOf } from './rules.js';

/** The vectors of HELO, QUIT and death; on the device: open, close and death. */

/** HELO. */
export function helo(rules: Rules, user: number, process: number): Vector[] {
  const { profile } = rules;
  const daemon = at('daemon', user);
  const registrant = at('registrant', user);
  const register = { at: registrant, events: [`SET_${process}`] };
  const isItself: Condition = { at: registrant, in: [`is${process}`] };
  const reclaimed: Vector = {
    name: 'helo/reclaims',
    when: [],
    moves: [{ at: daemon, events: ['RECLAIM'] }, register],
    requirements: ['REG-5', 'REG-11', 'REG-12'],
  };
  return [
    {
      name: 'helo/first',
      when: [],
      moves: [{ at: daemon, events: ['REGISTER'] }, register],
      requirements: ['REG-1', 'REG-11', 'REG-12', 'REQ-9'],
    },
    ...(profile.heloAgain === 'refused'
      ? [refusedAgain(isItself)]
      : again(rules, user, process, isItself)),
    ...others(rules.bounds.processes, process).flatMap((other) => {
      const isOther: Condition = { at: registrant, in: [`is${other}`] };
      if (profile.heloOfAnother === 'refused') return [refusedSecond(isOther)];
      if (rules.defects.has('D-11')) return [duplicated(user, other, isOther, register)];
      return replaced(rules, user, other, isOther, register);
    }),
    ...(profile.death === 'ends it' ? [] : [reclaimed]),
  ];
}

function refusedAgain(isItself: Condition): Vector {
  return {
    name: 'helo/again-refused',
    when: [isItself],
    moves: [],
    refusal: 'helo/again',
    requirements: ['REG-14', 'REG-11', 'REG-12'],
  };
}

function refusedSecond(isOther: Condition): Vector {
  return {
    name: 'helo/second-refused',
    when: [isOther],
    moves: [],
    refusal: 'helo/other-registered',
    requirements: ['REG-14', 'REG-11', 'REG-12'],
  };
}

/** HELO by the registered process; whether it is told to quit is the profile's. */
function again(rules: Rules, user: number, process: number, isItself: Condition): Vector[] {
  const told = rules.profile.heloAgain === 'stays, is told to quit';
  const daemon = at('daemon', user);
  const stays = { at: daemon, events: [told ? 'RENEW_AND_QUIT' : 'RENEW'] };
  const vector: Vector = {
    name: 'helo/again',
    when: [isItself],
    moves: [stays],
    requirements: [told ? 'REG-13' : 'REG-4', 'REG-11', 'REG-12'],
  };
  if (!rules.bounds.quitMarkers) return [vector];
  const tellings = tellToQuit(rules, user, process);
  const withMessage = tellings.map((telling): Vector => ({
    ...vector,
    when: [isItself, ...telling.when],
    moves: [stays, ...telling.moves],
    option: 'told',
  }));
  return told ? withMessage : [{ ...vector, option: 'untold' }, ...withMessage];
}

function replaced(
  rules: Rules,
  user: number,
  other: number,
  isOther: Condition,
  register: Move,
): Vector[] {
  const vector: Vector = {
    name: 'helo/replaces',
    when: [isOther],
    moves: [{ at: at('daemon', user), events: ['REPLACE'] }, register],
    requirements: ['REG-2', 'REG-3', 'REG-11', 'REG-12'],
  };
  if (!rules.bounds.quitMarkers) return [vector];
  return tellToQuit(rules, user, other).map((telling) => ({
    ...vector,
    when: [...vector.when, ...telling.when],
    moves: [...vector.moves, ...telling.moves],
  }));
}

/** A message to quit waits in the queue, or is lost where the queue is full. */
function tellToQuit(rules: Rules, user: number, process: number) {
  const queue = queueOf(rules, user, process);
  const length = rules.bounds.queue;
  return [
    {
      when: [queueHas(rules, queue, (entries) => entries.length < length)],
      moves: [{ at: queue, events: ['PUSH_QUIT'] }],
    },
    { when: [queueHas(rules, queue, (entries) => entries.length === length)], moves: [] },
  ];
}

/** D-11: the record before stays, in the shadow of the new one. */
function duplicated(user: number, other: number, isOther: Condition, register: Move): Vector {
  return {
    name: 'helo/duplicates',
    when: [isOther],
    moves: [register, { at: at('shadow', user), events: [`SET_${other}`] }],
    requirements: ['REG-2'],
  };
}

/** QUIT; on the device: close. */
export function quit(rules: Rules, user: number, process: number): Vector[] {
  const daemon = at('daemon', user);
  const registrant = at('registrant', user);
  const isItself: Condition = { at: registrant, in: [`is${process}`] };
  const isNot: Condition = { at: registrant, notIn: [`is${process}`] };
  const leaves: Vector = {
    name: 'quit/registered',
    when: [isItself],
    moves: [
      { at: daemon, events: ['UNREGISTER'] },
      { at: registrant, events: ['CLEAR'] },
    ],
    requirements: ['REG-6', 'REG-11', 'REG-12'],
  };
  const unchecked: Vector = {
    ...leaves,
    name: 'quit/unchecked',
    when: [isNot],
    marks: ['unregisters for another process'],
  };
  const other: Vector = {
    name: 'quit/other-process',
    when: [{ at: daemon, in: ['registered', 'stale', 'usurped'] }, isNot],
    moves: [],
    refusal: 'quit/other-process',
    requirements: ['REG-7', 'CTX-9', 'REG-12'],
  };
  const ways = rules.defects.has('D-11') ? shadowTakesOver(rules, user, leaves) : [leaves];
  return [
    ...ways.flatMap((way) => withQueueDropped(rules, user, process, way, 'quit')),
    {
      name: 'quit/not-registered',
      when: [{ at: daemon, in: ['unregistered'] }],
      moves: [],
      refusal: 'quit/not-registered',
      requirements: ['REG-8', 'CTX-9', 'REG-12'],
    },
    ...(rules.without.has('quitSender')
      ? [unchecked, { ...other, when: [{ at: daemon, in: ['stale', 'usurped'] }, isNot] }]
      : [other]),
  ];
}

/** D-11: when a record goes, the one in its shadow is found again. */
function shadowTakesOver(rules: Rules, user: number, leaves: Vector): Vector[] {
  const shadow = at('shadow', user);
  return [
    { ...leaves, when: [...leaves.when, { at: shadow, in: ['none'] }] },
    ...range(rules.bounds.processes).map((process): Vector => ({
      ...leaves,
      when: [...leaves.when, { at: shadow, in: [`is${process}`] }],
      moves: [
        { at: at('registrant', user), events: [`SET_${process}`] },
        { at: shadow, events: ['CLEAR'] },
      ],
    })),
  ];
}

/** The death of a process; on the device its handle is closed with it. */
export function exit(rules: Rules, user: number, process: number): Vector[] {
  const registrant = at('registrant', user);
  const ends = rules.profile.death === 'ends it';
  const registered: Vector = {
    name: 'exit/registered',
    when: [{ at: registrant, in: [`is${process}`] }],
    moves: [
      { at: at('daemon', user), events: [ends ? 'CLOSE' : 'DIE'] },
      { at: registrant, events: ['CLEAR'] },
    ],
    requirements: [ends ? 'REG-15' : 'REG-9', 'REG-11', 'REG-12'],
  };
  const other: Vector = {
    name: 'exit/other-process',
    when: [{ at: registrant, notIn: [`is${process}`] }],
    moves: [],
    requirements: ['REG-10', 'REG-11', 'REG-12'],
  };
  return [registered, other].flatMap((way) =>
    withoutShadow(rules, user, process, way).flatMap((one) =>
      withQueueDropped(rules, user, process, one, 'exit'),
    ),
  );
}

/** D-11: a shadow goes with its process. */
function withoutShadow(rules: Rules, user: number, process: number, way: Vector): Vector[] {
  if (!rules.defects.has('D-11')) return [way];
  const shadow = at('shadow', user);
  const itself = [`is${process}`];
  return [
    { ...way, when: [...way.when, { at: shadow, notIn: itself }] },
    {
      ...way,
      when: [...way.when, { at: shadow, in: itself }],
      moves: [...way.moves, { at: shadow, events: ['CLEAR'] }],
    },
  ];
}

/**
 * What becomes of the messages that wait for a process that goes. D-3: the contexts of the requests
 * among them are freed, and nobody tells those who sleep on them.
 */
function withQueueDropped(
  rules: Rules,
  user: number,
  process: number,
  way: Vector,
  by: 'quit' | 'exit',
): Vector[] {
  const { profile, bounds, defects } = rules;
  const queue = queueOf(rules, user, process);
  const closes = way.name === `${by}/registered` && profile.death === 'ends it';
  const isDropped = by === 'exit' || closes || profile.queueAtQuit === 'is dropped';
  const isLost = way.name === `${by}/registered` && defects.has('D-3');
  if (bounds.queue === 0 || !(isDropped || isLost)) return [way];
  const clear = { at: queue, events: ['CLEAR'] };
  const requirements = [...way.requirements, 'QUE-2'] as const;
  if (!isLost) return [{ ...way, moves: [...way.moves, clear], requirements }];
  return rules.queueStates.map((entries): Vector => ({
    ...way,
    when: [...way.when, queueHas(rules, queue, (one) => one === entries)],
    moves: [
      ...way.moves,
      clear,
      ...entries.flatMap((entry): Move[] =>
        typeof entry === 'number'
          ? [
              { at: at('context', entry), to: 'free' },
              ...(rules.profile.owner === 'is kept'
                ? []
                : [{ at: at('owner', entry), to: 'none' }]),
            ]
          : [],
      ),
    ],
  }));
}

/** A process of another user gets the pid of a user's dead daemon. */
export function reusePid(user: number): Vector[] {
  return [
    {
      name: 'reuse-pid',
      when: [],
      moves: [{ at: at('daemon', user), events: ['USURP'] }],
      requirements: ['REG-9'],
    },
  ];
}

/** D-14: a second read by the registered process while one is in progress. */
export function readTwice(user: number, process: number): Vector[] {
  return [
    {
      name: 'read-twice/locks',
      when: [
        { at: at('registrant', user), in: [`is${process}`] },
        { at: at('mutex', 0), in: ['free'] },
      ],
      moves: [{ at: at('mutex', 0), to: 'held' }],
      requirements: ['REQ-9'],
    },
  ];
}
