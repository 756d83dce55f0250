import type { Command, Process, RequirementId } from '../../model/index.js';
import type { Case, Suite } from './suite.js';
import { needsOf, suiteOf } from './suite.js';

/**
 * Suite `time`: just before, at and after expiry, and what does not restart the clock.
 *
 * Reason. A time-out counts from the request, once. Whatever happens while a process sleeps (refused
 * replies, other requests, registrations, spurious wake-ups) neither lengthens nor shortens its time.
 * So each such thing happens in the middle of a sleep, once and again just before its end; a
 * millisecond before the end the process must sleep, at the end it must not. Other lengths of the
 * time-out show numbers that do not fit, and one large step of time expires several at once.
 */
export function timeSuite(): Suite {
  return suiteOf({
    name: 'time',
    description: 'just before, at and after expiry, and what does not restart the clock',
    parts: {
      'time/': () => [...clockCases(), ...lengthCases(), ...lateCases(), idleCase, restartCase],
    },
  });
}

const [d1, d2]: readonly [Process, Process] = [
  { user: 1, process: 1 },
  { user: 1, process: 2 },
];
const other: Process = { user: 2, process: 1 };
const numbered = (of: number, plus = 0) => ({ index: { of, plus: 0 }, sequence: { of, plus } });

/** What happens while r1 sleeps. r2 sleeps too, r3 to r6 are names for new requests. */
const meanwhile: Readonly<Record<string, readonly Command[]>> = {
  nothing: [],
  'a-wrong-number': [{ do: 'reply', by: d1, ...numbered(1, 1) }],
  'an-older-number': [{ do: 'reply', by: d1, ...numbered(1, -1) }],
  'another-process': [{ do: 'reply', by: d2, ...numbered(1) }],
  'another-user': [{ do: 'reply', by: other, ...numbered(1) }],
  'an-index-outside': [{ do: 'reply', by: d1, index: 'outside', sequence: { of: 1, plus: 0 } }],
  'a-renewal': [{ do: 'helo', by: d1 }],
  'a-replacement': [{ do: 'helo', by: d2 }],
  'a-quit': [{ do: 'quit', by: d1 }],
  'a-death': [{ do: 'exit', by: d1 }],
  'a-reclaim': [
    { do: 'exit', by: d1 },
    { do: 'helo', by: d2 },
  ],
  'a-signal': [{ do: 'interrupt', request: 1 }],
  signals: [
    { do: 'interrupt', request: 1 },
    { do: 'pass', ms: 1 },
    { do: 'interrupt', request: 1 },
    { do: 'interrupt', request: 1 },
  ],
  'a-signal-to-another': [{ do: 'interrupt', request: 2 }],
  'a-barrier': [{ do: 'settle' }],
  'an-inspection': [{ do: 'inspect' }],
  'a-look': [{ do: 'wake', request: 1 }],
  'a-request': [{ do: 'request', request: 3, user: 1 }],
  'a-refused-request': [{ do: 'request', request: 4, user: 3 }],
  'an-answer-to-another': [
    { do: 'reply', by: other, ...numbered(2) },
    { do: 'wake', request: 2 },
  ],
  'a-registration-elsewhere': [
    { do: 'helo', by: { user: 3, process: 1 } },
    { do: 'request', request: 5, user: 3 },
  ],
};

const rules: readonly RequirementId[] = ['SLP-3', 'SLP-4', 'SLP-5', 'SLP-6', 'SLP-7', 'CTX-6'];
const setup = { contexts: 4, users: 3, processes: 2 };

function clockCases(): Case[] {
  return Object.entries(meanwhile).flatMap(([name, happens]) =>
    [true, false].map((held): Case => {
      const all = [...begin, ...inTheMiddle(happens), ...end];
      const commands = held ? all : all.filter((command) => command.do !== 'wake');
      const own = { ...setup, manualWake: held };
      return {
        kind: 'script',
        id: `time/clock/${name}/${held ? 'held' : 'plain'}`,
        setup: own,
        needs: needsOf(commands, own),
        requirements: rules,
        commands,
      };
    }),
  );
}

const begin: readonly Command[] = [
  { do: 'helo', by: d1 },
  { do: 'helo', by: other },
  { do: 'request', request: 1, user: 1 },
  { do: 'request', request: 2, user: 2 },
];

/** Once in the middle and once 5 ms before the end; then up to 1 ms before the end. */
function inTheMiddle(happens: readonly Command[]): readonly Command[] {
  return [
    { do: 'advance', request: 1, lateMs: -1500 },
    ...happens,
    { do: 'advance', request: 1, lateMs: -5 },
    ...happens.filter((command) => command.do !== 'request'),
    { do: 'advance', request: 1, lateMs: -1 },
    { do: 'wake', request: 1 },
  ];
}

/** r1 ends to the millisecond; a reply comes late; then the others end, in one step of time. */
const end: readonly Command[] = [
  { do: 'advance', request: 1, lateMs: 0 },
  { do: 'wake', request: 1 },
  { do: 'reply', by: d1, ...numbered(1) },
  { do: 'reply', by: d2, ...numbered(1) },
  { do: 'helo', by: d1 },
  { do: 'request', request: 6, user: 1 },
  { do: 'reply', by: d1, ...numbered(1) },
  { do: 'advance', request: 6, lateMs: 5000 },
  ...[2, 3, 5, 6].map((request): Command => ({ do: 'wake', request })),
];

const dayMs = 86_400_000;

/** Long silence changes nothing: who is registered stays so, and what sleeps ends only once. */
const idleCase: Case = {
  kind: 'script',
  id: 'time/idle',
  setup: { ...setup, manualWake: false, waits: false },
  needs: ['virtualTime'],
  requirements: ['REG-1', 'REG-12', 'REQ-7', 'SLP-3', 'SLP-6'],
  commands: [
    { do: 'helo', by: d1 },
    { do: 'helo', by: other },
    ...[1, 2, 3].flatMap((request): Command[] => [
      { do: 'pass', ms: dayMs },
      { do: 'request', request, user: 1 },
      { do: 'advance', request, lateMs: dayMs },
      { do: 'request', request: request + 10, user: 2 },
      { do: 'reply', by: other, ...numbered(request + 10) },
    ]),
  ],
};

/**
 * Whatever goes on meanwhile, a request ends in its own time. Where time is real one restart of a clock
 * is within the slack, so there are many.
 */
const restartCase: Case = {
  kind: 'script',
  id: 'time/restarts',
  setup: { ...setup, contexts: 3, manualWake: false, waits: true, timeoutMs: 250 },
  needs: [],
  requirements: ['SLP-3', 'SLP-4', 'SLP-6', 'REG-11'],
  commands: [
    { do: 'helo', by: d1 },
    { do: 'helo', by: other },
    { do: 'request', request: 1, user: 1 },
    ...Array.from({ length: 12 }, (_, nth): readonly Command[] => [
      { do: 'pass', ms: 100 },
      { do: 'request', request: nth + 2, user: 1 },
      { do: 'helo', by: nth % 2 === 0 ? d2 : d1 },
      { do: 'reply', by: other, ...numbered(1) },
      { do: 'reply', by: nth % 2 === 0 ? d2 : d1, ...numbered(nth + 2) },
    ]).flat(),
  ],
};

/** How late the clock may be: 32 bits of milliseconds are seven weeks. */
const latesMs = [2 ** 31, 2 ** 32 - 1, 2 ** 33 - 1500];

/** A clock that has run for long counts as well as one that has just begun. */
function lateCases(): Case[] {
  return latesMs.map((ms) => ({
    kind: 'script',
    id: `time/late/${ms}`,
    setup: { ...setup, manualWake: false, waits: false },
    needs: ['virtualTime'],
    requirements: ['SLP-3', 'SLP-4'],
    commands: [
      { do: 'helo', by: d1 },
      { do: 'pass', ms },
      { do: 'request', request: 1, user: 1 },
      { do: 'request', request: 2, user: 1 },
      { do: 'advance', request: 1, lateMs: -1 },
      { do: 'advance', request: 1, lateMs: 0 },
      { do: 'reply', by: d1, ...numbered(2) },
      { do: 'request', request: 3, user: 1 },
      { do: 'advance', request: 3, lateMs: 0 },
    ],
  }));
}

const lengthsMs = [20, 255, 256, 1000, 65_535, 65_537, 86_400_000, 2 ** 31 - 10];

/** Time-outs of other lengths: the boundaries, and a reply that wins at the last moment. */
function lengthCases(): Case[] {
  return lengthsMs.map((timeoutMs) => ({
    kind: 'script',
    id: `time/length/${timeoutMs}`,
    setup: { ...setup, manualWake: false, waits: false, timeoutMs },
    needs: ['virtualTime'],
    requirements: rules,
    commands: [
      { do: 'helo', by: d1 },
      { do: 'request', request: 1, user: 1 },
      { do: 'advance', request: 1, lateMs: -1 },
      { do: 'reply', by: d1, ...numbered(1) },
      { do: 'request', request: 2, user: 1 },
      { do: 'request', request: 3, user: 1 },
      { do: 'advance', request: 2, lateMs: -1 },
      { do: 'advance', request: 2, lateMs: 0 },
      { do: 'advance', request: 3, lateMs: 0 },
      { do: 'request', request: 4, user: 1 },
      { do: 'reply', by: d1, ...numbered(4) },
    ],
  }));
}
