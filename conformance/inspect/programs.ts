import type { WebSocket } from 'ws';
import type { Relay } from './relay.js';
import { Slots } from './slots.js';

/**
 * The sockets of programs that use `createWebSocketInspector`, and of listeners that use `createWebSocketReceiver`.
 *
 * Both connect to the same address, and the protocol does not say which is which. A client that sends an event is a
 * program, and gets nothing sent from then on. A client that is silent for a moment is a listener, and gets everything
 * from the beginning, in portions that it can read.
 */

/** What a program may do before it is disconnected. */
export const programLimits = {
  /** Clients at the same time. */
  clientsMax: 32,
  /** A program that sends nothing for so long may lose its place to a newcomer. */
  quietMs: 60_000,
  /** Events that it may send at once, and per second in the long run; a large event counts as several. */
  burst: 200_000,
  perSecond: 20_000,
  /** Characters of an event that count as one. */
  eventLength: 1000,
  nonsense: 20,
  /** Bytes that may wait for a listener that does not read. */
  waitingBytes: 64 << 20,
} as const;

const silentMs = 250;
/** A listener that catches up gets more when fewer bytes than this wait for it. */
const portionBytes = 4 << 20;
const catchUpMs = 20;
const [policyViolated, unacceptable] = [1008, 1003];

interface Client {
  readonly nth: number;
  readonly socket: WebSocket;
  tells: boolean;
  /** It got everything that was kept from before it came. */
  listens: boolean;
  /** The last entry that it got while it catches up. */
  caughtUpTo: number;
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

/** All sockets of programs and of listeners. */
export class Programs {
  /** The places of programs and listeners: a silent client gives way first, then a program that is quiet. */
  readonly places: Slots<WebSocket>;
  readonly #options: ProgramOptions;
  readonly #nowMs: () => number;
  readonly #clients = new Map<WebSocket, Client>();
  #count = 0;
  #hasForgotten = false;
  #isFull = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    const { clientsMax, quietMs } = programLimits;
    this.places = new Slots<WebSocket>({
      max: clientsMax,
      spare: (all) => {
        const clients = all.flatMap((one) => this.#clients.get(one) ?? []);
        const isQuiet = (one: Client) => this.#nowMs() - one.refilledMs >= quietMs;
        return (clients.find(({ tells }) => !tells) ?? clients.find(isQuiet))?.socket;
      },
      end: (socket) => {
        if (!this.#isFull) {
          options.notice(
            `more than ${clientsMax} programs and listeners are connected; the idle ones are disconnected`,
          );
        }
        this.#isFull = true;
        socket.terminate();
      },
    });
  }

  /** Whether there is a listener. */
  get isHeard(): boolean {
    return [...this.#clients.values()].some(({ listens }) => listens);
  }

  /** Takes a socket in. A listener that is our own page has a place among the pages. */
  add(socket: WebSocket, places: Slots<WebSocket> = this.places): void {
    this.#count += 1;
    const { burst } = programLimits;
    const client: Client = {
      ...{ nth: this.#count, socket, tells: false, listens: false, caughtUpTo: 0, nonsense: 0 },
      ...{ allowance: burst, refilledMs: this.#nowMs() },
    };
    this.#clients.set(socket, client);
    places.add(socket);
    const timer = setTimeout(() => {
      if (!client.tells) this.#catchUp(client);
    }, silentMs);
    socket.on('message', (data, isBinary) => {
      places.touch(socket);
      // ws gives a buffer unless it is asked for something else.
      this.#take(client, isBinary ? '' : (data as Buffer).toString('utf8'));
    });
    socket.on('error', (error) => {
      this.#options.notice(`program ${client.nth} was disconnected: ${error.message}`);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      places.delete(socket);
      this.#clients.delete(socket);
    });
  }

  /** Passes on what the model's own actors send. */
  tell(text: string): void {
    const received = this.#options.relay.take(0, text);
    if (received.kind === 'event') this.#pass(received.entry.text, undefined);
    this.#options.changed();
  }

  #take(client: Client, text: string): void {
    if (!this.#isAllowed(client, text.length)) return;
    const { relay, notice, changed } = this.#options;
    const received = relay.take(client.nth, text);
    if (received.kind === 'nonsense') {
      this.#refuse(client, received.why);
      return;
    }
    if (relay.forgotten > 0 && !this.#hasForgotten) {
      this.#hasForgotten = true;
      notice(
        'there are more events than the inspector keeps: of the oldest, only machines and last states are left',
      );
    }
    client.tells = true;
    client.listens = false;
    this.#pass(received.entry.text, client);
    changed();
  }

  #refuse(client: Client, why: string): void {
    const { notice } = this.#options;
    client.nonsense += 1;
    if (client.nonsense === 1) {
      notice(`program ${client.nth} sent ${why}; such messages are ignored`);
    }
    if (client.nonsense >= programLimits.nonsense) {
      notice(`program ${client.nth} was disconnected: it sent ${client.nonsense} such messages`);
      client.socket.close(unacceptable, 'expected events of @statelyai/inspect');
    }
  }

  /** Whether it may send one more event now. */
  #isAllowed(client: Client, length: number): boolean {
    if (client.socket.readyState !== client.socket.OPEN) return false;
    const { burst, perSecond, eventLength } = programLimits;
    const nowMs = this.#nowMs();
    const earned = ((nowMs - client.refilledMs) / 1000) * perSecond;
    const cost = Math.max(1, length / eventLength);
    client.allowance = Math.min(burst, client.allowance + earned) - cost;
    client.refilledMs = nowMs;
    if (client.allowance >= 0) return true;
    this.#options.notice(
      `program ${client.nth} was disconnected: it sent more than ${burst} events at once (an event of ` +
        `${eventLength} characters counts once, a longer one more often); inspect fewer actors`,
    );
    client.socket.close(policyViolated, 'too many events at once');
    return false;
  }

  #pass(text: string, from: Client | undefined): void {
    for (const client of this.#clients.values()) {
      if (client !== from && client.listens) this.#send(client, text);
    }
  }

  /** Sends what was kept from before a listener came, in portions: as much as it reads. */
  #catchUp(client: Client): void {
    const { socket } = client;
    while (!client.tells && socket.readyState === socket.OPEN) {
      if (socket.bufferedAmount > portionBytes) {
        setTimeout(() => {
          this.#catchUp(client);
        }, catchUpMs);
        return;
      }
      const portion = this.#options.relay.after(client.caughtUpTo, { bytesMax: portionBytes });
      if (portion.length === 0) {
        client.listens = true;
        return;
      }
      for (const { text } of portion) this.#send(client, text);
      client.caughtUpTo = portion.at(-1)?.nth ?? client.caughtUpTo;
    }
  }

  #send({ socket, nth }: Client, text: string): void {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > programLimits.waitingBytes) {
      this.#options.notice(`listener ${nth} was disconnected: it does not read what it is sent`);
      socket.terminate();
      return;
    }
    socket.send(text);
  }
}
