import type {
  Command,
  IndexName,
  Process,
  Profile,
  RequirementId,
  SequenceName,
} from '../../model/index.js';
import type { Case, Suite } from './suite.js';
import { needsOf, suiteOf } from './suite.js';

/**
 * Suite `rejections`: everything that can be wrong with a reply, alone and together.
 *
 * Reason. A check that is left out shows only when all the others pass, and the order of two checks
 * only when both fail. So every state of a context is combined with every state of its user's daemon,
 * every kind of sender, and every way in which index or number can be near to right but wrong. After
 * each try the right reply follows: a refusal must have changed nothing. With `--strict` the errno
 * tells which check was asked first; of two checks with the same errno no observer can tell the order:
 * under `seed` those of the daemon, the user and the process among each other (EBADMSG), and those of
 * the index, the state and the number among each other (EINVAL).
 */
export function rejectionsSuite(profile: Profile): Suite {
  return suiteOf({
    name: 'rejections',
    description: 'every state of context and daemon with every sender, index and sequence number',
    parts: { 'rejections/': () => casesOf(profile) },
  });
}

const [d1, d2]: readonly [Process, Process] = [
  { user: 1, process: 1 },
  { user: 1, process: 2 },
];
const stranger: Process = { user: 2, process: 1 };
const asked: Command = { do: 'request', request: 2, user: 1 };
const right: Reply = { index: { of: 2, plus: 0 }, sequence: { of: 2, plus: 0 } };
const taken: readonly Command[] = [
  { do: 'reply', by: d1, ...right },
  { do: 'wake', request: 2 },
];

interface Reply {
  readonly index: IndexName;
  readonly sequence: SequenceName;
}

/** What became of the context that r2 got, up to the try. */
const contexts: Readonly<Record<string, readonly Command[]>> = {
  pending: [asked],
  done: [asked, { do: 'reply', by: d1, ...right }],
  freed: [asked, ...taken],
  'timed-out': [asked, { do: 'advance', request: 2, lateMs: 0 }, { do: 'wake', request: 2 }],
  expired: [asked, { do: 'advance', request: 2, lateMs: 0 }],
};

/** What became of the user's daemon after that. */
const daemons: Readonly<Record<string, readonly Command[]>> = {
  registered: [],
  renewed: [{ do: 'helo', by: d1 }],
  replaced: [{ do: 'helo', by: d2 }],
  'replaced-back': [
    { do: 'helo', by: d2 },
    { do: 'helo', by: d1 },
  ],
  gone: [{ do: 'quit', by: d1 }],
  dead: [{ do: 'exit', by: d1 }],
  reclaimed: [
    { do: 'exit', by: d1 },
    { do: 'helo', by: d2 },
  ],
};

/** Who tries. The second user has a daemon with a request of its own, r3. */
const senders: Readonly<Record<string, Process>> = { d1, d2, stranger };

/** How the try is addressed: right, or nearly. r1 is an older request of the same user. */
const addresses: Readonly<Record<string, Reply>> = {
  right,
  'number-of-r1': { index: { of: 2, plus: 0 }, sequence: { of: 1, plus: 0 } },
  'number-of-r3': { index: { of: 2, plus: 0 }, sequence: { of: 3, plus: 0 } },
  'number-below': { index: { of: 2, plus: 0 }, sequence: { of: 2, plus: -1 } },
  'number-above': { index: { of: 2, plus: 0 }, sequence: { of: 2, plus: 1 } },
  'number-swapped': { index: { of: 2, plus: 0 }, sequence: { swapped: 2 } },
  'number-zero': { index: { of: 2, plus: 0 }, sequence: { is: 0 } },
  'number-high-bit': { index: { of: 2, plus: 0 }, sequence: { of: 2, plus: 2 ** 31 } },
  'number-high-half': { index: { of: 2, plus: 0 }, sequence: { of: 2, plus: 2 ** 16 } },
  'number-high-byte': { index: { of: 2, plus: 0 }, sequence: { of: 2, plus: 2 ** 8 } },
  'index-of-r3': { index: { of: 3, plus: 0 }, sequence: { of: 2, plus: 0 } },
  'index-outside': { index: 'outside', sequence: { of: 2, plus: 0 } },
  'index-last': { index: 'last', sequence: { of: 2, plus: 0 } },
  'index-unused': { index: 'unused', sequence: { of: 2, plus: 0 } },
  'index-high-byte': { index: { of: 2, plus: 2 ** 8 }, sequence: { of: 2, plus: 0 } },
  'index-high-half': { index: { of: 2, plus: 2 ** 16 }, sequence: { of: 2, plus: 0 } },
  'index-high-bit': { index: { of: 2, plus: 2 ** 31 }, sequence: { of: 2, plus: 0 } },
};

const rules: readonly RequirementId[] = [
  ...(['REP-1', 'REP-2', 'REP-3', 'REP-4', 'REP-5', 'REP-6', 'REP-7', 'REP-8'] as const),
  ...(['REP-9', 'REP-10', 'REP-11', 'REP-15', 'CTX-9', 'SYS-1'] as const),
];

function casesOf(profile: Profile): Case[] {
  const own = rules.filter((id) => id !== 'REP-11' || profile.name === 'seed');
  return Object.entries(contexts).flatMap(([context, before]) =>
    Object.entries(daemons).flatMap(([daemon, change]) =>
      Object.entries(senders).map(([sender, by]): Case => {
        const setup = { contexts: 3, users: 2, processes: 2, manualWake: true };
        const commands = conversation(before, change, by);
        return {
          kind: 'script',
          id: `rejections/${context}/${daemon}/${sender}`,
          setup,
          needs: needsOf(commands, setup),
          requirements: own,
          commands,
          // A sleeper that has something to see is the point of the others.
          spares: ['done', 'expired'].includes(context) ? [] : ['manualWake'],
        };
      }),
    ),
  );
}

/** An older request, the context as wanted, the daemon as wanted, then every address. */
function conversation(
  before: readonly Command[],
  change: readonly Command[],
  by: Process,
): readonly Command[] {
  const first: readonly Command[] = [
    { do: 'helo', by: d1 },
    { do: 'helo', by: stranger },
    { do: 'request', request: 1, user: 1 },
    { do: 'reply', by: d1, index: { of: 1, plus: 0 }, sequence: { of: 1, plus: 0 } },
    { do: 'wake', request: 1 },
    { do: 'request', request: 3, user: 2 },
  ];
  const { right: good, ...wrong } = addresses;
  const tries = [...Object.values(wrong), ...(good === undefined ? [] : [good])];
  return [
    ...first,
    ...before,
    ...change,
    ...tries.map((reply): Command => ({ do: 'reply', by, ...reply })),
    { do: 'wake', request: 2 },
    { do: 'reply', by: d1, ...right },
    { do: 'reply', by: d2, ...right },
    { do: 'wake', request: 2 },
    { do: 'reply', by: stranger, index: { of: 3, plus: 0 }, sequence: { of: 3, plus: 0 } },
    { do: 'wake', request: 3 },
  ];
}
