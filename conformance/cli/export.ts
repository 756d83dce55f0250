import type { AnyStateMachine } from 'xstate';
import {
  contextMachine,
  createReplyMachine,
  daemonMachine,
  mermaidOf,
  profiles,
  taskMachine,
} from '../../model/index.js';
import { mustExist, UsageError } from '../select.js';

/** `msgctx export`: the machines in other languages. */

const machines: Readonly<Record<string, (profile: string) => AnyStateMachine>> = {
  context: () => contextMachine,
  daemon: () => daemonMachine,
  reply: (name) => {
    const profile = profiles[name];
    if (profile === undefined) throw new UsageError(`there is no profile "${name}"`);
    return createReplyMachine(profile);
  },
  task: () => taskMachine,
};

/** Prints one machine in one language. */
export function exportCommand(
  format: string,
  flags: { readonly machine: string; readonly profile: string },
): number {
  mustExist('format', format, ['mermaid']);
  mustExist('machine', flags.machine, Object.keys(machines));
  mustExist('profile', flags.profile, Object.keys(profiles));
  const machine = machines[flags.machine]?.(flags.profile);
  if (machine !== undefined) process.stdout.write(mermaidOf(machine));
  return 0;
}
