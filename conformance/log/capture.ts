import { counted } from '../counted.js';
import type { Profile } from '../../model/index.js';
import { boundsMax } from '../../model/index.js';
import { candidatesOf } from '../candidates.js';
import type { Framed } from '../framing/message.js';
import { messageTypes } from '../framing/message.js';
import { Ledger } from '../ledger.js';
import { Oracle } from '../oracle.js';
import { Pairs } from '../pairs.js';
import { partsOf } from './chain.js';
import type { Finding } from './check.js';
import { Naming } from './naming.js';
import type { Captured } from './packet.js';
import type { Packet } from './record.js';
import { pairsMax } from './world.js';

/**
 * Is a capture of netlink messages explained by the model?
 *
 * Theory of operation. A capture has what kernel and daemons send each other. It does not have who asked, what a
 * sender was told, or which call returned. So each message is a command whose answer nobody saw: a message to a
 * daemon is a request that was sent, and its process returned when it could. Whatever the capture leaves open is
 * decided in favour of the implementation:
 *
 * - A process is the daemon of a user of its own, until a message to quit shows that a HELO replaced it.
 * - A process that gets a request without a HELO said it before the capture began.
 * - Programs may leave their port out of what they send; then the sender is any process that the model allows.
 * - The capture does not say how many contexts there are; the model has one more than was seen.
 * - Deaths are not seen, so a registration may end without a message.
 *
 * Faults that can still be found: a message to a process that is not registered any more, a context that gets a second
 * request before its first one was answered or timed out, a pair of numbers that comes again, and a message to quit
 * that no HELO explains.
 *
 * The messages need not have the byte order of the file's headers: the order in which more of them make sense is
 * taken. Where a packet is missing or cut, what follows it cannot be judged, and the verdict says so.
 */

/** What is said of a capture. */
export type CaptureFinding = Finding & {
  /** Messages of this protocol, and packets and messages of others. */
  readonly packets: { readonly judged: number; readonly others: number };
  /** The byte order of the messages. */
  readonly order: 'little' | 'big';
  /** What is odd about the capture, or was left out. */
  readonly notes: readonly string[];
};

/** The netlink families that count: eCryptfs, and USERSOCK, over which processes speak the same. */
const families: readonly number[] = [19, 2];
/** Larger systems are not modelled. */
const processesMax = 400;
/** Clocks of kernels step; a time-out may come so much earlier. */
const stepMs = 20;
/** The stamps of a packet without a time: it may have come at any. */
const anyTime = { writtenMs: 0, answeredMs: Infinity, settleWrittenMs: 0, settledMs: Infinity };

/** How large the system is that a capture shows, and what else was found in it. */
interface Extent {
  readonly order: 'little' | 'big';
  readonly users: number;
  readonly processes: number;
  readonly contexts: number;
  readonly judged: number;
  readonly others: number;
  readonly notes: readonly string[];
  /** Why the rest of it cannot be judged. */
  readonly why?: string;
}

/**
 * Judges a capture, which is read twice: first to see how many processes and contexts it has.
 *
 * @param open begins to read it
 */
export function checkCapture(
  open: () => Iterable<Captured>,
  { profile, timeoutMs }: { readonly profile: Profile; readonly timeoutMs: number },
): CaptureFinding {
  const { judged, others, order, notes, why, ...bounds } = extentOf(open());
  const packets = { judged, others };
  const about = {
    ...{ case: 'capture', profile: profile.name, missing: [], unseen: judged },
    ...{ packets, order, notes },
  };
  const undecided = (reason: string, last = 0): CaptureFinding => ({
    ...{ ...about, verdict: 'inconclusive', lines: [0, last], why: reason },
  });
  if (judged === 0) {
    const found = `expected netlink messages of this protocol (family 19 or 2), found none in ${counted(others, 'packet')}`;
    return undecided([found, ...(why === undefined ? [] : [why])].join('; '));
  }
  if (bounds.users * bounds.processes > processesMax || bounds.contexts > boundsMax.contexts) {
    return undecided(
      `${bounds.users} users, ${bounds.processes} processes a user and ${bounds.contexts} contexts are more than the model holds`,
    );
  }
  const settings = {
    ...{ ...bounds, timeoutMs, payloadMax: 0, manualWake: false, manualRead: false },
    ...({ time: 'real', wideLabels: false } as const),
  };
  // Whether a process returned is not seen; one that did leaves more possible than one that did not.
  const terms = {
    profile: { ...profile, accepted: 'returns at once' },
    ...{ strict: false, capabilities: new Set<string>(), slackMs: 0 },
  } as const;
  const oracle = new Oracle(settings, terms, new Ledger(settings, new Pairs(pairsMax)));
  const naming = new Naming();
  let last = 0;
  for (const { packet, message } of messagesOf(open(), order)) {
    const found = judge(oracle, packet, naming.read(packet, message));
    if (found !== undefined) return { ...about, lines: [0, last], ...found };
    last = packet.nth;
  }
  if (why !== undefined) return undecided(`${why}; what follows was not judged`, last);
  return { ...about, verdict: 'explained', lines: [0, last] };
}

/** What is wrong with a message; undefined where it is explained. */
function judge(
  oracle: Oracle,
  { nth, atMs }: Packet,
  happenings: ReturnType<Naming['read']>,
): Pick<Finding, 'verdict' | 'why' | 'trouble'> | undefined {
  for (const { command, call, events, text } of happenings) {
    const began = (atMs ?? 0) - stepMs;
    const stamps =
      atMs === undefined
        ? anyTime
        : { writtenMs: began, answeredMs: began, settleWrittenMs: atMs, settledMs: atMs };
    const judgement = oracle.judge(command, call, { events }, stamps);
    if (judgement.kind === 'explained') continue;
    if (judgement.kind === 'lost') return { verdict: 'inconclusive', why: judgement.why };
    const { differences, allowed } = judgement;
    const trouble = {
      entry: { kind: 'entry', line: nth, command, text, observed: [] } as const,
      ...{ candidates: () => candidatesOf(oracle), isDecided: true, allowed },
      requirements: [...new Set(differences.map(({ requirement }) => requirement))],
      observed: [...new Set(differences.map((one) => one.observed))].join('; '),
      expected: [...new Set(differences.map((one) => one.allowed))].join('; '),
    };
    return { verdict: 'not explained', trouble };
  }
  return undefined;
}

/** Reads a capture in both byte orders at once, and takes the one in which there are more messages. */
function extentOf(captured: Iterable<Captured>): Extent {
  const [little, big] = [new Measure('little'), new Measure('big')];
  for (const one of captured) {
    little.take(one);
    big.take(one);
  }
  return big.judged > little.judged ? big.extent : little.extent;
}

/** How large the system of a capture is in one byte order. */
class Measure {
  readonly #order: 'little' | 'big';
  readonly #naming = new Naming();
  #contexts = 1;
  #others = 0;
  #unlike = false;
  #behind = { packets: 0, first: 0, bytes: 0 };
  #timeless = 0;
  #torn: string | undefined;
  #why: string | undefined;
  judged = 0;

  constructor(order: 'little' | 'big') {
    this.#order = order;
  }

  take(one: Captured): void {
    if (this.#why !== undefined) return;
    if (one.kind === 'other') this.#others += 1;
    else if (one.kind === 'stop') {
      if (one.isTorn) this.#torn = one.why;
      else this.#why = one.why;
    } else if (!families.includes(one.family)) this.#others += 1;
    else this.#takePacket(one);
  }

  #takePacket(packet: Packet): void {
    for (const part of partsOf(packet, this.#order)) {
      if (part.kind === 'other') this.#others += 1;
      else if (part.kind === 'behind') {
        const { packets, first, bytes } = this.#behind;
        this.#behind = {
          packets: packets + 1,
          first: packets === 0 ? packet.nth : first,
          bytes: bytes + part.bytes,
        };
      } else if (part.kind === 'cut') this.#why = cutWords(packet);
      else this.#takeMessage(packet, part.message);
      if (this.#why !== undefined) return;
    }
  }

  #takeMessage(packet: Packet, message: Framed): void {
    this.judged += 1;
    this.#unlike ||= packet.endian !== this.#order;
    if (packet.atMs === undefined) this.#timeless += 1;
    if (message.type === messageTypes.request) {
      this.#contexts = Math.max(this.#contexts, message.index + 2);
    }
    this.#naming.read(packet, message);
  }

  get extent(): Extent {
    const { packets, first, bytes } = this.#behind;
    const notes = [
      ...(this.#unlike
        ? [`the messages are ${this.#order}-endian, unlike the headers of the file`]
        : []),
      ...(packets === 0
        ? []
        : [
            `${bytes} bytes behind the messages of ${packets === 1 ? `packet ${first}` : `${packets} packets, the first is ${first}`} are no message`,
          ]),
      ...(this.#timeless === 0
        ? []
        : [`${this.#timeless} without a time, so time-outs are possible before each`]),
      ...(this.#torn === undefined ? [] : [this.#torn]),
    ];
    return {
      ...{ order: this.#order, ...this.#naming.extent, contexts: this.#contexts },
      ...{ judged: this.judged, others: this.#others, notes },
      ...(this.#why === undefined ? {} : { why: this.#why }),
    };
  }
}

function cutWords({ nth, bytes, missingBytes }: Packet): string {
  return `packet ${nth} was cut: ${missingBytes} of its ${bytes.length + missingBytes} bytes were not captured`;
}

/** The messages of this protocol, up to the first one that is missing. */
function* messagesOf(
  captured: Iterable<Captured>,
  order: 'little' | 'big',
): Generator<{ readonly packet: Packet; readonly message: Framed }> {
  for (const packet of captured) {
    if (packet.kind === 'stop') return;
    if (packet.kind === 'other' || !families.includes(packet.family)) continue;
    for (const part of partsOf(packet, order)) {
      if (part.kind === 'cut') return;
      if (part.kind === 'message') yield { packet, message: part.message };
    }
  }
}
