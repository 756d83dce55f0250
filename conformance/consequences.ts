import type { RequirementId, Step, System, Taken } from '../model/index.js';
import type { Amount } from './bytes.js';
import type { Ledger } from './ledger.js';
import type { ExpectedEvent, Hypothesis, Mail, Slot } from './prediction.js';
import type { Answer } from './subject.js';

/**
 * What a step of the model means in the numbers of a conversation: which request a context serves,
 * whose pid is registered, which messages wait, and which events must be seen.
 */

/** One call with what came of it; raw bytes as what they amount to. */
export interface Exchange extends Amount {
  readonly answer: Answer;
  /** When a request that is made now has its time up. */
  readonly mayMs: number;
  readonly mustMs: number;
}

/** A step from a hypothesis. */
export interface Taking {
  readonly system: System;
  readonly ledger: Ledger;
  readonly before: Hypothesis;
  readonly step: Step;
  readonly exchange: Exchange;
}

/** What is known after a step. */
export function hypothesisAfter(taking: Taking): Hypothesis {
  const { nowMs, failsIn } = taking.before;
  const { state } = taking.step;
  const lost = lostOf(taking);
  return {
    state: lost === undefined ? state : taking.system.undo(state, lost),
    slots: slotsAfter(taking),
    nowMs,
    pids: pidsAfter(taking),
    mail: mailAfter(taking),
    failsIn,
  };
}

/** The message to quit that would wait now, had it not failed on its way. */
function lostOf({ before, step }: Taking): Taken | undefined {
  return before.failsIn === 1 ? step.taken.find(({ event }) => event === 'PUSH_QUIT') : undefined;
}

function slotsAfter({ before, step, exchange }: Taking): readonly Slot[] {
  const { slots } = before;
  const { action, vector } = step;
  const { command, call, answer } = exchange;
  switch (vector.name) {
    case 'request/sent': {
      if (command.do !== 'request') return slots;
      const nth = vector.choice ?? 0;
      const sequence = sequenceSeen(answer, nth);
      return slots.with(nth, {
        request: command.request,
        freedBy: 'CTX-1',
        lastUser: command.user - 1,
        mayMs: exchange.mayMs,
        mustMs: exchange.mustMs,
        ...(sequence === undefined ? {} : { sequence }),
      });
    }
    case 'reply/accepted': {
      if (action.do !== 'reply' || action.context === 'outside') return slots;
      const slot = slots[action.context];
      if (slot === undefined || call.method !== 'reply') return slots;
      const { payload, seq } = call.params;
      const raw = exchange.wire === undefined ? {} : { isRaw: true as const };
      return slots.with(action.context, { ...slot, sequence: seq, reply: payload, ...raw });
    }
    case 'read/request': {
      const place = firstMail(before, step)?.index ?? 0;
      const sequence = sequenceSeen(answer, place);
      const slot = slots[place];
      if (slot === undefined || sequence === undefined) return slots;
      return slots.with(place, { ...slot, sequence });
    }
    case 'request/dead-daemon':
    case 'request/send-failed':
    case 'request/queue-full':
      return slots.map((slot) =>
        slot.request === undefined ? { ...slot, lastUser: 'unsure', freedBy: 'CTX-7' } : slot,
      );
    case 'interrupt/ignored': {
      if (action.do !== 'interrupt') return slots;
      const slot = slots[action.context];
      return slot === undefined
        ? slots
        : slots.with(action.context, { ...slot, isSignalled: true });
    }
    case 'look/answered':
    case 'look/answered-late':
    case 'look/timed-out':
    case 'interrupt/ends':
      if (action.do !== 'look' && action.do !== 'interrupt') return slots;
      return slots.with(
        action.context,
        freed(slots[action.context], freeingRules[vector.name] ?? 'CTX-5'),
      );
    default:
      return slots;
  }
}

const freeingRules: Readonly<Record<string, RequirementId>> = {
  'look/timed-out': 'CTX-6',
  'interrupt/ends': 'SLP-8',
};

function freed(slot: Slot | undefined, freedBy: RequirementId): Slot {
  const { lastUser, sequence } = slot ?? {};
  return {
    freedBy,
    ...(lastUser === undefined ? {} : { lastUser }),
    ...(sequence === undefined ? {} : { sequence }),
  };
}

/** The sequence number of the message for a context, if one was seen. */
function sequenceSeen({ events }: Answer, index: number): number | undefined {
  const message = events.find((event) => event.event === 'message' && event.type === 'request');
  return message !== undefined && 'index' in message && message.index === index
    ? message.seq
    : undefined;
}

const registering = ['helo/first', 'helo/replaces', 'helo/reclaims'];

function pidsAfter({ before, step, exchange }: Taking): Hypothesis['pids'] {
  const { action, vector } = step;
  if (action.do !== 'helo' || exchange.call.method !== 'helo') return before.pids;
  if (!registering.includes(vector.name)) return before.pids;
  return before.pids.with(action.user, exchange.call.params.pid);
}

/** The messages that wait, entry by entry as the model's queues have them. */
function mailAfter(taking: Taking): readonly Mail[] {
  const { before, step, exchange } = taking;
  const lost = lostOf(taking);
  let { mail } = before;
  for (const taken of step.taken) {
    const { kind, nth, event } = taken;
    if (kind !== 'queue' || taken === lost) continue;
    const [what, which] = event.split('_');
    const own = (one: Mail) => one.queue === nth;
    const isAlive = (one: Mail) => own(one) && one.index === Number(which) && one.ended !== true;
    const first = mail.findIndex(own);
    if (what === 'READ') mail = mail.toSpliced(first, 1);
    else if (what === 'CLEAR') mail = mail.filter((one) => !own(one));
    else if (what === 'WITHDRAW') mail = mail.filter((one) => !isAlive(one));
    else if (what === 'LEAVE') {
      mail = mail.map((one) => (isAlive(one) ? { ...one, ended: true } : one));
    } else if (event === 'PUSH_QUIT') mail = [...mail, { queue: nth, index: -1 }];
    else if (exchange.command.do === 'request') {
      mail = [...mail, { queue: nth, index: Number(which), request: exchange.command.request }];
    }
  }
  return mail;
}

/** The message that a read takes. */
function firstMail({ mail }: Hypothesis, { taken }: Step): Mail | undefined {
  const queue = taken.find(({ kind }) => kind === 'queue')?.nth;
  return mail.find((one) => one.queue === queue);
}

/** What must be seen, and what may. */
export function eventsOf(taking: Taking): ExpectedEvent[] {
  const { system, before, step, exchange } = taking;
  const waits = (system.bounds.queue ?? 0) > 0;
  if (step.action.do === 'read') return eventsOfRead(taking);
  return [
    ...eventsOfRebirth(taking),
    ...step.effects.flatMap(({ kind, nth, action }): ExpectedEvent[] => {
      if (kind === 'daemon') {
        const to = before.pids[nth];
        if (waits || to === undefined) return [];
        if (action !== 'deliverRequest' && action !== 'deliverToStranger') {
          const rule = step.vector.name === 'helo/again' ? 'REG-13' : 'REG-3';
          return [{ kind: 'quit', to, demanded: action === 'sendQuit', rule }];
        }
        const request = exchange.command.do === 'request' ? exchange.command.request : 0;
        return [{ kind: 'request', to, request, index: step.vector.choice ?? 0 }];
      }
      const { request, reply, isRaw } = before.slots[nth] ?? {};
      if (kind !== 'task' || request === undefined) return [];
      if (action === 'returnTimeout') return [{ kind: 'timeout', request }];
      if (action === 'returnInterrupted') return [{ kind: 'interrupted', request }];
      const raw = isRaw === undefined ? {} : { isRaw };
      return [{ kind: 'return', request, reply: reply ?? '', ...raw }];
    }),
  ];
}

/**
 * A HELO with uid and pid of a dead daemon: who knows no more than these takes it for the one that is
 * registered, and may tell it to quit as it would that one. A device asks who has it open.
 */
function eventsOfRebirth({ system, before, step, exchange }: Taking): ExpectedEvent[] {
  const { action, vector } = step;
  if (exchange.command.do !== 'reuse' || action.do !== 'helo') return [];
  const isTold = system.profile.heloOfAnother === 'replaces' && vector.name === 'helo/reclaims';
  const to = before.pids[action.user];
  const isSame = exchange.call.method === 'helo' && exchange.call.params.pid === to;
  return isTold && isSame ? [{ kind: 'quit', to, demanded: false, rule: 'REG-13' }] : [];
}

function eventsOfRead({ before, step, exchange }: Taking): ExpectedEvent[] {
  const mail = firstMail(before, step);
  if (mail === undefined || exchange.call.method !== 'read') return [];
  const to = exchange.call.params.pid;
  const { request, index } = mail;
  if (request === undefined) return [{ kind: 'quit', to, demanded: true, rule: 'QUE-1' }];
  const sequence = mail.ended === true ? undefined : before.slots[index]?.sequence;
  return [{ kind: 'request', to, request, index, ...(sequence === undefined ? {} : { sequence }) }];
}

/** Whether a step sends something to a daemon: surely, perhaps, or not. */
export function sends({ vector, effects }: Step): 'surely' | 'perhaps' | 'not' {
  // Whether a send to a dead process counts is not said.
  if (vector.name === 'request/dead-daemon' || vector.name === 'helo/reclaims') return 'perhaps';
  const actions = effects.filter(({ kind }) => kind === 'daemon').map(({ action }) => action);
  if (actions.some((action) => action.startsWith('may'))) return 'perhaps';
  return actions.length > 0 || vector.name === 'request/send-failed' ? 'surely' : 'not';
}
