import { printable } from '../printable.js';
import { sequenceOf } from '../report/parties.js';
import type { Row } from '../report/sequence.js';
import { sequenceFigure } from '../report/sequence.js';
import { ShowError } from './chosen.js';
import { wellFormed } from './foreign.js';
import type { Live } from './live.js';
import type { ConversationShown, ReplayShown } from './messages.js';
import type { Entry, Relay } from './relay.js';

/** Sequence diagrams: of a conversation up to a step, and of the events between a program's actors. */

/** Where conversations and events come from. */
export interface Talks {
  readonly live: Live;
  readonly replay: Promise<ReplayShown> | undefined;
  readonly relay: Relay;
}

const stepsShown = 14;
const eventsShown = 10;
const eventsLookedAt = 5000;
/** Ten events have at most twenty ends; a program without events may have any number of actors. */
const lanesMax = 20;
const laneNameMax = 60;

/** The diagram that a link names. @throws ShowError if there is no such conversation */
export async function sequenceIn(query: URLSearchParams, talks: Talks): Promise<string> {
  const nth = Number(query.get('nth'));
  const of = query.get('of');
  if (of === 'program') return ofProgram(nth, talks.relay, Number(query.get('to')));
  const conversation =
    of === 'live'
      ? talks.live.conversation
      : of === 'deviation'
        ? talks.live.deviation(nth)
        : (await talks.replay)?.conversations[nth];
  if (conversation === undefined) throw new ShowError('there is no such conversation');
  // The page may name a step of a conversation that a shorter one has replaced since.
  const to = Math.min(Number(query.get('to')), conversation.steps.length - 1);
  return ofConversation(conversation, to);
}

function ofConversation({ name, role, steps, breakage }: ConversationShown, to: number): string {
  const from = Math.max(0, to + 1 - stepsShown);
  const isWrong = breakage !== undefined && to >= breakage.step;
  const end = isWrong ? breakage.step : to;
  const trace = steps.slice(from, end + 1);
  const { why, allowed } = isWrong ? breakage : { why: '', allowed: [] };
  const sequence = sequenceOf({ id: name, trace, why, allowed: allowed.slice(0, 3) }, role);
  const earlier: Row = { kind: 'divider', label: `${from} earlier steps` };
  const rows = from > 0 ? [earlier, ...sequence.rows] : sequence.rows;
  return wellFormed(sequenceFigure({ ...sequence, rows }));
}

interface Sent {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** The events between the actors of a program, up to an entry. */
function ofProgram(program: number, relay: Relay, to: number): string {
  const entries = relay
    .after(Math.max(0, to - eventsLookedAt))
    .filter((entry) => entry.program === program && entry.nth <= to);
  const sent = entries.flatMap(sentIn).slice(-eventsShown);
  const names = relay.namesOf(program);
  const talking = sent.flatMap((one) => [one.from, one.to]);
  const lanes = [...new Set(sent.length === 0 ? names.keys() : talking)];
  const rows = sent.map((one): Row => {
    const ends = { from: lanes.indexOf(one.from), to: lanes.indexOf(one.to) };
    const label = one.label;
    return ends.from === ends.to
      ? { kind: 'note', at: ends.to, label }
      : { kind: 'call', ...ends, label };
  });
  const lanesShown = lanes
    .slice(0, lanesMax)
    .map((lane) => names.get(lane) ?? printable(lane, laneNameMax));
  const title = 'Events between the actors';
  return wellFormed(sequenceFigure({ title, lanes: lanesShown, rows }));
}

function sentIn({ type, sessionId, shown }: Entry): readonly Sent[] {
  if (type !== '@xstate.event') return [];
  return [{ from: shown.source ?? 'outside', to: sessionId, label: shown.event ?? '(no type)' }];
}
