import type { Command } from '../model/index.js';
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
  for (let asking = 1; asking <= oracle.system.bounds.users; asking += 1) {
    yield { do: 'request', request: oracle.ledger.freshRequest, user: asking };
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

/** Requests until the pool must be full, and one more. */
function* fill(oracle: Oracle): Generator<Command> {
  yield { do: 'helo', by: { user, process: 1 } };
  const { contexts } = oracle.system.bounds;
  while (oracle.sleeping.length < contexts)
    yield { do: 'request', request: oracle.ledger.freshRequest, user };
  yield { do: 'request', request: oracle.ledger.freshRequest, user };
}

function* answerAll(oracle: Oracle): Generator<Command> {
  const registered = new Set<number>();
  for (const request of oracle.sleeping) {
    const by = { user: oracle.ledger.request(request)?.user ?? user, process: 1 };
    if (!registered.has(by.user)) yield { do: 'helo', by };
    registered.add(by.user);
    if (!oracle.isAnswered(request)) {
      const own = { of: request, plus: 0 };
      yield { do: 'reply', by, index: own, sequence: own };
    }
    yield { do: 'wake', request };
  }
}

function* expireAll(oracle: Oracle): Generator<Command> {
  const { sleeping } = oracle;
  const last = sleeping.at(-1);
  if (last !== undefined) yield { do: 'advance', request: last, lateMs: 0 };
  for (const request of sleeping) yield { do: 'wake', request };
}
