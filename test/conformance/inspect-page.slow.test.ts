import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWebSocketInspector, createWebSocketReceiver } from '@statelyai/inspect';
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import type { Browser, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { createActor, createMachine } from 'xstate';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, lacksBrowser, openBrowser } from '../browser.js';
import { longTrace } from '../long-trace.js';
import type { Transpiled } from '../transpiled.js';
import { addPage, transpiled } from '../transpiled.js';

/** The inspector as a whole: its command, its server, and its page in a real Chromium. */

let program: Transpiled;
let browser: Browser;
const faulty = ['--', process.execPath, 'examples/javascript/kernel.mjs', '--fault'];
/** How long something is waited for that comes by itself. */
const patience = { timeout: 300_000 };

/** A command that serves, and what it wrote. */
interface Serving {
  readonly child: ChildProcess;
  readonly url: string;
  readonly port: number;
  readonly written: () => string;
}

const serving: Serving[] = [];

/** Starts `msgctx inspect` and waits until it says where it listens. */
function inspect(...args: readonly string[]): Promise<Serving> {
  return start(args.includes('--port') ? args : ['--port', '0', ...args]);
}

async function start(args: readonly string[]): Promise<Serving> {
  const child = spawn(
    process.execPath,
    [program.path('conformance/cli/msgctx.js'), 'inspect', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  const address = /inspector: http:\/\/127\.0\.0\.1:(\d+)\//;
  const found = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        text += part.toString();
        const [, port] = address.exec(text) ?? [];
        if (port !== undefined) resolve(Number(port));
      });
    }
    // When its pipes are closed too, all that it said was read.
    child.on('close', () => {
      reject(new Error(`the inspector wrote no address: ${text}`));
    });
  });
  const one = { child, port: found, url: `http://127.0.0.1:${found}`, written: () => text };
  serving.push(one);
  return one;
}

async function ended({ child }: Serving, signal: NodeJS.Signals): Promise<number | null> {
  const over = new Promise<number | null>((resolve) => child.on('exit', resolve));
  child.kill(signal);
  return over;
}

const pages: Page[] = [];
/** What browsers complained of. */
const faults: string[] = [];

afterEach(async () => {
  // A page whose server is gone complains, and rightly.
  for (const page of pages.splice(0)) await page.close();
  for (const one of serving.splice(0)) {
    if (one.child.exitCode === null) await ended(one, 'SIGKILL');
  }
  expect(faults.splice(0)).toEqual([]);
});

beforeAll(() => {
  program = transpiled();
  addPage(program);
});
afterAll(() => {
  program.remove();
});

/** Two actors, one of which starts the other: nothing of them is the model's. */
const kettle = createMachine({
  id: 'kettle',
  initial: 'cold',
  context: { password: 'correct horse', litres: 1 },
  states: { cold: { on: { HEAT: 'hot' } }, hot: { on: { COOL: 'cold' } } },
});

function socketTo(port: number, path = '/', origin?: string): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const options = origin === undefined ? {} : { origin };
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
    socket.on('open', () => {
      resolve(socket);
    });
    socket.on('unexpected-response', (_, { statusCode = 0 }) => {
      resolve(statusCode);
    });
    socket.on('error', () => undefined);
  });
}

/** What a program hears that listens from now on. */
function listener(port: number): readonly StatelyInspectionEvent[] {
  const heard: StatelyInspectionEvent[] = [];
  const receiver = createWebSocketReceiver({ server: `ws://127.0.0.1:${port}` });
  receiver.subscribe((event) => heard.push(event));
  return heard;
}

describe('the server of the inspector', () => {
  it('ends when it is asked to, whoever is connected', async () => {
    const one = await inspect();
    await socketTo(one.port);
    expect(await ended(one, 'SIGINT')).toBe(130);
    const other = await inspect('--target', 'memory');
    expect(await ended(other, 'SIGTERM')).toBe(143);
  });

  it('turns strangers away, and answers nothing that it has not', async () => {
    const { port, url } = await inspect();
    expect(await socketTo(port, '/page')).toBe(403);
    expect(await socketTo(port, '/', 'https://example.com')).toBe(403);
    expect(typeof (await socketTo(port, '/', 'http://localhost:5173'))).toBe('object');
    const status = async (path: string, headers = {}) =>
      (await fetch(url + path, { headers })).status;
    expect(await status('/', { Origin: 'https://example.com' })).toBe(403);
    expect(await status('/../../package.json')).toBe(404);
    expect(await status('/stately.html')).toBe(404);
    expect(await status('/step.json?machine=cat')).toBe(400);
    expect(await status('/step.json?machine=learnt')).toBe(400);
    expect(await (await fetch(`${url}/learnt.json`)).json()).toBe(null);
  });

  it('gives the place of an idle client to a newcomer, and says so once', async () => {
    const { port, written } = await inspect();
    const sockets = await Promise.all(Array.from({ length: 40 }, () => socketTo(port)));
    expect(sockets.filter((one) => typeof one === 'number')).toEqual([]);
    await expect
      .poll(written, patience)
      .toContain(
        'more than 32 programs and listeners are connected; the idle ones are disconnected\n',
      );
  });

  it('refuses to listen on every address', async () => {
    await expect(inspect('--host', '0.0.0.0')).rejects.toThrow(
      '--host 0.0.0.0 means every address',
    );
  });

  it('says in one sentence what goes wrong, and goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
    const trace = join(folder, 'trace');
    writeFileSync(trace, '{"schema":"msgctx-trace/9"}\n');
    const { port, url, written } = await inspect('--replay', trace, '--', 'no-such-adapter');
    const flood = await socketTo(port);
    const nonsense = await socketTo(port);
    if (typeof flood === 'number' || typeof nonsense === 'number') throw new Error('turned away');
    const closed = new Promise<number>((resolve) => nonsense.on('close', resolve));
    for (let nth = 0; nth < 20; nth += 1) nonsense.send('hello');
    expect(await closed).toBe(1003);
    const tooMuch = new Promise<number>((resolve) => flood.on('close', resolve));
    flood.send('x'.repeat((1 << 20) + 1));
    expect(await tooMuch).toBe(1009);
    expect(await (await fetch(`${url}/replay.json`)).json()).toMatchObject({
      problem: `${trace}:1: expected "schema":"msgctx-trace/1"`,
    });
    expect((await fetch(url)).status).toBe(200);
    const lines = () =>
      written()
        .split('\n')
        .filter((line) => line.startsWith('msgctx: '))
        .map((line) => line.replace(folder, '').slice(0, 59))
        .sort();
    await expect
      .poll(lines, patience)
      .toEqual([
        'msgctx: /trace:1: expected "schema":"msgctx-trace/1"',
        'msgctx: program 1 was disconnected: Max payload size exceed',
        'msgctx: program 2 sent a message that is not JSON; such mes',
        'msgctx: program 2 was disconnected: it sent 20 such message',
      ]);
    rmSync(folder, { recursive: true });
  });

  it('takes another port where the usual one is in use, and refuses one that was asked for', async () => {
    const taken = createServer();
    // Where somebody else has it, it is in use as well.
    await new Promise<void>((resolve) => {
      taken.once('error', () => {
        resolve();
      });
      taken.listen(8080, '127.0.0.1', resolve);
    });
    await expect(inspect('--port', '8080')).rejects.toThrow(
      'cannot listen on 127.0.0.1 port 8080: it is in use; choose another --port',
    );
    const { port, written } = await start([]);
    expect(port).not.toBe(8080);
    await expect
      .poll(written, patience)
      .toContain(`port 8080 is in use; programs must be given port ${port}\n`);
    taken.close();
  });
});

describe('the relay of the inspector', () => {
  it('tells a late joiner every definition, and nothing of 10,000 events is dropped', async () => {
    const { port } = await inspect();
    const inspector = createWebSocketInspector({
      ...{ url: `ws://127.0.0.1:${port}`, maxDeferredEvents: 100_000 },
    });
    const actor = createActor(kettle, { inspect: inspector.inspect }).start();
    for (let nth = 0; nth < 5000; nth += 1) actor.send({ type: nth % 2 === 0 ? 'HEAT' : 'COOL' });
    // The actor, its first event and snapshot, and both for each event that was sent.
    const early = listener(port);
    await expect.poll(() => early.length, patience).toBe(10_003);
    const seen = listener(port);
    await expect.poll(() => seen.length, patience).toBe(10_003);
    const [first] = seen;
    const isActor = first?.type === '@xstate.actor';
    expect(isActor ? first.definition : '').toContain('"id":"kettle"');
    expect(JSON.stringify(seen)).not.toContain('correct horse');
    inspector.stop();
  });

  it('speaks of the actors of the model in the official schema, to whom listens', async () => {
    const { url, port } = await inspect('--stately');
    const seen = listener(port);
    await fetch(`${url}/step.json?machine=system&do=helo 0.0~request 0 c0`);
    const sent = () =>
      seen.flatMap((one) => (one.type === '@xstate.event' ? [one.event.type] : []));
    await expect
      .poll(sent, patience)
      .toEqual(expect.arrayContaining(['REGISTER', 'SEND', 'ACQUIRE', 'SET_0', 'ASK']));
    const names = seen.flatMap((one) => (one.type === '@xstate.actor' ? [one.name] : []));
    expect(names).toEqual([
      ...['context', 'daemon', 'reply', 'task'],
      ...['context0', 'context1', 'owner0', 'owner1', 'task0', 'task1', 'daemon0', 'registrant0'],
    ]);
    for (const one of seen) expect(one._version).toBe('0.7.2');
  });
});

describe.skipIf(lacksBrowser())('the page of the inspector', () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  /** Opens a view; what the browser complains of, such as a breach of the policy, is a fault. */
  async function open({ url }: Serving, hash: string, options = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    pages.push(page);
    page.setDefaultTimeout(patience.timeout);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${url}/${hash}`);
    return page;
  }

  const text = (page: Page, selector: string) => page.locator(selector).first().innerText();

  it('steps by hand, undoes, and comes to the same state by the link', async () => {
    const one = await inspect();
    const page = await open(one, '');
    await page.getByRole('button', { name: 'ACQUIRE' }).click();
    await page.getByRole('button', { name: 'ACCEPT' }).click();
    await page.locator('.machine .active[data-state="done"]').waitFor();
    expect(page.url()).toContain('do=ACQUIRE%7EACCEPT');
    const link = page.url();
    await page.keyboard.press('u');
    await page.locator('.machine .active[data-state="pending"]').waitFor();
    const other = await open(one, new URL(link).hash);
    await other.locator('.machine .active[data-state="done"]').waitFor();
    expect(await text(other, '.now')).toBe('Now in done, after ACCEPT');
    expect(await text(other, '.disabled .fails')).toContain('in free: the machine is in done');
  });

  it('is small', async () => {
    const page = await open(await inspect(), '');
    await page.locator('.machine').first().waitFor();
    const bytes = await page.evaluate<number>(
      `performance.getEntriesByType('resource').reduce((sum, one) => sum + one.decodedBodySize, 0)`,
    );
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(150 * 1024);
  });

  it('shows a run as it goes, and where model and implementation differ', async () => {
    const page = await open(await inspect(...faulty, 'skips-sequence-check'), '#/live');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('.figures', { hasText: 'paused' }).waitFor();
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await page.locator('.conversation .row').first().waitFor();
    for (const speed of ['10 steps', '20 steps', '50 steps', '200 steps', 'full speed']) {
      await page.getByRole('button', { name: 'Faster' }).click();
      await page.locator('.speed', { hasText: speed }).waitFor();
    }
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('.live .figures', { hasText: 'ended' }).waitFor();
    await page.locator('.found h2', { hasText: /Deviations: [1-9]/ }).waitFor();
    await page.locator('.found .row').first().click();
    await page.locator('.again', { hasText: 'msgctx run --filter' }).waitFor();
    expect(await text(page, '.breakage .rule')).toContain('REP-7 (MUST)');
    await page.locator('.course .row.breaks').first().waitFor();
    await page.locator('.machine-context [data-heat="4"]').first().waitFor();
  });

  it('plays a saved conversation forwards and backwards, with the rule where it breaks', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
    const trace = join(folder, 'trace');
    const run = spawn(
      process.execPath,
      [
        program.path('conformance/cli/msgctx.js'),
        ...['run', '--filter', 'paths/machine.reply.wrong-sequence/plain', '--record', trace],
        ...faulty,
        'skips-sequence-check',
      ],
      { stdio: 'ignore' },
    );
    await new Promise((resolve) => run.on('exit', resolve));
    const page = await open(
      await inspect('--replay', trace, ...faulty, 'skips-sequence-check'),
      '#/replay',
    );
    await page.locator('.replay .figures', { hasText: 'step 1 of 3' }).waitFor();
    expect(await page.locator('.breakage').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Next step' }).click();
    await page.locator('.machine-context .active[data-state="pending"]').waitFor();
    expect(await text(page, '.sides tbody tr')).toContain('pending');
    await page.getByRole('button', { name: 'Show the failure' }).click();
    expect(await text(page, '.breakage .rule')).toContain(
      "REP-7 (MUST) A reply whose sequence number is not the pending request's is refused.",
    );
    await page.locator('.sequence .wrong').first().waitFor();
    await page.getByRole('button', { name: 'Previous step' }).click();
    await page.locator('.replay .figures', { hasText: 'step 2 of 3' }).waitFor();
    expect(await page.locator('.breakage').isVisible()).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('opens a learnt machine, leads to where it differs from the model, and goes back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
    const file = join(folder, 'learnt.json');
    const learn = spawn(
      process.execPath,
      [program.path('conformance/cli/msgctx.js'), 'learn', '--machine', file]
        .concat(faulty)
        .concat('skips-sequence-check'),
      { stdio: 'ignore' },
    );
    expect(await new Promise((resolve) => learn.on('exit', resolve))).toBe(1);
    const one = await inspect('--machine', file);
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [800, 'dark'],
    ] as const) {
      const page = await open(one, '', { viewport: { width, height: 900 }, colorScheme });
      await page.getByRole('link', { name: 'Learnt' }).click();
      await page.locator('.machine .active[data-state="s0"]').waitFor();
      expect(await page.locator('.machine .changed').count()).toBe(4);
      expect(await text(page, '.kinds')).toContain('≠ changed: 4');
      await page.getByRole('link', { name: 'Shortest path to a difference' }).click();
      await page
        .locator('.trail .differing', { hasText: '≠ changed; in the model: refused' })
        .waitFor();
      expect(await text(page, '.now')).toMatch(/^Now in s\d+, after reply u1\.d1 0 older$/);
      const other = await open(one, new URL(page.url()).hash);
      await other.locator('.trail .differing').waitFor();
      expect(await text(other, '.now')).toBe(await text(page, '.now'));
      await page.keyboard.press('u');
      await page.locator('.enabled .differing').waitFor();
      expect(await page.locator('.trail li').count()).toBe(2);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect([wide, await accessibilityFaults(page)]).toEqual([0, []]);
    }
    rmSync(folder, { recursive: true });
  });

  it('draws a program of anybody, also for a page that comes late', async () => {
    const one = await inspect();
    const inspector = createWebSocketInspector({ url: `ws://127.0.0.1:${one.port}` });
    const actor = createActor(kettle, { inspect: inspector.inspect }).start();
    actor.send({ type: 'HEAT' });
    const heard = listener(one.port);
    await expect.poll(() => JSON.stringify(heard), patience).toContain('"type":"HEAT"');
    const page = await open(one, '#/programs');
    await page.locator('.actor .machine .active[data-state="hot"]').waitFor();
    actor.send({ type: 'COOL' });
    await page.locator('.actor .machine .active[data-state="cold"]').waitFor();
    expect(await text(page, '.snapshot')).toContain('"password": "[redacted]"');
    inspector.stop();
  });

  it('shows a hostile program as short visible text, and unknown views by a sentence', async () => {
    const one = await inspect();
    const hostile = await socketTo(one.port);
    if (typeof hostile === 'number') throw new Error('turned away');
    const send = (type: string, more: object) => {
      hostile.send(JSON.stringify({ type: `@xstate.${type}`, sessionId: '__proto__', ...more }));
    };
    const nested = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
    send('actor', {
      name: `<b>\u202e${'y'.repeat(100_000)}`,
      parentId: 7,
      definition: ['"states"'],
    });
    hostile.send(
      `{"type":"@xstate.snapshot","sessionId":"__proto__","snapshot":{"value":${nested(50_000)}}}`,
    );
    send('snapshot', { snapshot: null });
    send('event', { event: null, sourceId: 'toString' });
    send('event', { event: { type: 'LAST\u0000' } });
    const page = await open(one, '#/programs');
    await page.locator('.list .row', { hasText: 'LAST\\u{0}' }).waitFor();
    expect(await text(page, '.actor h2')).toMatch(/^<b>\\u\{202e\}y{196}…: /);
    await page.goto(`${one.url}/#/constructor`);
    await page.locator('.problem', { hasText: 'There is no view "constructor"; choose' }).waitFor();
  });

  it('shows of 100,000 steps those that are to be seen', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
    const trace = join(folder, 'trace');
    writeFileSync(trace, longTrace(100_000));
    const page = await open(await inspect('--replay', trace), '#/replay');
    const figures = page.locator('.replay .figures');
    await figures.filter({ hasText: /step 1 of 100\d{3}/ }).waitFor();
    const list = page.getByRole('listbox', { name: 'Steps of the conversation' });
    await list.focus();
    await page.keyboard.press('End');
    await figures.filter({ hasText: /step (100\d{3}) of \1/ }).waitFor();
    await list.locator('.row[aria-selected="true"]').waitFor();
    expect(await list.locator('.row').count()).toBeLessThan(60);
    await page.keyboard.press('Home');
    await figures.filter({ hasText: /step 1 of/ }).waitFor();
    rmSync(folder, { recursive: true });
  });

  it('hands the hosted inspector the official events, and nobody else', async () => {
    const one = await inspect('--stately');
    const context = await browser.newContext();
    const asked: string[] = [];
    await context.route(/stately\.ai/, async (route) => {
      asked.push(route.request().url());
      // What the hosted page does with createBrowserReceiver of the official package.
      const body = `<script>
        const seen = [];
        addEventListener('message', ({ data }) => { seen.push(data); document.title = seen.length;
          document.body.textContent = JSON.stringify(seen); });
        parent.postMessage({ type: '@statelyai.connected' }, '*');
      </script><body></body>`;
      await route.fulfill({ contentType: 'text/html', body });
    });
    const page = await context.newPage();
    pages.push(page);
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${one.url}/stately.html`);
    const hosted = page.frameLocator('#hosted').locator('body', { hasText: '"name":"task"' });
    await hosted.waitFor();
    const events = JSON.parse(await hosted.innerText()) as StatelyInspectionEvent[];
    const actors = events.filter((event) => event.type === '@xstate.actor');
    expect(actors.map(({ name }) => name)).toEqual(['context', 'daemon', 'reply', 'task']);
    expect(actors.map(({ definition }) => typeof definition)).toEqual(Array(4).fill('string'));
    await fetch(`${one.url}/step.json?machine=context&do=ACQUIRE`);
    await page.frameLocator('#hosted').locator('body', { hasText: '"type":"ACQUIRE"' }).waitFor();
    expect(asked).toEqual(['https://stately.ai/inspect']);
    await context.close();
  });

  it('says on the page what went wrong', async () => {
    const page = await open(await inspect('--', 'no-such-adapter'), '#/live');
    await page.locator('.notice', { hasText: '"no-such-adapter" could not be started' }).waitFor();
    const ended = page.locator('.live .figures', { hasText: 'ended' });
    await ended.waitFor();
    expect(await ended.count()).toBe(1);
  });

  const views = [
    '#/machines?machine=system&users=2&do=helo%200.0',
    '#/machines?machine=reply&do=REPLY%20not%20contextPending',
    '#/live',
    '#/replay',
    '#/programs',
  ];
  const looks = [1280, 800].flatMap((width) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
  );
  it.each(looks)('is for everybody: $width wide, $colorScheme', async ({ width, colorScheme }) => {
    const one = await inspect('--target', 'memory');
    const inspector = createWebSocketInspector({ url: `ws://127.0.0.1:${one.port}` });
    createActor(kettle, { inspect: inspector.inspect }).start();
    const found: string[] = [];
    for (const hash of views) {
      const page = await open(one, hash, { viewport: { width, height: 900 }, colorScheme });
      if (hash !== '#/replay') await page.locator('.machine').first().waitFor();
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (wide > 0) found.push(`${hash} is ${wide} wider than the window`);
      found.push(...(await accessibilityFaults(page)).map((fault) => `${hash} ${fault}`));
    }
    inspector.stop();
    expect(found).toEqual([]);
  });
});
