import type { End, Outcome, Place } from '../../impl/index.js';
import {
  connect,
  decodeNetlinkMessage,
  decodeReturn,
  doorOf,
  Door,
  encodeCall,
  encodeNetlinkMessage,
  KernelSide,
  listen,
  toKernel,
  TransportUnavailable,
} from '../../impl/index.js';
import type { SubjectEvent } from '../subject.js';
import type { Heard, Order, PartyAnswer } from './parties.js';
import { viewOf } from './view.js';

/**
 * A process of the reference system: the kernel side, a daemon or one who asks.
 *
 * It belongs to the user whose uid is its argument, and does what it is ordered to, one order after
 * the other: it opens what it is to be, sends a datagram, reads what has come. What it is
 * ordered over is no part of the system: between the processes there is nothing but the transport.
 */

class Party {
  #kernel: { readonly side: KernelSide; readonly door: Door; readonly heard: Heard[] } | undefined;
  /** The ends of a daemon and of one who asks. */
  #daemon: End | undefined;
  #asker: End | undefined;

  obey(order: Order): PartyAnswer {
    switch (order.do) {
      case 'listen':
        this.#listen(order);
        return {};
      case 'connect':
        this.#connect(order.place);
        return {};
      case 'say':
        return this.#send(encodeNetlinkMessage({ type: order.type }));
      case 'respond': {
        const { index, sequence } = order;
        const payload = Buffer.from(order.payload, 'hex');
        return this.#send(encodeNetlinkMessage({ type: 'response', index, sequence, payload }));
      }
      case 'raw':
        return this.#send(Buffer.from(order.bytes, 'hex'));
      case 'call': {
        const { number } = order;
        const payload = Buffer.from(order.payload, 'hex');
        return refused(this.#asker?.send(toKernel, encodeCall({ number, payload })));
      }
      case 'drain':
        return this.#drain();
      case 'look':
        this.#kernel?.side.look(order.task);
        return {};
      case 'inspect':
        return this.#kernel === undefined ? {} : { view: viewOf(this.#kernel.side) };
      case 'read':
        return { events: [...messages(this.#daemon, order), ...returns(this.#asker)] };
    }
  }

  #listen({ place, contexts, timeoutMs, manualWake }: Order & { do: 'listen' }): void {
    this.#kernel?.door.close();
    this.#kernel?.side.close();
    const heard: Heard[] = [];
    const side = new KernelSide({
      end: listen(place),
      contexts,
      timeoutMs,
      heard: ({ pid }, refusal) => heard.push(refusal === undefined ? { pid } : { pid, refusal }),
      ...(manualWake ? { woken: () => undefined } : {}),
    });
    // The protocol knows no shares: here one user may take every context.
    const callsPerUser = Number.MAX_SAFE_INTEGER;
    const door = new Door({ end: listen(doorOf(place)), side, callsPerUser });
    this.#kernel = { side, door, heard };
  }

  #connect(place: Place): void {
    this.#daemon?.close();
    this.#asker?.close();
    this.#daemon = connect(place);
    this.#asker = connect(doorOf(place));
  }

  #send(bytes: Uint8Array): PartyAnswer {
    // An empty datagram is none, for every transport.
    if (bytes.length === 0) return {};
    return refused(this.#daemon?.send(toKernel, bytes));
  }

  /** Takes everything that has come, and tells what became of it since the last time. */
  #drain(): PartyAnswer {
    if (this.#kernel === undefined) return {};
    const { side, door, heard } = this.#kernel;
    side.drain();
    door.drain();
    return { heard: heard.splice(0) };
  }
}

function refused(errno: string | undefined): PartyAnswer {
  return errno === undefined ? {} : { error: `the transport refused a datagram with ${errno}` };
}

/** The messages that wait for a daemon, up to a number. */
function* messages(
  end: End | undefined,
  { to, most }: Order & { do: 'read' },
): Iterable<SubjectEvent> {
  for (let reads = 0; reads < most; reads += 1) {
    const arrival = end?.receive();
    if (arrival?.kind !== 'datagram') return;
    const message = decodeNetlinkMessage(arrival.bytes);
    if (message.type === 'quit') yield { event: 'message', to, type: 'quit' };
    if (message.type !== 'request') continue;
    const { index, sequence, payload } = message;
    yield { event: 'message', to, type: 'request', index, seq: sequence, payload: hexOf(payload) };
  }
}

function* returns(end: End | undefined): Iterable<SubjectEvent> {
  for (;;) {
    const arrival = end?.receive();
    if (arrival?.kind !== 'datagram') return;
    const said = decodeReturn(arrival.bytes);
    if (said !== undefined) yield { event: 'complete', task: said.number, ...what(said.outcome) };
  }
}

function what(outcome: Outcome): { readonly payload: string } | { readonly errno: string } {
  return outcome.kind === 'answered'
    ? { payload: hexOf(outcome.payload) }
    : { errno: outcome.errno };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Becomes a process of a user, for good; root stays what it is for uid 0. */
function become(uid: number): string | undefined {
  if (uid === process.getuid?.()) return undefined;
  try {
    process.setgroups?.([]);
    process.setgid?.(uid);
    process.setuid?.(uid);
    return undefined;
  } catch {
    return `a process of uid ${uid} cannot be started by uid ${process.getuid?.() ?? 'unknown'}, and the suites need several users: run as root, or hold --target memory`;
  }
}

/** Loads what is loaded at the first use, as long as this process may read it. */
function loadAll(): void {
  try {
    connect({ transport: 'netlink', port: 1 }).close();
  } catch {
    // Whoever orders it is told.
  }
}

const party = new Party();
loadAll();
const hindrance = become(Number(process.argv[2]));
// Whoever interrupts the run interrupts its runner, which ends this process.
process.on('SIGINT', () => undefined);
process.on('SIGUSR2', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  process.send?.(answer(order));
});

function answer(order: Order): PartyAnswer {
  if (hindrance !== undefined) return { error: hindrance };
  try {
    return party.obey(order);
  } catch (error) {
    if (error instanceof TransportUnavailable) return { error: error.message };
    throw error;
  }
}
