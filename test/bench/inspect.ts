import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { WebSocket } from 'ws';
import { lacksBrowser, openBrowser } from '../browser.js';
import { longTrace } from '../long-trace.js';
import { head, median, print, quick, turns } from './measure.js';

/** The inspector: how much its relay passes on, and how long its page makes anybody wait. */

/** Starts `msgctx inspect`, built, and waits until it says where it listens. */
async function start(...args: readonly string[]): Promise<{ child: ChildProcess; at: string }> {
  const words = ['dist/conformance/cli/msgctx.js', 'inspect', '--port', '0', ...args];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout)) {
    const [, at] = /^inspector: http:\/\/(.*)\//.exec(line) ?? [];
    if (at !== undefined) return { child, at };
  }
  throw new Error('the inspector wrote no address');
}

function socketTo(at: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${at}`);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => {
      resolve(socket);
    });
  });
}

/** Events a second from one program to one listener, both of which are this process. */
async function relay(count: number): Promise<number> {
  const { child, at } = await start();
  const [from, to] = [await socketTo(at), await socketTo(at)];
  // Who says nothing for a while is taken for a listener.
  from.send(eventOf(0));
  await new Promise((resolve) => to.once('message', resolve));
  const beganMs = performance.now();
  let got = 0;
  const all = new Promise<void>((resolve) => {
    to.on('message', () => {
      got += 1;
      if (got === count) resolve();
    });
  });
  for (let nth = 0; nth < count; nth += 1) from.send(eventOf(nth));
  await all;
  child.kill();
  return (count / (performance.now() - beganMs)) * 1000;
}

const eventOf = (nth: number) =>
  JSON.stringify({ type: '@xstate.event', sessionId: 'x:0', event: { type: `E${nth}` } });

/** Milliseconds to the first paint of the page, and how large all of it is. */
async function paint(browser: Browser, at: string) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`http://${at}/`);
  await page.locator('.machine').first().waitFor();
  const ms = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
  );
  const bytes = await page.evaluate<number>(
    `performance.getEntriesByType('resource').reduce((sum, one) => sum + one.decodedBodySize, 0)`,
  );
  await page.close();
  return { ms, kB: bytes / 1000 };
}

const keys = ['End', 'PageUp', 'ArrowUp', 'Home', 'PageDown', 'ArrowDown', 'End'];

/** Milliseconds from each key to the row that it selects, in a conversation of 100,000 steps. */
async function scroll(browser: Browser): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
  const trace = join(folder, 'trace');
  writeFileSync(trace, longTrace(100_000));
  const { child, at } = await start('--replay', trace);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`http://${at}/#/replay`);
  await page.locator('.replay .figures', { hasText: /of 100\d{3}/ }).waitFor({ timeout: 60_000 });
  const list = page.getByRole('listbox', { name: 'Steps of the conversation' });
  await list.focus();
  const waits: number[] = [];
  for (const key of keys) {
    const beganMs = performance.now();
    await page.keyboard.press(key);
    await list.locator('.row[aria-selected="true"]').waitFor();
    waits.push(performance.now() - beganMs);
  }
  await page.close();
  child.kill();
  rmSync(folder, { recursive: true });
  return waits;
}

const whole = (value: number) => String(Math.round(value));

head('The inspector (medians of five turns):', ['what', 'median', 'worst', 'wanted']);
const rates: number[] = [];
for (let nth = 0; nth < turns; nth += 1) rates.push(await relay(quick ? 5_000 : 50_000));
print(['events a second passed on', whole(median(rates)), whole(Math.min(...rates)), '']);
if (!lacksBrowser()) {
  const browser = await openBrowser();
  const { child, at } = await start();
  const paints: { ms: number; kB: number }[] = [];
  for (let nth = 0; nth < turns; nth += 1) paints.push(await paint(browser, at));
  child.kill();
  const times = paints.map(({ ms }) => ms);
  print(['first paint, ms', whole(median(times)), whole(Math.max(...times)), '1000']);
  print(['the page, kB', whole(paints[0]?.kB ?? 0), '', '']);
  const waits = await scroll(browser);
  print(['a key in 100,000 steps, ms', whole(median(waits)), whole(Math.max(...waits)), '']);
  await browser.close();
}
