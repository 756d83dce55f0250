import type { Has } from './faults.js';
import type { Habits, Refusal } from './habits.js';
import type { Context, Pool } from './pool.js';
import type { Registration, Registry, Sender } from './registry.js';

/**
 * The checks of a reply: what it names, who sends it, what it says.
 *
 * The usual order is that of Linux 2.6.24. Linux 2.6.21 compares the pid of the sender only, with the
 * daemon of whomever the context served last; on the device an open handle is all that is asked for.
 */

/** A reply, before it is checked. */
export interface Reply extends Sender {
  readonly index: number;
  readonly seq: number;
  /** In hex. */
  readonly payload: string;
  /** It came as bytes. */
  readonly isRaw?: true;
}

/** What the checks look at. */
export interface Scene {
  readonly pool: Pool;
  readonly registry: Registry;
  readonly habits: Habits;
  readonly has: Has;
  /** The user of the latest request. */
  readonly latestUid: number;
}

const guessesMax = 5;

/** The context that a reply names. */
export function contextNamed({ index, seq }: Reply, { pool, has }: Scene): Context | undefined {
  const { contexts } = pool;
  const inUse = (one: Context) => one.state !== 'free' && one.seq === seq;
  if (has('finds-by-number')) return contexts.find(inUse) ?? contexts[index];
  if (has('index-from-one')) return contexts[index - 1];
  if (has('index-one-too-high')) return contexts[index + 1];
  if (has('index-in-8-bits')) return contexts[index & 0xff];
  if (has('index-in-16-bits')) return contexts[index & 0xffff];
  if (has('index-in-31-bits')) return contexts[index & 0x7fff_ffff];
  if (has('index-modulo-pool')) return contexts[index % contexts.length];
  if (has('index-last-is-last') && index === 2 ** 32 - 1) return contexts.at(-1);
  return contexts[index] ?? (has('outside-is-first') ? contexts[0] : undefined);
}

/** The first check that a reply fails, if any. */
export function refusalOf(
  reply: Reply,
  context: Context | undefined,
  scene: Scene,
): Refusal | undefined {
  const { has, habits } = scene;
  if (habits.sender === 'handle' && !hasHandle(reply, scene)) return 'reply/no-handle';
  if (context === undefined) return 'reply/index';
  if (habits.sender === 'handle') return refusalOnDevice(reply, context, scene);
  if (habits.sender === 'process') return refusalByProcess(reply, context, scene);
  const isIdle = context.state === 'free' && !has('late-reply-accepted');
  const isAnswered = context.state === 'done';
  const compares = habits.remembersLastUser && context.uid !== undefined;
  const early = has('state-before-sender') && isAnswered;
  const strange = early || isIdle ? undefined : senderRefusal(reply, context, scene);
  if (isIdle) {
    const first = compares || has('sender-before-use');
    return (first ? senderRefusal(reply, context, scene) : undefined) ?? 'reply/idle';
  }
  if (early) return 'reply/answered';
  if (has('number-before-sender') && !isAnswered && context.seq !== reply.seq) {
    return 'reply/number';
  }
  if (strange !== undefined) return strange;
  const takesSecond = has('second-reply-wins') || has('second-reply-noted');
  if (isAnswered && !takesSecond) return 'reply/answered';
  if (!numberFits(reply.seq, context, scene)) return 'reply/number';
  if (context.isSpoilt) return 'reply/idle';
  return reply.payload === '' && has('empty-reply-refused') ? 'reply/idle' : undefined;
}

function hasHandle(reply: Reply, { registry, has }: Scene): boolean {
  if (registry.isRegistered(reply) || has('reply-without-handle')) return true;
  if (reply.isRaw === true && has('written-without-handle')) return true;
  return has('reply-after-close') && registry.ever(reply.uid).some(({ pid }) => pid === reply.pid);
}

/** The checks of Linux 3.6 and later, once the handle is there. */
function refusalOnDevice(reply: Reply, context: Context, scene: Scene): Refusal | undefined {
  const { registry, has } = scene;
  const daemon = context.uid === undefined ? undefined : registry.of(context.uid);
  if (context.state !== 'pending') return 'reply/answered';
  if (has('device-asks-for-sender') && daemon?.pid !== reply.pid) return 'reply/process';
  return numberFits(reply.seq, context, scene) ? undefined : 'reply/number';
}

/** The checks of Linux 2.6.21, which knows whom a context served last. */
function refusalByProcess(reply: Reply, context: Context, scene: Scene): Refusal | undefined {
  const { registry, has } = scene;
  const { uid, state } = context;
  const isPending = state === 'pending';
  if (uid === undefined) return has('unused-has-daemon') ? 'reply/no-daemon' : 'reply/idle';
  if (has('last-user-forgotten') && state === 'free') return 'reply/idle';
  if (has('netlink-state-first') && !isPending) return 'reply/answered';
  const record = registry.of(uid);
  if (record === undefined) return 'reply/no-daemon';
  const fits = numberFits(reply.seq, context, scene);
  if (has('netlink-number-first') && isPending && !fits) return 'reply/number';
  if (has('netlink-asks-for-user') && !registry.isSameUser(reply.uid, uid)) return 'reply/user';
  if (record.pid !== reply.pid && !has('netlink-ignores-process')) return 'reply/process';
  if (!isPending) return 'reply/answered';
  return fits ? undefined : 'reply/number';
}

function senderRefusal(sender: Reply, context: Context, scene: Scene): Refusal | undefined {
  const { registry, has } = scene;
  const uid = has('user-of-latest') ? scene.latestUid : context.uid;
  const record = uid === undefined ? undefined : registry.of(uid);
  if (uid === undefined || (record === undefined && !has('ignores-missing-daemon'))) {
    return vouched(sender, context, record, scene) ? undefined : 'reply/no-daemon';
  }
  if (vouched(sender, context, record, scene)) return undefined;
  if (!registry.isSameUser(sender.uid, uid) && !has('ignores-user')) return 'reply/user';
  if (record === undefined || !isSamePid(record.pid, sender.pid, has)) return 'reply/process';
  if (has('recipient-only') && sender.pid !== context.recipient) return 'reply/process';
  const [first] = registry.ever(uid);
  return has('first-daemon-only') && sender.pid !== first?.pid ? 'reply/process' : undefined;
}

function isSamePid(one: number, other: number, has: Has): boolean {
  if (has('process-in-8-bits')) return ((one ^ other) & 0xff) === 0;
  if (has('process-in-16-bits')) return ((one ^ other) & 0xffff) === 0;
  if (has('process-in-31-bits')) return ((one ^ other) & 0x7fff_ffff) === 0;
  return one === other;
}

/** Whether a fault lets a sender through whom the rules would refuse. */
function vouched(
  sender: Reply,
  context: Context,
  record: Registration | undefined,
  { registry, has }: Scene,
): boolean {
  const { uid, pid } = sender;
  if (has('ignores-sender')) return true;
  if (has('raw-sender-unasked') && sender.isRaw === true) return true;
  if (has('usurper-helps-itself') && record?.isUsurped === true && record.pid === pid) {
    return registry.isRegistered(sender);
  }
  if (has('root-may-answer') && uid === 0) return true;
  if (has('any-daemon') && registry.of(uid)?.pid === pid) return true;
  const isUser = uid === context.uid;
  if (has('ignores-process') && isUser && record !== undefined) return true;
  if (has('anybody-after-death') && isUser && record?.isAlive === false) return true;
  if (has('anybody-after-quit') && isUser && record === undefined) return true;
  if (has('recipient-too') && pid === context.recipient) return true;
  if (has('daemon-after-quit') && record === undefined && pid === context.recipient) return true;
  return has('predecessor-too') && isUser && registry.ever(uid).some((one) => one.pid === pid);
}

/** Whether the number of a reply is the request's. */
function numberFits(seq: number, context: Context, { pool, has }: Scene): boolean {
  const right = context.seq;
  const differ = (right ^ seq) >>> 0;
  if (seq === right) return !has('compares-with-latest') || seq === pool.latest;
  if (has('ignores-number') || (has('full-pool-trusts') && pool.isFull)) return true;
  if (has('compares-with-latest')) return seq === pool.latest;
  if (has('number-in-8-bits')) return (differ & 0xff) === 0;
  if (has('number-in-16-bits')) return (differ & 0xffff) === 0;
  if (has('number-in-31-bits')) return differ === 0x8000_0000;
  if (has('number-without-low-bit')) return differ === 1;
  if (has('number-swapped-too')) return seq === swapped(right);
  if (has('number-at-least')) return seq > right;
  if (has('number-at-most')) return seq < right;
  if (has('number-zero-fits-all')) return seq === 0;
  if (has('number-before-too')) return seq === context.seqBefore;
  if (has('number-of-anybody')) {
    return pool.contexts.some((one) => one.state !== 'free' && one.seq === seq);
  }
  return has('fifth-guess-accepted') && context.guesses + 1 >= guessesMax;
}

function swapped(number: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes.readUInt32LE();
}
