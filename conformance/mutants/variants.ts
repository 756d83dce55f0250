import type { Answer } from '../subject.js';
import type { Habits, Numbering } from './habits.js';
import { usualHabits } from './habits.js';
import type { MutantOptions, RealTime } from './subject.js';

/** Right kernels with unusual habits. None may be accused. */

/** One of them. */
export interface Variant {
  readonly id: string;
  readonly text: string;
  readonly options: MutantOptions;
  /** Whether its errnos are those of the profile, so that `--strict` must pass it too. */
  readonly strict: boolean;
  /** It lives in real time; whoever holds it has the clock. */
  readonly realTime?: Omit<RealTime, 'clock'>;
}

type Row = readonly [
  id: string,
  text: string,
  options: MutantOptions,
  realTime?: Omit<RealTime, 'clock'>,
];

const habit = (habits: Partial<Habits>): MutantOptions => ({ habits });
const numbered = (change: Partial<Numbering>): MutantOptions =>
  habit({ numbering: { ...usualHabits.numbering, ...change } });
const allErrnos = (errno: string): Habits['errnos'] => ({
  'request/no-daemon': errno,
  'request/no-context': errno,
  'request/dead-daemon': errno,
  'request/send-failed': errno,
  'helo/not-now': errno,
  'quit/nobody': errno,
  'quit/another': errno,
  'reply/no-handle': errno,
  'reply/index': errno,
  'reply/idle': errno,
  'reply/no-daemon': errno,
  'reply/user': errno,
  'reply/process': errno,
  'reply/answered': errno,
  'reply/number': errno,
  'time-out': errno,
});

const choice: readonly Row[] = [
  ['usual', 'nothing is unusual', {}],
  ['fifo', 'the context that is free longest is given', habit({ order: 'longest free' })],
  ['lifo', 'the context that was freed last is given', habit({ order: 'freed last' })],
  ['highest-first', 'the highest free context is given', habit({ order: 'highest' })],
  ['random-context', 'any free context is given', habit({ order: 'random' })],
];

const numbers: readonly Row[] = [
  ['from-zero', 'the first number is 0', numbered({ from: 0 })],
  ['from-middle', 'the first number is 2^31', numbered({ from: 2 ** 31 })],
  ['before-sign', 'the fourth number is 2^31', numbered({ from: 2 ** 31 - 3 })],
  ['from-end', 'the first number is 2^32 - 1, and the second 0', numbered({ from: 2 ** 32 - 1 })],
  ['by-seven', 'numbers go up by 7', numbered({ plus: 7 })],
  ['by-high-half', 'numbers go up by 2^16 + 1', numbered({ plus: 2 ** 16 + 1 })],
  ['downwards', 'numbers go down', numbered({ from: 5, plus: -1 })],
  [
    'random-number',
    'numbers are in no order, and none comes twice in 2^32',
    numbered({ from: 12_345, times: 1_664_525, plus: 1_013_904_223 }),
  ],
  [
    'own-counters',
    'every context counts for itself',
    numbered({ counts: 'requests of a context' }),
  ],
  [
    'counts-releases',
    'requests that sleep together share a number',
    numbered({ counts: 'releases' }),
  ],
  ['goes-on', 'a reset leaves the counter where it is', numbered({ goesOn: true })],
];

const behaviour: readonly Row[] = [
  ['quits-on-renewal', 'who registers again is told to quit', habit({ quitsOnRenewal: true })],
  [
    'last-user',
    'a stranger is refused by the last user of a free context',
    habit({ remembersLastUser: true }),
  ],
  [
    'newest-expires-first',
    'of those whose time is up the newest returns first',
    habit({ expiresBackwards: true }),
  ],
];

const occasions: readonly Row[] = [
  [
    'withdraws-unread',
    'an unread message goes when its request ends',
    habit({ unread: 'withdrawn' }),
  ],
  ['ignores-signals', 'a signal changes nothing', habit({ signals: 'ignored' })],
  [
    'tells-stranger',
    'a stranger with the pid of a dead daemon is told to quit',
    habit({ tellsStranger: true }),
  ],
  ['dead-uncounted', 'a request to a dead daemon is no message', habit({ countsDeadSends: false })],
  [
    'reuses-unsent-numbers',
    'a request that could not be sent leaves its number to the next',
    habit({ reusesUnsentNumbers: true }),
  ],
  [
    'big-endian',
    'the bytes of a datagram are those of another host',
    { claims: { endian: 'big' } },
  ],
];

const versions: readonly Row[] = [
  ['netlink-2.6.21', 'Linux 2.6.21', { profile: 'netlink-2.6.21' }],
  [
    'netlink-2.6.21-late',
    'Linux 2.6.21, where every reply comes before its sleeper sleeps',
    { profile: 'netlink-2.6.21', habits: { returnsAtTimeout: true } },
  ],
  [
    'netlink-2.6.21-tells-stranger',
    'Linux 2.6.21, and whoever has the old pid is told to quit',
    { profile: 'netlink-2.6.21', habits: { tellsStranger: true } },
  ],
  ['device-6', 'Linux 6', { profile: 'device-6' }],
  [
    'device-6-late',
    'Linux 6, where every reply comes before its sleeper sleeps',
    { profile: 'device-6', habits: { returnsAtTimeout: true } },
  ],
  [
    'device-6-big-endian',
    'Linux 6 on a host with the highest byte first',
    { profile: 'device-6', claims: { endian: 'big' } },
  ],
];

const realTimes: readonly Row[] = [
  ['real-time', 'time is that of a clock', {}, {}],
  ['real-time-at-settle', 'events come when the runner waits for them', {}, { holdsBack: true }],
  [
    'real-time-async',
    'a refused request is answered first, and returns its refusal then',
    { asyncAnswers: true },
    {},
  ],
];

const lenient: readonly Row[] = [
  ['one-errno', 'every refusal is EPERM', habit({ errnos: allErrnos('EPERM') })],
  [
    'unknown-errno',
    'every refusal is an errno of its own',
    habit({ errnos: allErrnos('EMSGCTX') }),
  ],
  ['crossed-errnos', 'EINVAL and EBADMSG change places', habit({ errnos: crossed() })],
  [
    'forgets-the-dead',
    'a dead daemon is none, and its user has none',
    // Where a pid is used again the dead daemon must be known still.
    { ...habit({ forgetsTheDead: true }), without: ['pidReuse'] },
  ],
];

const optional = [
  'results', 'payload', 'exit', 'inspect', 'manualWake', 'wideLabels',
  'manualRead', 'interrupt', 'sendFault', 'pidReuse', 'raw',
]; // prettier-ignore

const withouts: readonly Row[] = [
  ...optional.map((word): Row => [
    `without-${word}`,
    `capability ${word} is left out`,
    { without: [word] },
  ]),
  ['bare', 'no capability but virtual time', { without: optional }],
  [
    'mute-and-blind',
    'neither results nor inspect',
    { without: ['results', 'inspect'], habits: { order: 'random' } },
  ],
];

const limits: readonly Row[] = [
  ['one-context', 'one context, and never more', { claims: { contextsMax: 1 } }],
  [
    'three-contexts',
    'three contexts, never more or less',
    { claims: { contextsMin: 3, contextsMax: 3 } },
  ],
  ['many-contexts', 'at least 12 contexts', { claims: { contextsMin: 12 } }],
  ['small-payloads', 'payloads of 16 bytes at most', { claims: { payloadMax: 16 } }],
  ['one-byte', 'payloads of a byte at most', { claims: { payloadMax: 1 } }],
  ['no-bytes', 'payloads without bytes', { claims: { payloadMax: 0 } }],
  [
    'quarter-seconds',
    'time-outs in steps of 250 ms',
    { claims: { timeoutMinMs: 250, timeoutStepMs: 250 } },
  ],
  [
    'long-times',
    'time-outs of a day',
    { claims: { timeoutMinMs: 86_400_000, timeoutStepMs: 3_600_000 } },
  ],
];

const dress: readonly Row[] = [
  ['any-order', 'lists are shown in another order', { dress: backwards }],
  ['talkative', 'answers and events have members that nobody knows', { dress: talkative }],
  [
    'hides-free-numbers',
    'a free context is shown with number 0',
    { dress: hidesNumbers, habits: { order: 'freed last' } },
  ],
];

/** Every variant. */
export const variants: readonly Variant[] = [
  ...[choice, numbers, behaviour, occasions, versions].flat().map(of(true)),
  ...[realTimes, withouts, limits, dress].flat().map(of(true)),
  ...lenient.map(of(false)),
];

function of(strict: boolean): (row: Row) => Variant {
  return ([id, text, options, realTime]) => ({
    id,
    text,
    options,
    strict,
    ...(realTime === undefined ? {} : { realTime }),
  });
}

function crossed(): Habits['errnos'] {
  const { errnos } = usualHabits;
  const cross = (errno: string) => ({ EINVAL: 'EBADMSG', EBADMSG: 'EINVAL' })[errno] ?? errno;
  return {
    ...allErrnos('EAGAIN'),
    'reply/index': cross(errnos['reply/index']),
    'reply/idle': cross(errnos['reply/idle']),
    'reply/no-daemon': cross(errnos['reply/no-daemon']),
    'reply/user': cross(errnos['reply/user']),
    'reply/process': cross(errnos['reply/process']),
    'reply/answered': cross(errnos['reply/answered']),
    'reply/number': cross(errnos['reply/number']),
  };
}

function backwards(answer: Answer): Answer {
  return changed(answer, (value) => (Array.isArray(value) ? value.toReversed() : value));
}

function talkative(answer: Answer): Answer {
  const more = { comment: 'a context is a slot', took: 3, list: [] };
  return {
    ...answer,
    events: answer.events.map((event) => ({ ...event, ...more })),
    ...(answer.error === undefined ? { result: { ...answer.result, ...more } } : {}),
    ...(answer.error === undefined ? {} : { error: { ...answer.error, message: 'no' } }),
  };
}

function hidesNumbers(answer: Answer): Answer {
  return changed(answer, (value, name) =>
    name === 'contexts' && Array.isArray(value)
      ? value.map((one: unknown) =>
          typeof one === 'object' && one !== null && 'state' in one && one.state === 'free'
            ? { ...one, seq: 0 }
            : one,
        )
      : value,
  );
}

function changed(answer: Answer, change: (value: unknown, name: string) => unknown): Answer {
  if (answer.result === undefined) return answer;
  const entries = Object.entries(answer.result);
  const result = Object.fromEntries(entries.map(([name, value]) => [name, change(value, name)]));
  return { ...answer, result };
}
