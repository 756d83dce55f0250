import { parentPort } from 'node:worker_threads';
import type { AnyStateMachine } from 'xstate';
import { createMachine } from 'xstate';
import {
  allStates,
  componentFigureOf,
  figureOf,
  sketchOf,
  systemFigureOf,
} from '../../model/index.js';
import { differenceFigure } from '../learn/picture.js';
import { chosenIn, machineOf, ShowError, systemOf } from './chosen.js';
import type { Drawn, Drawing } from './drawings.js';

/**
 * Lays pictures out, in a thread of its own: what takes a second or two holds up neither the run nor the
 * server, and a machine of a stranger that takes for ever only itself.
 */

const statesMax = 150;

async function draw(drawing: Drawing): Promise<string> {
  if ('definition' in drawing) return ofDefinition(drawing.definition);
  if ('learnt' in drawing) {
    return differenceFigure(drawing.learnt.machine, drawing.learnt.comparison);
  }
  const chosen = chosenIn(new URLSearchParams(drawing.query));
  if (chosen.machine === 'system') return systemFigureOf(systemOf(chosen));
  return componentFigureOf(machineOf(chosen));
}

/** A machine of a program, as it says of itself. */
function ofDefinition(definition: string): Promise<string> {
  const chart = sketchOf(readMachine(definition));
  const states = allStates(chart.states).length;
  if (states <= statesMax) return figureOf(chart);
  throw new ShowError(`${states} states are too many for a picture; the most is ${statesMax}`);
}

function readMachine(definition: string): AnyStateMachine {
  const config: unknown = JSON.parse(definition);
  const isMachine = typeof config === 'object' && config !== null && 'states' in config;
  if (!isMachine) throw new ShowError('this actor is no state machine');
  // What the program says of itself is whatever it says; what is no machine is refused by XState.
  return createMachine(config as never);
}

async function answer({ nth, drawing }: { nth: number; drawing: Drawing }): Promise<Drawn> {
  try {
    return { nth, svg: await draw(drawing) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isOurs = error instanceof ShowError;
    return { nth, problem: isOurs ? reason : `this machine cannot be drawn (${reason})` };
  }
}

let before: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (asked: { nth: number; drawing: Drawing }) => {
  // One after the other: what was asked for first is there first.
  before = before.then(async () => {
    parentPort?.postMessage(await answer(asked));
  });
});
