/**
 * The beginning of an adapter for msgctx, without any library.
 *
 *     npm install && npx tsc
 *     npx msgctx adapter check -- node adapter.js
 *     npx msgctx run -- node adapter.js
 *
 * It speaks the protocol; the kernel's side in it is a toy that knows the happy path. Replace it by calls
 * into your implementation, or write the rules where RULE stands: a run says which are missing. PROTOCOL.md
 * in the package says the rest.
 */
import { createInterface } from 'node:readline';

const claims = {
  protocol: 1,
  name: 'mine',
  version: '0.1.0',
  language: 'typescript',
  role: 'kernel',
  profile: 'seed',
  capabilities: ['virtualTime', 'results', 'payload', 'wideLabels'],
  contextsMin: 1,
  contextsMax: 64,
  payloadMax: 4096,
  timeoutMinMs: 1,
  timeoutStepMs: 1,
};

/** The parameters of all calls; each call has those that its row in PROTOCOL.md names. */
interface Params {
  contexts: number;
  timeoutMs: number;
  uid: number;
  pid: number;
  task: number;
  index: number;
  seq: number;
  payload: string;
  ms: number;
}

/** The implementation says no; the message is the name of the errno. */
class Refused extends Error {}

interface Context {
  seq: number;
  uid: number;
  task: number;
  dueMs: number;
}

/** The toy: what is registered, who waits. */
let contexts: (Context | undefined)[] = [];
let daemons = new Map<number, number>();
let counter = 0;
let nowMs = 0;
let timeoutMs = 0;

/** Written at once, before the answer to the call that caused it. Diagnostics go to stderr. */
function write(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const methods: Record<string, (params: Params) => object | void> = {
  initialize: () => claims,
  reset(params) {
    contexts = Array.from({ length: params.contexts }, () => undefined);
    daemons = new Map();
    nowMs = 0;
    timeoutMs = params.timeoutMs;
  },
  helo({ uid, pid }) {
    // RULE: a living daemon that is replaced is sent { to: PID, type: 'quit' }.
    daemons.set(uid, pid);
  },
  quit({ uid }) {
    // RULE: only the registered process may unregister.
    if (!daemons.delete(uid)) throw new Refused('EINVAL');
  },
  request({ uid, task, payload }) {
    const to = daemons.get(uid);
    if (to === undefined) throw new Refused('ENOTCONN');
    const index = contexts.indexOf(undefined);
    if (index < 0) throw new Refused('ENOMEM');
    counter += 1;
    contexts[index] = { seq: counter, uid, task, dueMs: nowMs + timeoutMs };
    write({ event: 'message', params: { to, type: 'request', index, seq: counter, payload } });
  },
  reply({ index, payload }) {
    const context = contexts[index];
    // RULE: the sender is the registered daemon of the asker's user; seq is the request's.
    if (context === undefined) throw new Refused('EINVAL');
    contexts[index] = undefined;
    write({ event: 'complete', params: { task: context.task, payload } });
  },
  advance({ ms }) {
    nowMs += ms;
    const late = contexts.filter((one) => one !== undefined && one.dueMs <= nowMs);
    contexts = contexts.map((one) => (late.includes(one) ? undefined : one));
    late.sort((one, other) => (one?.dueMs ?? 0) - (other?.dueMs ?? 0));
    for (const one of late)
      write({ event: 'complete', params: { task: one?.task, errno: 'ENOMSG' } });
  },
  settle() {},
  shutdown() {},
};

function answerTo(method: string, params: Params): object {
  const run = methods[method];
  if (run === undefined) return { error: { code: 'UNSUPPORTED' } };
  try {
    return { result: run(params) ?? {} };
  } catch (error) {
    if (error instanceof Refused) return { error: { code: 'ERRNO', errno: error.message } };
    throw error;
  }
}

// After shutdown the runner closes our stdin, and the loop ends.
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line) as { id: number; method: string; params: Params };
  write({ id, ...answerTo(method, params) });
}
