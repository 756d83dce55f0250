import type { LiveOrder, Update } from '../messages.js';

/** The socket to the server: it is opened again when the server comes back. */
export class Channel {
  readonly #take: (update: Update) => void;
  readonly #lost: (isLost: string | undefined) => void;
  #socket: WebSocket | undefined;

  /**
   * @param take takes what is new
   * @param lost is told why nothing comes any more, or that it does again
   */
  constructor(take: (update: Update) => void, lost: (why: string | undefined) => void) {
    this.#take = take;
    this.#lost = lost;
    this.#open();
  }

  /** Asks the live run for something. */
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
      this.#lost('The server does not answer any more; start msgctx inspect again.');
      setTimeout(() => {
        this.#open();
      }, 2000);
    });
  }
}
