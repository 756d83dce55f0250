import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asset } from './assets.js';
import { chosenIn, ShowError } from './chosen.js';
import type { Drawings } from './drawings.js';
import type { Listening } from './gate.js';
import { headers, isOwn, policy } from './gate.js';
import type { LearntMachine } from './learnt.js';
import type { Talks } from './sequences.js';
import { sequenceIn } from './sequences.js';
import { tokensIn, walked } from './stepping.js';
import type { Move } from './system-walk.js';

/** What the server answers to a browser: the files of the page, pictures, and steps by hand. */

/** What the answers are made of. */
export interface Sources extends Talks {
  readonly drawings: Drawings;
  /** A learnt machine, where one is shown. */
  readonly learnt: LearntMachine | undefined;
  readonly assets: ReadonlyMap<string, Asset>;
  /** Whether the page that holds the hosted inspector is served. */
  readonly stately: boolean;
  /** Is told of every state that somebody stepped to. */
  readonly stepped: (query: URLSearchParams, moves: readonly Move[]) => void;
}

/** Where the hosted inspector is. */
export const hosted = 'https://stately.ai/inspect';

const urlMax = 100_000;

/** Answers one request after the other. */
export class Routes {
  readonly #sources: Sources;
  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Answers a request; whatever it asks for, the server goes on. */
  async answer(asked: IncomingMessage, answer: ServerResponse, at: Listening): Promise<void> {
    const { host, origin } = asked.headers;
    const url = asked.url ?? '/';
    if (!isOwn({ host, origin }, at)) {
      refuse(answer, 403, 'this server talks to its own page only');
    } else if (asked.method !== 'GET' && asked.method !== 'HEAD') {
      refuse(answer, 405, `expected GET, found ${asked.method ?? ''}`);
    } else if (url.length > urlMax) {
      refuse(answer, 414, `an address of ${url.length} letters is longer than ${urlMax}`);
    } else {
      await this.#find(new URL(url, 'http://localhost'), answer).catch((error: unknown) => {
        if (error instanceof ShowError) refuse(answer, 400, error.message);
        else refuse(answer, 500, error instanceof Error ? error.message : String(error));
      });
    }
  }

  async #find({ pathname, searchParams: query }: URL, answer: ServerResponse): Promise<void> {
    const { assets, replay, learnt } = this.#sources;
    const asset = assets.get(pathname === '/' ? '/index.html' : pathname);
    if (pathname === '/stately.html') this.#bridge(answer);
    else if (asset !== undefined) send(answer, asset.type, asset.bytes);
    else if (pathname === '/figure.svg') sendSvg(answer, await this.#figure(query));
    else if (pathname === '/program.svg') sendSvg(answer, await this.#program(query));
    else if (pathname === '/sequence.svg') sendSvg(answer, await sequenceIn(query, this.#sources));
    else if (pathname === '/step.json') sendJson(answer, this.#step(query));
    else if (pathname === '/learnt.json') sendJson(answer, learnt?.shown ?? null);
    else if (pathname === '/replay.json') sendJson(answer, (await replay) ?? null);
    else refuse(answer, 404, `there is no ${pathname}`);
  }

  #step(query: URLSearchParams): unknown {
    const tokens = tokensIn(query);
    if (isLearnt(query)) return this.#learnt.walk(tokens);
    const { stepped, moves } = walked(chosenIn(query), tokens);
    this.#sources.stepped(query, moves);
    return stepped;
  }

  get #learnt(): LearntMachine {
    const { learnt } = this.#sources;
    if (learnt !== undefined) return learnt;
    throw new ShowError('there is no learnt machine; open one with msgctx inspect --machine FILE');
  }

  #figure(query: URLSearchParams): Promise<string> {
    if (isLearnt(query)) {
      const { drawing } = this.#learnt;
      if (typeof drawing === 'string') throw new ShowError(drawing);
      return this.#sources.drawings.of(drawing);
    }
    // What is no machine is refused here; what is said otherwise is the same picture.
    const { machine, profile, contexts, users, processes } = chosenIn(query);
    const bounds = `&contexts=${contexts}&users=${users}&processes=${processes}`;
    const words = `machine=${machine}&profile=${profile.name}${machine === 'system' ? bounds : ''}`;
    return this.#sources.drawings.of({ query: words });
  }

  /** The machine of an actor of a program, as its definition says. */
  async #program(query: URLSearchParams): Promise<string> {
    const program = Number(query.get('program'));
    const definition = this.#sources.relay.definitionOf(program, query.get('actor') ?? '');
    if (definition === undefined) throw new ShowError('this actor has no definition to be drawn');
    return this.#sources.drawings.of({ definition });
  }

  /** The one page that may hold a foreign one. */
  #bridge(answer: ServerResponse): void {
    const { assets, stately } = this.#sources;
    const page = assets.get('/stately.html');
    if (!stately || page === undefined) {
      refuse(answer, 404, 'the hosted inspector is opened by msgctx inspect --stately');
      return;
    }
    const { origin } = new URL(hosted);
    answer.setHeader('Content-Security-Policy', policy({ frame: origin }));
    send(answer, page.type, page.bytes);
  }
}

function isLearnt(query: URLSearchParams): boolean {
  return query.get('machine') === 'learnt';
}

function send(answer: ServerResponse, type: string, body: Buffer | string): void {
  // What was set for this answer alone stands.
  for (const [name, value] of Object.entries(headers)) {
    if (!answer.hasHeader(name)) answer.setHeader(name, value);
  }
  answer.setHeader('Content-Type', type);
  answer.end(body);
}

function sendSvg(answer: ServerResponse, svg: string): void {
  send(answer, 'image/svg+xml; charset=utf-8', svg);
}

function sendJson(answer: ServerResponse, value: unknown): void {
  send(answer, 'application/json; charset=utf-8', JSON.stringify(value));
}

function refuse(answer: ServerResponse, status: number, sentence: string): void {
  answer.statusCode = status;
  send(answer, 'text/plain; charset=utf-8', sentence);
}
