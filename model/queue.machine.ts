import { setup } from 'xstate';

/** A message comes in at the end, is read at the front, or goes because of its request. */
export type QueueEvent =
  | { type: `PUSH_${number}` | 'PUSH_QUIT' }
  | { type: 'READ' | 'CLEAR' }
  | { type: `WITHDRAW_${number}` | `LEAVE_${number}` };

/**
 * The messages that wait for one daemon process, oldest first.
 *
 * Theory of operation. What is sent to a process waits until it reads, in the order of sending. An
 * entry is `c0`, the request of context 0; `x`, a request that has ended meanwhile, whose reply will be
 * refused whatever it says; or `quit`. A state is named by its entries from front to end: `c1+x`. A
 * request that ends unread is either withdrawn from the queue or left there as `x`, as the profile
 * has it. A full queue takes nothing: then the send fails.
 *
 * Source: Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_read (oldest first, one a read); a netlink
 * socket's receive queue. Linux bounds the queue by memory, not by a number: the bound is the model's.
 *
 * @param contexts how many contexts there are
 * @param length how many messages can wait
 * @param quit whether messages to quit wait here too
 */
export function createQueueMachine(contexts: number, length: number, quit: boolean) {
  const states = queueStates(contexts, length, quit);
  return setup({ types: {} as { events: QueueEvent } }).createMachine({
    id: 'queue',
    description: `At most ${length} messages that wait for one daemon process, oldest first.`,
    initial: 'empty',
    states: Object.fromEntries(
      states.map((entries) => [
        nameOfQueue(entries),
        {
          description: entries.length === 0 ? 'Nothing waits.' : `${entries.length} wait.`,
          on: Object.fromEntries(
            movesOf(entries, contexts, length, quit).map(([event, after, requirement]) => [
              event,
              { target: `#queue.${nameOfQueue(after)}`, meta: { requirements: [requirement] } },
            ]),
          ),
        },
      ]),
    ),
  });
}

type Entry = number | 'x' | 'quit';
type Entries = readonly Entry[];

/** Every content that a queue can have. */
export function queueStates(contexts: number, length: number, quit: boolean): readonly Entries[] {
  const all: Entries[] = [[]];
  for (const entries of all) {
    if (entries.length === length) continue;
    for (let context = 0; context < contexts; context += 1) {
      if (!entries.includes(context)) all.push([...entries, context]);
    }
    all.push([...entries, 'x']);
    if (quit) all.push([...entries, 'quit']);
  }
  return all;
}

/** The name of a queue's content. */
export function nameOfQueue(entries: Entries): string {
  if (entries.length === 0) return 'empty';
  return entries.map((entry) => (typeof entry === 'number' ? `c${entry}` : entry)).join('+');
}

function movesOf(
  entries: Entries,
  contexts: number,
  length: number,
  quit: boolean,
): [event: string, after: Entries, requirement: string][] {
  const moves: [string, Entries, string][] = [['CLEAR', [], 'QUE-2']];
  if (entries.length > 0) moves.push(['READ', entries.slice(1), 'QUE-1']);
  const fits = entries.length < length;
  if (fits && quit) moves.push(['PUSH_QUIT', [...entries, 'quit'], 'REG-3']);
  for (let context = 0; context < contexts; context += 1) {
    const place = entries.indexOf(context);
    if (place === -1) {
      if (fits) moves.push([`PUSH_${context}`, [...entries, context], 'QUE-1']);
      continue;
    }
    moves.push([`WITHDRAW_${context}`, entries.toSpliced(place, 1), 'QUE-3']);
    moves.push([`LEAVE_${context}`, entries.with(place, 'x'), 'QUE-3']);
  }
  return moves;
}
