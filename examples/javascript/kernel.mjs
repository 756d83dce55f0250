/**
 * The kernel's half of the eCryptfs message-context protocol, in one file and without a dependency.
 *
 * A process that opens an encrypted file needs a key that only its user's daemon can unwrap. It
 * takes a message context out of a fixed pool; the kernel sends the context's index, a fresh
 * sequence number and the request to the daemon registered for that user; the process sleeps. A
 * context goes free -> pending -> done -> free: a right reply makes it done, and only the process
 * gives it back, when it wakes and finds its answer or its time used up. Contexts are used again,
 * so an index alone names no request: the sequence number tells a late reply from the awaited one,
 * and the sender's user and pid tell the registered daemon from everybody else.
 *
 * Top-down: constants, the kernel (commands in, answers and events out, no I/O and no clock), and
 * the adapter that drives it with JSON Lines over stdin and stdout. Run it under the suite by
 *   npx msgctx run -- node examples/javascript/kernel.mjs [--fault NAME]
 * where NAME switches on one of the five deliberate faults below, each there to be found.
 */
import { once } from 'node:events';
import process from 'node:process';

const FAULTS = {
  'skips-pid-check': 'a reply is accepted from any process of any user',
  'skips-sequence-check': 'the sequence number of a reply is not compared',
  'leaks-on-timeout': 'a request that times out does not give its context back',
  'keeps-old-daemon': 'a second daemon of a user is told that it is registered, and is not',
  'overwrites-reply': 'a second reply replaces one that the process has not looked at yet',
};

const CAPABILITIES = 'virtualTime results payload exit inspect manualWake wideLabels pidReuse';
const IDENTITY = {
  protocol: 1,
  name: 'msgctx-example-javascript',
  version: '1.0.0',
  role: 'kernel',
  profile: 'seed',
  capabilities: CAPABILITIES.split(' '),
  contextsMin: 1,
  contextsMax: 64,
  payloadMax: 65536,
  timeoutMinMs: 1,
  timeoutStepMs: 1,
  language: 'javascript',
};

/** The longest line; the end of a longer one is not waited for. */
const LINE_MAX = 1024 * 1024;

/** The bodies of answers; the adapter puts the id before them. */
const OK = { result: {} };
const refused = (errno) => ({ error: { code: 'ERRNO', errno } });
const unsupported = (message) => ({ error: { code: 'UNSUPPORTED', message } });
const invalid = (message) => ({ error: { code: 'INVALID', message } });

/** The parameters of each method. */
const METHODS = {
  initialize: [],
  reset: ['contexts', 'timeoutMs', 'manualRead', 'manualWake'],
  settle: [],
  shutdown: [],
  helo: ['uid', 'pid'],
  quit: ['uid', 'pid'],
  exit: ['pid'],
  request: ['task', 'uid', 'payload'],
  reply: ['uid', 'pid', 'index', 'seq', 'payload'],
  wake: ['task'],
  advance: ['ms'],
  inspect: [],
};

/** What a parameter may be. Those that are not named here are unsigned 32-bit numbers. */
const isWhole = (value, min, max) => Number.isSafeInteger(value) && value >= min && value <= max;
const isU32 = (value) => isWhole(value, 0, 2 ** 32 - 1);
const isBoolean = (value) => typeof value === 'boolean';
const isHex = (value) => typeof value === 'string' && /^(?:[0-9a-f]{2})*$/.test(value);
const PARAMETERS = {
  contexts: (value) => isWhole(value, IDENTITY.contextsMin, IDENTITY.contextsMax),
  timeoutMs: (value) => isWhole(value, IDENTITY.timeoutMinMs, Infinity),
  manualRead: isBoolean,
  manualWake: isBoolean,
  payload: (value) => isHex(value) && value.length <= 2 * IDENTITY.payloadMax,
  ms: (value) => isWhole(value, 0, Infinity),
};

/**
 * The system under test. Each public method is a command: it emits the events that the command
 * causes and returns the body of its answer. Time is a number that only `advance` moves.
 */
class Kernel {
  #emit;
  #fault;
  #seq = 4096; // The next number. Steps of 7 reach all 2^32 of them before one comes again.
  #contexts = [];
  #free = []; // First in, first out: the context that has been free longest is taken next.
  #daemons = new Map(); // uid -> { pid, alive }. A daemon that only dies leaves its record behind.
  #sleepers = new Map(); // task -> its context, in order of deadlines: all wait equally long.
  #timeoutMs;
  #manualWake;
  #now;

  constructor(emit, fault) {
    this.#emit = emit;
    this.#fault = fault;
  }

  /** A fresh system; only the sequence numbers go on where they were. */
  reset({ contexts, timeoutMs, manualRead, manualWake }) {
    if (manualRead) return unsupported('a message is read as soon as it is sent');
    const unused = { state: 'free', seq: 0, uid: null, task: null, deadline: 0, payload: null };
    this.#contexts = Array.from({ length: contexts }, (_, index) => ({ index, ...unused }));
    this.#free = [...this.#contexts];
    this.#daemons.clear();
    this.#sleepers.clear();
    this.#timeoutMs = timeoutMs;
    this.#manualWake = manualWake;
    this.#now = 0;
    return OK;
  }

  /** Registers the process as its user's daemon, in place of any other. Pending requests stay. */
  helo({ uid, pid }) {
    const old = this.#daemons.get(uid);
    if (old?.alive && old.pid !== pid) {
      if (this.#fault === 'keeps-old-daemon') return OK;
      this.#emit('message', { to: old.pid, type: 'quit' });
    }
    this.#daemons.set(uid, { pid, alive: true });
    return OK;
  }

  /** Unregisters the process, if it is the one that is registered. Pending requests stay. */
  quit({ uid, pid }) {
    if (this.#daemons.get(uid)?.pid !== pid) return refused('EINVAL');
    this.#daemons.delete(uid);
    return OK;
  }

  /** A process dies without a word. A later process with its pid does not revive its record. */
  exit({ pid }) {
    for (const daemon of this.#daemons.values()) {
      if (daemon.pid === pid) daemon.alive = false;
    }
    return OK;
  }

  /** Sends a request to the daemon of `uid`; `task` sleeps until it is answered or expired. */
  request({ task, uid, payload }) {
    if (this.#sleepers.has(task)) return invalid(`task ${task} is asleep already`);
    const daemon = this.#daemons.get(uid);
    if (!daemon) return refused('ENOTCONN');
    const context = this.#acquire(uid, task);
    if (!context) return refused('ENOMEM');
    if (!daemon.alive) {
      // Nobody will ever wait on this context, so nobody else would give it back.
      this.#release(context);
      return refused('ECONNREFUSED');
    }
    const { index, seq } = context;
    this.#sleepers.set(task, context);
    this.#emit('message', { to: daemon.pid, type: 'request', index, seq, payload });
    return OK;
  }

  /**
   * Delivers a reply to the process that waits for it. Who sends it is checked before what it
   * names, which decides the errno of a doubly wrong reply. A refused reply changes nothing.
   */
  reply({ uid, pid, index, seq, payload }) {
    const context = this.#contexts[index];
    // A context that was never used has no owner with whom to compare the sender.
    if (!context || context.uid === null) return refused('EINVAL');
    // Not who was sent the request counts, but who is registered for its user now.
    const fromDaemon = context.uid === uid && this.#daemons.get(uid)?.pid === pid;
    if (!fromDaemon && this.#fault !== 'skips-pid-check') return refused('EBADMSG');
    const overwrites = context.state === 'done' && this.#fault === 'overwrites-reply';
    if (context.state !== 'pending' && !overwrites) return refused('EINVAL');
    if (context.seq !== seq && this.#fault !== 'skips-sequence-check') return refused('EINVAL');
    context.state = 'done';
    context.payload = payload;
    if (!this.#manualWake) this.wake(context);
    return OK;
  }

  /**
   * Lets a process look: it takes its answer, or gives up if its time is used up, or sleeps on. In
   * this order: a reply that is there wins over a deadline gone by. A process looks by itself as
   * soon as there is something to see, unless `manualWake` leaves it to this command.
   */
  wake({ task }) {
    const context = this.#sleepers.get(task);
    if (!context) return OK;
    const { state, payload, deadline } = context;
    const isDone = state === 'done';
    if (!isDone && deadline > this.#now) return OK;
    this.#sleepers.delete(task);
    if (isDone || this.#fault !== 'leaks-on-timeout') this.#release(context);
    this.#emit('complete', isDone ? { task, payload } : { task, errno: 'ENOMSG' });
    return OK;
  }

  /** Time passes, and the processes whose time is used up wake, the earliest deadline first. */
  advance({ ms }) {
    this.#now += ms;
    if (this.#manualWake) return OK;
    for (const context of this.#sleepers.values()) {
      if (context.deadline > this.#now) break;
      this.wake(context);
    }
    return OK;
  }

  /** Shows what is inside, the records of dead daemons included. */
  inspect() {
    const contexts = this.#contexts.map(({ index, state, seq }) => ({ index, state, seq }));
    const free = this.#free.map(({ index }) => index);
    const allocated = contexts.filter(({ state }) => state !== 'free').map(({ index }) => index);
    const daemons = Array.from(this.#daemons, ([uid, { pid }]) => ({ uid, pid }));
    return { result: { free, allocated, contexts, daemons } };
  }

  /** Takes a context for `task` and numbers the request; undefined when none is free. */
  #acquire(uid, task) {
    const context = this.#free.shift();
    if (!context) return undefined;
    const seq = this.#seq;
    const deadline = this.#now + this.#timeoutMs;
    this.#seq = (seq + 7) >>> 0;
    return Object.assign(context, { state: 'pending', seq, uid, task, deadline });
  }

  /** Gives a context back. Its last owner stays on record, to be compared with late senders. */
  #release(context) {
    context.state = 'free';
    context.payload = null;
    this.#free.push(context);
  }
}

/** The body of the answer to a request that has an id. */
function perform(kernel, { method, params }) {
  if (typeof method !== 'string') return invalid('the request names no method');
  if (!Object.hasOwn(METHODS, method)) return unsupported(`there is no method ${method} here`);
  const wrong = METHODS[method].find((name) => !(PARAMETERS[name] ?? isU32)(params?.[name]));
  if (wrong) return invalid(`parameter ${wrong} of ${method} is missing or not of its kind`);
  if (method === 'initialize') return { result: IDENTITY };
  // Nothing moves between two commands, and `main` ends after a shutdown.
  if (method === 'settle' || method === 'shutdown') return OK;
  return kernel[method](params);
}

/** The request in a line, or undefined if there is none that could be answered. */
function parse(line) {
  try {
    const request = line.length > LINE_MAX ? undefined : JSON.parse(line);
    return Number.isSafeInteger(request?.id) ? request : undefined;
  } catch {
    return undefined;
  }
}

/** The fault that the command line asks for, if any; a wrong command line ends the program. */
function faultFromCommandLine() {
  const [option, fault, ...more] = process.argv.slice(2);
  if (option === undefined) return undefined;
  if (option === '--fault' && Object.hasOwn(FAULTS, fault) && more.length === 0) return fault;
  console.error(`The only option is --fault NAME, with one of ${Object.keys(FAULTS).join(', ')}.`);
  return process.exit(2);
}

/** Works off every complete line of a chunk of input, then writes all its output at once. */
async function main() {
  let output = '';
  const write = (message) => (output += `${JSON.stringify(message)}\n`);
  const kernel = new Kernel((event, params) => write({ event, params }), faultFromCommandLine());
  /** Answers a line, and says whether the next one is to be answered too. */
  const answer = (line) => {
    const request = parse(line);
    if (!request) {
      console.error(`A line of ${line.length} characters is not a request with an id.`);
      process.exitCode = 1;
      return false;
    }
    write({ id: request.id, ...perform(kernel, request) });
    return request.method !== 'shutdown';
  };
  process.stdout.on('error', () => process.exit(1)); // The runner is gone.
  let rest = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    if (rest.length > LINE_MAX) lines.push(rest);
    const goesOn = lines.every(answer);
    if (output !== '' && !process.stdout.write(output)) await once(process.stdout, 'drain');
    output = '';
    if (!goesOn) break;
  }
}

await main();
