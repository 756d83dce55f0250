import type { Command, Process, RequirementId, System } from '../model/index.js';
import { readDatagram } from './framing/datagram.js';
import type { Framing, Meaning } from './framing/message.js';
import type { Hypothesis, Prediction } from './prediction.js';
import type { Call } from './subject.js';

/**
 * What raw bytes mean to the oracle: the words that they amount to, and the rules of the wire that
 * they try.
 *
 * Bytes that are a message are judged by the model as the word that they are. Over netlink nobody is
 * told what became of them; a write to the device returns it. Bytes that are none change nothing.
 */

/** What is said of bytes, beside what they ask for. */
export interface Wire {
  readonly framing: Framing['framing'];
  readonly meaning: Meaning;
  /** Who sends them. */
  readonly by: Process;
  /** The rules that they try. */
  readonly rules: readonly RequirementId[];
}

/** The word that a call amounts to. */
export interface Amount {
  readonly command: Command;
  readonly call: Call;
  /** Of raw bytes. */
  readonly wire: Wire | undefined;
}

/** Asks for nothing. */
const silence: Command = { do: 'pass', ms: 1 };

/** What a call amounts to: for raw bytes HELO, QUIT, a reply, or nothing; else it is itself. */
export function amountOf(command: Command, call: Call, framing: Framing | undefined): Amount {
  if (command.do !== 'raw' || call.method !== 'raw' || framing === undefined) {
    return { command, call, wire: undefined };
  }
  const { uid, pid, bytes } = call.params;
  const { by, index = 'unused', sequence } = command;
  const meaning = readDatagram(Buffer.from(bytes, 'hex'), framing);
  const isForged = command.as !== undefined && framing.framing === 'netlink';
  const wire = { framing: framing.framing, meaning, by, rules: rulesOf(meaning, isForged) };
  switch (meaning.kind) {
    case 'helo':
    case 'quit': {
      const { kind } = meaning;
      return { command: { do: kind, by }, call: { method: kind, params: { uid, pid } }, wire };
    }
    case 'response': {
      const payload = Buffer.from(meaning.data).toString('hex');
      const params = { uid, pid, index: meaning.index, seq: meaning.sequence, payload };
      return {
        command: { do: 'reply', by, index, sequence },
        call: { method: 'reply', params },
        wire,
      };
    }
    case 'nothing':
    case 'refused':
      return { command: silence, call, wire };
  }
}

const droppingRules = {
  header: 'WIR-1',
  response: 'WIR-2',
  type: 'WIR-3',
  ignored: 'WIR-9',
} as const;

function rulesOf(meaning: Meaning, isForged: boolean): readonly RequirementId[] {
  const sender = isForged ? (['WIR-4'] as const) : [];
  switch (meaning.kind) {
    case 'helo':
    case 'quit':
      return [...sender, 'WIR-5'];
    case 'response':
      return [...sender, 'WIR-6'];
    case 'refused':
      return [meaning.why === 'type' ? 'WIR-8' : 'WIR-7', 'SYS-1'];
    case 'nothing':
      return [droppingRules[meaning.why], 'SYS-1'];
  }
}

/** What a write is refused for before the model is asked: no handle, or bytes that are no packet. */
export function refusalOfWrite(
  wire: Wire,
  { state }: Hypothesis,
  system: System,
): Prediction['refusal'] {
  if (wire.framing === 'netlink') return undefined;
  if (!hasHandle(wire, { state }, system)) return { why: 'reply/no-handle', errnos: ['EBADF'] };
  if (wire.meaning.kind !== 'refused') return undefined;
  return { why: 'raw/malformed', errnos: ['EINVAL'] };
}

/** Whether the sender has the device open, where the profile has a device. */
function hasHandle({ by }: Wire, { state }: Pick<Hypothesis, 'state'>, system: System): boolean {
  if (!system.profile.checks.some(({ fact }) => fact === 'handleIsOpen')) return true;
  const registrant = system.at(state, { kind: 'registrant', nth: by.user - 1 });
  return registrant === `is${by.process - 1}`;
}

/** A way on which bytes were taken: with the rules of the wire that they tried. */
export function taken(way: Prediction, wire: Wire): Prediction {
  const own = way.refusal?.why === 'reply/no-handle' ? (['WIR-10'] as const) : wire.rules;
  if (wire.framing === 'device') return { ...way, requirements: [...way.requirements, ...own] };
  // Nobody is told over netlink, whatever it was.
  const { refusal, requirements, ...rest } = way;
  const shown =
    refusal === undefined ? requirements : requirements.filter((id) => !aboutTelling.has(id));
  return { ...rest, requirements: [...shown, ...own] };
}

/** The rules of what a sender is told. */
const aboutTelling: ReadonlySet<RequirementId> = new Set(['REP-11', 'REP-15']);
