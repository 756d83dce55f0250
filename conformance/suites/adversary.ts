import type { Profile, RequirementId } from '../../model/index.js';
import { conversations, rulesDriven } from './drawing.js';
import type { Case, Extent, Setup, Suite } from './suite.js';
import { needsOf, sizeOf, suiteOf } from './suite.js';

/**
 * Suite `adversary`: long random conversations by everybody who might speak.
 *
 * Reason. Faults that need a history (a context used twice, a third registration, a late reply
 * between two time-outs) are not on shortest paths, and faults at a size (the ninth context, the
 * fourth user, the 257th request, byte 0xff) are in no small system. fast-check draws conversations
 * in which users register, die and are replaced, ask and answer, and strangers answer for them with
 * every mixture of right and wrong numbers. Commands name requests: a raw payload with a made-up
 * sequence number would never be accepted, and nothing behind an accepted reply be tried. In conversations
 * `unread` daemons read by command, late or never.
 */
export function adversarySuite(profile: Profile, extent: Extent): Suite {
  return suiteOf({
    name: 'adversary',
    description: 'random conversations of daemons, requesters and strangers, seeded and shrunk',
    parts: {
      'adversary/': () => {
        const rules = rulesDriven(profile);
        return kindsOf(profile, extent).flatMap((kind) => caseOf(kind, rules));
      },
    },
  });
}

/** A kind of conversation: how large the system is, and how long and how many they are. */
interface ConversationKind {
  readonly name: string;
  readonly setup: Omit<Setup, 'manualWake'>;
  readonly drawsMax: number;
  readonly share: number;
  /** How often a request is answered at once, against 30 other things. */
  readonly exchanges: number;
}

const kinds: readonly ConversationKind[] = [
  {
    name: 'one',
    setup: { contexts: 1, users: 2, processes: 2 },
    drawsMax: 60,
    share: 1,
    exchanges: 1,
  },
  {
    name: 'two',
    setup: { contexts: 2, users: 2, processes: 2, timeoutMs: 1000 },
    drawsMax: 60,
    share: 1,
    exchanges: 1,
  },
  {
    name: 'unread',
    setup: { contexts: 2, users: 2, processes: 2, timeoutMs: 1000, manualRead: true },
    drawsMax: 60,
    share: 1,
    exchanges: 1,
  },
  {
    name: 'five',
    setup: { contexts: 5, users: 3, processes: 3, timeoutMs: 70_000 },
    drawsMax: 80,
    share: 1,
    exchanges: 2,
  },
  {
    name: 'crowd',
    setup: { contexts: 9, users: 40, processes: 3 },
    drawsMax: 160,
    share: 0.2,
    exchanges: 4,
  },
  {
    name: 'wide',
    setup: { contexts: 72, users: 3, processes: 3, timeoutMs: 200_000 },
    drawsMax: 300,
    share: 0.05,
    exchanges: 0,
  },
  {
    name: 'long',
    setup: { contexts: 2, users: 2, processes: 40 },
    drawsMax: 1600,
    share: 0.03,
    exchanges: 30,
  },
];

/**
 * Where a context keeps the trace of its last user, each send that fails leaves it on a context that
 * nobody knows: with many contexts there are too many explanations to follow.
 */
function kindsOf({ owner }: Profile, extent: Extent): readonly ConversationKind[] {
  const all =
    extent.contexts === undefined && extent.users === undefined
      ? kinds
      : [...kinds, kindOf(extent)];
  return owner === 'is kept' ? all.filter(({ setup }) => setup.contexts <= 2) : all;
}

/** Conversations like those of kind `two`, of a size that is asked for. */
function kindOf({ contexts = 2, users = 2 }: Extent): ConversationKind {
  const setup = { contexts, users, processes: 2, timeoutMs: 1000 };
  return { name: sizeOf(setup), setup, drawsMax: 60, share: 1, exchanges: 1 };
}

function caseOf(kind: ConversationKind, rules: readonly RequirementId[]): Case[] {
  return [true, false].map((manualWake) => {
    const setup = { ...kind.setup, manualWake };
    return {
      kind: 'random',
      id: `adversary/${kind.name}/${manualWake ? 'held' : 'plain'}`,
      setup,
      needs: needsOf([], setup),
      requirements: rules,
      share: kind.share,
      conversations: conversations({
        ...kind.setup,
        exchanges: kind.exchanges,
        held: manualWake,
        reads: setup.manualRead === true,
        drawsMin: kind.share < 1 ? kind.drawsMax / 2 : 1,
        drawsMax: kind.drawsMax,
      }),
    };
  });
}
