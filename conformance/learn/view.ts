import type { Action } from '../../model/index.js';

/**
 * What a learner knows of the places of requests, from inputs and outputs alone.
 *
 * It decides which inputs make sense: nobody looks where nobody sleeps, and time passes for the oldest
 * sleeper first. So a word that makes sense stays one whatever was learnt before.
 */
export interface View {
  /** For each place the request in it, or the last that was; undefined before the first. */
  readonly places: readonly (Place | undefined)[];
  /** The places whose sleepers have time left, oldest first. */
  readonly waiting: readonly number[];
  readonly requests: number;
}

/** A place and the request that has or had it. */
export interface Place {
  readonly request: number;
  readonly isTaken: boolean;
}

/** The view before anything was done. */
export function firstView(contexts: number): View {
  return { places: Array.from({ length: contexts }, () => undefined), waiting: [], requests: 0 };
}

/** Whether an input makes sense. */
export function isEnabled({ places, waiting }: View, action: Action): boolean {
  if (action.do === 'expire') return waiting[0] === action.context;
  if (action.do === 'look') return places[action.context]?.isTaken === true;
  return true;
}

/** The place that a request takes: the lowest that is free, if any is. */
export function placeFor({ places }: View): number | undefined {
  const nth = places.findIndex((place) => place?.isTaken !== true);
  return nth === -1 ? undefined : nth;
}

/** What is known after an input and its output. */
export function viewAfter(view: View, action: Action, output: string): View {
  let { places, waiting, requests } = view;
  if (action.do === 'request') {
    requests += 1;
    const place = placeFor(view);
    if (output.startsWith('ok') && place !== undefined) {
      places = places.with(place, { request: requests, isTaken: true });
      waiting = [...waiting, place];
    }
  }
  if (action.do === 'expire') waiting = waiting.filter((one) => one !== action.context);
  for (const [, text] of output.matchAll(/ returns at (\d+)/g)) {
    const place = places[Number(text)];
    if (place === undefined) continue;
    places = places.with(Number(text), { ...place, isTaken: false });
    waiting = waiting.filter((one) => one !== Number(text));
  }
  return { places, waiting, requests };
}

/** The same for views in which the same inputs make sense. */
export function keyOfView({ places, waiting }: View): string {
  return `${places.map((place) => Number(place?.isTaken ?? false)).join('')} ${waiting[0] ?? ''}`;
}
