import type { Answer, Call, Claims, Clock, Subject, SubjectEvent } from '../../subject.js';
import { AdapterBroke } from '../../subject.js';
import { nameOfDeath } from './console.js';
import type { Ready } from './image.js';
import { imageOf, insertion } from './image.js';
import type { Half, LinuxTarget } from './kernels.js';
import type { Said } from './machine.js';
import { Machine, MachineLost } from './machine.js';
import { mountOrder, payloadOf, readPacket, replyPacket, sealedFile } from './packets.js';

/**
 * The real Linux kernel as an implementation under test: its own fs/ecryptfs, in a virtual machine.
 *
 * Theory of operation. Registering is opening /dev/ecryptfs, asking is creating a file (Tag 66) or opening
 * one whose key is not known yet (Tag 64), answering is writing to the device, and what the sleeping call
 * returns is how the request ends. So payloads are the kernel's own. Messages wait in the kernel until
 * they are read, which is done by command or, where the case does not ask for that, at each `settle`.
 *
 * Time is the guest's: real time for the kernel, in which nobody here needs to wait. Virtual time it is not:
 * the kernel counts time-outs in ticks of 4 ms and returns from one of a second up to 40 ms late.
 *
 * Between cases the module is loaded anew. A machine that has died, or in which something was left that
 * nobody can read, is replaced by one that is restored from its saved state.
 */

const capabilities = ['results', 'raw', 'exit', 'interrupt', 'manualRead'];
const contextsMax = 64;
const payloadMaxBytes = 512;
/** Longer than the agent itself waits for what hangs, and than a guest with much to do takes on a busy machine. */
const orderMs = 60_000;
/** A kernel's timers are at most an eighth late. */
const latest = 1.25;

/** The kernel as a subject. Made by `start`. */
export class LinuxSubject implements Subject {
  readonly claims: Claims;
  readonly clock: Clock = {
    nowMs: () => this.#beforeMs + this.#machine.nowMs,
    sleep: async (ms) => {
      if (ms > 0) await this.#order(`sleep ${Math.ceil(ms)}`);
    },
  };
  readonly #image: Ready;
  readonly #half: Half;
  #machine: Machine;
  /** What passed in the machines before this one. */
  #beforeMs = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #isLoaded = false;
  #reads: 'read' | 'leave' = 'read';
  /** The user of each process of this case. */
  readonly #users = new Map<number, number>();
  readonly #asleep = new Set<number>();
  /** How many messages may lie in the kernel: requests that were neither read nor refused. */
  #unread = 0;
  #timeoutMs = 0;

  private constructor(image: Ready, half: Half, machine: Machine) {
    this.#image = image;
    this.#half = half;
    this.#machine = machine;
    this.claims = {
      name: half === 'create' ? 'linux' : 'linux-open',
      version: image.version,
      role: 'kernel',
      profile: 'device-6',
      capabilities: new Set(capabilities),
      contextsMin: 1,
      contextsMax,
      payloadMax: payloadMaxBytes,
      timeoutMinMs: 1000,
      timeoutStepMs: 1000,
      framing: 'device',
      endian: 'little',
      language: 'c',
    };
  }

  /** @throws AdapterBroke when the kernel is not prepared, or does not come up */
  static async start({ kernel, half }: LinuxTarget): Promise<LinuxSubject> {
    const image = imageOf(kernel);
    if (typeof image === 'string') throw new AdapterBroke('start', image);
    return new LinuxSubject(image, half, await begin(image));
  }

  /** The processes that live now. */
  get pids(): readonly number[] {
    return [this.#machine.pid];
  }

  /** Calls are worked off one by one. */
  call(call: Call): Promise<Answer> {
    const answered = this.#turn.then(() => this.#answer(call));
    this.#turn = answered.catch(() => undefined);
    return answered;
  }

  async close(): Promise<void> {
    await this.#machine.end();
  }

  async #answer(call: Call): Promise<Answer> {
    switch (call.method) {
      case 'reset':
        return this.#reset(call.params);
      case 'helo':
        return this.#order(`open ${this.#process(call.params)}`);
      case 'quit':
        return this.#order(`close ${this.#process(call.params)}`);
      case 'exit':
        this.#users.delete(call.params.pid);
        return this.#order(`kill ${call.params.pid}`);
      case 'request':
        return this.#request(call.params);
      case 'reply': {
        const { index, seq } = call.params;
        return this.#write(call.params, replyPacket(this.#half, { index, sequence: seq }));
      }
      case 'raw':
        return this.#write(call.params, Buffer.from(call.params.bytes, 'hex'));
      case 'read': {
        const { pid } = call.params;
        const uid = this.#users.get(pid);
        // Nobody can have written to a process that never was.
        return uid === undefined ? ok : this.#order(`read ${pid} ${uid}`);
      }
      case 'interrupt':
        return this.#order(`signal ${call.params.task}`);
      case 'settle':
        return this.#order(`settle ${this.#reads}`);
      case 'shutdown':
        return ok;
      case 'wake':
      case 'failSend':
      case 'advance':
      case 'inspect':
        return { events: [], error: { code: 'UNSUPPORTED' } };
    }
  }

  async #reset(params: (Call & { method: 'reset' })['params']): Promise<Answer> {
    const { contexts, timeoutMs, manualRead } = params;
    if (!(await this.#isClean())) {
      await this.#machine.end();
      const next = await begin(this.#image);
      this.#beforeMs += this.#machine.nowMs;
      this.#machine = next;
    }
    this.#users.clear();
    this.#asleep.clear();
    this.#unread = 0;
    this.#reads = manualRead ? 'leave' : 'read';
    const seconds = Math.ceil(timeoutMs / 1000);
    this.#timeoutMs = timeoutMs;
    this.#isLoaded = true;
    const orders = [insertion({ contexts, seconds }), 'mount /lower mode=0777', mountOrder];
    const answers = await Promise.all(orders.map((words) => this.#order(words)));
    return answers.find(({ error }) => error !== undefined) ?? ok;
  }

  /** Whether the module could be taken out, and nothing of the case before is left. */
  async #isClean(): Promise<boolean> {
    if (this.#machine.isLost) return false;
    const orders = [...this.#users.keys()].map((pid) => `kill ${pid}`);
    if (this.#isLoaded) orders.push('unmount /mnt', 'unmount /lower', 'remove ecryptfs');
    try {
      if (!(await this.#isAtRest())) return false;
      const said = await Promise.all(orders.map((words) => this.#machine.order(words, orderMs)));
      this.#isLoaded = false;
      return said.every(({ errno }) => errno === undefined);
    } catch {
      // What was wrong with it was seen in the case, or never.
      return false;
    }
  }

  /** Who still sleeps is let wake; but not where something lies unread, of which the kernel might die. */
  async #isAtRest(): Promise<boolean> {
    if (this.#unread > 0) await this.#order('settle read');
    if (this.#unread > 0) return false;
    if (this.#asleep.size > 0) await this.clock.sleep(latest * this.#timeoutMs);
    if (this.#asleep.size > 0) await this.#order('settle leave');
    return this.#asleep.size === 0;
  }

  #process({ uid, pid }: { readonly uid: number; readonly pid: number }): string {
    this.#users.set(pid, uid);
    return `${pid} ${uid}`;
  }

  #write(by: { uid: number; pid: number }, packet: Uint8Array): Promise<Answer> {
    return this.#order(`write ${this.#process(by)} ${Buffer.from(packet).toString('hex')}`);
  }

  #request({ task, uid }: { readonly task: number; readonly uid: number }): Promise<Answer> {
    this.#asleep.add(task);
    this.#unread += 1;
    const { lengthBytes, begin: head } = sealedFile;
    const file = this.#half === 'create' ? '' : ` ${lengthBytes} ${Buffer.from(head()).toString('hex')}`; // prettier-ignore
    return this.#order(`ask ${task} ${uid}${file}`);
  }

  async #order(words: string): Promise<Answer> {
    try {
      return this.#answerOf(await this.#machine.order(words, orderMs));
    } catch (error) {
      if (!(error instanceof MachineLost)) throw error;
      const { lastWords } = this.#machine;
      const said = lastWords === '' ? 'its console is empty' : `its console:\n${lastWords}`;
      const message = `the implementation died: ${error.message}; ${said}`;
      throw new AdapterBroke('death', message, nameOfDeath(lastWords));
    }
  }

  #answerOf({ lines, errno }: Said): Answer {
    const events = lines.flatMap((line) => this.#event(line.split(' ')));
    if (errno === undefined) return { events, result: {} };
    return { events, error: { code: 'ERRNO', errno } };
  }

  #event([what, label = '', rest = '']: readonly string[]): SubjectEvent[] {
    if (what === 'message') {
      this.#unread -= 1;
      const { index, seq } = readPacket(Buffer.from(rest, 'hex'));
      const payload = payloadOf(this.#half);
      return [{ event: 'message', to: Number(label), type: 'request', index, seq, payload }];
    }
    if (what !== 'done') return [];
    const task = Number(label);
    this.#asleep.delete(task);
    if (rest === '0') return [{ event: 'complete', task }];
    if (rest === 'ENOTCONN' || rest === 'ENOMEM') this.#unread -= 1;
    return [{ event: 'complete', task, errno: rest }];
  }
}

const ok: Answer = { events: [], result: {} };

async function begin(image: Ready): Promise<Machine> {
  try {
    return await Machine.start(image);
  } catch (error) {
    if (!(error instanceof MachineLost)) throw error;
    throw new AdapterBroke('start', `${error.message}; is it prepared for this emulator?`);
  }
}
