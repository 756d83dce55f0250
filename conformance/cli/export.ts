import type { AnyStateMachine } from 'xstate';
import {
  contextMachine,
  createReplyMachine,
  daemonMachine,
  dotOf,
  jsonOf,
  mermaidOf,
  profiles,
  promelaOf,
  scxmlOf,
  seed,
  svgOf,
  System,
  taskMachine,
} from '../../model/index.js';
import { mustExist, UsageError } from '../select.js';
import type { ModelFlags } from './model.js';
import { modelOf, withinBounds } from './model.js';

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

/** The options of `msgctx export` as they are typed: a machine, or for Promela a whole model. */
export interface ExportFlags extends ModelFlags {
  readonly machine: string;
}

/** Prints one machine in one language, or the joined system in Promela. */
export async function exportCommand(format: string, flags: ExportFlags): Promise<number> {
  mustExist('format', format, [...Object.keys(formats), 'promela']);
  if (format === 'promela') {
    const { bounds, profile, switches } = modelOf(flags);
    const text = withinBounds(() => promelaOf(new System(bounds, profile, switches)));
    process.stdout.write(text);
    return 0;
  }
  mustExist('machine', flags.machine, Object.keys(machines));
  const { profile = seed.name } = flags;
  mustExist('profile', profile, Object.keys(profiles));
  const machine = machines[flags.machine]?.(profile);
  const write = formats[format];
  if (machine !== undefined && write !== undefined) process.stdout.write(await write(machine));
  return 0;
}
