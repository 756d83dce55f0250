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
import { printable } from '../printable.js';
import { chosenIn, machineOf, ShowError, systemOf } from './chosen.js';
import type { Drawn, Drawing } from './drawings.js';
import { rebuilt, wellFormed } from './foreign.js';
import { reasonOf } from '../usage.js';

/**
 * Lays pictures out, in a thread of its own: a picture that takes a second or two holds up neither the run nor the
 * server, and a machine of a program that takes for ever holds up only itself.
 */

const statesMax = 150;
const arrowsMax = 1000;

async function draw(drawing: Drawing): Promise<string> {
  if ('definition' in drawing) return wellFormed(await ofDefinition(drawing.definition));
  if ('learnt' in drawing) {
    return differenceFigure(drawing.learnt.machine, drawing.learnt.comparison);
  }
  const chosen = chosenIn(new URLSearchParams(drawing.query));
  if (chosen.machine === 'system') return systemFigureOf(systemOf(chosen));
  return componentFigureOf(machineOf(chosen));
}

/** A machine of a program, drawn from its definition. */
function ofDefinition(definition: string): Promise<string> {
  const chart = sketchOf(readMachine(definition));
  const states = allStates(chart.states);
  if (states.length > statesMax) throw tooMany(states.length, 'states', statesMax);
  const arrows = states.reduce((sum, { transitions }) => sum + transitions.length, 0);
  if (arrows > arrowsMax) throw tooMany(arrows, 'transitions', arrowsMax);
  return figureOf(chart);
}

function tooMany(count: number, what: string, most: number): ShowError {
  return new ShowError(`a machine with ${count} ${what} is not drawn (at most ${most})`);
}

function readMachine(definition: string): AnyStateMachine {
  const config = rebuilt(JSON.parse(definition), () => undefined);
  const isMachine =
    typeof config === 'object' && config !== null && Object.hasOwn(config, 'states');
  if (!isMachine) throw new ShowError('this actor is not a state machine');
  // The definition is whatever the program sent; XState refuses what is not a machine.
  return createMachine(config as never);
}

async function answer({ nth, drawing }: { nth: number; drawing: Drawing }): Promise<Drawn> {
  try {
    return { nth, svg: await draw(drawing) };
  } catch (error) {
    const reason = reasonOf(error);
    const isOurs = error instanceof ShowError;
    return {
      nth,
      problem: printable(isOurs ? reason : `this machine cannot be drawn (${reason})`),
    };
  }
}

let before: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (asked: { nth: number; drawing: Drawing }) => {
  // One after the other, in the order in which they were asked for.
  before = before.then(async () => {
    parentPort?.postMessage(await answer(asked));
  });
});
