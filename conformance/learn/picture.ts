import { createMachine } from 'xstate';
import type { AnyStateMachine } from 'xstate';
import type { Marks, Mealy } from '../../model/index.js';
import { chartOf, figureOf, nameOfProcess, svgOf } from '../../model/index.js';
import type { Comparison, Deviation, Turn } from './difference.js';
import { turnOf } from './difference.js';
import { nameOfState } from './machine-file.js';

/**
 * A learnt machine as a picture of how it differs from the model.
 *
 * Inputs that do the same stand on one arrow, and those that are refused and change nothing
 * are only counted. What the model says otherwise is coloured and told: red where another thing
 * happens, orange where the model has no such input, blue where only the model has it.
 */

/** An input in the words of conversations: users and processes from 1. */
export function inWords(input: string): string {
  return input.replace(
    /^(\w+) (\d+)(?:\.(\d+))?/,
    (_, verb: string, user: string, process?: string) => {
      if (verb === 'look' || verb === 'expire') return `${verb} ${user}`;
      if (process === undefined) return `${verb} u${Number(user) + 1}`;
      return `${verb} ${nameOfProcess({ user: Number(user) + 1, process: Number(process) + 1 })}`;
    },
  );
}

/** So many states still make a picture. */
export const picturedMax = 40;

/** The picture of a learnt machine, with what differs from the model. */
export async function differenceSvg(mealy: Mealy, comparison: Comparison): Promise<string> {
  const svg = await svgOf(machineOf(mealy, comparison), marks);
  return svg.replace('</style>', `${colours}</style>`);
}

/** The same for a page that has a style of its own. */
export function differenceFigure(mealy: Mealy, comparison: Comparison): Promise<string> {
  return figureOf(chartOf(machineOf(mealy, comparison)), marks);
}

const marks: Marks = {
  state: () => '',
  arrow: (transitions) => transitions.flatMap(({ event }) => kindOf(event ?? ''))[0] ?? '',
};

const colours = `
.machine .changed .line{stroke:#cf222e;stroke-width:2.2}
.machine .changed text{fill:#cf222e}
.machine .extra .line{stroke:#bc4c00;stroke-width:2.2}
.machine .extra text{fill:#bc4c00}
.machine .missing .line{stroke:#0969da;stroke-width:2.2;stroke-dasharray:3 3}
.machine .missing text{fill:#0969da}
`;
const signs: Readonly<Record<Deviation['kind'], string>> = {
  changed: '≠ ',
  extra: '+ ',
  missing: '− ',
};

function kindOf(event: string): Deviation['kind'][] {
  if (event.startsWith(signs.changed)) return ['changed'];
  if (event.startsWith(signs.extra)) return ['extra'];
  return event.startsWith(signs.missing) ? ['missing'] : [];
}

/** The machine that is drawn: a transition for each target and output. */
function machineOf(mealy: Mealy, { deviations }: Comparison): AnyStateMachine {
  const states: Record<string, { on: Record<string, object> }> = {};
  for (let state = 0; state < mealy.states; state += 1) {
    const own = deviations.filter((one) => one.state === state);
    const on: Record<string, object> = {};
    const plain = new Map<string, { inputs: string[]; to: number; output: string }>();
    for (const [input, name] of mealy.inputs.entries()) {
      const turn = turnOf(mealy, state, input);
      if (turn === undefined || own.some((one) => one.input === input)) continue;
      const key = `${turn.to} ${turn.output}`;
      const group = plain.get(key) ?? { inputs: [], ...turn };
      group.inputs.push(inWords(name));
      plain.set(key, group);
    }
    for (const { inputs, to, output } of plain.values()) {
      const isIdle = to === state && output === 'refused';
      const event = isIdle && inputs.length > 2 ? `${inputs.length} inputs` : inputs.join(' | ');
      on[`${shortened(event)} → ${outputInWords(output)}`] = { target: nameOfState(to) };
    }
    for (const { kind, input, learnt, model } of own) {
      const name = inWords(mealy.inputs[input] ?? '');
      const told = modelInWords({ learnt, model });
      const event = `${signs[kind]}${name} → ${turnInWords(learnt)} (model: ${told})`;
      on[event] = { target: nameOfState(learnt?.to ?? state), reenter: learnt === undefined };
    }
    states[nameOfState(state)] = { on };
  }
  return createMachine({ id: 'learnt', initial: nameOfState(0), states: escaped(states) });
}

const inputsShownMax = 3;

function shortened(event: string): string {
  const inputs = event.split(' | ');
  const shown = inputs.slice(0, inputsShownMax).join(' | ');
  return inputs.length > inputsShownMax
    ? `${shown} | ${inputs.length - inputsShownMax} more`
    : shown;
}

/** What the model does instead. */
export function modelInWords({ learnt, model }: Pick<Deviation, 'learnt' | 'model'>): string {
  const said = turnInWords(model);
  return said === turnInWords(learnt) ? 'another state' : said;
}

function turnInWords(turn: Turn | undefined): string {
  return turn === undefined ? 'makes no sense' : outputInWords(turn.output);
}

/** An output in the words of conversations. */
export function outputInWords(output: string): string {
  return output
    .replaceAll(' returns at ', ' returns ')
    .replaceAll(/ to (\d+)\.(\d+)/g, (_, user: string, process: string) => {
      const name = { user: Number(user) + 1, process: Number(process) + 1 };
      return ` to ${nameOfProcess(name)}`;
    });
}

/** A dot in the name of an event means something to XState: another dot stands for it. */
function escaped(
  states: Record<string, { on: Record<string, object> }>,
): Record<string, { on: Record<string, object> }> {
  return Object.fromEntries(
    Object.entries(states).map(([name, { on }]) => [
      name,
      {
        on: Object.fromEntries(
          Object.entries(on).map(([event, to]) => [event.replaceAll('.', '·'), to]),
        ),
      },
    ]),
  );
}
