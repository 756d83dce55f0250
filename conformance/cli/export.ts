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
import { mustExist, UsageError } from '../usage.js';
import { readText } from './files.js';
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

/** A machine from a file: XState's configuration as JSON, such as `msgctx learn --machine` writes. */
function readMachine(file: string): AnyStateMachine {
  const expected = `${file}: expected the configuration of a machine of XState, with states that have names`;
  const text = readText(file, 'a machine');
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config !== 'object' || config === null) throw new TypeError();
    // What is no configuration is refused by XState or by the chart.
    const machine = createMachine(config as Parameters<typeof createMachine>[0]);
    if (chartOf(machine).states.length === 0) throw new TypeError();
    return machine;
  } catch (error) {
    const reason = error instanceof Error && error.message !== '' ? ` (${error.message})` : '';
    throw new UsageError(`${expected}${reason}`);
  }
}
