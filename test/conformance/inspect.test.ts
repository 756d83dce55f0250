import { describe, expect, it } from 'vitest';
import { chosenIn } from '../../conformance/inspect/chosen.js';
import { depthMax, textOf, tooDeep, wellFormed } from '../../conformance/inspect/foreign.js';
import { headers, isOwn, mayTell } from '../../conformance/inspect/gate.js';
import { Pace } from '../../conformance/inspect/pace.js';
import { PeekingSubject } from '../../conformance/inspect/peeking.js';
import { playback } from '../../conformance/inspect/playback.js';
import { redact, redacted } from '../../conformance/inspect/redact.js';
import { Relay } from '../../conformance/inspect/relay.js';
import { walked } from '../../conformance/inspect/stepping.js';
import { AdapterBroke, ReferenceSubject } from '../../conformance/index.js';
import type { Subject } from '../../conformance/index.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';

/** The parts of the inspector that need neither a socket nor a browser. */

const chosen = (text: string) => chosenIn(new URLSearchParams(text));
const stepped = (text: string, ...tokens: string[]) => walked(chosen(text), tokens).stepped;

describe('stepping by hand', () => {
  it('says what a machine can do, and of the rest in which state it could', () => {
    const { active, choices } = stepped('machine=context', 'ACQUIRE');
    expect(active).toEqual(['pending']);
    const enabled = choices.filter((one) => one.enabled).map(({ label }) => label);
    expect(enabled).toEqual(['ACCEPT', 'EXPIRE', 'INTERRUPT', 'SEND_FAILED']);
    const release = choices.find(({ label }) => label === 'RELEASE');
    expect(release?.checks).toEqual([
      { name: 'in done', holds: false, text: 'the machine is in pending' },
    ]);
  });

  it('leads a reply down the cascade to the first check that is false, and says which', () => {
    const { active, trail } = stepped('machine=reply', 'REPLY not senderIsUser');
    expect(active).toEqual(['refused', 'refused.other-user']);
    const [taken] = trail;
    expect(taken?.checks.map(({ name, holds }) => `${name} ${holds}`)).toEqual([
      'indexInRange true',
      'contextInUse true',
      'daemonRegistered true',
      'senderIsUser false',
    ]);
    expect(taken?.checks.at(-1)?.text).toMatch(/\?$/);
    expect(taken?.rules.map(({ id }) => id)).toEqual(['REP-4', 'REP-8']);
  });

  it('moves the components of the joined system together, and names what is missing', () => {
    const { active, choices, trail } = stepped('machine=system', 'helo 0.0', 'request 0 c1');
    expect(active).toContain('context1.pending');
    expect(active).toContain('task1.sleeping.waiting');
    expect(trail.map(({ label, outcome }) => `${label} -> ${outcome}`)).toEqual([
      'helo u1.d1 -> registered',
      'request r1 u1 -> sent; its process sleeps',
    ]);
    const looks = choices.find(({ label, enabled }) => label === 'wake unused 0' && !enabled);
    expect(looks?.checks.filter(({ holds }) => !holds)).toEqual([
      { name: 'context 0 is pending', holds: false, text: 'it is free' },
      { name: 'task 0 accepts LOOK_NOTHING', holds: false, text: 'it is running' },
    ]);
  });

  it.each([
    ['machine=context', 'RELEASE', '"RELEASE" is not possible in free; undo it'],
    ['machine=reply', 'REPLY not 7', '"REPLY not 7" is not possible in received; undo it'],
    ['machine=system', 'look 0', '"look 0" is not possible in this state of the system; undo it'],
  ])('refuses a link of %s with %s in one sentence', (query, token, sentence) => {
    expect(() => stepped(query, token)).toThrow(sentence);
  });

  it.each([
    ['machine=cat', 'there is no machine "cat"; known: context, daemon, reply, task, system'],
    ['profile=9', 'there is no profile "9"; known: seed'],
    ['machine=system&contexts=99', 'contexts "99" is outside 1 to 3'],
  ])('refuses %s in one sentence', (query, sentence) => {
    expect(() => chosen(query)).toThrow(sentence);
  });
});

describe('who may talk to the server', () => {
  const at = { host: '127.0.0.1', port: 8080 };
  it.each([
    ['its own page', '127.0.0.1:8080', 'http://127.0.0.1:8080', true, true],
    ['its own page by name', 'localhost:8080', 'http://localhost:8080', true, true],
    ['a program', 'localhost:8080', undefined, true, true],
    ['a page that is developed here', 'localhost:8080', 'http://localhost:5173', false, true],
    ['a page of a stranger', 'localhost:8080', 'https://example.com', false, false],
    ['a page without an origin', 'localhost:8080', 'null', false, false],
    ['a name that was made to point here', 'example.com:8080', undefined, false, false],
    ['another port of this machine', '127.0.0.1:9090', undefined, false, false],
    ['nobody in particular', undefined, undefined, false, false],
  ])('%s', (_, host, origin, own, tells) => {
    expect([isOwn({ host, origin }, at), mayTell({ host, origin }, at)]).toEqual([own, tells]);
  });

  it.each([
    ['its own page', 'http://127.0.0.1:8080', 'same-origin', true, true],
    ['an address that somebody typed', undefined, 'none', true, true],
    ['an image in a page of a stranger', undefined, 'cross-site', false, false],
    ['a page of another port', undefined, 'same-site', false, false],
    ['a header that no browser sends', undefined, 'cross-site, same-origin', false, false],
    ['a page that is developed here', 'http://localhost:5173', 'cross-site', false, true],
  ])('Sec-Fetch-Site: %s', (_, origin, site, own, tells) => {
    const asking = { host: 'localhost:8080', origin, site };
    expect([isOwn(asking, at), mayTell(asking, at)]).toEqual([own, tells]);
  });

  it('knows the server by the spelling that browsers use, and without port 80', () => {
    const odd = { host: '0x7f.0.0.2', address: '127.0.0.2', port: 80 };
    const names = ['127.0.0.2', '127.0.0.2:80', 'localhost', '0x7f.0.0.2', '127.0.0.2:8080'];
    const known = names.filter((host) => isOwn({ host, origin: undefined }, odd));
    expect(known).toEqual(['127.0.0.2', '127.0.0.2:80', 'localhost']);
    const page = { host: '127.0.0.2', origin: 'http://127.0.0.2' };
    expect(isOwn(page, odd)).toBe(true);
  });

  it('lets a page load nothing from elsewhere and nothing inline', () => {
    const policy = headers['Content-Security-Policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });
});

describe('data of others', () => {
  const nested = (levels: number) => {
    let list: unknown = 'end';
    for (let nth = 0; nth < levels; nth += 1) list = [list];
    return list;
  };

  it('is cut off where it is nested too deeply, and kept as it is up to there', () => {
    expect(textOf(nested(100_000))).toMatch(/^\[{200}… \(\d+ more characters\)$/);
    expect(JSON.stringify(redact(nested(100_000)))).toContain(tooDeep);
    const deepest = nested(depthMax);
    expect(redact(deepest)).toBe(deepest);
    expect(JSON.stringify(redact(nested(depthMax + 1)))).toContain(tooDeep);
  });

  it('with members named like properties of every object is passed on with them', () => {
    const text = '{"__proto__":{"password":"x"},"constructor":"c","toString":{"a":1}}';
    const clean = redact(JSON.parse(text));
    expect(JSON.stringify(clean)).toBe(text.replace('"x"', `"${redacted}"`));
  });

  it('makes no picture that browsers cannot read', () => {
    expect(wellFormed('a\u0000b\ud800c\uffff 日本語 🔑\n')).toBe(
      'a\ufffdb\ufffdc\ufffd 日本語 🔑\n',
    );
  });
});

describe('key material', () => {
  it.each([
    [{ passphrase: 'correct horse' }, { passphrase: redacted }],
    [{ context: { user: { apiKey: 'abc' } } }, { context: { user: { apiKey: redacted } } }],
    [{ fekek: [1, 2] }, { fekek: redacted }],
    [{ key: 'Enter' }, { key: 'Enter' }],
    [{ definition: ' {"password":"x"}' }, { definition: `{"password":"${redacted}"}` }],
    [{ key: '00112233445566778899aabbccddeeff' }, { key: redacted }],
    [{ key: Array.from({ length: 16 }, () => 7) }, { key: redacted }],
    [{ passwordIsSet: true }, { passwordIsSet: true }],
    [
      { definition: '{"context":{"password":"x"}}' },
      { definition: `{"context":{"password":"${redacted}"}}` },
    ],
    [
      { note: 'a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b' },
      { note: `a ${redacted} b` },
    ],
  ])('is taken out of %j', (before, after) => {
    expect(redact(before)).toEqual(after);
  });

  it('is all that changes: what holds none is the same object', () => {
    const value = { type: '@xstate.event', event: { type: 'GO', to: ['a', { b: null }] } };
    expect(redact(value)).toBe(value);
  });
});

describe('the relay', () => {
  const event = (type: string, sessionId: string, more = {}) =>
    JSON.stringify({ type: `@xstate.${type}`, sessionId, ...more });

  it('passes events on as they came, to the byte', () => {
    const relay = new Relay();
    const text = `{"type": "@xstate.event",  "sessionId":"x:0","event":{"type":"GO"}}`;
    expect(relay.take(1, text)).toEqual({
      kind: 'event',
      entry: expect.objectContaining({ nth: 1, program: 1, text }) as unknown,
    });
  });

  it.each([
    ['hello', 'a message that is not JSON'],
    ['7', 'JSON that is not an object'],
    ['{"type":"@xstate.microstep"}', 'an event whose type is none of @xstate.actor'],
    ['{"type":"@xstate.actor"}', 'an event @xstate.actor without a sessionId'],
  ])('does not pass on %s', (text, why) => {
    const received = new Relay().take(1, text);
    expect(received.kind === 'nonsense' ? received.why : '').toContain(why);
  });

  it('keeps every definition and every last state when events are too many', () => {
    const relay = new Relay({ entriesMax: 100, bytesMax: 1 << 20 });
    for (const id of ['a', 'b'])
      relay.take(1, event('actor', id, { definition: `{"id":"${id}"}` }));
    relay.take(1, event('snapshot', 'a', { snapshot: { value: 'on' } }));
    for (let nth = 0; nth < 1000; nth += 1) relay.take(1, event('event', 'b'));
    const kept = relay.after(0);
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept.slice(0, 3).map(({ nth }) => nth)).toEqual([1, 2, 3]);
    expect(relay.definitionOf(1, 'a')).toBe('{"id":"a"}');
    expect(relay.forgotten).toBe(1003 - kept.length);
  });

  it('drops nothing of 10,000 events', () => {
    const relay = new Relay();
    for (let nth = 0; nth < 10_000; nth += 1) relay.take(1, event('event', 'b'));
    expect([relay.after(0).length, relay.after(9990).length, relay.forgotten]).toEqual([
      10_000, 10, 0,
    ]);
  });
});

describe('the pace of a run', () => {
  it('holds up a run that pauses, one step at a time', async () => {
    const pace = new Pace('full');
    pace.pause();
    let steps = 0;
    const run = (async () => {
      for (; steps < 3; steps += 1) await pace.turn();
    })();
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    await settled();
    expect(steps).toBe(0);
    pace.step();
    await settled();
    await settled();
    expect(steps).toBe(1);
    pace.release();
    await run;
    expect(steps).toBe(3);
  });

  it('goes no faster and no slower than it can', () => {
    const pace = new Pace(0.5);
    pace.change(-1);
    expect(pace.speed).toBe(0.5);
    for (let nth = 0; nth < 20; nth += 1) pace.change(1);
    expect(pace.speed).toBe('full');
  });
});

describe('a look at the inside', () => {
  it('leaves the events that came with it to the next call', async () => {
    const quit = { event: 'message', to: 11, type: 'quit' } as const;
    const events = [[quit], []];
    const subject: Subject = {
      claims: new MutantSubject({}).claims,
      call: () => Promise.resolve({ events: events.shift() ?? [], result: { free: [0] } }),
      close: () => Promise.resolve(),
    };
    const peeking = new PeekingSubject(subject);
    expect(await peeking.peek()).toEqual({ free: [0] });
    const answer = await peeking.call({ method: 'settle', params: {} });
    expect(answer.events).toEqual([quit]);
  });
});

describe('saved conversations', () => {
  const settings = {
    ...{ contexts: 1, users: 1, processes: 1, timeoutMs: 3000, payloadMax: 64 },
    ...{ manualWake: false, manualRead: false, wideLabels: false, time: 'virtual' },
  };
  const failure = {
    why: 'at "reply u1.d1 r1 seq=r1-1": got ok; expected refused',
    requirements: ['REP-7'],
    allowed: ['refused (reply/wrong-sequence)'],
  };
  const lines = [
    { schema: 'msgctx-trace/1', case: 'one', profile: 'seed', settings, failure },
    { command: 'helo u1.d1', observed: ['ok'] },
    { command: 'request r1 u1', observed: ['ok'] },
    { command: 'reply u1.d1 r1 seq=r1-1', observed: ['ok', 'r1 returns'] },
  ];
  const play = (subject: Subject, text = lines.map((line) => JSON.stringify(line)).join('\n')) => {
    const notices: string[] = [];
    const shown = playback({
      file: 'trace',
      read: () => text,
      open: () => Promise.resolve(subject),
      words: '',
      strict: false,
      notice: (sentence) => notices.push(sentence),
    });
    return shown.then((all) => ({ ...all, notices }));
  };

  it('fail again where the fault is there, with the rule at the step that breaks it', async () => {
    const { conversations } = await play(new MutantSubject({ fault: 'ignores-number' }));
    const [one] = conversations;
    expect(one?.verdict).toBe('fail');
    expect(one?.breakage?.step).toBe(2);
    expect(one?.breakage?.rules.map(({ id }) => id)).toEqual(['REP-7']);
    expect(one?.steps[1]?.model.slice(0, 3)).toEqual(['pending', 'is0', 'sleeping.waiting']);
    expect(one?.steps[1]?.inside?.contexts[0]?.state).toBe('pending');
  });

  it('show where they failed when the implementation is right by now', async () => {
    const { conversations } = await play(new ReferenceSubject());
    const [one] = conversations;
    expect(one?.verdict).toBe('pass');
    expect(one?.breakage).toMatchObject({ step: 2, why: failure.why, allowed: failure.allowed });
    expect(one?.steps[2]?.recorded).toEqual(['ok', 'r1 returns']);
  });

  it('are shown although the adapter ends badly afterwards', async () => {
    const subject = new ReferenceSubject();
    const { conversations, notices } = await play({
      claims: subject.claims,
      call: (call) => subject.call(call),
      close: () => Promise.reject(new AdapterBroke('malformed', 'the adapter ended with status 7')),
    });
    expect(conversations[0]?.verdict).toBe('pass');
    expect(notices).toEqual(['the adapter ended with status 7']);
  });

  it.each([
    ['text with controls', 'a\u001b[2Jb', 'a\\x1b[2Jb'],
    ['objects that cannot become text', { toString: 1, valueOf: 2 }, '{"toString":1,"valueOf":2}'],
    ['long text', 'y'.repeat(900_000), `${'y'.repeat(200)}… (899800 more characters)`],
  ])(
    'show short visible text if the implementation names its states by %s',
    async (_, state, shown) => {
      const subject = new ReferenceSubject();
      const { conversations, notices } = await play({
        claims: subject.claims,
        close: () => Promise.resolve(),
        call: async (call) => {
          const answer = await subject.call(call);
          if (call.method !== 'inspect') return answer;
          const contexts = [
            { index: 0, state },
            { index: 'constructor', state },
            { index: {}, state },
          ];
          return { ...answer, result: { contexts, daemons: [{ pid: state }, { pid: 7 }] } };
        },
      });
      const inside = conversations[0]?.steps[1]?.inside;
      expect(inside?.contexts).toEqual([{ index: 0, state: shown, seq: '' }]);
      expect(inside?.daemons[0]).toEqual(shown);
      expect(notices).toEqual([]);
    },
  );

  it('with a profile named like a property of every object are refused in one sentence', async () => {
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    const { problem } = await play(new ReferenceSubject(), text.replace('"seed"', '"constructor"'));
    expect(problem).toMatch(/^there is no profile to run "constructor"; known: /);
  });

  it('of another version are refused in one sentence', async () => {
    const { problem, notices } = await play(new ReferenceSubject(), '{"schema":"msgctx-trace/9"}');
    expect(problem).toBe('trace:1: expected "schema":"msgctx-trace/1"');
    expect(notices).toEqual([problem]);
  });
});
