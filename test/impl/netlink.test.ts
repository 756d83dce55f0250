import { describe, expect, it } from 'vitest';
import { decodeNetlink, decodeNetlinkMessage, encodeNetlinkMessage } from '../../impl/index.js';

/** The reader of the reference implementation, against bytes written by hand. */

const decode = (hex: string) => decodeNetlink(Uint8Array.from(Buffer.from(hex, 'hex')));
const head = (length: string, type: string) => `${length}${type}0000` + '04030201' + 'd2040000';
const body = '05000000' + '02000000' + 'b1b2';

describe('writing a datagram', () => {
  const message = {
    type: 'request',
    index: 5,
    sequence: 0x01020304,
    payload: Uint8Array.of(0xb1, 0xb2),
  } as const;
  const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

  it('names the port that the kernel side addresses, and no other where none is named', () => {
    const bytes = encodeNetlinkMessage(message, { port: 1234 });
    expect(hexOf(bytes)).toBe(`${head('1a000000', '6600')}${body}`);
    expect(hexOf(encodeNetlinkMessage(message))).toBe(hexOf(bytes).replace('d2040000', '00000000'));
    expect(decodeNetlinkMessage(bytes)).toEqual(message);
  });

  it.each(['little', 'big'] as const)('has a header, on a host with its %s end first', (endian) => {
    expect(() => decodeNetlinkMessage(new Uint8Array(15), endian)).toThrow(
      'at byte 0: expected 16 bytes of netlink header, found 15 bytes',
    );
  });
});

describe('reading a datagram', () => {
  it.each([
    ['HELO', head('10000000', '6400'), { kind: 'helo' }],
    ['QUIT', head('10000000', '6500'), { kind: 'quit' }],
    ['HELO with bytes behind', `${head('10000000', '6400')}00`, { kind: 'helo' }],
    ['QUIT with a body', `${head('1a000000', '6500')}${body}`, { kind: 'quit' }],
    [
      'RESPONSE',
      `${head('1a000000', '6700')}${body}`,
      { kind: 'response', index: 5, sequence: 0x01020304, payload: Uint8Array.of(0xb1, 0xb2) },
    ],
    [
      'RESPONSE without data, of highest numbers',
      '18000000' + '67000000' + 'ffffffff' + '00000000' + 'feffffff' + '00000000',
      { kind: 'response', index: 2 ** 32 - 2, sequence: 2 ** 32 - 1, payload: new Uint8Array() },
    ],
    [
      'RESPONSE whose header states less',
      `${head('10000000', '6700')}${body}`,
      { kind: 'response', index: 5, sequence: 0x01020304, payload: Uint8Array.of(0xb1, 0xb2) },
    ],
  ])('takes %s', (_, hex, said) => {
    expect(decode(hex)).toEqual(said);
  });

  it.each([
    ['', '0 bytes are less than a header of 16'],
    ['10000000640000000000000000000', '14 bytes are less than a header of 16'],
    [head('0f000000', '6400'), 'the header states 15 bytes, of 16 to the 16 that came'],
    [head('11000000', '6400'), 'the header states 17 bytes, of 16 to the 16 that came'],
    [head('ffffffff', '6500'), 'the header states 4294967295 bytes, of 16 to the 16 that came'],
    [head('00000010', '0064'), 'the header states 268435456 bytes, of 16 to the 16 that came'],
    [`${head('1a000000', '6600')}${body}`, 'nobody sends type 102 to the kernel'],
    [`${head('1a000000', '6701')}${body}`, 'nobody sends type 359 to the kernel'],
    [head('10000000', '0000'), 'nobody sends type 0 to the kernel'],
    [head('10000000', '6700'), '16 bytes are less than a response of 24'],
    [`${head('17000000', '6700')}05000000020000`, '23 bytes are less than a response of 24'],
    [
      `${head('19000000', '6700')}${body.slice(0, -2)}`,
      'the response states 2 bytes of data, and has 1',
    ],
    [`${head('1b000000', '6700')}${body}00`, 'the response states 2 bytes of data, and has 3'],
    [
      `${head('18000000', '6700')}05000000f8ffffff`,
      'the response states 4294967288 bytes of data, and has 0',
    ],
  ])('drops %j', (hex, why) => {
    expect(decode(hex)).toEqual({ kind: 'dropped', why });
  });

  it('reads where a buffer holds more, and keeps data of its own', () => {
    const bytes = Buffer.from(`ffff${head('1a000000', '6700')}${body}ff`, 'hex');
    const said = decodeNetlink(bytes.subarray(2, 28));
    bytes.fill(0);
    expect(said).toMatchObject({ kind: 'response', index: 5 });
    expect('payload' in said && [...said.payload]).toEqual([0xb1, 0xb2]);
  });
});
