import { describe, expect, it } from 'vitest';
import type { Answer, Call, SubjectEvent } from '../../conformance/index.js';
import { Oracle, parseCommand, seed } from '../../conformance/index.js';
import type { History, Occurrence } from '../../conformance/subject.js';

/** Histories of calls that overlap, written by hand. Index and number of a request are (0, 70). */

const settings = {
  contexts: 1,
  users: 1,
  processes: 2,
  timeoutMs: 3000,
  manualWake: false,
  manualRead: false,
  time: 'virtual' as const,
  payloadMax: 4,
  wideLabels: false,
};
const capabilities = new Set(['virtualTime', 'results', 'payload', 'exit', 'concurrent']);
const ok = { result: {} };
const refused = { error: { code: 'ERRNO', errno: 'EINVAL' } };

const call = (nth: number): Occurrence => ({ kind: 'call', nth });
const event = (one: SubjectEvent): Occurrence => ({ kind: 'event', event: one });
const answer = (nth: number, said: Omit<Answer, 'events'> = ok): Occurrence => ({
  kind: 'answer',
  nth,
  answer: said,
});
const message = (to: number, task = 1, seq = 70): SubjectEvent => ({
  event: 'message',
  to,
  type: 'request',
  index: 0,
  seq,
  payload: `a000000${task}`,
});
const quit = (to: number): SubjectEvent => ({ event: 'message', to, type: 'quit' });
const returns = (payload: string): SubjectEvent => ({ event: 'complete', task: 1, payload });
const expires: SubjectEvent = { event: 'complete', task: 1, errno: 'ENOMSG' };

/** Conversations before the group, each with the events of its last call. */
const idle: readonly [string, SubjectEvent[]][] = [['helo u1.d1', []]];
const waiting: typeof idle = [...idle, ['request r1 u1', [message(11)]]];

/** Leads an oracle through what was said before, then judges the group. */
function judge(before: typeof idle, lines: readonly string[], history: History) {
  const oracle = new Oracle(settings, { profile: seed, strict: true, capabilities, slackMs: 250 });
  for (const [line, events] of before) {
    const command = parseCommand(line);
    for (const [nth, one] of (oracle.calls(command) ?? []).entries()) {
      const judged = oracle.judge(command, one, { events: nth === 0 ? events : [], ...ok });
      expect(judged.kind, line).toBe('explained');
    }
  }
  const planned = oracle.overlapping(lines.map(parseCommand));
  expect(planned.length).toBe(lines.length);
  const judgement = oracle.judgeOverlap(planned, history);
  return { oracle, judgement };
}

function verdict(before: typeof idle, lines: readonly string[], history: History): string {
  const { judgement } = judge(before, lines, history);
  if (judgement.kind !== 'unexplained') return judgement.kind;
  return [...new Set(judgement.differences.map(({ requirement }) => requirement))].join();
}

const twoReplies = ['reply u1.d1 r1', '& reply u1.d1 r1'];
const replyAndTime = ['reply u1.d1 r1', '& advance r1'];
const askAndReplace = ['request r1 u1', '& helo u1.d2'];

describe('calls that overlap are explained', () => {
  it('by the order in which they were written', () => {
    const first = [call(0), call(1), event(returns('b0000001')), answer(0), answer(1, refused)];
    expect(verdict(waiting, twoReplies, first)).toBe('explained');
  });

  it('by the other order, answers out of turn', () => {
    const second = [call(0), call(1), event(returns('b0000002')), answer(1), answer(0, refused)];
    expect(verdict(waiting, twoReplies, second)).toBe('explained');
  });

  it('by either end of the race between a reply and the time-out', () => {
    const inTime = [call(0), call(1), event(returns('b0000001')), answer(1), answer(0)];
    expect(verdict(waiting, replyAndTime, inTime)).toBe('explained');
    const late = [call(0), call(1), event(expires), answer(0, refused), answer(1)];
    expect(verdict(waiting, replyAndTime, late)).toBe('explained');
    // What is refused for want of a request was refused after it ended.
    const neither = [call(0), call(1), event(returns('b0000001')), answer(1), answer(0, refused)];
    expect(verdict(waiting, replyAndTime, neither)).not.toBe('explained');
  });

  it('when a call that never returned must have taken effect', () => {
    const open = [call(0), call(1), event(returns('b0000001')), answer(1, refused)];
    expect(verdict(waiting, twoReplies, open)).toBe('explained');
  });

  it('when a call that never returned may have taken effect or not', () => {
    const open = [call(0), call(1), answer(1)];
    const { oracle, judgement } = judge(idle, ['quit u1.d1', '& helo u1.d1'], open);
    expect(judgement.kind).toBe('explained');
    // Quit may have come last: both are still possible.
    expect(oracle.daemonOf(1)).toBeUndefined();
  });
});

describe('calls that overlap are not explained', () => {
  it('when both replies are accepted', () => {
    const both = [call(0), call(1), event(returns('b0000001')), answer(0), answer(1)];
    expect(verdict(waiting, twoReplies, both)).toBe('REP-2');
  });

  it('when a call that never returned would have to have taken effect, and is not seen', () => {
    const neither = [call(0), call(1), answer(1, refused)];
    // The first reply was accepted before the second was refused, but its event may be on its way.
    expect(verdict(waiting, twoReplies, neither)).toBe('explained');
    const full = [call(0), call(1), answer(1, { error: { code: 'ERRNO', errno: 'ENOTCONN' } })];
    expect(verdict(idle, ['helo u1.d2', '& request r1 u1'], full)).toBe('REQ-7');
  });

  it('by an order that real time forbids', () => {
    const replies = [call(0), answer(0, refused), call(1), event(returns('b0000002')), answer(1)];
    expect(verdict(waiting, twoReplies, replies)).toBe('REP-9');
  });

  it('when an event comes twice', () => {
    const twice = event(returns('b0000001'));
    const history = [call(0), call(1), twice, twice, answer(0), answer(1, refused)];
    expect(verdict(waiting, twoReplies, history)).toBe('SLP-2');
  });

  it('when an event comes after the answer to the call that caused it', () => {
    const history = [call(0), call(1), answer(0), event(returns('b0000001')), answer(1, refused)];
    expect(verdict(waiting, twoReplies, history)).toBe('SLP-1');
  });

  it('when the events of one process come in an order in which nothing could send them', () => {
    const [asked, told] = [event(message(11)), event(quit(11))];
    const right = [call(0), call(1), asked, told, answer(0), answer(1)];
    expect(verdict(idle, askAndReplace, right)).toBe('explained');
    const wrong = [call(0), call(1), told, asked, answer(0), answer(1)];
    expect(verdict(idle, askAndReplace, wrong)).toBe('REQ-1');
  });

  it('when a pair of numbers is used twice', () => {
    const again = [call(0), call(1), event(expires), event(message(11, 2)), answer(1), answer(0)];
    expect(verdict(waiting, ['request r2 u1', '& advance r1'], again)).toBe('REQ-4');
  });

  it('and it is said what was allowed in the order that explains the most', () => {
    const both = [call(0), call(1), event(returns('b0000001')), answer(0), answer(1)];
    const { judgement } = judge(waiting, twoReplies, both);
    expect(judgement).toMatchObject({
      differences: [{ observed: 'reply u1.d1 r1: ok', allowed: 'refused (reply/not-in-use)' }],
      allowed: ['reply u1.d1 r1, then reply u1.d1 r1 -> refused (reply/not-in-use)'],
    });
  });
});

describe('commands that contradict each other', () => {
  it('are left out of a group', () => {
    const oracle = new Oracle(settings, { profile: seed, strict: true, capabilities, slackMs: 1 });
    const commands = ['helo u1.d1', '& exit u1.d1', '& helo u1.d2', '& reply u1.d1 r7'];
    const calls: Call[] = oracle.overlapping(commands.map(parseCommand)).map((one) => one.call);
    expect(calls.map(({ method }) => method)).toEqual(['helo', 'helo']);
  });
});
