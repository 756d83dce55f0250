import type { AnyStateMachine } from 'xstate';
import { createMachine } from 'xstate';
import {
  chartOf,
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
import { whyNoConfig } from '../learn/config.js';
import { printable } from '../printable.js';
import { mustExist, reasonOf, UsageError } from '../usage.js';
import { readText } from './files.js';
import type { ModelFlags } from './model.js';
import { modelOf, withinBounds } from './model.js';

/** `msgctx export`: the machines in other languages. */

const machines: Readonly<Record<string, (profile: string) => AnyStateMachine>> = {
  context: () => contextMachine,
  daemon: () => daemonMachine,
  reply: (name) => {
    const profile = profiles[name];
    if (profile === undefined) throw new UsageError(`there is no profile "${printable(name)}"`);
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

/** The options of `msgctx export`: the machine to print, or for Promela the bounds of the whole model. */
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
  const { profile = seed.name } = flags;
  mustExist('profile', profile, Object.keys(profiles));
  const machine = flags.machine.endsWith('.json')
    ? readMachine(flags.machine)
    : machineNamed(flags.machine, profile);
  const write = formats[format];
  if (machine !== undefined && write !== undefined) process.stdout.write(await write(machine));
  return 0;
}

function machineNamed(name: string, profile: string): AnyStateMachine | undefined {
  mustExist('machine', name, Object.keys(machines));
  return machines[name]?.(profile);
}

/** A machine from a file: the configuration of an XState 5 machine as JSON, as `msgctx learn --machine` writes it. */
function readMachine(file: string): AnyStateMachine {
  const text = readText(file, 'a machine');
  const refuse = (found: string): never => {
    throw new UsageError(
      `${printable(file)}: expected the configuration of an XState 5 machine, ${found}`,
    );
  };
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    return refuse(`found no JSON (${printable(reasonOf(error))})`);
  }
  const why = whyNoConfig(config);
  if (why !== undefined) return refuse(why);
  try {
    // Whatever else is wrong with it, XState or the chart refuses.
    const machine = createMachine(config as Parameters<typeof createMachine>[0]);
    if (chartOf(machine).states.length > 0) return machine;
  } catch (error) {
    return refuse(`found one that cannot be used (${printable(reasonOf(error))})`);
  }
  return refuse('found no states that have names');
}
