import type { Command, Process, RequirementId } from '../../model/index.js';
import type { Case, Suite } from './suite.js';
import { needsOf, suiteOf } from './suite.js';

/**
 * Suite `soak`: many requests one after the other.
 *
 * Reason. Some faults need time to grow: a counter of 8 or 16 bits comes round, a context is lost in
 * one way in a hundred, a list gets longer. So hundreds of requests end in each of the ways in which a
 * request can end, through a small pool; and tens of thousands are simply answered, past 65,535, with
 * replies to requests of 256 and of 65,536 requests ago among them. What was lost shows when the
 * closing probe fills the pool.
 */
export function soakSuite(): Suite {
  return suiteOf({
    name: 'soak',
    description: 'many requests: counters that wrap around, and small leaks that add up',
    parts: {
      'soak/': () => [
        ...Object.entries(endings).map(([name, ending]) => caseOf(`soak/${name}`, 300, ending)),
        caseOf('soak/renewed-only', 300, (nth) => [
          ...(nth === 1 ? [ask(1)] : []),
          { do: 'helo', by: daemon },
        ]),
        caseOf('soak/refused-only', 800, (nth) => [
          ...(nth === 1 ? [ask(1)] : []),
          { do: 'reply', by: daemon, index: { of: 1, plus: 0 }, sequence: { of: 1, plus: nth } },
          ...(nth === 800 ? [replyTo(1)] : []),
        ]),
        everyLength,
        ...[9, 33, 72].map(crowdCase),
        caseOf('soak/answered-66000', 66_000, answered),
      ],
    },
  });
}

/** A pool of this size, full, that expires at once; and as many users, each with a daemon. */
function crowdCase(size: number): Case {
  const requests = Array.from({ length: size }, (_, nth) => nth + 1);
  const users = requests.map((user): Process => ({ user, process: 1 }));
  const commands: readonly Command[] = [
    ...users.map((by): Command => ({ do: 'helo', by })),
    ...requests.map(ask),
    { do: 'advance', request: size, lateMs: 0 },
    ...users.map(({ user }): Command => ({ do: 'request', request: size + user, user })),
    ...users.toReversed().map((by) => replyTo(size + by.user, size + by.user, by)),
  ];
  const setup = { contexts: size, users: size, processes: 1, manualWake: false };
  return {
    kind: 'script',
    id: `soak/crowd-${size}`,
    setup,
    needs: needsOf(commands, setup),
    requirements: ['CTX-1', 'CTX-6', 'REG-1', 'REQ-1', 'SLP-3', 'SLP-6'],
    commands,
  };
}

type Ending = (request: number) => readonly Command[];

const daemon: Process = { user: 1, process: 1 };
const replyTo = (of: number, number = of, by = daemon): Command & { do: 'reply' } => ({
  do: 'reply',
  by,
  index: { of, plus: 0 },
  sequence: { of: number, plus: 0 },
});

const ask = (request: number): Command => ({ do: 'request', request, user: 1 });

/** As long as a payload can be: longer than that none is made. */
const longest = 2 ** 20;

/** Payloads of every length up to a little more than 512, and of the longest; of requests and of replies. */
const everyLength: Case = {
  kind: 'script',
  id: 'soak/every-length',
  setup: { contexts: 3, users: 1, processes: 1, manualWake: false },
  needs: ['payload'],
  requirements: ['REQ-3', 'SLP-1'],
  commands: [
    { do: 'helo', by: daemon },
    ...[...Array.from({ length: 521 }, (_, bytes) => bytes), longest].flatMap(
      (bytes, nth): Command[] => [
        { do: 'request', request: nth + 1, user: 1, bytes },
        { ...replyTo(nth + 1), bytes },
      ],
    ),
  ],
};

/** Ways in which a request can end, each of them 300 times. */
const endings: Readonly<Record<string, Ending>> = {
  answered: (request) => [ask(request), replyTo(request)],
  'timed-out': (request) => [ask(request), { do: 'advance', request, lateMs: 0 }],
  'refused-then-answered': (request) => [
    ask(request),
    replyTo(request, request - 1),
    replyTo(request),
  ],
  'dead-daemon': (request) => [
    { do: 'exit', by: daemon },
    ask(request),
    { do: 'helo', by: daemon },
  ],
  replaced: (request) => [
    ask(request),
    { do: 'helo', by: { user: 1, process: 2 } },
    { do: 'helo', by: daemon },
    replyTo(request),
  ],
  interrupted: (request) => [ask(request), { do: 'interrupt', request }, replyTo(request)],
  'send-failed': (request) => [
    { do: 'fail-send', nth: 1 },
    ask(request),
    ask(request + 10_000),
    replyTo(request + 10_000),
  ],
  'renewed-often': (request) => [ask(request), { do: 'helo', by: daemon }, replyTo(request)],
  'late-reply': (request) => [
    ask(request),
    { do: 'advance', request, lateMs: 0 },
    replyTo(request),
  ],
  'no-daemon': (request) => [{ do: 'quit', by: daemon }, ask(request), { do: 'helo', by: daemon }],
};

const every = 1024;

/** The same with now and then a reply whose number is old by a round of a small counter. */
function answered(request: number): readonly Command[] {
  const late = request % every === 0 ? [2 ** 8, 2 ** 16].filter((rounds) => rounds < request) : [];
  return [
    ask(request),
    ...late.map((rounds) => replyTo(request, request - rounds)),
    replyTo(request),
  ];
}

const realTimeMax = 1000;

const rules: readonly RequirementId[] = ['CTX-5', 'CTX-6', 'CTX-7', 'CTX-9', 'REQ-4', 'REP-7'];

function caseOf(id: string, requests: number, ending: Ending): Case {
  const commands = Array.from({ length: requests }, (_, nth) => ending(nth + 1)).flat();
  const setup = { contexts: 3, users: 1, processes: 2, manualWake: false };
  return {
    kind: 'script',
    id,
    setup,
    // In real time the longest of them would take many minutes.
    needs: [...needsOf(commands, setup), ...(requests > realTimeMax ? ['virtualTime'] : [])],
    requirements: rules,
    commands: [{ do: 'helo', by: daemon }, ...commands],
  };
}
