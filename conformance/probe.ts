import type { Command, Process } from '../model/index.js';
import type { Oracle } from './oracle.js';

/**
 * The probe at the end of every case: it makes hidden state visible.
 *
 * A context that leaked, a registration that survived or a sleeper that was forgotten shows only in
 * what comes later. So every case ends with the same questions: each user asks once, which shows who
 * is registered; everything that sleeps looks; everything is answered; the pool is filled until it
 * refuses, answered, filled again and left to time out, and filled once more. Where the
 * implementation shows its inside, that is looked at before and after.
 */
export function* probe(oracle: Oracle): Generator<Command> {
  yield { do: 'inspect' };
  yield* readAll(oracle);
  for (let asking = 1; asking <= oracle.system.bounds.users; asking += 1) {
    yield* ask(oracle, asking);
  }
  for (const request of oracle.sleeping) yield { do: 'wake', request };
  yield* answerAll(oracle);
  yield* fill(oracle);
  yield* answerAll(oracle);
  yield* fill(oracle);
  yield* expireAll(oracle);
  yield* fill(oracle);
  yield { do: 'inspect' };
}

const user = 1;
/** More messages than this are not on their way to fail. */
const failuresMax = 12;

/** More messages than this do not wait at once. */
const readsMax = 16;

/** A request, and every message that waits is read. */
function* ask(oracle: Oracle, asking: number): Generator<Command> {
  yield { do: 'request', request: oracle.ledger.freshRequest, user: asking };
  yield* readAll(oracle);
}

function* readAll(oracle: Oracle): Generator<Command> {
  // Nobody reads for a request whose process may have given it up: first that one looks.
  if (oracle.waiting.length > 0)
    for (const request of oracle.sleeping) yield { do: 'wake', request };
  for (let reads = 0; reads < readsMax; reads += 1) {
    const [by] = oracle.waiting;
    if (by === undefined) return;
    yield { do: 'read', by };
  }
}

/** Registers a process, and returns the one that is the user's daemon then. */
function* register(oracle: Oracle, who: number): Generator<Command, Process> {
  const by = { user: who, process: 1 };
  const before = oracle.daemonOf(who);
  // Where a second process is refused, the one that is registered has to do.
  if (before !== undefined && oracle.system.profile.heloOfAnother === 'refused') return before;
  yield { do: 'helo', by };
  yield* readAll(oracle);
  return by;
}

/** Requests until the pool must be full, and one more. */
function* fill(oracle: Oracle): Generator<Command> {
  yield* register(oracle, user);
  const { contexts } = oracle.system.bounds;
  for (let tries = 0; tries < contexts + failuresMax; tries += 1) {
    if (oracle.sleeping.length >= contexts) break;
    yield* ask(oracle, user);
  }
  yield* ask(oracle, user);
}

function* answerAll(oracle: Oracle): Generator<Command> {
  const daemons = new Map<number, Process>();
  for (const request of oracle.sleeping) {
    const asking = oracle.ledger.request(request)?.user ?? user;
    const by = daemons.get(asking) ?? (yield* register(oracle, asking));
    daemons.set(asking, by);
    if (!oracle.isAnswered(request)) {
      const own = { of: request, plus: 0 };
      yield { do: 'reply', by, index: own, sequence: own };
    }
    yield { do: 'wake', request };
  }
}

function* expireAll(oracle: Oracle): Generator<Command> {
  // Where time is real only few cases wait for it.
  if (oracle.ledger.settings.time === 'real, without waiting') return;
  const { sleeping } = oracle;
  const last = sleeping.at(-1);
  if (last !== undefined) yield { do: 'advance', request: last, lateMs: 0 };
  for (const request of sleeping) yield { do: 'wake', request };
}
