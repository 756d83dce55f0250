/**
 * The callout as an adapter: its questions and answers under the suites, in memory and in virtual time.
 *
 *   npx msgctx run -- node examples/callout/adapter.mjs
 *
 * It makes its own payloads (no capability `payload`): a request is a question of the gate, and a reply is the
 * answer of the policy to the question that had this index and sequence number.
 */
import { createInterface } from 'node:readline';
import {
  decodeNetlinkMessage, encodeNetlinkMessage, KernelSide, ManualClock, MemoryTransport, toKernel,
} from 'msgctx/kernel'; // prettier-ignore
import { policy, question, verdict } from './callout.mjs';

const answerOf = policy(['read:/home']);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const claims = {
  protocol: 1, name: 'callout', version: '1.0', role: 'kernel', profile: 'seed', language: 'javascript',
  capabilities: ['virtualTime', 'results', 'exit', 'manualWake'],
  contextsMin: 1, contextsMax: 64, payloadMax: 64, timeoutMinMs: 1, timeoutStepMs: 1,
}; // prettier-ignore

let system;
const reset = ({ contexts, timeoutMs, manualWake }) => {
  const [transport, clock] = [new MemoryTransport(), new ManualClock()];
  system = { transport, clock, processes: new Map(), questions: new Map(), tasks: new Map() };
  const heard = (_, refusal) => (system.refusal = refusal);
  const woken = manualWake ? { woken: () => undefined } : {};
  system.side = new KernelSide({
    end: transport.listen(),
    clock,
    contexts,
    timeoutMs,
    heard,
    ...woken,
  });
};

/** A process sends a message, and the gate hears it. */
const send = ({ uid, pid }, message) => {
  const end = system.processes.get(pid) ?? system.transport.connect({ uid, pid });
  system.processes.set(pid, end);
  end.send(toKernel, encodeNetlinkMessage(message));
  system.side.drain();
};

const methods = {
  helo: (params) => send(params, { type: 'helo' }),
  quit: (params) => send(params, { type: 'quit' }),
  exit: ({ pid }) => {
    system.processes.get(pid)?.close();
    system.processes.delete(pid);
  },
  wake: ({ task }) => system.side.look(system.tasks.get(task) ?? 0),
  advance: ({ ms }) => system.clock.advance(ms),
  reply: ({ uid, pid, index, seq: sequence }) => {
    const payload = answerOf(system.questions.get(`${index} ${sequence}`) ?? Buffer.of());
    send({ uid, pid }, { type: 'response', index, sequence, payload });
  },
  request: ({ task, uid }) => {
    let isCalling = true;
    const payload = question('read', `/home/file-${task}`);
    const nth = system.side.ask({ uid, payload }, (outcome) => {
      const said = verdict(outcome);
      if (isCalling) system.refusal = said;
      else
        say({ event: 'complete', params: said === 'allowed' ? { task } : { task, errno: said } });
    });
    isCalling = false;
    system.tasks.set(task, nth);
  },
};

/** Shows what has come to the processes. */
const readAll = () => {
  for (const [to, end] of system.processes) {
    for (let got = end.receive(); got !== undefined; got = end.receive()) {
      const { type, index, sequence: seq, payload } = decodeNetlinkMessage(got.bytes);
      if (type === 'request') system.questions.set(`${index} ${seq}`, payload);
      const more =
        type === 'request' ? { index, seq, payload: Buffer.from(payload).toString('hex') } : {};
      say({ event: 'message', params: { to, type, ...more } });
    }
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') say({ id, result: claims });
  else if (method === 'reset') {
    reset(params);
    say({ id, result: {} });
  } else if (method === 'settle' || method === 'shutdown') {
    say({ id, result: {} });
    if (method === 'shutdown') process.exit(0);
  } else if (methods[method] === undefined) say({ id, error: { code: 'UNSUPPORTED' } });
  else {
    system.refusal = undefined;
    methods[method](params);
    readAll();
    const errno = system.refusal;
    say(errno === undefined ? { id, result: {} } : { id, error: { code: 'ERRNO', errno } });
  }
}
