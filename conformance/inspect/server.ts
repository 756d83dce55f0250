import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import { checkBound, hostInUrl } from './bind.js';
import type { Listening } from './gate.js';
import { isOwn, mayTell } from './gate.js';
import type { Pages } from './pages.js';
import type { Programs } from './programs.js';
import type { Routes } from './routes.js';
import { Slots } from './slots.js';
import { targetIn } from './target.js';

/**
 * The inspector's server: one port for the page, for its socket (`/page`), and for programs (any other path, because
 * the official client connects to any).
 *
 * It listens on this machine only, unless the user names another address. gate.ts decides who may talk to it.
 * Pages, programs and connections that have not become one of them are limited separately, and an idle client
 * gives way to a newcomer (slots.ts), so that no crowd of silent clients locks the page out.
 */
export interface ServerOptions extends Listening {
  readonly routes: Routes;
  readonly pages: Pages;
  readonly programs: Programs;
  /** Takes a sentence for the user. */
  readonly notice: (sentence: string) => void;
  readonly limits?: Partial<ServerLimits>;
}

/** Limits of the connections that only ask for files, pictures and data. */
export interface ServerLimits {
  readonly connectionsMax: number;
  /** The time for a request to arrive as a whole. */
  readonly requestMs: number;
  /** The time after which a connection on which nothing moves is closed. */
  readonly stalledMs: number;
}

/** A server that listens. */
export interface InspectServer extends Listening {
  readonly address: string;
  /** Ends the server and every connection. */
  close(): Promise<void>;
}

const messageMaxBytes = 1 << 20;
/** A link with two thousand steps must fit. */
const headerMaxBytes = 1 << 17;
const pongWaitingBytes = 1 << 16;
const checkEveryMs = 1000;
// As many connections as the system keeps waiting at once (511) do not push out the page's.
const limitsUsual: ServerLimits = { connectionsMax: 600, requestMs: 10_000, stalledMs: 120_000 };

/**
 * Starts to listen.
 *
 * @throws HostError for an address that checkBound() refuses
 * @throws Error with a code such as EADDRINUSE if the system refuses
 */
export async function serve(options: ServerOptions): Promise<InspectServer> {
  const { WebSocketServer: SocketServer } = await import('ws');
  const { routes, host, port, notice } = options;
  const limits = { ...limitsUsual, ...options.limits };
  const sockets = new SocketServer({
    ...{ noServer: true, maxPayload: messageMaxBytes, perMessageDeflate: false },
    autoPong: false,
  });
  let at: Listening = options;
  const server = createServer({
    ...{ headersTimeout: limits.requestMs, requestTimeout: limits.requestMs },
    ...{ connectionsCheckingInterval: checkEveryMs, maxHeaderSize: headerMaxBytes },
  });
  // Routes counts the headers; a header that Node leaves out silently could be the one that decides.
  server.maxHeadersCount = 0;
  server.timeout = limits.stalledMs;
  const connections = limitConnections(server, limits.connectionsMax);
  server.on('request', (asked, answer) => {
    void routes.answer(asked, answer, at);
  });
  server.on('upgrade', (asked: IncomingMessage, socket: Socket, head: Buffer) => {
    connections.delete(socket);
    upgrade({ ...options, sockets, at }, { asked, socket, head });
  });
  const { address, port: bound } = await listening(server, host, port);
  server.on('error', (error) => {
    notice(`a connection was not accepted: ${error.message}`);
  });
  at = { host, port: bound, address };
  return {
    ...{ host: hostInUrl(host) ?? hostInUrl(address) ?? host, port: bound, address },
    close: async () => {
      options.pages.close();
      for (const client of sockets.clients) client.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Listens, and looks at the address that was bound before any connection is accepted. */
async function listening(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // A server that listens on a port has an address of this kind.
  const bound = server.address() as AddressInfo;
  try {
    checkBound(host, bound.address);
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }
  return bound;
}

/** Ends the connection that has been idle longest when there are too many. */
function limitConnections(server: Server, max: number): Slots<Duplex> {
  const asking = new Map<Duplex, number>();
  const slots = new Slots<Duplex>({
    max,
    spare: (all) => all.find((one) => (asking.get(one) ?? 0) === 0) ?? all[0],
    end: (socket) => socket.destroy(),
  });
  server.on('connection', (socket) => {
    slots.add(socket);
    socket.once('close', () => {
      slots.delete(socket);
      asking.delete(socket);
    });
  });
  server.on('request', ({ socket }, answer) => {
    slots.touch(socket);
    asking.set(socket, (asking.get(socket) ?? 0) + 1);
    answer.once('close', () => {
      const left = (asking.get(socket) ?? 1) - 1;
      if (left > 0) asking.set(socket, left);
      else asking.delete(socket);
    });
  });
  return slots;
}

interface Upgrade {
  readonly asked: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
}

interface Doors extends Pick<ServerOptions, 'pages' | 'programs'> {
  readonly sockets: WebSocketServer;
  readonly at: Listening;
}

/** Lets a client become a page or a program, or turns it away. */
function upgrade({ sockets, at, pages, programs }: Doors, { asked, socket, head }: Upgrade): void {
  socket.on('error', () => socket.destroy());
  const { host, origin, 'sec-fetch-site': site } = asked.headers;
  const asking = { host, origin, site: Array.isArray(site) ? site.join() : site };
  const target = targetIn(asked.url ?? '');
  const isPage = target?.url.pathname === '/page';
  // The socket of the page, and the one by which the hosted inspector's page listens.
  const isOfPage = origin !== undefined && isOwn(asking, at);
  const isWelcome = isPage ? isOfPage : mayTell(asking, at);
  const place = isOfPage ? pages.places : programs.places;
  if (target === undefined) turnAway(socket, '400 Bad Request');
  else if (!isWelcome || (asked.headersDistinct['host']?.length ?? 0) > 1) {
    turnAway(socket, '403 Forbidden');
  } else if (!place.hasRoom) turnAway(socket, '503 Service Unavailable');
  else {
    sockets.handleUpgrade(asked, socket, head, (client) => {
      client.on('ping', (data) => {
        // Somebody who sends pings and does not read would otherwise fill the memory with answers.
        if (client.bufferedAmount < pongWaitingBytes) client.pong(data);
      });
      if (isPage) pages.add(client);
      else programs.add(client, place);
    });
  }
}

/** Answers and closes the connection, also if the other side keeps its half open. */
function turnAway(socket: Duplex, status: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
