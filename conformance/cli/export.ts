import type { AnyStateMachine } from 'xstate';
import {
  contextMachine,
  createReplyMachine,
  daemonMachine,
  dotOf,
  jsonOf,
  mermaidOf,
  profiles,
  scxmlOf,
  svgOf,
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

const formats: Readonly<Record<string, (machine: AnyStateMachine) => string | Promise<string>>> = {
  mermaid: mermaidOf,
  svg: svgOf,
  scxml: scxmlOf,
  json: jsonOf,
  dot: dotOf,
};

/** Prints one machine in one language. */
export async function exportCommand(
  format: string,
  flags: { readonly machine: string; readonly profile: string },
): Promise<number> {
  mustExist('format', format, Object.keys(formats));
  mustExist('machine', flags.machine, Object.keys(machines));
  mustExist('profile', flags.profile, Object.keys(profiles));
  const machine = machines[flags.machine]?.(flags.profile);
  const write = formats[format];
  if (machine !== undefined && write !== undefined) process.stdout.write(await write(machine));
  return 0;
}
