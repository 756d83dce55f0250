import type { WebSocket } from 'ws';
import type { Cursor, Live } from './live.js';
import { freshCursor } from './live.js';
import type { LiveOrder, Update } from './messages.js';
import type { Notices } from './notices.js';
import type { Relay } from './relay.js';

/**
 * The sockets of the inspector's own pages.
 *
 * Each page has a place up to which it was told everything. When something changes, and again when a page
 * has read what it got, it is told what came since: so nothing is lost, nothing piles up, and a page that
 * comes late is told everything from the beginning.
 */

const everyMs = 40;
const waitingBytesMax = 4 << 20;
const eventsAtOnce = 4000;
const orders: readonly string[] = ['pause', 'go', 'step', 'slower', 'faster', 'stop'];
const unacceptable = 1003;

interface Page {
  readonly socket: WebSocket;
  readonly live: Cursor;
  events: number;
  notices: number;
}

/** What the pages are told of. */
export interface PagesOptions {
  readonly live: Live;
  readonly relay: Relay;
  readonly notices: Notices;
}

/** All pages that are open. */
export class Pages {
  readonly #options: PagesOptions;
  readonly #pages = new Set<Page>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  /** Takes a page in. */
  add(socket: WebSocket): void {
    const page: Page = { socket, live: freshCursor(), events: 0, notices: 0 };
    this.#pages.add(page);
    socket.on('message', (data, isBinary) => {
      // ws gives a buffer unless it is asked for something else.
      const order = isBinary ? undefined : readOrder((data as Buffer).toString('utf8'));
      if (order !== undefined) this.#options.live.order(order);
      else socket.close(unacceptable, 'expected an order for the live run');
    });
    socket.on('error', (error) => {
      this.#options.notices.add(`a page was sent away: ${error.message}`);
    });
    socket.on('close', () => this.#pages.delete(page));
    this.changed();
  }

  /** Something is new: the pages are told soon. */
  readonly changed = (): void => {
    if (this.#timer !== undefined || this.#pages.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, everyMs);
  };

  /** Tells nobody any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#pages.clear();
  }

  #tell(): void {
    const { relay } = this.#options;
    let isMore = false;
    for (const page of this.#pages) {
      if (page.socket.bufferedAmount > waitingBytesMax) {
        isMore = true;
        continue;
      }
      const update = this.#updateOf(page);
      isMore ||= page.events < relay.count;
      if (Object.keys(update).length > 0) page.socket.send(JSON.stringify(update));
    }
    if (isMore) this.changed();
  }

  #updateOf(page: Page): Update {
    const { live, relay, notices } = this.#options;
    const all = relay.after(page.events, eventsAtOnce);
    page.events = all.at(-1)?.nth ?? page.events;
    // The model's own actors are in the other views.
    const entries = all.filter(({ program }) => program !== 0);
    const sentences = notices.after(page.notices);
    page.notices += sentences.length;
    return {
      ...live.update(page.live),
      ...(entries.length === 0
        ? {}
        : { events: entries.map(({ program, nth, text }) => [program, nth, text] as const) }),
      ...(sentences.length === 0 ? {} : { notices: sentences }),
    };
  }
}

/** What a page asks for, if it is something that a page can ask for. */
function readOrder(text: string): LiveOrder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { do: verb, suite }: { do?: unknown; suite?: unknown } = value;
  if (verb === 'start') return typeof suite === 'string' ? { do: verb, suite } : undefined;
  // The word is among the orders without a suite.
  return typeof verb === 'string' && orders.includes(verb)
    ? ({ do: verb } as LiveOrder)
    : undefined;
}
