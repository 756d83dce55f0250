/**
 * An adapter that breaks the protocol in one way: `node broken.mjs FAULT [METHOD [PIDFILE]]`, at the first call
 * of METHOD (default helo). One that hangs writes its pid to PIDFILE. `orphan` starts a process of its own first. It knows no rule of the protocol: it answers `{}` to everything else.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [, , fault, method = 'helo', pidFile] = process.argv;
/** All values leave in one write, and so come together. */
const write = (...values) =>
  process.stdout.write(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
const claims = {
  protocol: fault === 'version' ? 7 : 1, name: 'broken', version: '0', role: 'kernel', profile: 'seed',
  capabilities: ['virtualTime', 'results', 'payload', 'exit', 'manualWake'],
  contextsMin: 1, contextsMax: 64, payloadMax: 64, timeoutMinMs: 1, timeoutStepMs: 1,
}; // prettier-ignore
const message = { event: 'message', params: { to: 11, type: 'quit' } };

const faults = {
  garbage: () => process.stdout.write('Segmentation fault (not really)\n'),
  hang: () => {
    if (pidFile !== undefined) writeFileSync(pidFile, `${process.pid}`);
  },
  dies: () => {
    process.stderr.write('out of cheese\n');
    process.exit(9);
  },
  twice: ({ id }) => {
    write({ id, result: {} }, { id, result: {} });
  },
  'unknown-id': () => write({ id: 4711, result: {} }),
  'long-line': ({ id }) => write({ id, result: { filler: 'x'.repeat(1 << 20) } }),
  'late-event': ({ id }) => {
    write({ id, result: {} }, message);
  },
  invalid: ({ id }) => write({ id, error: { code: 'INVALID', message: 'what is a helo?' } }),
  internal: ({ id }) => write({ id, error: { code: 'INTERNAL', message: 'my fault' } }),
  malformed: ({ id }) => {
    write({
      event: 'message',
      params: { to: 11, type: 'request', index: -1, seq: 1, payload: '' },
    });
    write({ id, result: {} });
  },
  orphan: () => process.exit(3),
  'no-errno': ({ id }) => write({ id, error: { code: 'ERRNO' } }),
  'other-code': ({ id }) => write({ id, error: { code: 'BANANA' } }),
  'numeric-errno': ({ id }) => {
    write({ event: 'complete', params: { task: 1, errno: -42 } });
    write({ id, result: {} });
  },
  nulls: ({ id }) => {
    write({ event: 'complete', params: { task: 1, payload: 'b1', errno: null } });
    write({ id, result: {}, error: null });
  },
  array: () => process.stdout.write('[]\n'),
  flood: ({ id }) => {
    for (let nth = 0; nth < 200_000; nth += 1) write(message);
    write({ id, result: {} });
  },
  unsupported: ({ id }) => write({ id, error: { code: 'UNSUPPORTED' } }),
};

// The version tells the test whom to look for afterwards.
claims.version = `${process.pid}`;
if (fault === 'orphan') {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600000)'], {
    stdio: 'inherit',
  });
  claims.version = `${child.pid}`;
}
if (fault === 'claims') claims.capabilities = 'all of them';
if (fault === 'limited') claims.capabilities = [];

createInterface({ input: process.stdin }).on('line', (line) => {
  const call = JSON.parse(line);
  if (call.method === 'initialize') write({ id: call.id, result: claims });
  else if (call.method === method && fault in faults) faults[fault](call);
  else write({ id: call.id, result: {} });
  if (call.method === 'shutdown' && fault !== 'stays') process.exit(0);
});
if (fault === 'stays') setInterval(() => undefined, 1000);
