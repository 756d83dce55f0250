import type { RequirementId } from '../../model/index.js';
import type { Reply } from '../framing/tags.js';
import { readBody, readReply, tags } from '../framing/tags.js';
import type { DaemonEvent } from '../subject.js';
import type { Outcome } from './request.js';
import { decrypt, keyOf } from './token.js';

/**
 * Judges what a daemon did against what it was told.
 *
 * Everything that it sends must be expected, and everything that it must send must have come when
 * nothing moves any more. No byte of a key comes into a message: payloads are told by tag, status
 * and lengths.
 */

/** Something that the daemon may or must do. */
export type Expected =
  | { readonly kind: 'helo' }
  /** It ends: because its kernel told it to quit, or because it was asked to stop. */
  | { readonly kind: 'end'; readonly by: 'quit' | 'stop' }
  | {
      readonly kind: 'response';
      readonly index: number;
      readonly sequence: number;
      readonly tag: number;
      readonly key: number;
      readonly outcome: Outcome;
    };

/** What should not be, the rules that say so, and what was allowed. */
export interface Difference {
  readonly requirements: readonly RequirementId[];
  readonly observed: string;
  readonly allowed: string;
}

type Awaited = Expected & { readonly kind: 'response' };
type Sent = Extract<DaemonEvent, { readonly type: 'response' }>;

/** An event in words. */
export function describeDaemonEvent(event: DaemonEvent): string {
  if (event.event === 'exit') return `exits with status ${event.status}`;
  if (event.type !== 'response') return `sends ${event.type}`;
  const { index, seq, payload } = event;
  const { words } = new Payload(payload);
  return `sends response, index ${index}, seq ${seq}: ${words}`;
}

/** The payload of a response, which is told without its bytes. */
class Payload {
  readonly reply: Reply;
  readonly words: string;

  constructor(hex: string) {
    const bytes = Buffer.from(hex, 'hex');
    this.reply = readReply(bytes);
    const { reply } = this;
    this.words =
      reply.kind === 'short'
        ? `${reply.lengthBytes} bytes`
        : `tag ${reply.tag}, status ${reply.status}, ${reply.rest.length} bytes more`;
  }
}

/** Judges the events of one moment. */
export class Judge {
  /** Rules that were exercised and found kept. */
  readonly rules = new Set<RequirementId>();
  readonly #expected: readonly Expected[];
  readonly #answered: Set<string>;
  readonly #open: Awaited[];
  #helo: boolean;
  #quit = false;
  #exit = false;
  readonly #hasEnded: boolean;
  readonly #unasked: RequirementId;

  /**
   * @param answered the requests that have their response, of the whole conversation
   * @param hasEnded whether the daemon had ended before
   * @param unasked the rule that what is not expected breaks
   */
  constructor(
    expected: readonly Expected[],
    answered: Set<string>,
    { hasEnded, unasked }: { readonly hasEnded: boolean; readonly unasked: RequirementId },
  ) {
    this.#unasked = unasked;
    this.#expected = expected;
    this.#answered = answered;
    this.#hasEnded = hasEnded;
    this.#open = expected.filter((one) => one.kind === 'response');
    this.#helo = expected.some(({ kind }) => kind === 'helo');
  }

  /** One event. */
  take(event: DaemonEvent): Difference | undefined {
    const differs = (requirement: RequirementId, allowed: string): Difference => ({
      requirements: [requirement],
      observed: describeDaemonEvent(event),
      allowed,
    });
    if (this.#hasEnded || this.#exit) return differs('DMN-6', 'nothing, since it has ended');
    const end = this.#expected.find((one) => one.kind === 'end');
    if (event.event === 'exit') {
      if (end === undefined) return differs('DMN-19', 'that it goes on');
      if (end.by === 'stop' && !this.#quit) return differs('DMN-2', 'that it sends quit first');
      const rule = end.by === 'quit' ? 'DMN-4' : 'DMN-3';
      if (event.status !== 0) return differs(rule, 'that it exits with status 0');
      this.#exit = true;
      this.rules.add(rule);
      return undefined;
    }
    if (event.type === 'response') return this.#response(event);
    if (event.type === 'quit') {
      if (end === undefined) return differs(this.#unasked, 'nothing that nobody asked for');
      if (this.#quit) return differs(end.by === 'stop' ? 'DMN-2' : 'DMN-25', 'one quit');
      this.#quit = true;
      this.rules.add(end.by === 'stop' ? 'DMN-2' : 'DMN-5');
      return undefined;
    }
    if (!this.#helo) {
      const wasStarted = this.#expected.some(({ kind }) => kind === 'helo');
      return differs(wasStarted ? 'DMN-1' : this.#unasked, wasStarted ? 'one helo' : 'nothing');
    }
    this.#helo = false;
    this.rules.add('DMN-1');
    return undefined;
  }

  /** Nothing moves any more: what is missing? */
  finish(): Difference | undefined {
    const missing = (requirements: readonly RequirementId[], allowed: string): Difference => ({
      requirements,
      observed: 'no such event',
      allowed,
    });
    if (this.#helo) return missing(['DMN-1'], 'sends helo');
    const end = this.#expected.find((one) => one.kind === 'end');
    if (end?.by === 'stop' && !this.#quit) return missing(['DMN-2'], 'sends quit');
    if (end?.by === 'quit' && !this.#exit) return missing(['DMN-4'], 'exits with status 0');
    const silent = this.#open.find(
      ({ outcome: { may } }) => may !== 'unanswerable' && may !== 'open',
    );
    if (silent !== undefined) {
      return missing(
        [...new Set<RequirementId>(['DMN-7', silent.outcome.rule])],
        allowedOf(silent),
      );
    }
    for (const { outcome } of this.#open) this.rules.add(outcome.rule);
    return undefined;
  }

  #response(event: Sent): Difference | undefined {
    const place = this.#open.findIndex((one) => isFor(one, event));
    const awaited = this.#open[place];
    if (awaited === undefined) return this.#unexpected(event);
    this.#open.splice(place, 1);
    this.#answered.add(nameOf(event));
    const { reply, words } = new Payload(event.payload);
    const wrong = wrongIn(awaited, reply);
    if (wrong === undefined) {
      const isServed = reply.kind === 'reply' && reply.status === 0;
      const served: readonly RequirementId[] = isServed
        ? ['DMN-22', awaited.tag === tags.decrypt ? 'DMN-10' : 'DMN-11']
        : [];
      const rules: readonly RequirementId[] = ['DMN-7', 'DMN-8', 'DMN-9', awaited.outcome.rule];
      for (const id of [...rules, ...served]) this.rules.add(id);
      return undefined;
    }
    const { requirements, why } = wrong;
    const observed = `sends response with ${words}${why}`;
    return { requirements, observed, allowed: allowedOf(awaited) };
  }

  /** A response that no open request has the numbers of. */
  #unexpected(event: Sent): Difference {
    const observed = describeDaemonEvent(event);
    const differs = (requirements: readonly RequirementId[], allowed: string): Difference => ({
      requirements,
      observed,
      allowed,
    });
    if (this.#answered.has(nameOf(event))) return differs(['DMN-7'], 'one response a request');
    const [open] = this.#open;
    if (open === undefined) return differs([this.#unasked], 'nothing that nobody asked for');
    const sameNumber = this.#open.find(({ sequence }) => sequence === event.seq);
    const sameIndex = this.#open.find(({ index }) => index === event.index);
    if (sameNumber !== undefined) return differs(['DMN-8'], `index ${sameNumber.index}`);
    if (sameIndex !== undefined) return differs(['DMN-9'], `seq ${sameIndex.sequence}`);
    return differs(['DMN-8', 'DMN-9'], `index ${open.index}, seq ${open.sequence}`);
  }
}

function isFor({ index, sequence }: Awaited, event: Sent): boolean {
  return index === event.index && sequence === event.seq;
}

function nameOf({ index, seq }: Sent): string {
  return `${index} ${seq}`;
}

/** What a request may get, in words. */
function allowedOf({ tag, outcome: { may, content } }: Awaited): string {
  const served = `response with tag ${tag + 1}, status 0 and ${content.length} bytes of content`;
  const failure = `response with tag ${tag + 1} and a status that is not 0`;
  switch (may) {
    case 'serves':
      return served;
    case 'fails':
      return failure;
    case 'either':
      return `${served}, or ${failure}`;
    case 'unanswerable':
      return 'no response, or one with a status that is not 0';
    case 'open':
      return `no response, ${served}, or ${failure}`;
  }
}

interface Wrong {
  readonly requirements: readonly RequirementId[];
  readonly why: string;
}

function wrongIn({ tag, key, outcome }: Awaited, reply: Reply): Wrong | undefined {
  const { may, content, rule } = outcome;
  const wrong = (why: string, ...requirements: RequirementId[]): Wrong => ({
    requirements: [...new Set(requirements)],
    why: why === '' ? '' : `, ${why}`,
  });
  if (reply.kind === 'short') return wrong('without tag and status', rule);
  if (may === 'unanswerable') return reply.status === 0 ? wrong('', rule) : undefined;
  const served = tag === tags.decrypt ? 'DMN-10' : 'DMN-11';
  if (reply.tag !== tag + 1) return wrong('', rule);
  if (reply.status !== 0) return may === 'serves' ? wrong('', rule, served) : undefined;
  if (may === 'fails') return wrong('', rule);
  const read = readBody(reply.rest);
  if (read === undefined) return wrong('whose length cannot be read or is too long', 'DMN-22');
  const given = tag === tags.decrypt ? read.body : decrypt(keyOf(key), read.body);
  if (given === undefined) {
    return wrong(`whose ${read.body.length} bytes k${key} does not decrypt`, rule, served);
  }
  if (!Buffer.from(given).equals(content)) return wrong(unlike(given, content), rule, served);
  const tolerated = tag === tags.encrypt ? 1 : 0;
  if (read.behindBytes <= tolerated) return undefined;
  return wrong(`with ${read.behindBytes} bytes behind the last field`, 'DMN-22');
}

/** In what contents differ, without a byte of them. */
function unlike(given: Uint8Array, content: Uint8Array): string {
  if (given.length !== content.length) return `whose content has ${given.length} bytes`;
  const place = content.findIndex((byte, nth) => byte !== given[nth]);
  return `whose content is another from byte ${place} on`;
}
