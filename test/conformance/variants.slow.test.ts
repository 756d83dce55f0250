import { describe, expect, it } from 'vitest';
import type { Answer, Call, Claims, Report, Subject } from '../../conformance/index.js';
import { ReferenceSubject, run, seed, selectCases } from '../../conformance/index.js';

/** Right implementations with unusual habits, which must not be accused, and faults behind them. */

/** The reference implementation with other claims, and something done to what it is told and says. */
class Variant implements Subject {
  readonly claims: Claims;
  readonly #inner = new ReferenceSubject();
  readonly #change: Change;

  constructor(claims: Partial<Claims>, change: Change) {
    this.claims = { ...this.#inner.claims, ...claims };
    this.#change = change;
  }

  async call(call: Call): Promise<Answer> {
    const told = this.#change.call?.(call) ?? call;
    const said = await this.#inner.call(told);
    return this.#change.answer?.(said, call) ?? said;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

interface Change {
  readonly call?: (call: Call) => Call;
  readonly answer?: (answer: Answer, call: Call) => Answer;
}

const all = new ReferenceSubject().claims.capabilities;
const without = (...words: string[]) => ({
  capabilities: new Set([...all].filter((word) => !words.includes(word))),
});
const mute: Change['answer'] = (answer, { method }) =>
  ['helo', 'quit', 'reply'].includes(method) ? { events: answer.events, result: {} } : answer;
/** Payloads of its own: what the suite sends is not what it carries. */
const opaque: Change = {
  call: (call) =>
    call.method === 'reply' ? { ...call, params: { ...call.params, payload: 'c0de' } } : call,
  answer: (answer) => ({
    ...answer,
    events: answer.events.map((event) => {
      if (event.event === 'message') {
        return event.type === 'request' ? { ...event, payload: 'ff' } : event;
      }
      return event.errno === undefined ? { event: 'complete', task: event.task } : event;
    }),
  }),
};
const otherErrnos: Change['answer'] = (answer) => ({
  ...answer,
  events: answer.events.map((event) =>
    event.event === 'complete' && event.errno !== undefined
      ? { ...event, errno: 'ETIMEDOUT' }
      : event,
  ),
  ...(answer.error === undefined ? {} : { error: { code: 'ERRNO', errno: 'EPERM' } }),
});

async function hold(subject: Subject, strict = false, suites: string[] = []): Promise<Report> {
  // The largest systems and the longest conversations add time, not habits.
  const large = /^(?:paths.2x2|complete|soak.answered-66000|adversary.(?:crowd|wide|long))/;
  const cases = selectCases(seed, suites, []).filter(({ id }) => !large.test(id));
  return run({ subject, profile: seed, strict, cases, seed: 1, runs: 5, bail: false });
}

describe('a right implementation', () => {
  it.each<[string, Partial<Claims>, Change]>([
    ['shows no results', without('results'), { answer: mute }],
    ['carries payloads of its own', without('payload'), opaque],
    ['does not show its inside', without('inspect'), {}],
    ['cannot hold a sleeper', without('manualWake'), {}],
    ['cannot let a process die', without('exit'), {}],
    [
      'can do nothing but the time',
      { capabilities: new Set(['virtualTime']) },
      { ...opaque, answer: (answer, call) => mute(opaque.answer?.(answer, call) ?? answer, call) },
    ],
    ['has one context', { contextsMax: 1 }, {}],
    ['has at least two contexts', { contextsMin: 2 }, {}],
    ['has exactly three contexts', { contextsMin: 3, contextsMax: 3 }, {}],
    ['may answer out of turn', { capabilities: new Set([...all, 'concurrent']) }, {}],
    ['takes one byte', { payloadMax: 1 }, {}],
    ['takes no byte', { payloadMax: 0 }, {}],
    ['has coarse time-outs', { timeoutMinMs: 5000, timeoutStepMs: 1000 }, {}],
    ['says other errnos', {}, { answer: otherErrnos }],
  ])('that %s is not accused', async (_, claims, change) => {
    const report = await hold(new Variant(claims, change));
    expect(report.cases.filter(({ verdict }) => verdict === 'fail').map(({ why }) => why)).toEqual(
      [],
    );
    expect(report.totals.pass).toBeGreaterThan(0);
    expect(report.verdict).toBe('pass');
  });

  it('that says other errnos breaks REP-11, and only that, under --strict', async () => {
    const { cases, verdict } = await hold(new Variant({}, { answer: otherErrnos }), true, [
      'paths',
    ]);
    const broken = cases.flatMap((one) => (one.verdict === 'fail' ? one.requirements : []));
    expect([verdict, [...new Set(broken)]]).toEqual(['fail', ['REP-11']]);
  });
});

describe('a subject', () => {
  it('that throws what is no breach is not given a verdict', async () => {
    let resets = 0;
    const subject = new Variant(
      {},
      {
        call: (call) => {
          if (call.method === 'reset') resets += 1;
          if (resets > 3) throw new TypeError('a fault of its own');
          return call;
        },
      },
    );
    await expect(hold(subject, false, ['adversary'])).rejects.toThrow('a fault of its own');
  });

  it('that speaks after its last answer fails the case in which it did', async () => {
    const late: Change['answer'] = (answer, { method }) =>
      method === 'settle'
        ? { ...answer, events: [{ event: 'message', to: 11, type: 'quit' }] }
        : answer;
    const report = await hold(new Variant({}, { answer: late }), false, ['paths']);
    expect(report.cases[0]?.why).toMatch(/^at "settle": got ok; message to u1.d1: quit/);
  });

  it('with more contexts than the model can hold is unsupported', async () => {
    const report = await hold(new Variant({ contextsMin: 5000, contextsMax: 5000 }, {}));
    expect(report.totals).toMatchObject({ pass: 0, fail: 0, unsupported: report.cases.length });
  });
});

describe('a fault', () => {
  /** Every reply comes from the registered daemon, as far as the implementation is told. */
  const forgery: Change['call'] = (call) =>
    call.method === 'reply' && call.params.pid !== 11
      ? { ...call, params: { ...call.params, pid: 11 } }
      : call;

  it.each<[string, Change]>([
    ['shows in what follows where no results are shown', { call: forgery, answer: mute }],
    ['shows in the results', { call: forgery }],
  ])('%s', async (_, change) => {
    const claims = change.answer === undefined ? {} : without('results');
    const report = await hold(new Variant(claims, change), false, ['paths']);
    const failed = report.cases.filter(({ verdict }) => verdict === 'fail');
    expect(failed.map(({ requirements }) => requirements).flat()).toContain('REP-5');
  });
});
