import type { WebSocket } from 'ws';
import type { Relay } from './relay.js';

/**
 * The sockets of programs that use `createWebSocketInspector`, and of those who listen as
 * `createWebSocketReceiver` does.
 *
 * Both come by the same door, and the protocol does not say which is which: who tells something is a
 * program, and is sent nothing any more; who is silent for a moment is told everything from the beginning.
 */

/** What a program may do before it is sent away. */
export const programLimits = {
  /** So many events at once, and so many a second for ever. */
  burst: 200_000,
  perSecond: 20_000,
  nonsense: 20,
  /** Bytes that wait for somebody who does not read. */
  waitingBytes: 64 << 20,
} as const;

const silentMs = 250;
const [policyViolated, unacceptable] = [1008, 1003];

interface Client {
  readonly nth: number;
  readonly socket: WebSocket;
  tells: boolean;
  /** It was told everything from before it came. */
  listens: boolean;
  nonsense: number;
  allowance: number;
  refilledMs: number;
}

/** What the sockets are connected with. */
export interface ProgramOptions {
  readonly relay: Relay;
  readonly notice: (sentence: string) => void;
  readonly changed: () => void;
  /** A monotonic clock. */
  readonly nowMs?: () => number;
}

/** All sockets of programs and of those who listen. */
export class Programs {
  readonly #options: ProgramOptions;
  readonly #nowMs: () => number;
  readonly #clients = new Set<Client>();
  #count = 0;
  #hasForgotten = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Whether somebody listens. */
  get isHeard(): boolean {
    return [...this.#clients].some(({ listens }) => listens);
  }

  /** Takes a socket in. */
  add(socket: WebSocket): void {
    this.#count += 1;
    const { burst } = programLimits;
    const client: Client = {
      ...{ nth: this.#count, socket, tells: false, listens: false, nonsense: 0 },
      ...{ allowance: burst, refilledMs: this.#nowMs() },
    };
    this.#clients.add(client);
    const timer = setTimeout(() => {
      if (!client.tells) this.#tellAll(client);
    }, silentMs);
    socket.on('message', (data, isBinary) => {
      // ws gives a buffer unless it is asked for something else.
      this.#take(client, isBinary ? '' : (data as Buffer).toString('utf8'));
    });
    socket.on('error', (error) => {
      this.#options.notice(`program ${client.nth} was sent away: ${error.message}`);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      this.#clients.delete(client);
    });
  }

  /** Passes on what the model's own actors tell. */
  tell(text: string): void {
    const received = this.#options.relay.take(0, text);
    if (received.kind === 'event') this.#pass(received.entry.text, undefined);
    this.#options.changed();
  }

  #take(client: Client, text: string): void {
    if (!this.#isAllowed(client)) return;
    const { relay, notice, changed } = this.#options;
    const received = relay.take(client.nth, text);
    if (received.kind === 'nonsense') {
      client.nonsense += 1;
      if (client.nonsense === 1) {
        notice(`program ${client.nth} sent ${received.why}; it is not passed on`);
      }
      if (client.nonsense >= programLimits.nonsense) {
        notice(`program ${client.nth} was sent away after ${client.nonsense} messages of nonsense`);
        client.socket.close(unacceptable, 'expected events of @statelyai/inspect');
      }
      return;
    }
    if (relay.forgotten > 0 && !this.#hasForgotten) {
      this.#hasForgotten = true;
      notice(
        'there are more events than can be kept: of the oldest only machines and last states are',
      );
    }
    client.tells = true;
    client.listens = false;
    this.#pass(received.entry.text, client);
    changed();
  }

  /** Whether it may tell one event more now. */
  #isAllowed(client: Client): boolean {
    if (client.socket.readyState !== client.socket.OPEN) return false;
    const { burst, perSecond } = programLimits;
    const nowMs = this.#nowMs();
    const earned = ((nowMs - client.refilledMs) / 1000) * perSecond;
    client.allowance = Math.min(burst, client.allowance + earned) - 1;
    client.refilledMs = nowMs;
    if (client.allowance >= 0) return true;
    this.#options.notice(
      `program ${client.nth} was sent away: more than ${burst} events at once; filter what it inspects`,
    );
    client.socket.close(policyViolated, 'too many events at once');
    return false;
  }

  #pass(text: string, from: Client | undefined): void {
    for (const client of this.#clients) {
      if (client !== from && client.listens) this.#send(client, text);
    }
  }

  #tellAll(client: Client): void {
    client.listens = true;
    for (const { text } of this.#options.relay.after(0)) this.#send(client, text);
  }

  #send({ socket, nth }: Client, text: string): void {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > programLimits.waitingBytes) {
      this.#options.notice(`listener ${nth} was sent away: it does not read what it is told`);
      socket.terminate();
      return;
    }
    socket.send(text);
  }
}
