import { Worker } from 'node:worker_threads';
import type { MachineRead } from '../learn/machine-file.js';
import { ShowError } from './chosen.js';

/** The pictures of machines. A worker (draw-worker.ts) lays out each of them once. */

/** What to draw: a machine that a link names, a program's machine by its definition as JSON, or a learnt one. */
export type Drawing =
  | { readonly query: string }
  | { readonly definition: string }
  | { readonly learnt: Pick<MachineRead, 'machine' | 'comparison'> };

/** The picture, or why there is none. */
export type Drawn =
  | { readonly nth: number; readonly svg: string }
  | { readonly nth: number; readonly problem: string };

interface Waiting {
  readonly resolve: (svg: string) => void;
  readonly reject: (error: ShowError) => void;
}

const drawingsMax = 200;
const definitionMax = 256 << 10;
const timeMaxMs = 60_000;
const resourceLimits = { maxOldGenerationSizeMb: 512 };

/** Draws each picture once. */
export class Drawings {
  readonly #made = new Map<string, Promise<string>>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @throws ShowError when it cannot be drawn */
  of(drawing: Drawing): Promise<string> {
    const length = 'definition' in drawing ? drawing.definition.length : 0;
    if (length > definitionMax) {
      const sentence = `a machine whose definition has ${length} characters is not drawn (at most ${definitionMax})`;
      return Promise.reject(new ShowError(sentence));
    }
    const key = JSON.stringify(drawing);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    if (this.#made.size >= drawingsMax) this.#made.clear();
    const made = this.#ask(drawing);
    // A caller that waits gets the failure; warm() does not wait.
    made.catch(() => undefined);
    this.#made.set(key, made);
    return made;
  }

  /** Lays out what the user looks at first, before the page asks. */
  warm(first?: Drawing): void {
    if (first !== undefined) void this.of(first);
    for (const machine of ['context', 'daemon', 'task', 'reply']) {
      void this.of({ query: `machine=${machine}&profile=seed` });
    }
  }

  /** Ends the worker. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#worker?.terminate();
  }

  #ask(drawing: Drawing): Promise<string> {
    return new Promise((resolve, reject) => {
      const nth = (this.#count += 1);
      this.#waiting.set(nth, { resolve, reject });
      this.#living().postMessage({ nth, drawing });
      this.#watch();
    });
  }

  #living(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('draw-worker.js', import.meta.url), { resourceLimits });
    worker.on('message', (drawn: Drawn) => {
      const waiting = this.#waiting.get(drawn.nth);
      this.#waiting.delete(drawn.nth);
      if ('svg' in drawn) waiting?.resolve(drawn.svg);
      else waiting?.reject(new ShowError(drawn.problem));
      this.#watch();
    });
    worker.on('error', () => {
      this.#giveUp('the program that draws pictures ended; reload to try again');
    });
    this.#worker = worker;
    return worker;
  }

  /** Each picture has the same time; one that takes longer ends those that wait behind it too. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#giveUp(`a picture took longer than ${timeMaxMs / 1000} s; reload to try again`);
    }, timeMaxMs);
  }

  #giveUp(why: string): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(new ShowError(why));
    this.#waiting.clear();
    this.#made.clear();
  }
}
