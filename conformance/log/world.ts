import type { Command, Process } from '../../model/index.js';
import type { Terms } from '../oracle.js';
import { Oracle } from '../oracle.js';
import type { Settings } from '../ledger.js';
import { Ledger } from '../ledger.js';
import { Pairs } from '../pairs.js';
import type { Hypothesis, Slot } from '../prediction.js';
import { keyOfHypothesis, keyOfSlot } from '../prediction.js';
import type { Answer, Call, SubjectEvent } from '../subject.js';
import type { Place, Spoken } from './alike.js';
import { distinctPlaces } from './alike.js';
import type { Entry } from './entry.js';
import { answerOf } from './observed.js';

/**
 * One account of a log: an oracle, and what it takes for granted that nobody logged.
 *
 * Of a request without a message nobody knows which context it got. There is an account for each that was
 * free, and in it the request has a number that no message can have, so that replies in the words of the
 * log find it. What contradicts the log later falls away.
 */

/** How a conversation is judged. */
export interface Scene {
  readonly settings: Settings;
  readonly terms: Terms;
}

/** One account. */
export interface World {
  readonly oracle: Oracle;
  /** The last requests whose numbers were made up. */
  readonly madeUp: readonly number[];
  /** The last messages that are explained by such a request: line, index and number. */
  readonly told: readonly string[];
}

/** How many pairs of index and sequence number are remembered to tell whether one is new. */
export const pairsMax = 65_536;

/** The account before anything was logged. */
export function firstWorld({ settings, terms }: Scene): World {
  const ledger = new Ledger(settings, new Pairs(pairsMax));
  return { oracle: new Oracle(settings, terms, ledger), madeUp: [], told: [] };
}

/** The same account, to be gone on with in another way. */
export function forked({ oracle, ...rest }: World): World {
  return { oracle: oracle.fork(), ...rest };
}

const madeUpMax = 1;
/** No message has such a number. */
const fraction = 0.5;

/**
 * The accounts after a request that was sent though its message was not seen; none where it must have
 * been refused.
 *
 * @param spoken what later lines say of contexts, where one account for all contexts that are alike is enough
 */
export function sentUnseen(
  world: World,
  command: Command & { do: 'request' },
  call: Call & { readonly method: 'request' },
  { events = [], spoken }: { readonly events?: Answer['events']; readonly spoken?: Spoken } = {},
): readonly World[] {
  const { oracle, madeUp } = world;
  const { request, user } = command;
  // Where messages wait to be read, its number is not known yet anyhow.
  if (oracle.ledger.settings.manualRead) {
    const fork = oracle.fork();
    const judged = fork.judge(command, call, { events });
    return judged.kind === 'explained' && fork.suppose((one) => sleepsIn(one, request))
      ? [{ ...world, oracle: fork }]
      : [];
  }
  const places = placesOf(oracle, user);
  const tried = spoken === undefined ? places : distinctPlaces(places, oracle, spoken);
  return tried.flatMap(({ index, to }) => {
    const fork = oracle.fork();
    const seq = request + fraction;
    const { payload } = call.params;
    const message = { event: 'message', to, type: 'request', index, seq, payload } as const;
    const judged = fork.judge(command, call, { events: [message, ...events] });
    if (judged.kind !== 'explained') return [];
    return [{ ...world, oracle: fork, madeUp: [...madeUp, request].slice(-madeUpMax) }];
  });
}

/** The free contexts, with the process that a user's request is sent to. */
function placesOf({ hypotheses }: Oracle, user: number): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { slots, pids } of hypotheses) {
    const to = pids[user - 1];
    if (to === undefined) continue;
    for (const [index, slot] of slots.entries()) {
      if (slot.request === undefined) places.set(`${index} ${to}`, { index, to });
    }
  }
  return [...places.values()];
}

/** The accounts after a request that nobody logged, but whose message is in one of some lines. */
export function sentSeen(
  world: World,
  command: Command & { do: 'request' },
  call: Call,
  lines: readonly Entry[],
): readonly World[] {
  const { ledger } = world.oracle;
  const [entry] = lines;
  if (entry === undefined || lines.length > 1 || ledger.settings.manualRead) return [];
  if (entry.command.do === 'request') return [];
  return entry.observed.flatMap((observed) =>
    answerOf(observed, ledger).events.flatMap((event) => {
      const key = keyOfMessage(entry, event);
      if (key === undefined || world.told.includes(key)) return [];
      const fork = world.oracle.fork();
      const judged = fork.judge(command, call, { events: [event] });
      const told = [...world.told, key].slice(-madeUpMax);
      return judged.kind === 'explained' ? [{ ...world, oracle: fork, told }] : [];
    }),
  );
}

/** The name of a message in a line; undefined of other events. */
export function keyOfMessage({ line }: Entry, event: SubjectEvent): string | undefined {
  return 'index' in event ? `${line} ${event.index} ${event.seq}` : undefined;
}

/** The accounts after somebody read a message, or found none, and nobody saw which. */
export function readUnseen(world: World, by: Process, to: number): readonly World[] {
  const { oracle, madeUp } = world;
  const call: Call = { method: 'read', params: { pid: to } };
  const nothing = { events: [], result: {} };
  const command = { do: 'read', by } as const;
  const queue = (by.user - 1) * oracle.system.bounds.processes + by.process - 1;
  const first = oracle.hypotheses.flatMap(({ mail, slots }) =>
    mail
      .filter((one) => one.queue === queue)
      .map(({ request, index }) => ({ request, index, seq: slots[index]?.sequence })),
  );
  const quit: SubjectEvent = { event: 'message', to, type: 'quit' };
  const answers: { answer: Answer; request?: number }[] = [
    { answer: nothing },
    { answer: { ...nothing, events: [quit] } },
  ];
  for (const { request, index, seq = (request ?? 0) + fraction } of first) {
    if (request === undefined) continue;
    const payload = oracle.ledger.request(request)?.payload ?? '';
    const message = { event: 'message', to, type: 'request', index, seq, payload } as const;
    answers.push({ answer: { ...nothing, events: [message] }, request });
  }
  return answers.flatMap(({ answer, request }) => {
    const fork = oracle.fork();
    if (fork.judge(command, call, answer).kind !== 'explained') return [];
    const more = request === undefined ? madeUp : [...madeUp, request].slice(-madeUpMax);
    return [{ ...world, oracle: fork, madeUp: more }];
  });
}

/** The account after a request that was refused, though nobody saw it; none where it cannot have been. */
export function refusedUnseen(
  world: World,
  command: Command & { do: 'request' },
  call: Call,
): readonly World[] {
  const fork = world.oracle.fork();
  const judged = fork.judge(command, call, { events: [] });
  const isOut = (one: Hypothesis) => !sleepsIn(one, command.request);
  return judged.kind === 'explained' && fork.suppose(isOut) ? [{ ...world, oracle: fork }] : [];
}

function sleepsIn({ slots }: Hypothesis, request: number): boolean {
  return slots.some((slot) => slot.request === request);
}

/** How many accounts are followed at once. */
const worldsMax = 64;

/** The first accounts from which different things follow; no more are asked for than are kept. */
export function distinctWorlds(worlds: Iterable<World>): readonly World[] {
  let first: World | undefined;
  const kept = new Map<string, World>();
  for (const world of worlds) {
    if (first === undefined) {
      first = world;
      continue;
    }
    // Most lines leave one account, of which no key is needed.
    if (kept.size === 0) kept.set(keyOf(first), first);
    const key = keyOf(world);
    if (!kept.has(key)) kept.set(key, world);
    if (kept.size === worldsMax) break;
  }
  return kept.size === 0 && first !== undefined ? [first] : [...kept.values()];
}

function keyOf({ oracle, madeUp }: World): string {
  const hypotheses = oracle.hypotheses.map((one) => keyOfHypothesis(one, keyOfLogged));
  const records = [...madeUp, ...oracle.sleeping].map((name) => {
    const { index = '', sequence = '' } = oracle.ledger.request(name) ?? {};
    return `${name}:${index}/${sequence}`;
  });
  return [...hypotheses.sort(), ...records].join('|');
}

/** The number that a free context had last means nothing where it was made up. */
function keyOfLogged(slot: Slot): string {
  const { request, sequence, ...rest } = slot;
  const isMadeUp = request === undefined && sequence !== undefined && sequence % 1 !== 0;
  return isMadeUp ? keyOfSlot(rest) : keyOfSlot(slot);
}
