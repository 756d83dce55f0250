import type { WebSocket } from 'ws';
import type { Cursor, Live } from './live.js';
import { freshCursor } from './live.js';
import type { LiveOrder, Update } from './messages.js';
import type { Notices } from './notices.js';
import type { Relay } from './relay.js';
import { Slots } from './slots.js';
import { reasonOf } from '../usage.js';

/**
 * The sockets of the inspector's own pages.
 *
 * For each page the server knows how much it sent. When something changes, and again when a page has read what it
 * got, the page gets what came since. So nothing is lost, nothing piles up, and a page that comes late gets
 * everything from the beginning.
 */

const everyMs = 40;
const waitingBytesMax = 4 << 20;
const portion = { entriesMax: 4000, bytesMax: 4 << 20 };
/** Pages at the same time, with the listeners that are our own pages. */
const pagesMax = 32;
const orders: readonly string[] = ['pause', 'go', 'step', 'slower', 'faster', 'stop'];
const unacceptable = 1003;

interface Page {
  readonly socket: WebSocket;
  readonly live: Cursor;
  events: number;
  notices: number;
}

/** Where the news for the pages comes from. */
export interface PagesOptions {
  readonly live: Live;
  readonly relay: Relay;
  readonly notices: Notices;
}

/** All pages that are open. */
export class Pages {
  /** The places of pages; a newcomer gets that of the page that was active longest ago. */
  readonly places: Slots<WebSocket>;
  readonly #options: PagesOptions;
  readonly #pages = new Set<Page>();
  #timer: NodeJS.Timeout | undefined;
  #isFull = false;

  constructor(options: PagesOptions) {
    this.#options = options;
    this.places = new Slots<WebSocket>({
      max: pagesMax,
      spare: ([oldest]) => oldest,
      end: (socket) => {
        if (!this.#isFull) {
          options.notices.addForeign(
            `more than ${pagesMax} pages are open; the ones opened first are disconnected`,
          );
        }
        this.#isFull = true;
        socket.terminate();
      },
    });
  }

  /** Takes a page in. */
  add(socket: WebSocket): void {
    const page: Page = { socket, live: freshCursor(), events: 0, notices: 0 };
    this.#pages.add(page);
    this.places.add(socket);
    socket.on('message', (data, isBinary) => {
      this.places.touch(socket);
      // ws gives a buffer unless it is asked for something else.
      const order = isBinary ? undefined : readOrder((data as Buffer).toString('utf8'));
      if (order !== undefined) this.#options.live.order(order);
      else socket.close(unacceptable, 'expected an order for the live run');
    });
    socket.on('error', (error) => {
      this.#options.notices.addForeign(`a page was disconnected: ${error.message}`);
    });
    socket.on('close', () => {
      this.places.delete(socket);
      this.#pages.delete(page);
    });
    this.changed();
  }

  /** Something is new: the pages get it soon. */
  readonly changed = (): void => {
    if (this.#timer !== undefined || this.#pages.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, everyMs);
  };

  /** Sends nothing any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#pages.clear();
  }

  #tell(): void {
    let isMore = false;
    for (const page of this.#pages) {
      if (page.socket.bufferedAmount > waitingBytesMax) {
        isMore = true;
        continue;
      }
      this.#send(page);
      isMore ||= page.events < this.#options.relay.count;
    }
    if (isMore) this.changed();
  }

  /** Sends a page what is new; a page for which that is too much goes, and the others stay. */
  #send(page: Page): void {
    try {
      const update = this.#updateOf(page);
      if (Object.keys(update).length > 0) page.socket.send(JSON.stringify(update));
    } catch (error) {
      // JSON.stringify throws where the text would be longer than a string can be.
      this.#options.notices.add(
        `the page cannot be shown what is new (${reasonOf(error)}); reload it`,
      );
      page.socket.terminate();
    }
  }

  #updateOf(page: Page): Update {
    const { live, relay, notices } = this.#options;
    const all = relay.after(page.events, portion);
    // Once all were sent, the page has what there is, also if the last ones are not kept any more.
    page.events = all.at(-1)?.nth ?? relay.count;
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

/** The order in a message of a page, if there is one. */
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
