import type { Command, IndexName, Process, SequenceName } from './command.js';
import type { Step } from './system.js';
import type { Action } from './vector.js';

/**
 * A run of the model in the words of a conversation.
 *
 * A run numbers contexts and has no clock. A conversation names requests, and one clock runs for
 * all: a request cannot expire while an older one has time left. Runs that need that cannot be said, nor can pids that are
 * used again: in a conversation it is one of the user's processes that gets the pid.
 */

interface Slot {
  /** The request that occupies the context, or the last one that did. */
  request: number;
  occupied: boolean;
  waiting: boolean;
}

/**
 * The commands that make an implementation take a run, or undefined when no single clock allows it.
 *
 * A process that dies must have lived: one that the run never used before is brought into existence
 * by a QUIT, which is refused.
 */
export function commandsOf(steps: readonly Step[]): readonly Command[] | undefined {
  const slots = new Map<number, Slot>();
  const alive = new Set<string>();
  const commands: Command[] = [];
  let requests = 0;
  for (const step of steps) {
    const { action } = step;
    switch (action.do) {
      case 'helo':
      case 'quit':
      case 'exit':
      case 'read': {
        const by = processOf(action);
        const name = JSON.stringify(by);
        if (action.do === 'exit' && !alive.has(name)) commands.push({ do: 'quit', by });
        if (action.do === 'exit') alive.delete(name);
        else alive.add(name);
        commands.push({ do: action.do, by });
        break;
      }
      case 'request': {
        if (action.sendFails === true) commands.push({ do: 'fail-send', nth: 1 });
        requests += 1;
        commands.push({ do: 'request', request: requests, user: action.user + 1 });
        if (step.vector.refusal === undefined) {
          slots.set(step.vector.choice ?? 0, { request: requests, occupied: true, waiting: true });
        }
        break;
      }
      case 'reply': {
        if (action.guise !== undefined) return undefined;
        alive.add(JSON.stringify(processOf(action)));
        commands.push({ do: 'reply', by: processOf(action), ...numbersOf(action, slots) });
        break;
      }
      case 'expire':
      case 'look':
      case 'interrupt': {
        const command = ofSleeper(step, action, slots);
        if (command === undefined) return undefined;
        commands.push(command);
        break;
      }
      case 'orphan-expires':
      case 'orphan-looks':
      case 'read-twice':
      case 'reuse-pid':
        return undefined;
    }
  }
  return commands;
}

/** What becomes of a sleeper; undefined where its time cannot pass yet. */
function ofSleeper(
  { vector }: Step,
  action: Action & { do: 'expire' | 'look' | 'interrupt' },
  slots: ReadonlyMap<number, Slot>,
): Command | undefined {
  const slot = slots.get(action.context);
  if (slot === undefined) return undefined;
  const { request } = slot;
  switch (action.do) {
    case 'expire':
      if (olderWaits(slot, slots)) return undefined;
      slot.waiting = false;
      return { do: 'advance', request, lateMs: 0 };
    case 'look':
      slot.occupied = vector.name === 'look/nothing';
      return { do: 'wake', request };
    case 'interrupt':
      slot.occupied = vector.name === 'interrupt/ignored';
      return { do: 'interrupt', request };
  }
}

function processOf({ user, process }: { user: number; process: number }): Process {
  return { user: user + 1, process: process + 1 };
}

function olderWaits(slot: Slot, slots: ReadonlyMap<number, Slot>): boolean {
  return [...slots.values()].some(
    (other) => other.occupied && other.waiting && other.request < slot.request,
  );
}

function numbersOf(
  { context, sequence }: Action & { do: 'reply' },
  slots: ReadonlyMap<number, Slot>,
): { index: IndexName; sequence: SequenceName } {
  const any = [...slots.values()].at(-1);
  if (context === 'outside') {
    return { index: 'outside', sequence: any ? { of: any.request, plus: 0 } : { is: 1 } };
  }
  const slot = slots.get(context);
  if (slot === undefined) {
    return { index: 'unused', sequence: { is: sequence === 'current' ? 1 : 0 } };
  }
  const plus = sequence === 'current' ? 0 : -1;
  return { index: { of: slot.request, plus: 0 }, sequence: { of: slot.request, plus } };
}
