import { describe, expect, it } from 'vitest';

/**
 * The abstraction of sequence numbers, checked once.
 *
 * The model tells a request's own number from an older one, and forgets which. Here is the same with
 * numbers: one counter for all contexts, modulo 4, that is taken at each request; replies carry any
 * number. A reply is *stale* when the request that had its number in that context is no longer the one
 * that waits there. If fewer than four requests lie between, stale replies are refused, as the model
 * says; what breaks, breaks when the counter has come round.
 */

const modulus = 4;
const contexts = 2;

interface Slot {
  readonly pending: boolean;
  /** The number that the context has. */
  readonly number: number;
}

/** A message that was sent and can be answered at any time: its context, number, and its age. */
interface Message {
  readonly context: number;
  readonly number: number;
  /** Requests made since, up to the modulus; more is the same. */
  readonly since: number;
  /** Whether its own request still waits. */
  readonly waits: boolean;
}

interface State {
  readonly counter: number;
  readonly slots: readonly Slot[];
  readonly messages: readonly Message[];
}

const initial: State = {
  counter: 0,
  slots: Array.from({ length: contexts }, () => ({ pending: false, number: 0 })),
  messages: [],
};

const keep = (messages: readonly Message[]): Message[] => {
  const seen = new Map(messages.map((one) => [JSON.stringify(one), one]));
  return [...seen.keys()].sort().flatMap((key) => seen.get(key) ?? []);
};

function request(state: State, context: number): State {
  const number = (state.counter + 1) % modulus;
  const aged = state.messages.map((one) => ({ ...one, since: Math.min(one.since + 1, modulus) }));
  return {
    counter: number,
    slots: state.slots.with(context, { pending: true, number }),
    messages: keep([...aged, { context, number, since: 0, waits: true }]),
  };
}

function end(state: State, context: number): State {
  const slot = state.slots[context];
  const messages = state.messages.map((one) =>
    one.context === context ? { ...one, waits: false } : one,
  );
  return {
    ...state,
    slots: state.slots.with(context, { pending: false, number: slot?.number ?? 0 }),
    messages: keep(messages),
  };
}

/** Whether the reply to a message would be accepted: its context waits and has its number. */
function accepted({ slots }: State, { context, number }: Message): boolean {
  const slot = slots[context];
  return slot?.pending === true && slot.number === number;
}

function reachable(): readonly State[] {
  const found = new Map([[JSON.stringify(initial), initial]]);
  for (const state of found.values()) {
    for (let context = 0; context < contexts; context += 1) {
      const after = state.slots[context]?.pending ? end(state, context) : request(state, context);
      const key = JSON.stringify(after);
      if (!found.has(key)) found.set(key, after);
    }
  }
  return [...found.values()];
}

describe('numbers modulo 4 instead of "own" and "older"', () => {
  const states = reachable();
  const replies = states.flatMap((state) =>
    state.messages.map((message) => ({ message, accepted: accepted(state, message) })),
  );

  it('accept the reply to a request that waits, always', () => {
    const own = replies.filter(({ message }) => message.waits);
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter((one) => !one.accepted)).toEqual([]);
  });

  it('refuse a stale reply as long as the counter has not come round', () => {
    const stale = replies.filter(({ message }) => !message.waits && message.since < modulus);
    expect(stale.length).toBeGreaterThan(100);
    expect(stale.filter((one) => one.accepted)).toEqual([]);
  });

  it('accept a stale reply when it has, which is the one thing that the model leaves out', () => {
    const old = replies.filter(({ message }) => !message.waits && message.since >= modulus);
    expect(old.some((one) => one.accepted)).toBe(true);
    expect(old.some((one) => !one.accepted)).toBe(true);
    expect(states.length).toBe(24_545);
  });
});
