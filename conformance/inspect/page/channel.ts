import type { LiveOrder, Update } from '../messages.js';

/** The socket to the server. If it closes, it is opened again every two seconds. */
export class Channel {
  readonly #take: (update: Update) => void;
  readonly #lost: (isLost: string | undefined) => void;
  #socket: WebSocket | undefined;

  /**
   * @param take takes what is new
   * @param lost gets a sentence if the connection is lost, and undefined if it is back
   */
  constructor(take: (update: Update) => void, lost: (why: string | undefined) => void) {
    this.#take = take;
    this.#lost = lost;
    this.#open();
  }

  /** Sends an order for the live run. */
  order(order: LiveOrder): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(order));
  }

  #open(): void {
    const socket = new WebSocket(`ws://${location.host}/page`);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#lost(undefined);
    });
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      // The server writes nothing but updates.
      this.#take(JSON.parse(data) as Update);
    });
    socket.addEventListener('close', () => {
      this.#lost(
        'The inspector does not answer. This page connects again by itself; if msgctx inspect has ended, start it again.',
      );
      setTimeout(() => {
        this.#open();
      }, 2000);
    });
  }
}
