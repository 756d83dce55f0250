import type { Command, Process } from '../../model/index.js';
import type { Framed } from '../framing/message.js';
import { messageTypes } from '../framing/message.js';
import type { Call, SubjectEvent } from '../subject.js';
import type { Packet } from './record.js';

/** Which processes and users the numbers of a capture stand for; capture.ts says what is assumed. */

/** One thing that happened, in the words of the model. */
export interface Happening {
  readonly command: Command;
  readonly call: Call;
  readonly events: readonly SubjectEvent[];
  /** What the packet said. */
  readonly text: string;
}

/** Names processes as they appear, and says what each message amounts to. */
export class Naming {
  /** The processes of each user, by their pids; 0 where it is not known. */
  readonly #users: number[][] = [];
  /** Which of its processes is registered for each user. */
  readonly #registered: (number | undefined)[] = [];
  /** The user of the last request in each context. */
  readonly #asked = new Map<number, number>();
  /** HELOs that nothing was seen of yet, by pid. */
  #helos: number[] = [];
  /** Processes that are known to have been registered once. */
  readonly #known = new Set<number>();
  #requests = 0;

  get extent(): { readonly users: number; readonly processes: number } {
    const processes = Math.max(1, ...this.#users.map((pids) => pids.length));
    return { users: Math.max(1, this.#users.length), processes };
  }

  /** What a packet amounts to. */
  read({ to }: Pick<Packet, 'to'>, { type, index, sequence, pid = 0, data }: Framed): Happening[] {
    // It may hold a key: nobody shows it.
    const payload = `of ${data?.length ?? 0} bytes`;
    switch (type) {
      case messageTypes.request:
        return this.#request({ pid, index, seq: sequence, payload });
      case messageTypes.response:
        return this.#response({ pid, index, seq: sequence, payload });
      case messageTypes.helo:
        this.#helos.push(pid);
        return [];
      default: {
        // Where nobody says it: a message to quit follows a HELO.
        const isHeard = this.#helos.length > 0;
        const isToUser = to === 'user' || (to === 'unknown' && pid !== 0 && isHeard);
        return isToUser ? this.#told(pid) : this.#quits(pid);
      }
    }
  }

  /** A request that was sent to a process. */
  #request(message: { pid: number; index: number; seq: number; payload: string }): Happening[] {
    const { pid, index, seq, payload } = message;
    const text = `REQUEST to pid ${pid}, index ${index}, seq ${seq}`;
    const before = this.#appear(pid, text);
    const user = this.#userOf(pid) ?? 0;
    this.#asked.set(index, user);
    this.#requests += 1;
    const request = this.#requests;
    const uid = user + 1;
    return [
      ...before,
      {
        command: { do: 'request', request, user: user + 1 },
        call: { method: 'request', params: { task: request, uid, payload } },
        events: [{ event: 'message', to: pid, type: 'request', index, seq, payload }],
        text,
      },
    ];
  }

  /** The user that a process is registered for, or was; the one that it is registered for first. */
  #userOf(pid: number): number | undefined {
    const now = this.#users.findIndex(
      (pids, user) => pids[this.#registered[user] ?? -1] === pid && pid !== 0,
    );
    const ever = now === -1 ? this.#users.findIndex((pids) => pids.includes(pid)) : now;
    return ever === -1 ? undefined : ever;
  }

  #isRegistered(pid: number): boolean {
    return this.#users.some((pids, user) => pids[this.#registered[user] ?? -1] === pid);
  }

  /** A process shows that it is registered: by its HELO, or from before the capture. */
  #appear(pid: number, text: string): Happening[] {
    if (this.#isRegistered(pid)) return [];
    const own = this.#helos.indexOf(pid);
    const nameless = this.#helos.indexOf(0);
    const unknown = this.#users.findIndex((pids, user) => pids[this.#registered[user] ?? -1] === 0);
    const isNew = !this.#known.has(pid);
    if (own !== -1) this.#helos.splice(own, 1);
    else if (unknown !== -1) return [this.#helo(unknown, pid, [], text)];
    else if (nameless !== -1) this.#helos.splice(nameless, 1);
    else if (!isNew) return [];
    const user = this.#userOf(pid) ?? this.#users.push([]) - 1;
    return [this.#helo(user, pid, [], text)];
  }

  #helo(user: number, pid: number, events: readonly SubjectEvent[], text: string): Happening {
    const by = this.#process(user, pid);
    this.#registered[user] = by.process - 1;
    this.#known.add(pid);
    const call: Call = { method: 'helo', params: { uid: by.user, pid } };
    return { command: { do: 'helo', by }, call, events, text };
  }

  #process(user: number, pid: number): Process {
    const pids = (this.#users[user] ??= []);
    if (!pids.includes(pid)) pids.push(pid);
    return { user: user + 1, process: pids.indexOf(pid) + 1 };
  }

  /** A process was told to quit: a HELO has replaced it, or it said HELO again itself. */
  #told(pid: number): Happening[] {
    const text = `QUIT to pid ${pid}`;
    const events: readonly SubjectEvent[] = [{ event: 'message', to: pid, type: 'quit' }];
    const before = this.#appear(pid, text);
    const user = this.#userOf(pid);
    const others = this.#helos.findIndex((one) => one !== pid);
    const place = others === -1 ? this.#helos.indexOf(pid) : others;
    if (place === -1 || user === undefined) {
      const command = { do: 'settle' } as const;
      const call = { method: 'settle', params: {} } as const;
      return [...before, { command, call, events, text }];
    }
    const [by = 0] = this.#helos.splice(place, 1);
    return [...before, this.#helo(user, by, events, text)];
  }

  #quits(pid: number): Happening[] {
    const text = `QUIT by pid ${pid}`;
    const registered = this.#users.flatMap(
      (pids, user) => pids[this.#registered[user] ?? -1] ?? [],
    );
    const [only] = registered;
    const who = pid !== 0 ? pid : registered.length === 1 && this.#helos.length === 0 ? only : 0;
    if (who === undefined || who === 0) {
      this.#helos = this.#helos.toSpliced(this.#helos.indexOf(0), Number(this.#helos.includes(0)));
      return [];
    }
    const before = this.#appear(who, text);
    const user = this.#userOf(who);
    if (user === undefined) return before;
    const by = this.#process(user, who);
    if (this.#registered[user] === by.process - 1) this.#registered[user] = undefined;
    const call: Call = { method: 'quit', params: { uid: by.user, pid: who } };
    return [...before, { command: { do: 'quit', by }, call, events: [], text }];
  }

  /** A reply, by whoever of the user's processes it can be. */
  #response(message: { pid: number; index: number; seq: number; payload: string }): Happening[] {
    const { pid, index, seq, payload } = message;
    const text = `RESPONSE by pid ${pid}, index ${index}, seq ${seq}`;
    const user = this.#asked.get(index);
    // To a request from before the capture.
    if (user === undefined) return [];
    const pids = this.#users[user] ?? [];
    const before = pid === 0 || pids.includes(pid) ? [] : this.#appear(pid, text);
    const registrant = pids[this.#registered[user] ?? -1];
    const who = pid === 0 || registrant === 0 ? registrant : pid;
    const sender = who === undefined ? undefined : pids.includes(who) ? user : this.#userOf(who);
    if (who === undefined || sender === undefined) return before;
    const by = this.#process(sender, who);
    const params = { uid: by.user, pid: who, index, seq, payload };
    const command: Command = { do: 'reply', by, index: { is: index }, sequence: { is: seq } };
    return [...before, { command, call: { method: 'reply', params }, events: [], text }];
  }
}
