import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Listening } from './gate.js';
import { isOwn, mayTell } from './gate.js';
import type { Pages } from './pages.js';
import type { Programs } from './programs.js';
import type { Routes } from './routes.js';

/**
 * The inspector's server: one port for the page, for its socket (`/page`) and for programs (any other
 * path, as the official client asks for it).
 *
 * It listens on this machine alone unless told otherwise. Who may talk to it is decided in gate.ts.
 */
export interface ServerOptions extends Listening {
  readonly routes: Routes;
  readonly pages: Pages;
  readonly programs: Programs;
}

/** A server that listens. */
export interface InspectServer extends Listening {
  /** Ends it, and every connection. */
  close(): Promise<void>;
}

const messageMaxBytes = 1 << 20;
const clientsMax = 32;
const headersTimeoutMs = 10_000;

/** Listens. @throws Error with code EADDRINUSE and the like where that is not possible */
export async function serve(options: ServerOptions): Promise<InspectServer> {
  const { WebSocketServer } = await import('ws');
  const { routes, pages, programs, host } = options;
  const sockets = new WebSocketServer({
    ...{ noServer: true, maxPayload: messageMaxBytes, perMessageDeflate: false },
  });
  let at: Listening = options;
  const server = createServer({ headersTimeout: headersTimeoutMs }, (asked, answer) => {
    void routes.answer(asked, answer, at);
  });
  server.on('upgrade', (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const { host: named, origin } = asked.headers;
    const isPage = asked.url === '/page';
    const asking = { host: named, origin };
    const isWelcome = isPage ? origin !== undefined && isOwn(asking, at) : mayTell(asking, at);
    if (!isWelcome) turnAway(socket, '403 Forbidden');
    else if (sockets.clients.size >= clientsMax) turnAway(socket, '503 Service Unavailable');
    else {
      sockets.handleUpgrade(asked, socket, head, (client) => {
        if (isPage) pages.add(client);
        else programs.add(client);
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: options.port }, resolve);
  });
  // A server that listens on a port has an address of this kind.
  at = { host, port: (server.address() as AddressInfo).port };
  return {
    ...at,
    close: async () => {
      pages.close();
      for (const client of sockets.clients) client.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function turnAway(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
