/**
 * The example in JavaScript behind a proxy with one odd habit: `node odd.mjs HABIT`, in the folder of the package.
 * Some habits are mistakes of beginners, some are allowed.
 */
import { spawn } from 'node:child_process';
import { closeSync, writeFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [, , habit, file] = process.argv;
let isClosed = false;
const evil = '\u001b[31m\u0007\r\n::error::injected\n\u009b\u202e';
const child = spawn(process.execPath, ['examples/javascript/kernel.mjs'], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
if (habit === 'banner') process.stdout.write('odd kernel 1.0 is running...\n');
if (habit === 'bom') process.stdout.write('\ufeff');
if (habit === 'evil-stderr') process.stderr.write(`oops${evil}`);
// Not a pipe: that would stop reading when the child ends.
child.stdin.on('error', () => undefined);
/** What each call asks for, by its id. */
const methods = new Map();
const [, refused] = /^refuses-(.*)$/.exec(habit) ?? [];
process.stdin.on('data', (chunk) => child.stdin.write(chunk));
if (refused !== undefined) {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line);
    methods.set(id, method);
  });
}
process.stdin.on('end', () => child.stdin.end());
createInterface({ input: child.stdout }).on('line', (line) => {
  if (isClosed) return;
  const answer = JSON.parse(line);
  if (answer.result?.name !== undefined) {
    if (habit === 'evil-name') answer.result.name = `k${evil}`;
    if (habit === 'long-name') answer.result.name = 'k'.repeat(900_000);
    if (habit === 'umlaut') answer.result.name = 'größe 🔑';
    if (habit === 'claims-a-prototype') answer.result.profile = 'constructor';
    if (habit === 'deep-claim') {
      process.stdout.write(
        `{"id":${answer.id},"result":{"protocol":${'['.repeat(100_000)}${']'.repeat(100_000)}}}\n`,
      );
      return;
    }
    if (habit === 'closes-stdout') {
      isClosed = true;
      writeSync(1, `${JSON.stringify(answer)}\n`);
      closeSync(1);
      setInterval(() => undefined, 1000);
      return;
    }
    if (habit === 'latin1') {
      const text = JSON.stringify({ ...answer, result: { ...answer.result, name: 'caf\u00e9' } });
      process.stdout.write(Buffer.from(`${text}\n`, 'latin1'));
      return;
    }
  }
  const isRefused = refused !== undefined && methods.get(answer.id) === refused;
  const { id } = answer;
  const shown = isRefused ? { id, error: { code: 'ERRNO', errno: 'EINVAL' } } : answer;
  process.stdout.write(`${JSON.stringify(shown)}\n`);
});
child.on('exit', () => {
  if (habit === 'waits-for-end') {
    const end = () => {
      writeFileSync(file, 'my input has ended');
      process.exit(0);
    };
    if (process.stdin.readableEnded) end();
    else process.stdin.once('end', end);
    return;
  }
  if (habit === 'leaks') {
    process.stderr.write('==1==ERROR: LeakSanitizer: detected memory leaks\n');
    process.exit(23);
  }
  if (habit === 'crashes-at-the-end') process.kill(process.pid, 'SIGSEGV');
  else process.exit(0);
});
