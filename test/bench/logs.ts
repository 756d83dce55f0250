import { seed } from '../../conformance/index.js';
import { LogCheck } from '../../conformance/log/check.js';
import { LogReader } from '../../conformance/log/entry.js';
import { head, print, quick } from './measure.js';

/** How fast logs are checked, and in how much memory: `msgctx check-trace` without the reading of files. */

const settings = {
  ...{ contexts: 2, users: 1, processes: 1, timeoutMs: 3000, payloadMax: 4 },
  ...{ manualWake: false, manualRead: false, wideLabels: false, time: 'virtual' },
};

/** A right conversation of so many lines, one by one: requests, each answered. */
function* linesOf(count: number, complete: boolean): Generator<string> {
  yield JSON.stringify({ schema: 'msgctx-trace/1', settings, complete });
  yield JSON.stringify({ command: 'helo u1.d1', observed: ['ok'] });
  for (let nth = 1; 2 * nth < count; nth += 1) {
    const [asked, answer] = ['a0', 'b0'].map((tag) => tag + nth.toString(16).padStart(6, '0'));
    const message = `message to u1.d1: request, index ${nth % 2}, seq ${nth}, payload ${asked}`;
    // In a log with holes one answer in a hundred is missing.
    const seen = complete || nth % 100 !== 0 ? { observed: ['ok', message] } : {};
    yield JSON.stringify({ command: `request r${nth} u1`, ...seen });
    const observed = ['ok', `r${nth} returns payload ${answer}`];
    yield JSON.stringify({ command: `reply u1.d1 r${nth}`, observed });
  }
}

function measure(count: number, complete: boolean): void {
  const reader = new LogReader('log');
  let check: LogCheck | undefined;
  const begin = performance.now();
  let most = 0;
  let lines = 0;
  for (const line of linesOf(count, complete)) {
    lines += 1;
    const read = reader.read({ nth: lines, text: line });
    if (read?.kind === 'head') check = new LogCheck(read, seed);
    else if (read?.kind === 'entry') check?.take(read);
    if (lines % 10_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
  }
  const verdict = check?.finish().verdict ?? '';
  const seconds = (performance.now() - begin) / 1000;
  const memory = most === 0 ? '-' : `${Math.round(most / 2 ** 20)} MiB`;
  print([String(count), complete ? 'none' : 'some answers', verdict, seconds.toFixed(2), memory]);
}

head(
  'Logs of two contexts, line by line (wanted: 1,000 in 1 s, 100,000 in 30 s, in constant memory):',
  ['lines', 'missing', 'verdict', 'seconds', 'heap at most'],
);
const sizes = quick ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000];
for (const size of sizes) measure(size, true);
for (const size of sizes.filter((one) => one <= 100_000)) measure(size, false);
