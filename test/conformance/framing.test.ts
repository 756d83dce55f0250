import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeDatagram, readDatagram } from '../../conformance/framing/datagram.js';
import type { Damage, Framed, Framing } from '../../conformance/framing/message.js';
import { decodeNetlink } from '../../impl/index.js';

/** Framings as bytes, and what must be made of them. */

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const netlink: Framing = { framing: 'netlink', endian: 'little' };
const device: Framing = { framing: 'device', endian: 'little' };
const framings = [netlink, device].flatMap((one): Framing[] => [one, { ...one, endian: 'big' }]);

/** A Tag 66 of the published vectors. */
const tag66 = '4210323533636137653838383131643138341307000102030405060708090a0b0c0d0e0f0078';
const numbers = { index: 5, sequence: 0x01020304 };
const request: Framed = { type: 102, ...numbers, pid: 1234, data: bytesOf(tag66) };
const response: Framed = { type: 103, ...numbers, data: bytesOf('b0b1b2') };

describe('a framing', () => {
  it.each([
    [netlink, '3e0000006600000004030201d20400000500000026000000'],
    [{ ...netlink, endian: 'big' }, '0000003e0066000001020304000004d20000000500000026'],
    [device, '66010203042e0500000026000000'],
    [{ ...device, endian: 'big' }, '66010203042e0000000500000026'],
  ] satisfies [Framing, string][])('is that of the published vectors: %j', (framing, head) => {
    expect(hexOf(encodeDatagram(request, framing))).toBe(head + tag66);
  });

  it.each([
    [191, 'bf'],
    [192, 'c000'],
    [520, 'c148'],
    [8383, 'dfff'],
    [8384, 'ff000020c0'],
  ])('says a length of %i on the device as %s', (length, code) => {
    const packet = encodeDatagram({ ...response, data: new Uint8Array(length - 8) }, device);
    expect(hexOf(packet.subarray(5, 5 + code.length / 2))).toBe(code);
    expect(packet.length).toBe(5 + code.length / 2 + length);
  });

  it.each<[Damage, string, string]>([
    [
      { size: -2 },
      '1b00000067000000040302010000000005000000' + '03000000b0',
      '67010203040b0500000003000000b0',
    ],
    [
      { size: 2 },
      '1b00000067000000040302010000000005000000' + '03000000b0b1b25a5a',
      '67010203040b0500000003000000b0b1b25a5a',
    ],
    [
      { length: -28 },
      'ffffffff67000000040302010000000005000000' + '03000000b0b1b2',
      '6701020304ffffffffef0500000003000000b0b1b2',
    ],
    [
      { data: 2 ** 32 - 4 },
      '1b00000067000000040302010000000005000000' + 'ffffffffb0b1b2',
      '67010203040b05000000ffffffffb0b1b2',
    ],
    [
      { code: 224 },
      '1b00000067000000040302010000000005000000' + '03000000b0b1b2',
      '6701020304e00500000003000000b0b1b2',
    ],
    [
      { code: 'five' },
      '1b00000067000000040302010000000005000000' + '03000000b0b1b2',
      '6701020304ff0000000b0500000003000000b0b1b2',
    ],
    [{ size: -99 }, '', ''],
  ])('spoils what it is told to, and nothing else: %j', (damage, datagram, packet) => {
    expect(hexOf(encodeDatagram(response, netlink, damage))).toBe(datagram);
    expect(hexOf(encodeDatagram(response, device, damage))).toBe(packet);
  });

  it('reads back every response that was not spoilt', () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const data = fc.uint8Array({ maxLength: 516 });
    fc.assert(
      fc.property(
        fc.constantFrom(...framings),
        word,
        word,
        data,
        (framing, index, sequence, some) => {
          const bytes = encodeDatagram({ type: 103, index, sequence, data: some }, framing);
          expect(readDatagram(bytes, framing)).toEqual({
            kind: 'response',
            index,
            sequence,
            data: some,
          });
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it('is read from the middle of a buffer', () => {
    for (const framing of framings) {
      const bytes = encodeDatagram(response, framing);
      const inside = Uint8Array.of(9, 9, 9, ...bytes, 9).subarray(3, 3 + bytes.length);
      expect(readDatagram(inside, framing)).toMatchObject({ kind: 'response', ...numbers });
    }
  });
});

const dropped = (why: string) => ({ kind: 'nothing', why });
const refused = (why: string) => ({ kind: 'refused', why });

describe('what must be made of bytes', () => {
  it.each<[string, Framed, Damage, object, object]>([
    ['HELO', { type: 100, index: 0, sequence: 0 }, {}, { kind: 'helo' }, dropped('ignored')],
    ['QUIT', { type: 101, index: 0, sequence: 9 }, {}, { kind: 'quit' }, dropped('ignored')],
    ['HELO with a body', { ...response, type: 100 }, {}, { kind: 'helo' }, dropped('ignored')],
    [
      'HELO and a byte',
      { type: 100, index: 0, sequence: 0 },
      { size: 1 },
      { kind: 'helo' },
      refused('length'),
    ],
    ['REQUEST', request, {}, dropped('type'), refused('type')],
    ['another type', { ...response, type: 7 }, {}, dropped('type'), refused('type')],
    ['a type above 255', { ...response, type: 359 }, {}, dropped('type'), { kind: 'response' }],
    [
      'a bare RESPONSE',
      { type: 103, index: 0, sequence: 0 },
      {},
      dropped('response'),
      refused('length'),
    ],
    ['too much data said', response, { data: 1 }, dropped('response'), refused('length')],
    ['too little data said', response, { data: -1 }, dropped('response'), refused('length')],
    ['a wrapped sum', response, { data: -11 }, dropped('response'), refused('length')],
    ['a byte behind', response, { size: 1 }, dropped('response'), refused('length')],
    ['a longer head', response, { length: 1 }, dropped('header'), refused('length')],
    ['a shorter head', response, { length: -1 }, { kind: 'response' }, refused('length')],
    ['a head of nothing', response, { length: -12 }, dropped('header'), refused('length')],
    ['a length of five bytes', response, { code: 'five' }, { kind: 'response' }, refused('length')],
    [
      '531 bytes',
      { ...response, data: new Uint8Array(516) },
      {},
      { kind: 'response' },
      { kind: 'response' },
    ],
    [
      '532 bytes',
      { ...response, data: new Uint8Array(517) },
      {},
      { kind: 'response' },
      refused('length'),
    ],
    ['nothing', response, { size: -999 }, dropped('header'), dropped('ignored')],
  ])('%s', (_, message, damage, datagram, packet) => {
    for (const framing of framings) {
      const meaning = readDatagram(encodeDatagram(message, framing, damage), framing);
      expect(meaning).toMatchObject(framing.framing === 'netlink' ? datagram : packet);
    }
  });

  it('is nothing for every beginning of a response', () => {
    for (const framing of framings) {
      const bytes = encodeDatagram(response, framing);
      for (let length = 1; length < bytes.length; length += 1) {
        const { kind } = readDatagram(bytes.subarray(0, length), framing);
        expect(kind).toBe(framing.framing === 'netlink' ? 'nothing' : 'refused');
      }
    }
  });

  it('is what the reference implementation makes of it, which reads by itself', () => {
    const change = fc.integer({ min: -30, max: 30 });
    const message = fc.record({
      type: fc.constantFrom(100, 101, 102, 103, 103, 103, 103, 359),
      index: fc.nat(),
      sequence: fc.nat(),
      data: fc.uint8Array({ maxLength: 9 }),
    });
    const damage = fc.record({ size: change, length: change, data: change }, { requiredKeys: [] });
    fc.assert(
      fc.property(message, damage, (one, spoiling) => {
        const bytes = encodeDatagram(one, netlink, spoiling);
        const [ours, theirs] = [readDatagram(bytes, netlink), decodeNetlink(bytes)];
        expect(theirs.kind).toBe(ours.kind === 'nothing' ? 'dropped' : ours.kind);
        if (ours.kind !== 'response') return;
        const { data: payload, ...rest } = ours;
        expect(theirs).toEqual({ ...rest, payload });
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});
