import type { Has } from './faults.js';
import type { Habits, Refusal } from './habits.js';

/**
 * Who is whose daemon.
 *
 * A user's records stand newest first; there is more than one only under a fault. The record of a
 * process that died without a word stays, and is known to be dead.
 */

/** Who says something: a process and its user. */
export interface Sender {
  readonly uid: number;
  readonly pid: number;
}

/** One registration. */
export interface Registration extends Sender {
  isAlive: boolean;
  /** It is dead, and its pid belongs to a living process of another user. */
  isUsurped: boolean;
  /** How many requests were refused because it is dead. */
  refusals: number;
}

/** What became of HELO or QUIT. */
export interface Change {
  readonly refusal?: Refusal;
  /** The pids that are told to quit. */
  readonly quits: readonly number[];
}

const nothing: Change = { quits: [] };
const tableMax = 16;

/** The daemons of a system. */
export class Registry {
  readonly #records = new Map<number, Registration[]>();
  /** Everybody who was ever registered, in order. */
  readonly #ever: Registration[] = [];
  readonly #uids = new Map<number, number>();
  readonly #living = new Set<number>();
  readonly #replacements = new Map<number, number>();
  readonly #reclaims = new Map<number, number>();
  readonly #quitters = new Set<number>();
  readonly #habits: Habits;
  readonly #has: Has;

  constructor(habits: Habits, has: Has) {
    this.#habits = habits;
    this.#has = has;
  }

  /** The registration of a user. */
  of(uid: number): Registration | undefined {
    if (uid === 0 && this.#has('root-cannot-register')) return undefined;
    if (uid % 4 === 3 && this.#has('buckets-overflow')) return undefined;
    return this.#records.get(this.#key(uid))?.[0];
  }

  /** Every registration, oldest first. */
  get all(): readonly Registration[] {
    return [...this.#records.values()].flat();
  }

  /** Everybody who was ever registered for a user, or at all. */
  ever(uid?: number): readonly Registration[] {
    return this.#ever.filter((one) => uid === undefined || this.isSameUser(one.uid, uid));
  }

  isSameUser(one: number, other: number): boolean {
    return this.#key(one) === this.#key(other);
  }

  /** A process was seen. */
  see(sender: Sender): void {
    const { uid, pid } = sender;
    this.#uids.set(pid, uid);
    if (this.#living.has(pid)) return;
    this.#living.add(pid);
    for (const record of this.#withPid(pid)) this.#reborn(record, sender);
  }

  /** Whether a process is the registered one of its user: on the device, whether it has a handle. */
  isRegistered({ uid, pid }: Sender): boolean {
    return this.of(uid)?.pid === pid;
  }

  /** Puts a record in the place of those that a user has, or before them. */
  put(record: Registration, place: 'alone' | 'before'): void {
    const key = this.#key(record.uid);
    const rest = place === 'alone' ? [] : (this.#records.get(key) ?? []);
    this.#records.set(key, [record, ...rest]);
  }

  /** What a faulty reset leaves of the system before. */
  inherit(before: Registry): void {
    if (!this.#has('reset-keeps-daemons')) return;
    for (const record of before.all) this.put(record, 'alone');
  }

  helo(sender: Sender, hasRequests: boolean): Change {
    if (this.#has('usurper-helo-takes-over')) this.#dropUsurped(sender.pid);
    const key = this.#key(sender.uid);
    const [old] = this.#records.get(key) ?? [];
    const isSamePid = old !== undefined && !old.isAlive && old.pid === sender.pid;
    if (isSamePid && this.#has('same-pid-stays-dead')) return nothing;
    const held = this.#holdsBack(sender, old, hasRequests);
    if (held !== undefined) return held;
    const registration = registrationOf(sender);
    if (this.#has('helo-replaces-everybody')) this.#records.clear();
    const shadowed = this.#has('helo-adds') && old?.pid !== sender.pid;
    this.put(registration, shadowed ? 'before' : 'alone');
    this.#ever.push(registration);
    return { quits: shadowed ? [] : this.#told(sender, old) };
  }

  quit(sender: Sender): Change {
    if (this.#has('usurper-quits-other') && this.#dropUsurped(sender.pid)) return nothing;
    const key = this.#key(sender.uid);
    const [record] = this.#records.get(key) ?? [];
    if (record === undefined) return this.#quitOfNobody();
    const isItself = record.pid === sender.pid || this.#has('quit-by-any-process');
    if (!isItself) {
      return this.#has('quit-by-another-is-ok') ? nothing : { refusal: 'quit/another', quits: [] };
    }
    if (this.#has('quit-refused')) return { refusal: 'quit/another', quits: [] };
    if (this.#has('quit-does-nothing')) return nothing;
    this.drop(sender.uid);
    this.#quitters.add(sender.pid);
    if (this.#has('quit-unregisters-all')) this.#records.clear();
    return this.#has('quit-echoed') ? { quits: [sender.pid] } : nothing;
  }

  /** A process dies without a word. Returns whether it was registered. */
  exit(pid: number): boolean {
    const uid = this.#uids.get(pid);
    this.#living.delete(pid);
    if (this.#has('usurper-death-unregisters')) this.#dropUsurped(pid);
    for (const record of this.#withPid(pid)) record.isUsurped = false;
    const anyone = this.#has('death-of-anyone') && uid !== undefined ? this.of(uid) : undefined;
    const died = this.all.find((one) => one.pid === pid && one.isAlive) ?? anyone;
    if (died === undefined) return false;
    died.isAlive = false;
    const before = this.ever(died.uid).findLast((one) => one.isAlive && one.pid !== pid);
    if (this.#has('death-brings-back') && before !== undefined) {
      this.#records.set(this.#key(died.uid), [before]);
    }
    const forgets = this.#habits.forgetsTheDead && !this.#has('device-death-leaves-stale');
    if (forgets) this.drop(died.uid);
    if (this.#has('death-unregisters-all')) for (const one of this.all) one.isAlive = false;
    return true;
  }

  /** Takes out the newest record of a user. */
  drop(uid: number): void {
    const key = this.#key(uid);
    const rest = (this.#records.get(key) ?? []).slice(1);
    if (rest.length > 0) this.#records.set(key, rest);
    else this.#records.delete(key);
  }

  #key(uid: number): number {
    if (this.#has('user-in-8-bits')) return uid & 0xff;
    if (this.#has('user-in-16-bits')) return uid & 0xffff;
    return this.#has('user-in-31-bits') ? uid & 0x7fff_ffff : uid;
  }

  /** What a faulty HELO does instead of registering. */
  #holdsBack(
    { uid, pid }: Sender,
    old: Registration | undefined,
    hasRequests: boolean,
  ): Change | undefined {
    const refused: Change = { refusal: 'helo/not-now', quits: [] };
    if (this.#has('helo-does-nothing')) return nothing;
    if (this.#has('helo-waits-for-requests') && hasRequests) return nothing;
    if (this.#habits.opensOnce && old !== undefined) return this.#openAgain(pid, old);
    if (this.#has('quit-then-helo-refused') && this.#quitters.has(pid)) return refused;
    if (old === undefined) {
      return this.#has('sixteen-daemons') && this.#records.size >= tableMax ? nothing : undefined;
    }
    if (!old.isAlive) {
      const reclaims = (this.#reclaims.get(uid) ?? 0) + 1;
      this.#reclaims.set(uid, reclaims);
      if (this.#has('second-reclaim-refused') && reclaims > 1) return refused;
      if (this.#has('reclaim-refused')) return refused;
      if (this.#has('usurped-reclaim-refused') && old.isUsurped) return refused;
      return this.#has('reclaim-does-nothing') ? nothing : undefined;
    }
    if (old.pid === pid) {
      if (this.#has('renewal-refused')) return refused;
      const told = this.#has('renewal-told-and-dropped');
      if (!told && !this.#has('renewal-unregisters')) return undefined;
      this.drop(uid);
      return told ? { quits: [pid] } : nothing;
    }
    if (this.#has('second-refused')) return refused;
    return this.#has('first-stays') ? nothing : undefined;
  }

  /** The device is open already. */
  #openAgain(pid: number, old: Registration): Change | undefined {
    const isItself = old.pid === pid;
    if (isItself && this.#has('open-again-succeeds')) return nothing;
    if (!isItself && this.#has('second-open-replaces')) return undefined;
    if (this.#has('refused-open-closes')) this.drop(old.uid);
    return { refusal: 'helo/not-now', quits: [] };
  }

  /** The pid of a dead daemon belongs to a new process. */
  #reborn(record: Registration, sender: Sender): void {
    const isSame = this.isSameUser(record.uid, sender.uid);
    record.isAlive = isSame && !this.#has('same-pid-stays-dead');
    if (isSame && !record.isAlive) return;
    record.isUsurped = !record.isAlive;
    if (record.isAlive) return;
    if (this.#has('reuse-clears-stale')) this.drop(record.uid);
    if (this.#has('usurper-is-registered')) this.put(registrationOf(sender), 'alone');
  }

  /** Takes out the dead daemon whose pid belongs to somebody else. Returns whether there was one. */
  #dropUsurped(pid: number): boolean {
    const usurped = this.#withPid(pid).find((one) => one.isUsurped);
    if (usurped !== undefined) this.drop(usurped.uid);
    return usurped !== undefined;
  }

  #withPid(pid: number): readonly Registration[] {
    return this.all.filter((one) => one.pid === pid);
  }

  /** Who is told to quit when a process has registered. */
  #told({ uid, pid }: Sender, old: Registration | undefined): readonly number[] {
    if (old === undefined) return this.#has('quit-to-first') ? [pid] : [];
    if (!old.isAlive) {
      const tells = old.isUsurped && this.#habits.tellsStranger;
      return tells || this.#has('quit-to-dead') ? [old.pid] : [];
    }
    if (old.pid === pid) {
      return this.#habits.quitsOnRenewal && !this.#has('renewal-untold') ? [pid] : [];
    }
    const replacements = (this.#replacements.get(uid) ?? 0) + 1;
    this.#replacements.set(uid, replacements);
    if (this.#has('third-successor-silent') && replacements === 3) return [];
    if (this.#has('quit-unsent')) return [];
    if (this.#has('quit-sent-twice')) return [old.pid, old.pid];
    if (this.#has('quit-to-successor')) return [pid];
    if (this.#has('quit-to-both')) return [old.pid, pid];
    const others = this.all.filter((one) => one.isAlive && one.pid !== pid);
    const everybody = [old.pid, ...others.map((one) => one.pid)];
    return this.#has('quit-to-everybody') ? everybody : [old.pid];
  }

  #quitOfNobody(): Change {
    const [first] = this.all;
    if (this.#has('quit-by-any-user') && first !== undefined) {
      this.drop(first.uid);
      return nothing;
    }
    return this.#has('quit-of-nobody-is-ok') ? nothing : { refusal: 'quit/nobody', quits: [] };
  }
}

function registrationOf(sender: Sender): Registration {
  const { uid, pid } = sender;
  return { uid, pid, isAlive: true, isUsurped: false, refusals: 0 };
}
