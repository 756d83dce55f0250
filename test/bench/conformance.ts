import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Call } from '../../conformance/index.js';
import { ProcessSubject } from '../../conformance/index.js';
import { lacks } from '../needs.js';
import type { Done } from './conversations.js';
import { oursOf, theirsOf } from './conversations.js';
import { head, median, print, quick, turns } from './measure.js';

/**
 * How fast implementations are held against the model: `npm run bench`.
 *
 * Our side of the first table draws, carries out, judges and probes; the yardstick draws and carries
 * out, and that is all it does. How it is measured is in measure.ts.
 */

const batch = 100;

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

/** Both sides in turns, after one turn that is not counted. */
async function inTurns(
  theirs: () => Promise<number>,
  ours: () => Promise<number>,
): Promise<{ theirs: number; ours: number }> {
  const rates: { theirs: number; ours: number }[] = [];
  for (let turn = -1; turn < turns; turn += 1) {
    const rate = { theirs: await theirs(), ours: await ours() };
    if (turn >= 0) rates.push(rate);
  }
  return {
    theirs: median(rates.map((rate) => rate.theirs)),
    ours: median(rates.map((rate) => rate.ours)),
  };
}

async function againstModelRun(): Promise<void> {
  head(
    `Random conversations, in process, medians of ${turns} alternated turns: converse() with model, oracle and probe,
against fc.asyncModelRun with a model that remembers the messages it saw and judges nothing. Both draw up
to 60 commands of the same mix for 2 contexts and 2 users, and carry them out on the reference implementation:`,
    [
      'runs',
      'conversations theirs / ours',
      'commands carried out',
      'replies accepted',
      'commands a second',
      'ratio',
    ],
  );
  const runs = quick ? 300 : 1500;
  const last: { theirs?: Done; ours?: Done } = {};
  let turn = 0;
  const rates = await inTurns(
    async () => {
      const seconds = await secondsOf(async () => (last.theirs = await theirsOf(runs, turn)));
      return (last.theirs?.commands ?? 0) / seconds;
    },
    async () => {
      const seconds = await secondsOf(async () => (last.ours = await oursOf(runs, turn)));
      turn += 1;
      return (last.ours?.commands ?? 0) / seconds;
    },
  );
  const both = (count: keyof Done) => `${last.theirs?.[count] ?? 0} / ${last.ours?.[count] ?? 0}`;
  print([
    String(runs),
    both('conversations'),
    both('commands'),
    both('accepted'),
    `${rates.theirs.toFixed(0)} / ${rates.ours.toFixed(0)}`,
    `${(rates.ours / rates.theirs).toFixed(2)}x (wanted 0.5x)`,
  ]);
}

/** A batch of calls none of which waits for what another one says: half of them requests. */
function calls(): Call[] {
  const who = { uid: 1001, pid: 11 };
  const options = { contexts: 64, timeoutMs: 3000, manualRead: false, manualWake: false };
  const pairs = Array.from({ length: batch / 2 - 1 }, (_, nth): Call[] => [
    { method: 'request', params: { task: nth + 1, uid: who.uid, payload: 'a0000001' } },
    { method: 'reply', params: { ...who, index: nth, seq: 1, payload: 'b0000001' } },
  ]);
  return [{ method: 'reset', params: options }, { method: 'helo', params: who }, ...pairs.flat()];
}

async function pipelining(name: string, command: string, args: string[]): Promise<void> {
  const subject = await ProcessSubject.start({ command, args, suite: 'bench', deadlineMs: 10_000 });
  const batches = quick ? 50 : 400;
  const all = calls();
  // The next batch is written while the one before is worked off.
  let before: Promise<unknown> = Promise.resolve();
  const rate = async (times: number, carryOut: () => Promise<unknown>): Promise<number> => {
    const seconds = await secondsOf(async () => {
      for (let nth = 0; nth < times; nth += 1) await carryOut();
      await before;
    });
    return (times * all.length) / seconds;
  };
  const oneByOne = async () => {
    for (const call of all) await subject.call(call);
  };
  const together = async () => {
    const batch = Promise.all(all.map((call) => subject.call(call)));
    await before;
    before = batch;
  };
  try {
    const rates = await inTurns(
      () => rate(batches / 10, oneByOne),
      () => rate(batches, together),
    );
    print([
      name,
      rates.theirs.toFixed(0),
      rates.ours.toFixed(0),
      `${(rates.ours / rates.theirs).toFixed(1)}x (wanted 10x)`,
    ]);
  } finally {
    await subject.close();
  }
}

async function foreignAdapters(): Promise<void> {
  head(
    `Foreign adapters, calls a second, medians of ${turns} alternated turns: each call awaited, against batches of ${batch} calls
written before the first answer is read, and the next batch while that one is worked off:`,
    ['adapter', 'one by one', 'in batches', 'ratio'],
  );
  const example = (path: string) => resolve('examples', path);
  await pipelining('JavaScript', process.execPath, [example('javascript/kernel.mjs')]);
  if (!lacks('python3', 'the adapter in Python is not measured')) {
    await pipelining('Python', 'python3', [example('python/kernel.py')]);
  }
  if (lacks('cc', 'the adapter in C is not measured')) return;
  const folder = mkdtempSync(join(tmpdir(), 'msgctx-bench-'));
  try {
    const kernel = join(folder, 'kernel');
    execFileSync('cc', ['-O2', '-o', kernel, example('c/kernel.c')]);
    await pipelining('C', kernel, []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await againstModelRun();
await foreignAdapters();
