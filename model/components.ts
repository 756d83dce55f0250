import { setup } from 'xstate';
import { contextMachine } from './context.machine.js';
import { daemonMachine } from './daemon.machine.js';
import { createQueueMachine } from './queue.machine.js';
import { createRegisterMachine } from './register.machine.js';
import type { Table } from './table.js';
import { tabulate } from './table.js';
import { taskMachine } from './task.machine.js';
import type { Bounds, Kind, Ref } from './vector.js';
import { range } from './vector.js';
import type { Rules } from './vectors/rules.js';
import { canCrash } from './vectors/rules.js';

/** Which components a joined system has, and their tables. */

/** One component of a system with its table. */
export interface Component extends Ref {
  readonly table: Table;
}

/** The components of a system, in the order of a state's bytes. */
export function componentsOf(rules: Rules): readonly Component[] {
  const { bounds, defects, orphans } = rules;
  const { contexts, users, processes, queue } = bounds;
  const forsaken = defects.has('D-3') ? orphans : 0;
  const counts: [Kind, number][] = [
    ['context', contexts],
    ['owner', contexts],
    ['task', contexts],
    ['daemon', users],
    ['registrant', users],
    ['queue', queue > 0 ? users * processes : 0],
    ['orphan', forsaken],
    ['orphanage', forsaken],
    ['shadow', defects.has('D-11') ? users : 0],
    ['kernel', canCrash(rules) ? 1 : 0],
    ['mutex', defects.has('D-14') ? 1 : 0],
  ];
  return counts.flatMap(([kind, count]) =>
    range(count).map((nth) => ({ kind, nth, table: componentTable(kind, bounds) })),
  );
}

const tables = new Map<string, Table>();

/** The table of one kind of component; registers and queues depend on the bounds. */
export function componentTable(kind: Kind, bounds: Bounds): Table {
  const { contexts, users, processes, queue = 0, quitMarkers = false } = bounds;
  const key = `${kind} ${[contexts, users, processes, queue, quitMarkers].join()}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const made = tabulate(machineOf(kind, { contexts, users, processes, queue, quitMarkers }));
  tables.set(key, made);
  return made;
}

function machineOf(kind: Kind, bounds: Omit<Required<Bounds>, 'tasks'>) {
  switch (kind) {
    case 'context':
      return contextMachine;
    case 'task':
    case 'orphan':
      return taskMachine;
    case 'daemon':
      return daemonMachine;
    case 'owner':
      return createRegisterMachine(kind, bounds.users);
    case 'registrant':
    case 'shadow':
      return createRegisterMachine(kind, bounds.processes);
    case 'orphanage':
      return createRegisterMachine(kind, bounds.contexts);
    case 'queue':
      return createQueueMachine(bounds.contexts, bounds.queue, bounds.quitMarkers);
    case 'kernel':
      return twoStates(kind, 'running', 'crashed');
    case 'mutex':
      return twoStates(kind, 'free', 'held');
  }
}

/** What only a defect moves: two states and no way of its own from one to the other. */
function twoStates(id: string, first: string, second: string) {
  return setup({ types: {} }).createMachine({
    id,
    initial: first,
    states: { [first]: { on: { FAULT: second } }, [second]: {} },
  });
}
