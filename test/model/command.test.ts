import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../model/index.js';
import { parseCommand, printCommand } from '../../model/index.js';

const number = fc.integer({ min: 0, max: 2 ** 31 });
const by = fc.record({ user: number, process: number });
const offset = fc.record({ of: number, plus: fc.integer({ min: -(2 ** 31), max: 2 ** 31 }) });
const bytes = fc.option(number, { nil: undefined });
const withBytes = <T extends object>(arbitrary: fc.Arbitrary<T>) =>
  fc
    .tuple(arbitrary, bytes)
    .map(([one, length]) => (length === undefined ? one : { ...one, bytes: length }));

const index = fc.oneof(
  offset,
  fc.record({ is: number }),
  fc.constantFrom('unused' as const, 'outside' as const, 'last' as const),
);
const sequence = fc.oneof(offset, fc.record({ swapped: number }), fc.record({ is: number }));
const change = fc.integer({ min: -(2 ** 32), max: 2 ** 32 });

const raw: fc.Arbitrary<Command> = fc.record(
  {
    do: fc.constant('raw' as const),
    by,
    type: fc.oneof(fc.constantFrom('helo', 'quit', 'request', 'response'), number),
    sequence,
    index,
    bytes: number,
    size: change,
    length: change,
    data: change,
    code: fc.oneof(fc.constant('five' as const), number),
    as: by,
    flags: number,
    order: fc.constant('other' as const),
  },
  { requiredKeys: ['do', 'by', 'type', 'sequence'] },
);

const alone: fc.Arbitrary<Command> = fc.oneof(
  raw,
  fc.record({ do: fc.constantFrom('helo' as const, 'quit' as const, 'exit' as const), by }),
  withBytes(fc.record({ do: fc.constant('request' as const), request: number, user: number })),
  withBytes(
    fc.record({
      do: fc.constant('reply' as const),
      by,
      index,
      sequence,
    }),
  ),
  fc.record({ do: fc.constant('wake' as const), request: number }),
  fc.record({ do: fc.constant('advance' as const), request: number, lateMs: fc.integer() }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1 }) }),
  fc.constant<Command>({ do: 'inspect' }),
);

const command: fc.Arbitrary<Command> = fc
  .tuple(alone, fc.boolean())
  .map(([one, overlaps]) => (overlaps ? { ...one, overlaps } : one));

describe('commands in words', () => {
  it('are read back as they were printed', () => {
    fc.assert(
      fc.property(command, (one) => {
        expect(parseCommand(printCommand(one))).toEqual(one);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it.each([
    'raw u1.d1 helo',
    'raw u1.d1 response r1',
    'raw u1.d1 response r1 seq=r1+1 bytes=9 size=-3 length=+1 data=-1 as=u1.d2',
    'raw u1.d1 7 size=+8 flags=1',
    'raw u2.d1 request unused seq=r1.swapped code=five order=other',
    'raw u1.d1 quit seq=3 code=224',
  ])('say bytes in words: %s', (line) => {
    expect(printCommand(parseCommand(line))).toBe(line);
  });

  it.each(['raw u1.d1', 'raw u1.d1 hello', 'raw u1.d1 helo r1 r2', 'raw u1.d1 7 size=3'])(
    'say bytes in no other words: %s',
    (line) => {
      expect(() => parseCommand(line)).toThrow('expected raw u1.d1 helo|quit|');
    },
  );

  it.each([
    [
      'hello u1.d1',
      '"hello u1.d1" is not a command: expected helo, quit, exit, request, reply, raw, wake, advance, pass, read, interrupt, fail-send, reuse, inspect',
    ],
    ['& helo u1', '"& helo u1" is not a command: expected helo u1.d1'],
    ['&helo u1.d1', '"&helo u1.d1" is not a command: expected helo, quit,'],
    ['& & inspect', '"& & inspect" is not a command: expected helo, quit,'],
    ['helo u1', '"helo u1" is not a command: expected helo u1.d1'],
    ['helo u1.d1 u2.d1', '"helo u1.d1 u2.d1" is not a command: expected helo u1.d1'],
    ['request r1', '"request r1" is not a command: expected request r1 u1 [bytes=N]'],
    [
      'request r1 u1 byte=3',
      '"request r1 u1 byte=3" is not a command: expected request r1 u1 [bytes=N]',
    ],
    [
      'reply u1.d1 outside',
      '"reply u1.d1 outside" is not a command: expected reply u1.d1 r1|r1+256|unused|outside|last|3 [seq=r1|seq=r1+1|seq=r1.swapped|seq=7] [bytes=N]',
    ],
    [
      'advance r1 early=-1',
      '"advance r1 early=-1" is not a command: expected advance r1 [early=MS|late=MS]',
    ],
    [
      '',
      '"" is not a command: expected helo, quit, exit, request, reply, raw, wake, advance, pass, read, interrupt, fail-send, reuse, inspect',
    ],
  ])('are refused with what was expected: %j', (line, message) => {
    expect(() => parseCommand(line)).toThrow(message);
  });
});
