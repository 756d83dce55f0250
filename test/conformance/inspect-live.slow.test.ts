import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';
import { freshCursor, Live } from '../../conformance/inspect/live.js';
import type { Update } from '../../conformance/inspect/messages.js';
import { programLimits, Programs } from '../../conformance/inspect/programs.js';
import { Relay } from '../../conformance/inspect/relay.js';
import { AdapterBroke, run, seed, selectCases } from '../../conformance/index.js';
import type { Subject } from '../../conformance/index.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';

/** A live run, and the programs that talk to the inspector, without a socket. */

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A run of the suite `paths` as fast as it goes, until it is over. */
async function lived(open: () => Promise<Subject>) {
  const notices: string[] = [];
  const live = new Live({
    ...{ open, words: ' -- kernel', strict: false },
    ...{ changed: () => undefined, began: () => undefined, took: () => undefined },
    notice: (sentence) => notices.push(sentence),
  });
  for (let nth = 0; nth < 9; nth += 1) live.order({ do: 'faster' });
  live.order({ do: 'start', suite: 'paths' });
  const early = freshCursor();
  const updates: Update[] = [];
  const isOver = () => updates.findLast((one) => one.live !== undefined)?.live?.phase === 'over';
  while (!isOver()) {
    await pause(5);
    updates.push(live.update(early));
  }
  return { live, updates, notices };
}

describe('a live run', () => {
  const open = () => Promise.resolve(new MutantSubject({ fault: 'ignores-number' }));

  it('comes to the verdicts of a run, and shows where model and implementation part', async () => {
    const { live, updates, notices } = await lived(open);
    const cases = selectCases(seed, ['paths'], []);
    const rest = { profile: seed, strict: false, cases, seed: 1, runs: 100, bail: false };
    const { totals } = await run({ subject: await open(), ...rest });
    // A page that comes late is told everything that is still to be seen.
    const late = live.update(freshCursor());
    expect(late.fresh).toBe(true);
    expect(late.live?.verdicts).toEqual({ pass: totals.pass, fail: totals.fail });
    const { deviations = [], conversation } = late;
    expect(deviations.length).toBe(totals.fail);
    const names = (all: Update['deviations']) => (all ?? []).map(({ name }) => name);
    expect(updates.flatMap((one) => names(one.deviations))).toEqual(names(deviations));
    expect(conversation?.from).toBe(0);
    const [first] = deviations;
    expect(first?.again).toMatch(/^msgctx run --filter paths\/\S+ -- kernel$/);
    expect(first?.breakage?.rules.map(({ id }) => id)).toContain('REP-7');
    expect(first?.breakage?.step).toBe((first?.steps.length ?? 0) - 1);
    for (const { steps } of deviations) {
      for (const { model, inside } of steps.slice(0, -1)) {
        expect(model.length).toBeGreaterThan(0);
        expect(inside).toBeDefined();
      }
    }
    expect(late.live?.heat['context pending ACCEPT']).toBeGreaterThan(0);
    expect(late.live?.heat['reply checkSenderIsUser>refused.other-user']).toBeGreaterThan(0);
    expect(notices).toEqual([]);
  });

  it('tells a page what is new and nothing twice', async () => {
    const { live, updates } = await lived(open);
    const places = updates.flatMap(({ conversation }) => conversation ?? []);
    for (const [nth, { from, conversation, nth: which }] of places.entries()) {
      const before = places[nth - 1];
      const isNext = before?.nth === which;
      expect(from).toBe(isNext ? before.from + before.conversation.steps.length : 0);
      expect(conversation.components.length).toBeGreaterThan(0);
    }
    const cursor = freshCursor();
    live.update(cursor);
    expect(live.update(cursor)).toEqual({});
  });

  it('says in one sentence that nothing could be opened, and begins again when it is asked to', async () => {
    let tries = 0;
    const { live, notices } = await lived(() => {
      tries += 1;
      return Promise.reject(new AdapterBroke('start', 'the adapter is not there'));
    });
    expect(notices).toEqual(['the adapter is not there']);
    live.order({ do: 'start', suite: 'paths' });
    await live.close();
    expect(tries).toBe(2);
  });
});

/** A socket of which only what is used exists. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  closed: number | undefined;

  send(text: string): void {
    this.sent.push(text);
  }

  close(code: number): void {
    [this.closed, this.readyState] = [code, 2];
  }

  terminate(): void {
    this.close(1006);
  }

  tell(text: string): void {
    this.emit('message', Buffer.from(text), false);
  }
}

describe('an implementation that misbehaves', () => {
  const right = () => new MutantSubject({});

  it('at its end is a notice, and the verdicts stand', async () => {
    const subject = right();
    const { live, notices } = await lived(() =>
      Promise.resolve({
        claims: subject.claims,
        call: (call) => subject.call(call),
        close: () =>
          Promise.reject(new AdapterBroke('malformed', 'the adapter ended with status 7')),
      }),
    );
    expect(notices).toEqual(['the adapter ended with status 7']);
    const { live: state } = live.update(freshCursor());
    expect(state?.verdicts['pass']).toBe(state?.all);
    await live.close();
  });

  it('is opened once, however often somebody presses Start', async () => {
    let opened = 0;
    const live = new Live({
      ...{ words: '', strict: false, notice: () => undefined },
      ...{ changed: () => undefined, began: () => undefined, took: () => undefined },
      open: () => {
        opened += 1;
        return Promise.resolve(right());
      },
    });
    for (let nth = 0; nth < 50; nth += 1) live.order({ do: 'start', suite: 'paths' });
    await live.close();
    expect(opened).toBe(1);
  });
});

describe('a program', () => {
  const told = '{"type":"@xstate.event","sessionId":"x:0","event":{"type":"GO"}}';
  const programs = (relay = new Relay()) => {
    const notices: string[] = [];
    const clock = { nowMs: 0 };
    const all = new Programs({
      nowMs: () => clock.nowMs,
      relay,
      notice: (sentence) => notices.push(sentence),
      changed: () => undefined,
    });
    const add = () => {
      const socket = new FakeSocket();
      // Of a socket no more is used than the fake has.
      all.add(socket as unknown as WebSocket);
      return socket;
    };
    return { add, notices, clock };
  };

  it('that floods is sent away with a sentence', () => {
    const { add, notices, clock } = programs();
    const flood = add();
    const tell = (count: number) => {
      for (let nth = 0; nth < count; nth += 1) flood.tell(told);
      return flood.closed;
    };
    expect(tell(programLimits.burst)).toBeUndefined();
    clock.nowMs += 1000;
    expect(tell(programLimits.perSecond)).toBeUndefined();
    expect(tell(1)).toBe(1008);
    expect(notices).toContain(
      'program 1 was disconnected: it sent more than 200000 events at once (an event of 1000 characters counts once, a longer one more often); inspect fewer actors',
    );
  });

  it('that sends large events uses up its budget sooner', () => {
    const { add, notices } = programs();
    const flood = add();
    const large = `{"type":"@xstate.event","sessionId":"x:0","event":"${'y'.repeat(1_000_000)}"}`;
    for (let nth = 0; nth < 199; nth += 1) flood.tell(large);
    expect(flood.closed).toBeUndefined();
    for (let nth = 0; nth < 2; nth += 1) flood.tell(large);
    expect(flood.closed).toBe(1008);
    expect(notices).toHaveLength(1);
  });

  it('is told nothing, whoever else speaks; who is silent is told everything', async () => {
    const { add } = programs();
    const [one, other, listener] = [add(), add(), add()];
    one.tell(told);
    other.tell(told);
    await pause(300);
    expect([one.sent, other.sent, listener.sent]).toEqual([[], [], [told, told]]);
    other.tell(told);
    expect(listener.sent.length).toBe(3);
  });

  it('that tells more than can be kept is not forgotten unseen', () => {
    const { add, notices } = programs(new Relay({ entriesMax: 10, bytesMax: 1 << 20 }));
    const one = add();
    for (let nth = 0; nth < 30; nth += 1) one.tell(told);
    expect(notices).toEqual([
      'there are more events than the inspector keeps: of the oldest, only machines and last states are left',
    ]);
  });

  it('that does not read what it is told is sent away', async () => {
    const { add, notices } = programs();
    const [one, listener] = [add(), add()];
    await pause(300);
    listener.bufferedAmount = programLimits.waitingBytes + 1;
    one.tell(told);
    expect(listener.closed).toBe(1006);
    expect(notices).toEqual(['listener 2 was disconnected: it does not read what it is sent']);
  });
});
