import type { IncomingMessage, ServerResponse } from 'node:http';
import { printable } from '../printable.js';
import type { Asset } from './assets.js';
import { chosenIn, ShowError } from './chosen.js';
import type { Drawings } from './drawings.js';
import type { Asking, Listening } from './gate.js';
import { headers, isClick, isOwn, policy } from './gate.js';
import type { LearntMachine } from './learnt.js';
import type { Talks } from './sequences.js';
import { sequenceIn } from './sequences.js';
import { tokensIn, walked } from './stepping.js';
import type { Move } from './system-walk.js';
import { targetIn } from './target.js';
import { reasonOf } from '../usage.js';

/**
 * What the server answers to a browser: the files of the page, pictures, and steps by hand.
 *
 * Whatever a request contains, answer() answers it and never throws.
 */

/** Where the answers come from. */
export interface Sources extends Talks {
  readonly drawings: Drawings;
  /** Draws the machines of programs. */
  readonly foreignDrawings: Drawings;
  /** A learnt machine, if the user opened one. */
  readonly learnt: LearntMachine | undefined;
  readonly assets: ReadonlyMap<string, Asset>;
  /** Whether the server has the page around the hosted inspector. */
  readonly stately: boolean;
  /** Called with the steps whenever the user steps to a state. */
  readonly stepped: (query: URLSearchParams, moves: readonly Move[]) => void;
}

/** The address of the hosted inspector. */
export const hosted = 'https://stately.ai/inspect';

const pagePaths: readonly string[] = ['/', '/index.html'];
const shownMax = 200;

/** Answers requests. */
export class Routes {
  readonly #sources: Sources;
  #replay: Promise<string> | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Answers a request; whatever it asks for, the server goes on. */
  async answer(asked: IncomingMessage, answer: ServerResponse, at: Listening): Promise<void> {
    // A client that goes away before it has read the answer is no fault of ours.
    answer.on('error', () => undefined);
    try {
      await this.#answer(asked, answer, at);
    } catch (error) {
      const sentence = printable(reasonOf(error));
      if (answer.headersSent) answer.destroy();
      else refuse(answer, error instanceof ShowError ? 400 : 500, sentence);
    }
  }

  async #answer(asked: IncomingMessage, answer: ServerResponse, at: Listening): Promise<void> {
    const refusal = malformed(asked);
    if (refusal !== undefined) {
      refuse(answer, ...refusal);
      return;
    }
    const target = targetIn(asked.url ?? '');
    const isOurs = mayAsk(asked, target?.url.pathname, at);
    if (!isOurs || (target?.host !== undefined && !isOwn(fromNoPage(target.host), at))) {
      refuse(
        answer,
        403,
        'this server answers only its own page and programs that are no browsers',
      );
    } else if (target === undefined) {
      const shown = printable(asked.url ?? '', shownMax);
      refuse(answer, 400, `"${shown}" is no path; expected one such as /index.html`);
    } else {
      await this.#find(target.url, answer);
    }
  }

  async #find({ pathname, searchParams: query }: URL, answer: ServerResponse): Promise<void> {
    const { assets, learnt } = this.#sources;
    const asset = assets.get(pathname === '/' ? '/index.html' : pathname);
    if (pathname === '/stately.html') this.#bridge(answer);
    else if (asset !== undefined) send(answer, asset.type, asset.bytes);
    else if (pathname === '/figure.svg') sendSvg(answer, await this.#figure(query));
    else if (pathname === '/program.svg') sendSvg(answer, await this.#program(query));
    else if (pathname === '/sequence.svg') sendSvg(answer, await sequenceIn(query, this.#sources));
    else if (pathname === '/step.json') sendJson(answer, this.#step(query));
    else if (pathname === '/learnt.json') sendJson(answer, learnt?.shown ?? null);
    else if (pathname === '/replay.json') send(answer, jsonType, await this.#replayText());
    else refuse(answer, 404, `there is no ${printable(pathname, shownMax)}`);
  }

  /** The replay as JSON; it is large and never changes, so it is written once. */
  #replayText(): Promise<string> {
    this.#replay ??= (async () => JSON.stringify((await this.#sources.replay) ?? null))();
    return this.#replay;
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
    throw new ShowError('no learnt machine is open; start msgctx inspect --machine FILE');
  }

  #figure(query: URLSearchParams): Promise<string> {
    if (isLearnt(query)) {
      const { drawing } = this.#learnt;
      if (typeof drawing === 'string') throw new ShowError(drawing);
      return this.#sources.drawings.of(drawing);
    }
    // chosenIn() refuses what is no machine; the words below are the same for every spelling of one picture.
    const { machine, profile, contexts, users, processes } = chosenIn(query);
    const bounds = `&contexts=${contexts}&users=${users}&processes=${processes}`;
    const words = `machine=${machine}&profile=${profile.name}${machine === 'system' ? bounds : ''}`;
    return this.#sources.drawings.of({ query: words });
  }

  /** The machine of an actor of a program, drawn from its definition. */
  async #program(query: URLSearchParams): Promise<string> {
    const program = Number(query.get('program'));
    const definition = this.#sources.relay.definitionOf(program, query.get('actor') ?? '');
    if (definition === undefined) {
      throw new ShowError(
        'this actor cannot be drawn: its program sent no definition of a machine',
      );
    }
    return this.#sources.foreignDrawings.of({ definition });
  }

  /** The only page that may contain a page of another site. */
  #bridge(answer: ServerResponse): void {
    const { assets, stately } = this.#sources;
    const page = assets.get('/stately.html');
    if (!stately || page === undefined) {
      refuse(answer, 404, 'the hosted inspector is off; start msgctx inspect --stately');
      return;
    }
    const { origin } = new URL(hosted);
    answer.setHeader('Content-Security-Policy', policy({ frame: origin }));
    send(answer, page.type, page.bytes);
  }
}

const headersMax = 200;

/** Why a request is refused before anybody looks at what it asks for. */
function malformed(
  asked: IncomingMessage,
): readonly [status: number, sentence: string] | undefined {
  const { method = '', rawHeaders, headersDistinct } = asked;
  const count = rawHeaders.length / 2;
  if (count > headersMax) return [431, `found ${count} headers; at most ${headersMax} are read`];
  if ((headersDistinct['host']?.length ?? 0) > 1) return [400, 'found several Host headers'];
  if (method === 'GET' || method === 'HEAD') return undefined;
  return [405, `found the method ${printable(method, shownMax)}; expected GET`];
}

/** Whether the page or program that asks may have an answer; a link that somebody clicks may lead to the page. */
function mayAsk({ headers: of }: IncomingMessage, path: string | undefined, at: Listening) {
  const { host, origin } = of;
  const [site, mode, dest, user] = ['site', 'mode', 'dest', 'user'].map((name) => {
    const value = of[`sec-fetch-${name}`];
    return Array.isArray(value) ? value.join() : value;
  });
  if (isOwn({ host, origin, site }, at)) return true;
  const isPage = path !== undefined && pagePaths.includes(path);
  return isPage && isClick({ mode, dest, user }) && isOwn({ host, origin }, at);
}

function fromNoPage(host: string): Asking {
  return { host, origin: undefined };
}

function isLearnt(query: URLSearchParams): boolean {
  return query.get('machine') === 'learnt';
}

function send(answer: ServerResponse, type: string, body: Buffer | string): void {
  // A header that was set for this answer only stays.
  for (const [name, value] of Object.entries(headers)) {
    if (!answer.hasHeader(name)) answer.setHeader(name, value);
  }
  answer.setHeader('Content-Type', type);
  answer.end(body);
}

function sendSvg(answer: ServerResponse, svg: string): void {
  send(answer, 'image/svg+xml; charset=utf-8', svg);
}

const jsonType = 'application/json; charset=utf-8';

function sendJson(answer: ServerResponse, value: unknown): void {
  send(answer, jsonType, JSON.stringify(value));
}

function refuse(answer: ServerResponse, status: number, sentence: string): void {
  answer.statusCode = status;
  if (status === 405) answer.setHeader('Allow', 'GET, HEAD');
  send(answer, 'text/plain; charset=utf-8', sentence);
}
