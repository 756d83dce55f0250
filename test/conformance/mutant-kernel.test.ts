import { describe, expect, it } from 'vitest';
import type { FaultId } from '../../conformance/mutants/faults.js';
import { faults } from '../../conformance/mutants/faults.js';
import type { MutantOptions } from '../../conformance/mutants/subject.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';
import { datagram, packet, talk } from './mutant-talk.js';

/** The kernel of the mutants, call by call: what it does when it is right, and that faults show. */

const [HELO, QUIT, REQUEST, RESPONSE] = [100, 101, 102, 103];
const answer = { type: RESPONSE, seq: 1, index: 0, data: 'b1' } as const;
const asked = 'helo 1 11; ask 1 1';
const usurped = 'helo 1 11; exit 11; quit 2 11';

const seq2 = datagram({ ...answer, seq: 2 });
const right = datagram(answer);
const written = packet({ seq: 1, data: 'b1' });
const long = packet({ seq: 1, data: 'b1'.repeat(200) });

/** What a right kernel answers and what happens, call by call. */
const heard: readonly [title: string, options: MutantOptions, conversation: string][] = [
  [
    'messages wait for a process in their order, whoever is registered',
    {},
    `read
     helo 1 11: ok
     read 11: ok
     ask 1 1: ok
     helo 1 12: ok
     ask 2 1: ok
     quit 1 12: ok
     read 11: ok, 11 gets 0/1 a1
     read 11: ok, 11 gets quit
     read 12: ok, 12 gets 1/2 a2
     read 12: ok`,
  ],
  [
    'what waits for a process ends with it, and the request sleeps on',
    {},
    `read
     helo 1 11: ok
     ask 1 1: ok
     exit 11: ok
     helo 1 11: ok
     read 11: ok
     advance 3000: ok, 1 returns ENOMSG`,
  ],
  [
    'the message of a request that has ended is read, and its reply refused',
    {},
    `read; contexts 1
     helo 1 11: ok
     ask 1 1: ok
     advance 3000: ok, 1 returns ENOMSG
     ask 2 1: ok
     read 11: ok, 11 gets 0/1 a1
     reply 1 11 0 1: EINVAL
     read 11: ok, 11 gets 0/2 a2
     reply 1 11 0 2: ok, 2 returns b2`,
  ],
  [
    'the message of a request that has ended is withdrawn by a kernel of that habit',
    { habits: { unread: 'withdrawn' } },
    `read; contexts 1
     helo 1 11: ok
     ask 1 1: ok
     advance 3000: ok, 1 returns ENOMSG
     ask 2 1: ok
     read 11: ok, 11 gets 0/2 a2
     read 11: ok`,
  ],
  [
    'a signal ends a sleep and frees its context',
    {},
    `contexts 1
     helo 1 11: ok
     ask 1 1: ok, 11 gets 0/1 a1
     interrupt 1: ok, 1 returns EINTR
     reply 1 11 0 1: EINVAL
     ask 2 1: ok, 11 gets 0/2 a2
     reply 1 11 0 2: ok, 2 returns b2`,
  ],
  [
    'a signal ends no sleep whose reply is there or whose time is gone',
    {},
    `wake
     helo 1 11: ok
     ask 1 1: ok, 11 gets 0/1 a1
     ask 2 1: ok, 11 gets 1/2 a2
     reply 1 11 0 1: ok
     interrupt 1: ok
     wake 1: ok, 1 returns b1
     advance 3000: ok
     interrupt 2: ok
     wake 2: ok, 2 returns ENOMSG`,
  ],
  [
    'a signal changes nothing for a kernel of that habit',
    { habits: { signals: 'ignored' } },
    `helo 1 11: ok
     ask 1 1: ok, 11 gets 0/1 a1
     interrupt 1: ok
     reply 1 11 0 1: ok, 1 returns b1`,
  ],
  [
    'a request that cannot be sent is refused, and a message to quit is lost',
    {},
    `contexts 1
     helo 1 11: ok
     failSend 2: ok
     ask 1 1: ok, 11 gets 0/1 a1
     advance 3000: ok, 1 returns ENOMSG
     ask 2 1: ENOMEM
     ask 3 1: ok, 11 gets 0/3 a3
     failSend 1: ok
     helo 1 12: ok
     reply 1 12 0 3: ok, 3 returns b3
     ask 4 1: ok, 12 gets 0/4 a4`,
  ],
  [
    'a request to a dead daemon is a message that can be chosen to fail',
    {},
    `helo 1 11: ok
     exit 11: ok
     failSend 1: ok
     ask 1 1: ECONNREFUSED
     helo 1 12: ok
     ask 2 1: ok, 12 gets 0/2 a2`,
  ],
  [
    'a request to a dead daemon is no message for a kernel of that habit',
    { habits: { countsDeadSends: false } },
    `helo 1 11: ok
     exit 11: ok
     failSend 1: ok
     ask 1 1: ECONNREFUSED
     helo 1 12: ok
     ask 2 1: ENOMEM`,
  ],
  [
    'a number that was never sent can be given again',
    { habits: { reusesUnsentNumbers: true } },
    `helo 1 11: ok
     failSend 1: ok
     ask 1 1: ENOMEM
     ask 2 1: ok, 11 gets 0/1 a2`,
  ],
  [
    'who has the pid of a dead daemon is sent its requests, and may not answer them',
    {},
    `contexts 3
     helo 1 11: ok
     ask 1 1: ok, 11 gets 0/1 a1
     exit 11: ok
     ask 2 1: ECONNREFUSED
     quit 2 11: EINVAL
     ask 3 1: ok, 11 gets 1/3 a3
     reply 2 11 0 1: EBADMSG
     helo 2 11: ok
     ask 4 2: ok, 11 gets 2/4 a4
     reply 2 11 1 3: EBADMSG
     reply 2 11 2 4: ok, 4 returns b4
     helo 1 12: ok
     reply 1 12 0 1: ok, 1 returns b1
     exit 11: ok
     ask 5 2: ECONNREFUSED
     ask 6 1: ok, 12 gets 0/6 a6`,
  ],
  [
    'who has the pid of a dead daemon is told to quit by a kernel of that habit',
    { habits: { tellsStranger: true } },
    `helo 1 11: ok
     exit 11: ok
     quit 2 11: EINVAL
     helo 1 12: ok, 11 gets quit`,
  ],
  [
    'a pid that comes back under its own user is the registered process again',
    {},
    `helo 1 11: ok
     ask 1 1: ok, 11 gets 0/1 a1
     exit 11: ok
     reply 1 11 0 1: ok, 1 returns b1
     ask 2 1: ok, 11 gets 0/2 a2`,
  ],
  [
    'a datagram is taken for what it says, and its sender told nothing',
    {},
    `raw 1 11 ${datagram({ type: HELO })}: ok
     ask 1 1: ok, 11 gets 0/1 a1
     raw 1 11: ok
     raw 1 11 ${seq2}: ok
     raw 1 12 ${datagram({ ...answer, pid: 11 })}: ok
     raw 1 11 ${datagram({ ...answer, length: 15 })}: ok
     raw 1 11 ${datagram({ ...answer, length: 26 })}: ok
     raw 1 11 ${datagram({ ...answer, bytes: 23 })}: ok
     raw 1 11 ${datagram({ ...answer, type: REQUEST })}: ok
     raw 1 11 ${datagram({ ...answer, dataLength: 2 })}: ok
     raw 1 11 ${right}00: ok
     raw 1 11 ${right}: ok, 1 returns b1
     raw 1 12 ${datagram({ type: QUIT, pid: 11 })}: ok
     ask 2 1: ok, 11 gets 0/2 a2
     raw 1 11 ${datagram({ type: QUIT })}ff: ok
     ask 3 1: ENOTCONN`,
  ],
  [
    'a datagram is in the byte order of the host',
    { claims: { endian: 'big' } },
    `helo 1 11: ok
     ask 1 1: ok, 11 gets 0/1 a1
     raw 1 11 ${right}: ok
     raw 1 11 ${datagram({ ...answer, endian: 'big' })}: ok, 1 returns b1`,
  ],
  [
    'a device is open once a user, and whoever has it open may answer',
    { profile: 'device-6' },
    `ask 1 1: ENOTCONN
     reply 1 11 0 1: EBADF
     helo 1 11: ok
     helo 1 11: EINVAL
     helo 1 12: EINVAL
     ask 1 1: ok, 11 gets 0/1 a1
     reply 1 12 9 1: EBADF
     quit 1 12: EINVAL
     helo 2 21: ok
     reply 2 21 2 1: EINVAL
     reply 2 21 1 1: EINVAL
     reply 2 21 0 2: EINVAL
     interrupt 1: ok
     reply 2 21 0 1: ok, 1 returns b1
     exit 11: ok
     ask 2 1: ENOTCONN
     helo 1 12: ok
     quit 1 12: ok
     quit 1 12: EINVAL`,
  ],
  [
    'a close drops what waits on the device, and what has ended is withdrawn',
    { profile: 'device-6' },
    `read
     helo 1 11: ok
     ask 1 1: ok
     advance 1: ok
     ask 2 1: ok
     advance 2999: ok, 1 returns ENOMSG
     read 11: ok, 11 gets 1/2 a2
     ask 3 1: ok
     quit 1 11: ok
     helo 1 11: ok
     read 11: ok
     advance 3000: ok, 2 returns ENOMSG, 3 returns ENOMSG`,
  ],
  [
    'a packet is taken for what it says, and its writer told what became of it',
    { profile: 'device-6' },
    `raw 1 11 ${written}: EBADF
     helo 1 11: ok
     ask 1 1: ok, 11 gets 0/1 a1
     raw 1 11: ok
     raw 1 11 6400000000: ok
     raw 1 11 6500000000: ok
     raw 1 11 640000000100: ok
     raw 1 11 6600000000: EINVAL
     raw 1 11 6700000000: EINVAL
     raw 1 11 67000000: EINVAL
     raw 1 11 6700000001c0: EINVAL
     raw 1 11 ${packet({ seq: 2, data: 'b1' })}: EINVAL
     raw 1 11 ${packet({ seq: 1, data: 'b1', length: '0a' })}: EINVAL
     raw 1 11 ${packet({ seq: 1, data: 'b1', dataLength: 0 })}: EINVAL
     raw 1 11 ${packet({ seq: 1, data: 'b1'.repeat(517) })}: EINVAL
     raw 1 11 ${long}: ok, 1 returns ${'b1'.repeat(200)}
     raw 1 11 ${written}: EINVAL`,
  ],
  [
    'Linux 2.6.21 knows a sender by its pid, and remembers whom a context served',
    { profile: 'netlink-2.6.21' },
    `helo 1 11: ok
     helo 1 11: ok, 11 gets quit
     reply 1 11 2 1: EINVAL
     reply 1 12 0 1: EINVAL
     ask 1 1: ok, 11 gets 0/1 a1
     reply 2 21 0 9: EBADMSG
     reply 1 11 0 2: EINVAL
     interrupt 1: ok
     advance 3000: ok, 1 returns ENOMSG
     reply 1 12 0 1: EBADMSG
     reply 1 11 0 1: EINVAL
     exit 11: ok
     reply 2 11 0 1: EINVAL
     ask 2 1: ok, 11 gets 0/2 a2
     reply 2 11 0 2: ok, 2 returns b2
     quit 1 11: ok
     reply 1 11 0 2: EBADMSG`,
  ],
  [
    'Linux 2.6.21 delivers what nobody waits for, and remembers who could not be asked',
    { profile: 'netlink-2.6.21' },
    `read
     helo 1 11: ok
     failSend 1: ok
     ask 1 1: ENOMEM
     reply 2 21 0 1: EBADMSG
     ask 2 1: ok
     advance 3000: ok, 2 returns ENOMSG
     read 11: ok, 11 gets 0/2 a2`,
  ],
  [
    'a reply that comes before its sleeper sleeps is returned when the time is up',
    { profile: 'netlink-2.6.21', habits: { returnsAtTimeout: true } },
    `helo 1 11: ok
     ask 1 1: ok, 11 gets 0/1 a1
     reply 1 11 0 1: ok
     advance 2999: ok
     advance 1: ok, 1 returns b1`,
  ],
  [
    'a refused request is answered first by a kernel of that habit',
    { asyncAnswers: true },
    'ask 1 1: ok, 1 returns ENOTCONN',
  ],
];

describe('the kernel of the mutants', () => {
  it.each(heard)('%s', async (_, options, conversation) => {
    const lines = conversation.split('\n').map((line) => line.trim());
    const calls = lines.map((line) => line.replace(/: .*$/, ''));
    const answered = lines.filter((line) => line.includes(':'));
    expect(await talk(options, calls.join(';'))).toEqual(answered);
  });

  it.each([
    [false, [[], ['complete'], []]],
    [true, [[], [], ['complete']]],
  ])('lives in the time of a clock; holding events back: %s', async (holdsBack, happened) => {
    let nowMs = 1000;
    const subject = new MutantSubject({ realTime: { clock: () => nowMs, holdsBack } });
    expect(subject.claims.capabilities.has('virtualTime')).toBe(false);
    const manual = { manualRead: false, manualWake: false };
    await subject.call({ method: 'reset', params: { contexts: 1, timeoutMs: 50, ...manual } });
    await subject.call({ method: 'helo', params: { uid: 1, pid: 11 } });
    await subject.call({ method: 'request', params: { task: 1, uid: 1, payload: 'a1' } });
    await subject.call({ method: 'settle', params: {} });
    const seen: string[][] = [];
    for (const [ms, method] of [
      [49, 'settle'],
      [1, 'inspect'],
      [0, 'settle'],
    ] as const) {
      nowMs += ms;
      const { events } = await subject.call({ method, params: {} });
      seen.push(events.map(({ event }) => event));
    }
    expect(seen).toEqual(happened);
    const late = await subject.call({ method: 'advance', params: { ms: 1 } });
    expect(late.error?.code).toBe('UNSUPPORTED');
  });

  it('claims what it is asked to claim', () => {
    const { capabilities } = new MutantSubject({ with: ['concurrent'], without: ['raw'] }).claims;
    expect([capabilities.has('concurrent'), capabilities.has('raw')]).toEqual([true, false]);
    expect(new MutantSubject({ profile: 'device-6' }).claims).toMatchObject({
      profile: 'device-6',
      framing: 'device',
    });
    expect(() => new MutantSubject({ profile: 'device-2.6.26' })).toThrow('device-2.6.26');
  });
});

/** For each fault a conversation whose last call, and no other, shows it. */
const shown: Readonly<Partial<Record<FaultId, string>>> = {
  'ignores-user': `${asked}; exit 11; reply 2 11 0 1`,

  'queue-newest-first': `read; ${asked}; ask 2 1; read 11`,
  'queue-holds-one': `read; ${asked}; ask 2 1; read 11; read 11`,
  'queue-holds-three': `read; contexts 4; ${asked}; ask 2 1; ask 3 1; ask 4 1; read 11; read 11; read 11; read 11`,
  'read-gives-time': `read; ${asked}; advance 2999; read 11; advance 1`,
  'queue-shared': `read; ${asked}; helo 2 21; read 21`,
  'queue-read-twice': `read; ${asked}; read 11; read 11`,
  'queue-empty-repeats': `read; ${asked}; read 11; read 11`,
  'queue-quit-first': `read; ${asked}; helo 1 12; read 11`,
  'quit-unqueued': 'read; helo 1 11; helo 1 12',
  'quit-clears-queue': `read; ${asked}; quit 1 11; read 11`,
  'helo-clears-queue': `read; ${asked}; helo 1 12; read 11`,
  'helo-moves-queue': `read; ${asked}; helo 1 12; read 12`,
  'exit-keeps-queue': `read; ${asked}; exit 11; helo 2 11; read 11`,
  'exit-frees-unread': `read; ${asked}; exit 11; inspect`,
  'ended-clears-queue': `read; ${asked}; advance 1; ask 2 1; advance 2999; read 11`,
  'ended-renumbered': `read; contexts 1; ${asked}; advance 3000; ask 2 1; read 11`,
  'ended-read-leaks': `read; contexts 1; ${asked}; advance 3000; read 11; ask 2 1`,
  'ended-read-revives': `read; ${asked}; advance 3000; read 11; reply 1 11 0 1`,
  'read-newest-bytes': `read; ${asked}; ask 2 1; read 11`,
  'unread-expires-never': `read; ${asked}; advance 3000`,
  'restarts-on-read': `read; ${asked}; advance 1; read 11; advance 2999`,

  'failed-send-leaks': 'contexts 1; helo 1 11; failSend 1; ask 1 1; ask 2 1',
  'second-failure-leaks':
    'contexts 1; helo 1 11; failSend 1; ask 1 1; failSend 1; ask 2 1; ask 3 1',
  'failed-send-sleeps': 'helo 1 11; failSend 1; ask 1 1',
  'failed-send-forgotten': 'helo 1 11; failSend 1; ask 1 1',
  'failed-send-sent': 'helo 1 11; failSend 1; ask 1 1',
  'failed-send-sent-later': 'helo 1 11; failSend 1; ask 1 1; settle',
  'failed-send-takes-another': 'contexts 1; helo 1 11; failSend 1; ask 1 1; ask 2 1',
  'failed-send-frees-oldest': `${asked}; failSend 1; ask 2 1; ask 3 1`,
  'failed-send-ends-others': `${asked}; failSend 1; ask 2 1`,
  'failed-send-unregisters': 'helo 1 11; failSend 1; ask 1 1; ask 2 1',
  'failure-sticks': 'helo 1 11; failSend 1; ask 1 1; ask 2 1',
  'failed-quit-refuses-helo': 'helo 1 11; failSend 1; helo 1 12',
  'failed-quit-keeps-old': 'helo 1 11; failSend 1; helo 1 12; ask 1 1',
  'failed-quit-takes-context': 'contexts 1; helo 1 11; failSend 1; helo 1 12; ask 1 1',
  'failed-quit-waits': 'read; helo 1 11; failSend 1; helo 1 12; read 11',
  'failure-gone-with-barrier': 'helo 1 11; failSend 1; settle; ask 1 1',
  'failed-send-is-connrefused': 'helo 1 11; failSend 1; ask 1 1',

  'interrupt-keeps-context': `contexts 1; ${asked}; interrupt 1; ask 2 1`,
  'interrupt-keeps-guessed': `contexts 1; ${asked}; reply 1 11 0 2; interrupt 1; ask 2 1`,
  'interrupt-frees-only': `${asked}; interrupt 1`,
  'interrupt-frees-twice': `${asked}; interrupt 1; ask 2 1; ask 3 1`,
  'interrupt-returns-twice': `${asked}; interrupt 1`,
  'interrupt-returns-empty': `${asked}; interrupt 1`,
  'interrupt-wakes-another': `${asked}; ask 2 1; interrupt 1`,
  'interrupt-ends-all': `${asked}; ask 2 1; interrupt 1`,
  'interrupted-takes-reply': `${asked}; interrupt 1; reply 1 11 0 1`,
  'interrupt-beats-reply': `wake; ${asked}; reply 1 11 0 1; interrupt 1`,
  'interrupt-restarts': `${asked}; advance 1; interrupt 1; advance 2999`,

  'usurper-quits-other': usurped,
  'usurper-is-registered': `${asked}; exit 11; reply 2 11 0 1; ask 2 2`,
  'usurper-helo-takes-over': 'helo 1 11; exit 11; helo 2 11; ask 1 1',
  'usurper-death-unregisters': `${usurped}; exit 11; quit 3 11; ask 1 1`,
  'usurper-helps-itself': `${asked}; exit 11; helo 2 11; reply 2 11 0 1`,
  'reuse-clears-stale': `${usurped}; ask 1 1`,
  'usurped-reclaim-refused': `${usurped}; helo 1 12`,
  'usurped-timeout-leaks': `contexts 1; ${usurped}; ask 1 1; advance 3000; ask 2 1`,
  'same-pid-stays-dead': 'helo 1 11; exit 11; helo 1 11; ask 1 1',

  'short-response-taken': `${asked}; raw 1 11 ${datagram({ type: RESPONSE, seq: 1 })}`,
  'short-response-crashes': `${asked}; raw 1 11 ${datagram({ ...answer, length: 23, bytes: 23 })}`,
  'two-bytes-dropped': `${asked}; raw 1 11 ${datagram({ ...answer, data: 'b1b2' })}`,
  'type-zero-crashes': `raw 1 11 ${datagram({ type: 0 })}`,
  'empty-datagram-crashes': 'raw 1 11',
  'header-pid-trusted': `${asked}; raw 1 12 ${datagram({ ...answer, pid: 11 })}`,
  'raw-sender-unasked': `${asked}; raw 1 12 ${datagram(answer)}`,
  'header-length-unasked': `${asked}; raw 1 11 ${datagram({ ...answer, length: 26 })}`,
  'header-length-decides': `${asked}; raw 1 11 ${datagram({ ...answer, length: 25 })}00`,
  'trailing-bytes-taken': `${asked}; raw 1 11 ${datagram({ ...answer, dataLength: 0 })}`,
  'missing-bytes-taken': `${asked}; raw 1 11 ${datagram({ ...answer, dataLength: 2 })}`,
  'request-is-response': `${asked}; raw 1 11 ${datagram({ ...answer, type: REQUEST })}`,
  'type-in-8-bits': `${asked}; raw 1 11 ${datagram({ ...answer, type: RESPONSE + 256 })}`,
  'raw-number-swapped': `${asked}; raw 1 11 ${datagram(answer)}`,
  'helo-with-bytes-dropped': `raw 1 11 ${datagram({ type: HELO })}00000000; ask 1 1`,

  'high-length-code-taken': `${asked}; raw 1 11 ${packet({ seq: 1, data: 'b1'.repeat(216), length: 'e0' })}`,
  'long-length-refused': `${asked}; raw 1 11 ${packet({ seq: 1, data: 'b1'.repeat(184) })}`,
  'packet-length-unasked': `${asked}; raw 1 11 ${packet({ seq: 1, data: 'b1', dataLength: 2 })}`,
  'packet-size-unlimited': `${asked}; raw 1 11 ${packet({ seq: 1, data: 'b1'.repeat(517) })}`,
  'packet-number-swapped': `${asked}; raw 1 11 ${packet({ seq: 1, data: 'b1' })}`,
  'six-bytes-crash': 'helo 1 11; raw 1 11 6700000001c0',
  'written-refusal-hidden': `${asked}; raw 1 11 ${packet({ seq: 2, data: 'b1' })}`,
  'written-request-taken': 'helo 1 11; raw 1 11 6600000000',
  'written-helo-registers': 'helo 1 11; raw 1 11 6400000000; quit 1 11; ask 1 1',
  'written-quit-closes': 'helo 1 11; raw 1 11 6500000000; ask 1 1',
  'written-without-handle': `${asked}; raw 2 21 ${packet({ seq: 1, data: 'b1' })}`,

  'reset-keeps-unread': `read; ${asked}; reset; read 11`,
  'reset-keeps-failures': 'helo 1 11; failSend 1; reset; helo 1 11; ask 1 1',

  'renewal-untold': 'helo 1 11; helo 1 11',
  'renewal-told-and-dropped': 'helo 1 11; helo 1 11; ask 1 1',
  'netlink-asks-for-user': `${asked}; exit 11; reply 2 11 0 1`,
  'netlink-ignores-process': `${asked}; reply 1 12 0 1`,
  'netlink-withdraws': `read; ${asked}; advance 3000; read 11`,
  'netlink-signal-ends': `${asked}; interrupt 1`,
  'last-user-forgotten': `${asked}; advance 3000; quit 1 11; reply 1 11 0 1`,
  'unused-has-daemon': 'helo 1 11; reply 1 11 0 1',
  'netlink-state-first': `${asked}; advance 3000; reply 1 12 0 1`,
  'netlink-number-first': `${asked}; reply 1 12 0 2`,

  'second-open-replaces': 'helo 1 11; helo 1 12',
  'open-again-succeeds': 'helo 1 11; helo 1 11',
  'refused-open-closes': 'helo 1 11; helo 1 12; ask 1 1',
  'device-asks-for-sender': `${asked}; helo 2 21; reply 2 21 0 1`,
  'reply-without-handle': `${asked}; reply 2 21 0 1`,
  'reply-after-close': `${asked}; quit 1 11; reply 1 11 0 1`,
  'device-death-leaves-stale': 'helo 1 11; exit 11; helo 1 12',
  'close-drops-requests': `${asked}; quit 1 11`,
  'close-keeps-queue': `read; ${asked}; quit 1 11; helo 1 11; read 11`,
  'close-frees-unread': `read; ${asked}; quit 1 11; inspect`,
  'device-leaves-unread': `read; ${asked}; advance 3000; read 11`,
  'device-signal-ends': `${asked}; interrupt 1`,
};

/** What a kernel must be besides, for a fault to show. */
const besides: Readonly<Partial<Record<FaultId, MutantOptions>>> = {
  'interrupt-restarts': { habits: { signals: 'ignored' } },
};

describe('a fault', () => {
  it.each(Object.entries(shown))('%s shows in the last call of "%s"', async (id, conversation) => {
    const fault = faults.find((one) => one.id === id);
    if (fault === undefined) throw new TypeError(`no fault is named ${id}`);
    const options = { ...besides[fault.id], profile: fault.profile, with: fault.with };
    const without = await talk(options, conversation);
    const broken = await talk({ ...options, fault: fault.id }, conversation);
    expect(broken.slice(0, -1)).toEqual(without.slice(0, -1));
    // Versions are judged by their errnos too, the design of 2006 only where that is asked for.
    const isJudged = fault.strict || fault.profile !== 'seed';
    const last = ([line = '']: string[]) => (isJudged ? line : line.replace(/\bE[A-Z]+/g, 'E'));
    expect(last(broken.slice(-1))).not.toBe(last(without.slice(-1)));
  });

  it('that needs what the suites did not have before shows in a conversation here', () => {
    const isNew = faults.filter(
      (one) => (one.with.length > 0 || one.profile !== 'seed') && one.group !== 'concurrency',
    );
    expect(isNew.map(({ id }) => id)).toEqual(Object.keys(shown));
  });
});
