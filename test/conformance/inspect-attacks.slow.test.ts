import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { afterEach, describe, expect, it } from 'vitest';
import type { Routes } from '../../conformance/inspect/routes.js';
import type { InspectServer, ServerLimits } from '../../conformance/inspect/server.js';
import { serve } from '../../conformance/inspect/server.js';
import { Notices } from '../../conformance/inspect/notices.js';
import { Pages } from '../../conformance/inspect/pages.js';
import { Live } from '../../conformance/inspect/live.js';
import { programLimits, Programs } from '../../conformance/inspect/programs.js';
import { Relay } from '../../conformance/inspect/relay.js';
import { Drawings } from '../../conformance/inspect/drawings.js';
import { Routes as AllRoutes } from '../../conformance/inspect/routes.js';
import { HostError } from '../../conformance/inspect/bind.js';
import { checkBound, hostInUrl, isLoopback } from '../../conformance/inspect/bind.js';

/** What hostile clients of the inspector's server try, over real sockets of 127.0.0.1. */

interface Serving {
  readonly server: InspectServer;
  readonly relay: Relay;
  readonly notices: string[];
  readonly raw: (text: string) => Promise<string>;
  readonly get: (target: string, headers?: string) => Promise<string>;
  readonly socket: (path?: string, origin?: string) => Promise<WebSocket | number>;
}

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of open.splice(0).reverse()) await end();
});

/** The first line of an answer. */
const statusIn = (text: string) => text.split('\r\n')[0] ?? '';

async function served(limits: Partial<ServerLimits> = {}, host = '127.0.0.1'): Promise<Serving> {
  const written: string[] = [];
  const notices = new Notices(
    (line) => written.push(line),
    () => undefined,
  );
  const relay = new Relay();
  const live = new Live({
    ...{ words: '', strict: false, notice: notices.add },
    open: () => Promise.reject(new Error('nothing is run here')),
    ...{ changed: () => undefined, began: () => undefined, took: () => undefined },
  });
  const pages = new Pages({ live, relay, notices });
  const programs = new Programs({ relay, notice: notices.addForeign, changed: pages.changed });
  const drawings = new Drawings();
  const routes: Routes = new AllRoutes({
    ...{ live, relay, drawings, foreignDrawings: drawings, learnt: undefined, replay: undefined },
    assets: new Map([['/index.html', { type: 'text/html', bytes: Buffer.from('the page') }]]),
    ...{ stately: false, stepped: () => undefined },
  });
  const server = await serve({
    ...{ host, port: 0, routes, pages, programs, limits, notice: notices.addForeign },
  });
  open.push(() => server.close());
  const { port } = server;
  const raw = (text: string) =>
    new Promise<string>((resolve) => {
      const client = connectTo(port);
      let got = '';
      client.on('data', (part: Buffer) => (got += part.toString()));
      for (const over of ['end', 'close'] as const) {
        client.on(over, () => {
          resolve(got);
        });
      }
      client.write(text);
    });
  return {
    ...{ server, relay, notices: written, raw },
    get: (target, headers = '') =>
      raw(
        `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers}Connection: close\r\n\r\n`,
      ),
    socket: (path = '/', origin) => socketTo(port, path, origin),
  };
}

function connectTo(port: number): Socket {
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  open.push(() => client.destroy());
  return client;
}

function socketTo(port: number, path: string, origin?: string): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(
      `ws://127.0.0.1:${port}${path}`,
      origin === undefined ? {} : { origin },
    );
    open.push(() => {
      socket.terminate();
    });
    socket.on('open', () => {
      resolve(socket);
    });
    socket.on('unexpected-response', (_, { statusCode = 0 }) => {
      resolve(statusCode);
    });
    socket.on('error', () => undefined);
  });
}

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const event = (sessionId: string, more: string) =>
  `{"type":"@xstate.event","sessionId":${JSON.stringify(sessionId)},"event":${more}}`;

describe('a request of a hostile page', () => {
  it.each([
    '//', '///', '//[', '//:99999', 'http://[', 'http://', 'http://127.0.0.1:99999999/', '*', '/%', '/%ff',
    '/?%', '/step.json?do=%E0%A4%A', '/\\\\[', '/\\[', 'http://a@127.0.0.1/',
  ])('for %s is answered with 400 or less, and the server goes on', async (target) => {
    const { get } = await served();
    expect(statusIn(await get(target))).toMatch(/^HTTP\/1.1 40[034] /);
    expect(await get('/')).toContain('the page');
  }); // prettier-ignore

  it('for a path that is no URL gets one short sentence', async () => {
    const { get } = await served();
    const answer = await get(`//${'a'.repeat(30_000)}`);
    expect(statusIn(answer)).toBe('HTTP/1.1 400 Bad Request');
    expect(answer.split('\r\n\r\n')[1]).toMatch(
      /^"\/\/.* is no path; expected one such as \/index.html$/,
    );
    expect(answer.length).toBeLessThan(3000);
  });

  it('that names another host in its target is refused, and one that names this server is answered', async () => {
    const { get, server } = await served();
    expect(statusIn(await get('http://example.com/'))).toBe('HTTP/1.1 403 Forbidden');
    expect(await get(`http://127.0.0.1:${server.port}/`)).toContain('the page');
    expect(await get('/?a%20b=%E6%97%A5')).toContain('the page');
  });

  it.each([
    ['cross-site', '', '403'],
    ['same-site', '', '403'],
    ['cross-site', 'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n', '403'],
    [
      'cross-site',
      'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\nSec-Fetch-User: ?1\r\n',
      '403',
    ],
    [
      'cross-site',
      'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-User: ?1\r\n',
      '200',
    ],
    ['same-origin', '', '200'],
    ['none', '', '200'],
  ])('with Sec-Fetch-Site: %s and %j is answered with %s', async (site, more, status) => {
    const { get } = await served();
    const headers = `Sec-Fetch-Site: ${site}\r\n${more}`;
    expect(statusIn(await get('/', headers))).toContain(` ${status} `);
    const data = statusIn(await get('/step.json', headers));
    expect(data).toContain(site.endsWith('-site') ? ' 403 ' : ' 200 ');
  });

  it('with hundreds of headers or two hosts is refused, so that none of them is overlooked', async () => {
    const { get, server, raw } = await served();
    const many = Array.from({ length: 3000 }, (_, nth) => `a${nth}: 1\r\n`).join('');
    expect(statusIn(await get('/', many))).toContain(' 431 ');
    expect(statusIn(await get('/', `Host: 127.0.0.1:${server.port}\r\n`))).toContain(' 400 ');
    expect(statusIn(await raw('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n'))).toContain(' 403 ');
    expect(statusIn(await get('/', 'Expect: nonsense\r\n'))).toContain(' 417 ');
  });

  it.each(['profile=constructor', 'profile=__proto__', 'machine=toString', 'machine=__proto__'])(
    'for %s gets a sentence that lists the names that exist',
    async (query) => {
      const { get } = await served();
      const answer = await get(`/step.json?${query}`);
      expect(statusIn(answer)).toBe('HTTP/1.1 400 Bad Request');
      expect(answer).toMatch(/there is no (?:profile|machine) "\w+"; known: /);
    },
  );
});

describe('an upgrade', () => {
  it('that is refused keeps no descriptor open, however often it is tried', async () => {
    const { server } = await served();
    const handles = () =>
      process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length;
    const before = handles();
    const clients: Socket[] = [];
    for (let nth = 0; nth < 1000; nth += 1) {
      const client = connectTo(server.port);
      clients.push(client);
      client.write(
        `GET /page HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      );
      await new Promise((resolve) => client.once('data', resolve));
    }
    // The clients keep their halves open; the server keeps nothing.
    await expect.poll(() => handles() - before).toBeLessThanOrEqual(clients.length);
    expect(clients).toHaveLength(1000);
  });

  it('to a path that is no URL, or from a page of a stranger, is turned away', async () => {
    const { server, raw } = await served();
    const upgrade = (target: string, more = '') =>
      raw(
        `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`,
      ).then(statusIn);
    expect(await upgrade('//')).toContain(' 400 ');
    expect(await upgrade('http://[')).toContain(' 400 ');
    expect(await upgrade('/', 'Sec-Fetch-Site: cross-site\r\n')).toContain(' 403 ');
    expect(await upgrade('/', 'Origin: https://example.com\r\n')).toContain(' 403 ');
    expect(await upgrade('/page')).toContain(' 403 ');
    expect(await upgrade('/', 'Sec-WebSocket-Key: x\r\n')).toContain(' 400 ');
  });
});

describe('a crowd of idle clients', () => {
  it('of the programs door leaves the page its place, and newcomers get one', async () => {
    const { socket, server, notices } = await served();
    for (let nth = 0; nth < 40; nth += 1) expect(typeof (await socket())).toBe('object');
    expect(typeof (await socket('/page', `http://127.0.0.1:${server.port}`))).toBe('object');
    expect(notices).toEqual([
      'msgctx: more than 32 programs and listeners are connected; the idle ones are disconnected\n',
    ]);
  });

  it('of pages does not keep the next page out', async () => {
    const { socket, server } = await served();
    const origin = `http://127.0.0.1:${server.port}`;
    for (let nth = 0; nth < 40; nth += 1) {
      expect(typeof (await socket('/page', origin))).toBe('object');
    }
    expect(typeof (await socket())).toBe('object');
  });

  it('that sends events does not lose its places to newcomers, and the page has its own', async () => {
    const { socket, server, relay } = await served();
    for (let nth = 0; nth < programLimits.clientsMax; nth += 1) {
      const one = await socket();
      if (typeof one === 'number') throw new Error('turned away');
      one.send(event('x', '{"type":"GO"}'));
    }
    await expect.poll(() => relay.count).toBe(programLimits.clientsMax);
    expect(await socket()).toBe(503);
    expect(typeof (await socket('/page', `http://127.0.0.1:${server.port}`))).toBe('object');
  });

  it('that only connects gives way to the page', async () => {
    const { server, get } = await served({ connectionsMax: 20 });
    const closed: Socket[] = [];
    for (let nth = 0; nth < 60; nth += 1) {
      const client = connectTo(server.port);
      client.resume().on('end', () => closed.push(client));
      await new Promise((resolve) => client.once('connect', resolve));
    }
    expect(await get('/')).toContain('the page');
    await expect.poll(() => closed.length).toBeGreaterThanOrEqual(40);
  });

  it('that never ends its request is disconnected', async () => {
    const { server } = await served({ requestMs: 500 });
    const ended = Array.from({ length: 20 }, async (_, nth) => {
      const client = connectTo(server.port);
      if (nth % 2 === 0) client.write('GET / HTTP/1.1\r\nHost: x\r\n');
      await new Promise((resolve) => client.resume().on('end', resolve));
      return true;
    });
    expect((await Promise.all(ended)).every(Boolean)).toBe(true);
  });
});

describe('a hostile program', () => {
  it.each([
    ['arrays', event('x', `{"type":"GO","v":${deep(100_000)}}`)],
    ['objects', event('x', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`)],
    ['JSON in a definition', `{"type":"@xstate.actor","sessionId":"x","definition":${JSON.stringify(`{"a":${deep(100_000)}}`)}}`],
    ['a state value', `{"type":"@xstate.snapshot","sessionId":"x","snapshot":{"value":${'{"a":'.repeat(50_000)}"x"${'}'.repeat(50_000)}}}`],
    ['nothing but brackets', deep(400_000)],
  ])('that sends deeply nested %s does not end the inspector', async (_, text) => {
    const { socket, get, relay } = await served();
    const one = await socket();
    if (typeof one === 'number') throw new Error('turned away');
    one.send(text);
    one.send(event('y', '{"type":"AFTER"}'));
    await expect.poll(() => relay.after(0).at(-1)?.shown.event).toBe('AFTER');
    for (const kept of relay.after(0)) expect(kept.text.length).toBeLessThan(10_000);
    expect(await get('/')).toContain('the page');
  }); // prettier-ignore

  it('that sends a member with a name of a million underscores holds nothing up', () => {
    const began = performance.now();
    const text = event('x', `{"${'_'.repeat(900_000)}x":"0123456789abcdef"}`);
    expect(new Relay().take(1, text).kind).toBe('event');
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('that fills the relay with large events does not break the page that comes later', async () => {
    const { socket, server, relay } = await served();
    for (let nth = 0; nth < 200; nth += 1) relay.take(1, event('x', `"${'\\"'.repeat(400_000)}"`));
    const page = await socket('/page', `http://127.0.0.1:${server.port}`);
    if (typeof page === 'number') throw new Error('turned away');
    let events = 0;
    page.on('message', (data: Buffer) => {
      expect(data.length).toBeLessThan(32 << 20);
      const update = JSON.parse(data.toString()) as { readonly events?: readonly unknown[] };
      events += update.events?.length ?? 0;
    });
    await expect.poll(() => events, { timeout: 60_000 }).toBe(relay.after(0).length);
  });

  it('whose names are long or hold controls shows them as short visible text', () => {
    const relay = new Relay();
    const name = `a\u001b[2J\u202e${'y'.repeat(100_000)}`;
    relay.take(1, JSON.stringify({ type: '@xstate.actor', sessionId: 'x', name }));
    expect(relay.namesOf(1).get('x')).toMatch(/^a\\x1b\[2J\\u202ey+… \(\d+ more characters\)$/);
    const long = relay.take(1, JSON.stringify({ type: '@xstate.actor', sessionId: name }));
    expect(long.kind).toBe('nonsense');
  });
});

describe('the address to listen on', () => {
  it.each([
    '0',
    '0x0',
    '0.0',
    '0.0.0.0',
    '::',
    '::ffff:0.0.0.0',
    '::ffff:0:0',
    '0:0:0:0:0:0:0:0',
    '',
  ])('is refused when it is every address, spelled %j', async (host) => {
    await expect(served({}, host)).rejects.toThrow(HostError);
  });

  it.each(['127.0.0.1', '127.1', '0x7f.1', '2130706433', '127.0.0.2', '::1', '::ffff:127.0.0.1'])(
    'is this machine alone at %s',
    async (host) => {
      const { server } = await served({}, host);
      expect(isLoopback(server.address)).toBe(true);
      expect(URL.canParse(`http://${server.host}:${server.port}/`)).toBe(true);
    },
  );

  it('is judged as the system bound it, also for localhost', () => {
    expect(() => {
      checkBound('localhost', '192.0.2.7');
    }).toThrow('--host localhost is 192.0.2.7 on this machine, and other machines can reach that');
    expect(() => {
      checkBound('myhost', '192.0.2.7');
    }).not.toThrow();
    const reached = ['10.0.0.1', '128.0.0.1', 'fe80::1%eth0', '::2', '127.evil.com', 'localhost'];
    expect(reached.filter(isLoopback)).toEqual([]);
    expect(hostInUrl('a/b')).toBe(undefined);
  });
});
