import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, Call, Claims, Subject, SubjectEvent } from '../subject.js';
import { version } from '../version.js';
import type { Order, PartyPlace } from './parties.js';
import { Party } from './parties.js';
import type { View } from './view.js';

/**
 * The reference implementation as processes that have nothing but a transport between them: one is the
 * kernel side, and each daemon and each user who asks is one more, under a uid of its own. Time is real.
 *
 * Theory of operation. A datagram is in the queue of its receiver when the send returns. So after
 * each call the kernel side is ordered to take what has come, and at a `settle` each process too: then
 * nothing is under way, and no clock was needed to know it. What is under way cannot be withdrawn, and who does not read keeps it
 * in its queue: that is how messages wait with `manualRead`. The death of a process is a real one.
 *
 * Processes are used again in later cases, unless they died; their ends are opened anew. The users of
 * a case are given uids from 60001 on.
 */

const capabilities = [
  'results', 'payload', 'exit', 'inspect', 'manualWake', 'manualRead', 'interrupt', 'raw', 'wideLabels',
]; // prettier-ignore

const firstUid = 60_001;
/** So many processes wait for the next case; the others of a large case are ended with it. */
const idleMax = 16;
/** Ports above every pid; each run has its own. */
const portBase = 0x6000_0000;

/** The transports between processes. */
export type SystemTransport = PartyPlace['transport'];

/** How the reference system is started. */
export interface SystemOptions {
  readonly transport: SystemTransport;
  /** How long each process may take for what it is ordered to, in milliseconds. */
  readonly deadlineMs: number;
  /** The program of its processes, where it is not beside this file. */
  readonly program?: string;
}

interface Labelled {
  readonly pid: number;
  readonly party: Party;
}

/** The reference system as a subject. Made by `start`. */
export class SystemSubject implements Subject {
  readonly claims: Claims;
  readonly #place: PartyPlace;
  readonly #folder: string | undefined;
  readonly #options: SystemOptions;
  /** Every process that was started and not seen to end. */
  readonly #started = new Set<Party>();
  #kernel: Party;
  /** Processes that no label of this case has, by uid. */
  readonly #idle = new Map<number, Party[]>();
  readonly #uids = new Map<number, number>();
  readonly #daemons = new Map<number, Party>();
  readonly #askers = new Map<number, Party>();
  /** The labels of all processes that this case had, the dead too, by their real pids. */
  readonly #pids = new Map<number, number>();
  /** The task numbers of the kernel side are those of its calls, in order. */
  readonly #tasks = new Map<number, { readonly nth: number; readonly asker: Party }>();
  #manualRead = false;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: SystemOptions) {
    const { transport } = options;
    this.#options = options;
    this.#folder = transport === 'channel' ? openFolder() : undefined;
    this.#place =
      this.#folder === undefined
        ? { transport: 'netlink', port: portBase + process.pid * 2 }
        : { transport: 'channel', path: join(this.#folder, 'kernel') };
    this.#kernel = this.#start(process.getuid?.() ?? 0);
    this.claims = {
      name: `msgctx-reference-${transport}`,
      version,
      role: 'kernel',
      profile: 'seed',
      capabilities: new Set(capabilities),
      contextsMin: 1,
      contextsMax: 4096,
      payloadMax: 65_536,
      timeoutMinMs: 1,
      timeoutStepMs: 1,
      framing: 'netlink',
      endian: 'little',
      language: 'typescript',
    };
  }

  /** @throws AdapterBroke when there is no such transport, or this user may not start processes of others */
  static async start(options: SystemOptions): Promise<SystemSubject> {
    const subject = new SystemSubject(options);
    try {
      await subject.#reset({ contexts: 1, timeoutMs: 1, manualRead: false, manualWake: false });
      // Nobody but root can become two others.
      for (const uid of [firstUid, firstUid + 1]) {
        subject.#idleOf(uid).push(await subject.#take(uid));
      }
      return subject;
    } catch (error) {
      await subject.close();
      throw error;
    }
  }

  /** The processes that live now. */
  get pids(): readonly number[] {
    return [...this.#started].map(({ pid }) => pid);
  }

  /** Calls are worked off one by one. */
  call(call: Call): Promise<Answer> {
    const answered = this.#turn.then(() => this.#answer(call));
    this.#turn = answered.catch(() => undefined);
    return answered;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#started].map((party) => party.kill()));
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  get #labelled(): readonly Party[] {
    return [...this.#daemons.values(), ...this.#askers.values()];
  }

  async #answer(call: Call): Promise<Answer> {
    switch (call.method) {
      case 'reset':
        await this.#reset(call.params);
        return ok;
      case 'helo':
      case 'quit':
        return this.#send(call.params, { do: 'say', type: call.method });
      case 'reply': {
        const { index, seq, payload } = call.params;
        return this.#send(call.params, { do: 'respond', index, sequence: seq, payload });
      }
      case 'raw': {
        await this.#send(call.params, { do: 'raw', bytes: call.params.bytes });
        return ok;
      }
      case 'exit':
        await this.#exit(call.params.pid);
        return ok;
      case 'request':
        await this.#request(call.params);
        return ok;
      case 'read': {
        const party = this.#daemons.get(call.params.pid);
        const read = { do: 'read', to: call.params.pid, most: 1 } as const;
        return { events: (await party?.order(read))?.events ?? [], result: {} };
      }
      case 'wake':
        await this.#kernel.order({ do: 'look', task: this.#tasks.get(call.params.task)?.nth ?? 0 });
        return ok;
      case 'interrupt':
        this.#tasks.get(call.params.task)?.asker.interrupt();
        return ok;
      case 'inspect':
        return {
          events: [],
          result: this.#named((await this.#kernel.order({ do: 'inspect' })).view),
        };
      case 'settle':
        return { events: await this.#settle(), result: {} };
      case 'shutdown':
        return ok;
      case 'failSend':
      case 'advance':
        return { events: [], error: { code: 'UNSUPPORTED' } };
    }
  }

  async #reset(params: (Call & { method: 'reset' })['params']): Promise<void> {
    const { contexts, timeoutMs, manualWake, manualRead } = params;
    if (this.#kernel.isGone) this.#kernel = this.#start(this.#kernel.uid);
    const used = this.#labelled.filter((party) => !party.isGone);
    this.#daemons.clear();
    this.#askers.clear();
    this.#uids.clear();
    this.#tasks.clear();
    this.#pids.clear();
    this.#manualRead = manualRead;
    const place = this.#place;
    await this.#kernel.order({ do: 'listen', place, contexts, timeoutMs, manualWake });
    await Promise.all(used.map((party) => this.#rest(party)));
  }

  /** A process sends, the kernel side reads, and says what it made of it. */
  async #send({ uid, pid }: { uid: number; pid: number }, order: Order): Promise<Answer> {
    const party = this.#daemons.get(pid) ?? (await this.#take(this.#uidOf(uid)));
    this.#daemons.set(pid, party);
    this.#pids.set(party.pid, pid);
    await party.order(order);
    const { heard = [] } = await this.#kernel.order({ do: 'drain' });
    const errno = heard.find((one) => one.pid === party.pid)?.refusal;
    return errno === undefined ? ok : { events: [], error: { code: 'ERRNO', errno } };
  }

  async #request({ task, uid, payload }: (Call & { method: 'request' })['params']): Promise<void> {
    const asker = this.#askers.get(uid) ?? (await this.#take(this.#uidOf(uid)));
    this.#askers.set(uid, asker);
    this.#tasks.set(task, { nth: this.#tasks.size + 1, asker });
    await asker.order({ do: 'call', number: task, payload });
    await this.#kernel.order({ do: 'drain' });
  }

  async #exit(pid: number): Promise<void> {
    const party = this.#daemons.get(pid);
    this.#daemons.delete(pid);
    if (party === undefined) return;
    await this.#end(party);
    // The next case may want one as well, and starting takes its time.
    if (this.#idleCount < idleMax) this.#idleOf(party.uid).push(this.#start(party.uid));
  }

  /** Lets a process wait for the next case, or ends it. */
  async #rest(party: Party): Promise<void> {
    if (this.#idleCount >= idleMax) return this.#end(party);
    this.#idleOf(party.uid).push(party);
    await party.order({ do: 'connect', place: this.#place });
  }

  async #end(party: Party): Promise<void> {
    await party.kill();
    this.#started.delete(party);
  }

  get #idleCount(): number {
    return [...this.#idle.values()].reduce((sum, { length }) => sum + length, 0);
  }

  async #settle(): Promise<SubjectEvent[]> {
    await this.#kernel.order({ do: 'drain' });
    const readers: Labelled[] = [...this.#askers].map(([, party]) => ({ pid: 0, party }));
    if (!this.#manualRead) for (const [pid, party] of this.#daemons) readers.push({ pid, party });
    const most = Number.MAX_SAFE_INTEGER;
    const answers = await Promise.all(
      readers.map(({ pid, party }) => party.order({ do: 'read', to: pid, most })),
    );
    return answers.flatMap(({ events = [] }) => events);
  }

  /** What it shows, in the labels of the case. */
  #named(view: View | undefined): Record<string, unknown> {
    const uids = new Map([...this.#uids].map(([label, uid]) => [uid, label]));
    const daemons = view?.daemons.map(({ uid, pid }) => ({
      uid: uids.get(uid) ?? uid,
      pid: this.#pids.get(pid) ?? pid,
    }));
    return { ...view, daemons };
  }

  #uidOf(label: number): number {
    const uid = this.#uids.get(label) ?? firstUid + this.#uids.size;
    this.#uids.set(label, uid);
    return uid;
  }

  #idleOf(uid: number): Party[] {
    const idle = this.#idle.get(uid) ?? [];
    this.#idle.set(uid, idle);
    return idle;
  }

  /** A process of a user that nobody needs otherwise. */
  async #take(uid: number): Promise<Party> {
    const party = this.#idleOf(uid).shift() ?? this.#start(uid);
    await party.order({ do: 'connect', place: this.#place });
    return party;
  }

  #start(uid: number): Party {
    const { deadlineMs, program } = this.#options;
    const party = new Party({ uid, deadlineMs, program });
    this.#started.add(party);
    return party;
  }
}

const ok: Answer = { events: [], result: {} };

/** A folder that every user may enter. */
function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
  chmodSync(folder, 0o755);
  return folder;
}
