import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DaemonCommand } from '../../conformance/daemon/command.js';
import {
  parseDaemonCommand,
  printDaemonCommand,
  rawWays,
  requestFlaws,
  tokenFlaws,
} from '../../conformance/daemon/command.js';
import { endsInZero } from '../../conformance/suites/daemon-wrong.js';
import { leadingZeros } from '../../conformance/suites/daemon.js';
import { plan } from '../../conformance/daemon/request.js';
import {
  blobOf,
  decrypt,
  encrypt,
  keyOf,
  keysMax,
  signatureOf,
} from '../../conformance/daemon/token.js';
import { encodeDatagram } from '../../conformance/framing/datagram.js';
import {
  ascii,
  contentOf,
  encodeLength,
  field,
  joined,
  readBody,
  readLength,
} from '../../conformance/framing/tags.js';

/** The words and the bytes of conversations with a daemon. */

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const way = <N extends string>(ways: Readonly<Record<N, 'number' | 'none'>>) =>
  fc
    // The keys of a constant object are its names.
    .tuple(fc.constantFrom(...(Object.keys(ways) as N[])), number)
    .map(([name, by]) => ({ name, by: ways[name] === 'none' ? 0 : by }));
const without = (one: object) =>
  Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));

const command = fc
  .oneof(
    fc.record({ do: fc.constantFrom('reset', 'start', 'stop', 'quit') }),
    fc.record({
      do: fc.constant('key'),
      key: number,
      module: maybe(fc.constantFrom('openssl', 'pkcs11-helper', ' openssl', 'ä=%', '')),
      flaw: maybe(fc.constantFrom(...tokenFlaws)),
    }),
    fc.record({
      do: fc.constant('deliver'),
      tag: fc.integer({ min: 0, max: 255 }),
      key: number,
      bytes: maybe(number),
      cipher: maybe(number),
      index: maybe(number),
      sequence: maybe(number),
      same: maybe(number),
      flaw: maybe(way(requestFlaws)),
      atOnce: maybe(fc.constant(true)),
    }),
    way(rawWays).map((one) => ({ do: 'raw', ...one })),
  )
  // Made of the members of a command, without those that are undefined.
  .map((one) => without(one) as unknown as DaemonCommand);

describe('commands for a daemon in words', () => {
  it('are read back as they were printed', () => {
    fc.assert(
      fc.property(command, (one) => {
        expect(parseDaemonCommand(printDaemonCommand(one))).toEqual(one);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it.each([
    '', 'sing', 'start now', 'key', 'key 1', 'key k1 flaw=none', 'key k1 colour=red', 'key k1 module=%', 'deliver',
    'deliver helo', 'deliver tag256 k1', 'deliver tag64', 'deliver tag64 k1 flaw=cut',
    'deliver tag64 k1 flaw=pkcs1:1', 'deliver tag64 k1 seq=4294967296', 'deliver tag64 k1 + ',
    'raw', 'raw song', 'raw noise', 'raw helo:1',
  ])('are refused with what was expected: %j', (line) => {
    expect(() => parseDaemonCommand(line)).toThrow(
      `"${line}" is not a command: expected reset, key k1`,
    );
  }); // prettier-ignore
});

describe('lengths', () => {
  it('are those of the published vectors', () => {
    const encoded = [191, 192, 520, 8383].map((length) => hex(encodeLength(length)));
    expect(encoded).toEqual(['bf', 'c000', 'c148', 'dfff']);
    expect(() => encodeLength(8384)).toThrow('a packet length of 8384 is above 8383');
  });

  it('are read back as they were written, and no other first byte is one', () => {
    for (let length = 0; length <= 8383; length += 1) {
      const bytes = encodeLength(length);
      expect(readLength(bytes, 0)).toEqual({ length, size: bytes.length });
    }
    for (let first = 224; first < 256; first += 1) {
      expect(readLength(Uint8Array.of(first, 0, 0, 0, 1), 0)).toBeUndefined();
    }
    expect(readLength(Uint8Array.of(192), 0)).toBeUndefined();
  });
});

describe('packets', () => {
  const key = Uint8Array.from({ length: 16 }, (_, nth) => nth);
  const content = contentOf(7, key);

  it('are those of the published vectors', () => {
    const request = joined(Uint8Array.of(0x42), field(ascii('253ca7e88811d184')), field(content));
    expect(hex(request)).toBe(
      '4210323533636137653838383131643138341307000102030405060708090a0b0c0d0e0f0078',
    );
    const message = { type: 102, index: 5, sequence: 0x01020304, data: request };
    expect(hex(encodeDatagram(message, { framing: 'device', endian: 'little' }))).toBe(
      `66010203042e0500000026000000${hex(request)}`,
    );
    // The port of a netlink message is its receiver's; here it stays 0.
    expect(hex(encodeDatagram(message, { framing: 'netlink', endian: 'little' }))).toBe(
      `3e0000006600000004030201000000000500000026000000${hex(request)}`,
    );
  });

  it('have bodies that end inside them', () => {
    expect(readBody(joined(field(content), Uint8Array.of(1)))).toEqual({
      body: content,
      behindBytes: 1,
    });
    expect(readBody(field(content).subarray(0, 19))).toBeUndefined();
    expect(readBody(new Uint8Array())).toBeUndefined();
  });
});

describe('keys', () => {
  it('have the signature of the published vector', () => {
    const modulus = Uint8Array.from({ length: 128 }, (_, nth) => (nth === 0 ? 0xc0 : nth));
    expect(signatureOf(modulus, Uint8Array.of(1, 0, 1))).toBe('eabe16bbc82b2e24');
  });

  it('are named by their files and what opens them', () => {
    expect(hex(blobOf('/k', 'one'))).toBe('03002f6b00' + '04006f6e6500');
  });

  it('decrypt what was encrypted under them, the same bytes each time, and nothing else', () => {
    for (let nth = 1; nth <= keysMax; nth += 1) {
      const key = keyOf(nth);
      const content = Uint8Array.of(7, 1, 2, 3, 0, 6);
      const encrypted = encrypt(key, content, 'salt', 'oaep');
      expect(hex(encrypt(key, content, 'salt', 'oaep'))).toBe(hex(encrypted));
      expect(hex(encrypt(key, content, 'other', 'oaep'))).not.toBe(hex(encrypted));
      expect(hex(decrypt(key, encrypted) ?? Uint8Array.of())).toBe(hex(content));
      expect(decrypt(key, encrypt(key, content, 'salt', 'pkcs1'))).toBeUndefined();
      expect(decrypt(key, encrypt(key, content, 'salt', 'oaep-sha256'))).toBeUndefined();
      expect(decrypt(keyOf((nth % keysMax) + 1), encrypted)).toBeUndefined();
    }
    expect(new Set([1, 2, 3, 4].map((nth) => keyOf(nth).signature)).size).toBe(4);
  });
});

describe('a request', () => {
  it('is planned from what was done to it', () => {
    const good = () => undefined;
    const of = (line: string) => {
      const one = parseDaemonCommand(line);
      return one.do === 'deliver' ? plan(one, 0, good) : undefined;
    };
    const may = (line: string) => {
      const planned = of(line);
      return planned && `${planned.may} ${planned.rule} ${planned.payload.length}`;
    };
    expect(may('deliver tag64 k1')).toBe('serves DMN-10 147');
    expect(may('deliver tag66 k1 bytes=61')).toBe('serves DMN-11 83');
    expect(may('deliver tag66 k1 bytes=62')).toBe('either DMN-27 84');
    expect(may('deliver tag66 k1 bytes=84')).toBe('fails DMN-14 106');
    expect(may('deliver tag64 k1 bytes=84')).toBeUndefined();
    expect(may('deliver tag64 k1 flaw=cut:146')).toBe('fails DMN-18 146');
    expect(may('deliver tag64 k1 flaw=cut:147')).toBe('serves DMN-10 147');
    expect(may('deliver tag64 k1 flaw=cut:0')).toBe('unanswerable DMN-21 0');
    expect(may('deliver tag65 k1')).toBe('unanswerable DMN-21 38');
    expect(may('deliver tag64 k5')).toBe('serves DMN-10 210');
    expect(may('deliver tag64 k7')).toBe('serves DMN-10 404');
    expect(may('deliver tag64 k8')).toBeUndefined();
    expect(may('deliver tag64 k1 flaw=tail:2')).toBe('fails DMN-14 149');
    expect(may('deliver tag64 k1 flaw=lacks:2')).toBe('fails DMN-14 145');
    expect(may('deliver tag66 k1 flaw=tail:2')).toBeUndefined();
    expect(may('deliver tag64 k1 flaw=foreign:2')).toBe('fails DMN-15 147');
    expect(may('deliver tag66 k1 flaw=more:3')).toBe('either DMN-20 41');
    expect(may('deliver tag64 k3')).toBe('serves DMN-10 276');
    expect(may('deliver tag64 k1 flaw=head:2')).toBe('fails DMN-14 149');
    expect(may('deliver tag65 k1 flaw=encrypted')).toBe('unanswerable DMN-21 147');
    expect(may('deliver tag66 k4 bytes=273 flaw=five-bytes')).toBe('either DMN-20 299');
    expect(may('deliver tag66 k1 flaw=five-bytes-longer:65536')).toBe('fails DMN-18 42');
    expect(may('deliver tag66 k1 flaw=five-bytes-longer:4294967277')).toBeUndefined();
  });

  it('is the same when it is asked for again, and begins or ends with 0 where a case says so', () => {
    const good = () => undefined;
    const bytes = (line: string, nth: number) => {
      const one = parseDaemonCommand(line);
      const planned = one.do === 'deliver' ? plan(one, nth, good) : undefined;
      return planned?.payload ?? Uint8Array.of();
    };
    expect(hex(bytes('deliver tag64 k1 same=3', 7))).toBe(hex(bytes('deliver tag64 k1', 3)));
    expect(hex(bytes('deliver tag64 k1', 7))).not.toBe(hex(bytes('deliver tag64 k1', 3)));
    expect(leadingZeros.map((line) => bytes(line, 0)[19])).toEqual([0, 0, 0]);
    expect(endsInZero.map((nth) => bytes(`deliver tag64 k1 same=${nth}`, 0).at(-1))).toEqual([
      0, 0, 0,
    ]);
  });

  it('has a signature of which one digit, or two, are others', () => {
    const good = () => undefined;
    const right = keyOf(1).signature;
    const signature = (line: string) => {
      const one = parseDaemonCommand(line);
      const planned = one.do === 'deliver' ? plan(one, 0, good) : undefined;
      return planned && `${planned.may} ${hex(planned.payload.subarray(2, 18))}`;
    };
    for (let nth = 0; nth < 16; nth += 1) {
      const digits = [...ascii(right)];
      const [digit = 0, next = 0] = [digits[nth], digits[(nth + 1) % 16]];
      const as = (...changes: [number, number][]) => {
        const bytes = Uint8Array.from(digits);
        for (const [place, value] of changes) bytes[place] = value;
        return `fails ${hex(bytes)}`;
      };
      const way = (name: string) => signature(`deliver tag66 k1 flaw=${name}:${nth}`);
      expect(way('digit-nul')).toBe(as([nth, 0]));
      expect(way('digit-high')).toBe(as([nth, digit + 128]));
      const swapped = as([nth, next], [(nth + 1) % 16, digit]);
      expect(way('digit-swap')).toBe(digit === next ? undefined : swapped);
    }
  });
});
