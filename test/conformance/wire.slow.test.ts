import { describe, expect, it } from 'vitest';
import type { Command, Profile, Report, Subject, SubjectEvent } from '../../conformance/index.js';
import {
  parseCommand,
  parseTraces,
  printCommand,
  printTraces,
  profiles,
  ReferenceSubject,
  requirementsOf,
  run,
  seed,
  selectCases,
} from '../../conformance/index.js';
import { Ledger } from '../../conformance/ledger.js';
import type { Fault } from '../../conformance/mutants/faults.js';
import { faults } from '../../conformance/mutants/faults.js';
import type { MutantOptions } from '../../conformance/mutants/subject.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';

/** Suite `wire`: nobody who is right is accused, and every fault of reading is found by its rule. */

interface Terms {
  readonly profile?: Profile;
  readonly filter?: readonly string[];
  readonly bail?: boolean;
  readonly runs?: number;
  readonly path?: string;
}

async function hold(subject: Subject, terms: Terms = {}): Promise<Report> {
  const { profile = seed, filter = [], bail = false, runs = 20, path } = terms;
  const cases = selectCases(profile, ['wire'], filter);
  const options = { profile, strict: true, cases, seed: 1, runs, bail };
  return run({ subject, ...options, ...(path === undefined ? {} : { path }) });
}

const wrong = ({ cases }: Report) =>
  cases.filter(({ verdict }) => verdict !== 'pass').map(({ id, why }) => `${id}: ${why}`);

/** A kernel whose answers begin in its own way; all others that it takes end a request with an error. */
function particular(): Subject {
  const inner = new MutantSubject({ profile: 'device-6' });
  const own = 'c0de';
  const ended = (event: SubjectEvent): SubjectEvent => {
    if (event.event === 'message' || event.payload === undefined) return event;
    const { task, payload } = event;
    return { event: 'complete', task, ...(payload === own ? {} : { errno: 'EIO' }) };
  };
  const capabilities = new Set([...inner.claims.capabilities].filter((one) => one !== 'payload'));
  return {
    claims: { ...inner.claims, capabilities },
    call: async (call) => {
      const isReply = call.method === 'reply';
      const told = isReply ? { ...call, params: { ...call.params, payload: own } } : call;
      const answer = await inner.call(told);
      return { ...answer, events: answer.events.map(ended) };
    },
    close: () => inner.close(),
  };
}

const profileOf = (name: string): Profile => profiles[name] ?? seed;

describe('a right kernel', () => {
  it.each<[string, () => Subject, string, number]>([
    ['the reference implementation', () => new ReferenceSubject(), 'seed', 175],
    ...[
      ['seed', 'seed', {}, 175],
      ['seed, big-endian', 'seed', { claims: { endian: 'big' } }, 175],
      ['Linux 2.6.21', 'netlink-2.6.21', {}, 175],
      ['Linux 6', 'device-6', {}, 160],
      ['Linux 6, big-endian', 'device-6', { claims: { endian: 'big' } }, 160],
      ['no payloads or results of its own', 'device-6', { without: ['payload', 'results'] }, 160],
    ].map(([name, profile, options, count]): [string, () => Subject, string, number] => [
      // The rows above are of these types.
      name as string,
      () => new MutantSubject({ profile, ...(options as object) } as MutantOptions),
      profile as string,
      count as number,
    ]),
  ])('passes: %s', async (_, subject, name, count) => {
    const report = await hold(subject(), { profile: profileOf(name) });
    expect(wrong(report)).toEqual([]);
    expect(report.cases.length).toBe(count);
    const chosen = selectCases(profileOf(name), ['wire'], []);
    const idle = report.cases.filter(({ id, kept }) => {
      const named = chosen.find((one) => one.id === id)?.requirements ?? [];
      return !named.some((rule) => rule !== 'SYS-1' && kept.includes(rule));
    });
    expect(idle.map(({ id }) => id)).toEqual([]);
    const kept = new Set(report.cases.flatMap((one) => one.kept));
    const rules = requirementsOf(profileOf(name).name).map(({ id }) => id);
    const ofWire = rules.filter((id) => id.startsWith('WIR-'));
    expect(ofWire.length).toBeGreaterThan(0);
    expect(ofWire.filter((id) => !kept.has(id))).toEqual([]);
    expect([...kept].filter((id) => !rules.includes(id))).toEqual([]);
  });

  it('may find that bytes are no answer, where answers are its own', async () => {
    const report = await hold(particular(), { profile: profileOf('device-6') });
    expect(wrong(report)).toEqual([]);
    expect(report.cases.length).toBe(160);
  });

  it('need not take bytes, or those of another framing', async () => {
    const report = await hold(new MutantSubject({ without: ['raw'] }));
    expect(new Set(report.cases.map(({ why }) => why))).toEqual(new Set(['the adapter lacks raw']));
    const other = await hold(new MutantSubject({ claims: { framing: 'device' } }));
    expect(new Set(other.cases.map(({ why }) => why))).toEqual(
      new Set(['the case is framed for netlink, the adapter takes device']),
    );
  });
});

/** Faults whose rule shows nowhere in the failure, and why. */
const unnamed: Readonly<Record<string, string>> = {
  'short-response-crashes': 'a kernel that is down breaks no rule by its answer',
  'type-zero-crashes': 'a kernel that is down breaks no rule by its answer',
  'empty-datagram-crashes': 'a kernel that is down breaks no rule by its answer',
  'six-bytes-crash': 'a kernel that is down breaks no rule by its answer',
  'written-helo-registers': 'the second registration shows when the first has ended',
};

const ofWire = faults.filter(({ group }) => group === 'datagrams' || group === 'packets');

describe('a fault in reading bytes', () => {
  it('is seeded for datagrams and for packets', () => {
    expect(new Set(ofWire.map(({ group }) => group)).size).toBe(2);
  });

  it.each(ofWire.map((fault): [string, Fault] => [fault.id, fault]))(
    'is found: %s',
    async (_, fault) => {
      const { id, requirement, profile: name } = fault;
      const subject = new MutantSubject({ fault: id, profile: name });
      const report = await hold(subject, { profile: profileOf(name), bail: true });
      const failed = report.cases.find(({ verdict }) => verdict === 'fail');
      expect(failed?.trace.length).toBeLessThanOrEqual(8);
      expect(failed?.requirements.includes(requirement)).toBe(unnamed[id] === undefined);
    },
  );

  it('is told with the bytes, what was allowed and the rules', async () => {
    const subject = new MutantSubject({ fault: 'trailing-bytes-taken' });
    const { cases } = await hold(subject, { filter: ['wire/long'], bail: true });
    expect(cases.find(({ verdict }) => verdict === 'fail')).toMatchObject({
      id: 'wire/long/plus-1',
      requirements: ['WIR-2'],
      why: 'at "raw u1.d1 response r1 size=+1": got r1 returns payload b00000015a; expected no completion of this request now',
    });
  });

  it('is found among drawn conversations, made minimal, and shown again by its path', async () => {
    const subject = new MutantSubject({ fault: 'missing-bytes-taken' });
    const terms = { filter: ['wire/drawn/plain'], runs: 100 };
    const [drawn] = (await hold(subject, terms)).cases;
    expect(drawn?.requirements).toContain('WIR-2');
    const words = drawn?.trace.map(({ command }) => command.split(' ')[0]);
    expect(words).toEqual(['helo', 'request', 'raw']);
    const [again] = (await hold(subject, { ...terms, path: drawn?.replay.at(-1) ?? '' })).cases;
    expect(again?.why).toBe(drawn?.why);
  });

  it('is recorded with the framing, and read back', async () => {
    const subject = new MutantSubject({ fault: 'request-is-response' });
    const filter = ['wire/type/echo'];
    const report = await hold(subject, { filter });
    const text = printTraces(report);
    const [trace] = parseTraces(text, 'memory');
    expect(trace?.settings.wire).toEqual({ framing: 'netlink', endian: 'little' });
    expect(trace?.commands.map(printCommand)).toEqual([
      'helo u1.d1',
      'request r1 u1',
      'raw u1.d1 request r1',
    ]);
    const bent = text.replace('"endian":"little"', '"endian":"middle"');
    expect(() => parseTraces(bent, 'memory')).toThrow('expected "settings"');
  });
});

describe('bytes in words', () => {
  const settings = {
    contexts: 2,
    users: 2,
    processes: 2,
    timeoutMs: 3000,
    manualWake: false,
    manualRead: false,
    time: 'virtual',
    payloadMax: 4096,
    wideLabels: false,
  } as const;
  const hex = (
    line: string,
    framing?: 'netlink' | 'device',
    endian: 'little' | 'big' = 'little',
  ) => {
    const wire = framing === undefined ? {} : { wire: { framing, endian } };
    const ledger = new Ledger({ ...settings, ...wire });
    ledger.pidOf({ user: 1, process: 1 });
    ledger.calls({ do: 'request', request: 1, user: 1 }, 0);
    ledger.learn(1, 5, 0x01020304, 11);
    const command: Command = parseCommand(line);
    const [call] = ledger.calls(command, 1) ?? [];
    return call?.method === 'raw' ? call.params.bytes : undefined;
  };

  it.each([
    ['raw u1.d1 helo', '10000000640000000000000000000000', '6400000000'],
    [
      'raw u1.d1 response r1',
      '1c00000067000000040302010000000005000000' + '04000000b0000001',
      '67010203040c05000000' + '04000000b0000001',
    ],
    [
      'raw u1.d1 response r1 bytes=1 size=+2 length=-1 data=+1 as=u1.d1 flags=258',
      '1800000067000201040302010b0000000500000002000000015a5a',
      '6701020304080500000002000000015a5a',
    ],
    ['raw u1.d1 7 seq=r1 size=-99', '', ''],
    [
      'raw u1.d1 request unused seq=r1.swapped bytes=0 code=five order=other',
      '00000018006600000403020100000000' + '0000000100000000',
      '6604030201ff00000008' + '0000000100000000',
    ],
    ['raw u1.d1 response r9', undefined, undefined],
    ['raw u1.d1 response r1 as=u2.d2', undefined, undefined],
  ])('%s', (line, netlink, device) => {
    expect([hex(line, 'netlink'), hex(line, 'device')]).toEqual([netlink, device]);
    expect(hex(line)).toBeUndefined();
  });

  it('stand in the order of the host', () => {
    expect(hex('raw u1.d1 response r1 bytes=0', 'netlink', 'big')).toBe(
      '0000001800670000010203040000000000000005' + '00000000',
    );
    expect(hex('raw u1.d1 response r1 bytes=0', 'device', 'big')).toBe(
      '6701020304080000000500000000',
    );
  });
});
