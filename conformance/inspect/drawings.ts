import { Worker } from 'node:worker_threads';
import type { MachineRead } from '../learn/machine-file.js';
import { ShowError } from './chosen.js';

/** The pictures of machines, laid out once each by a worker (draw-worker.ts). */

/** What is to be drawn: a machine that a link names, a program's by its definition, which is JSON, or a learnt one. */
export type Drawing =
  | { readonly query: string }
  | { readonly definition: string }
  | { readonly learnt: Pick<MachineRead, 'machine' | 'comparison'> };

/** What came of it. */
export type Drawn =
  | { readonly nth: number; readonly svg: string }
  | { readonly nth: number; readonly problem: string };

interface Waiting {
  readonly resolve: (svg: string) => void;
  readonly reject: (error: ShowError) => void;
}

const drawingsMax = 200;
const timeMaxMs = 60_000;

/** Draws each picture once. */
export class Drawings {
  readonly #made = new Map<string, Promise<string>>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @throws ShowError when it cannot be drawn */
  of(drawing: Drawing): Promise<string> {
    const key = JSON.stringify(drawing);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    if (this.#made.size >= drawingsMax) this.#made.clear();
    const made = this.#ask(drawing);
    // Who asks hears of a failure; nobody needs to.
    made.catch(() => undefined);
    this.#made.set(key, made);
    return made;
  }

  /** Lays out what is looked at first, before anybody asks. */
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
    const worker = new Worker(new URL('draw-worker.js', import.meta.url));
    worker.on('message', (drawn: Drawn) => {
      const waiting = this.#waiting.get(drawn.nth);
      this.#waiting.delete(drawn.nth);
      if ('svg' in drawn) waiting?.resolve(drawn.svg);
      else waiting?.reject(new ShowError(drawn.problem));
      this.#watch();
    });
    worker.on('error', () => {
      this.#giveUp('the picture could not be drawn');
    });
    this.#worker = worker;
    return worker;
  }

  /** Each picture has its time; one that takes longer takes those behind it along. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#giveUp(`the picture takes longer than ${timeMaxMs / 1000} s`);
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
