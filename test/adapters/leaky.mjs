/**
 * The example in JavaScript behind a proxy that keeps something over a reset: once a process has quit, every
 * later request is refused. `node leaky.mjs`, in the folder of the package.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const child = spawn(process.execPath, ['examples/javascript/kernel.mjs'], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
let hasQuit = false;
let isNewCase = false;
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (method === 'reset' && hasQuit) isNewCase = true;
  if (method === 'quit') hasQuit = true;
  if (method === 'request' && isNewCase) {
    process.stdout.write(`${JSON.stringify({ id, error: { code: 'ERRNO', errno: 'ENOMEM' } })}\n`);
  } else child.stdin.write(`${line}\n`);
});
child.stdout.pipe(process.stdout);
child.on('exit', (code) => process.exit(code ?? 1));
