import fc from 'fast-check';
import {
  decodeContent,
  decodeDevicePacket,
  decodeHeader,
  decodeKeyBlob,
  decodeKeyReply,
  decodeKeyRequest,
  decodeNetlink,
  decodeNetlinkMessage,
  decodeTag1,
  decodeTag11,
  decodeTag3,
  decodeTag70,
  decodeToken,
  encodeContent,
  encodeDevicePacket,
  encodeHeader,
  encodeKeyBlob,
  encodeKeyReply,
  encodeKeyRequest,
  encodeNetlinkMessage,
  encodeTag1,
  encodeTag11,
  encodeTag3,
  encodeTag70,
  encodeToken,
} from '../../impl/index.js';
import type { Endian, FileToken, WireMessage } from '../../impl/index.js';

/** Every format with its decoder, its encoder and values to try: for vectors, properties and fuzzing. */

/** A format. */
export interface Codec {
  readonly decode: (bytes: Uint8Array) => unknown;
  /** Undefined where nothing is encoded. */
  readonly encode?: (value: unknown) => Uint8Array;
  /** Values, each with its bytes. */
  readonly samples: fc.Arbitrary<{ readonly value: unknown; readonly bytes: Uint8Array }>;
}

function codec<T>(
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  values: fc.Arbitrary<T>,
): Codec {
  return {
    decode,
    // A value comes from a decoder or from a vector of the same format.
    encode: (value) => encode(value as T),
    samples: values.map((value) => ({ value, bytes: encode(value) })),
  };
}

const bytes = (min: number, max = min) => fc.uint8Array({ minLength: min, maxLength: max });
const u32 = fc.nat({ max: 2 ** 32 - 1 });
const signature = bytes(8).map((raw) => Buffer.from(raw).toString('hex'));
const encryptedKey = fc.oneof(bytes(0, 64), bytes(180, 200), bytes(512));
const cipherCode = fc.constantFrom(2, 3, 4, 7, 8, 9, 10, 11);

const messages: fc.Arbitrary<WireMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom('helo' as const, 'quit' as const) }),
  fc.record({
    type: fc.constantFrom('request' as const, 'response' as const),
    index: u32,
    sequence: u32,
    payload: fc.oneof(bytes(0, 40), bytes(180, 190)),
  }),
);

const fileTokens: fc.Arbitrary<FileToken> = fc.oneof(
  fc.record({
    kind: fc.constant('passphrase' as const),
    signature,
    cipherCode,
    salt: bytes(8),
    encryptedKey: bytes(0, 64),
  }),
  fc.record({ kind: fc.constant('private-key' as const), signature, encryptedKey }),
);

const netlink = (endian: Endian) =>
  codec(
    (datagram) => decodeNetlinkMessage(datagram, endian),
    (message) => encodeNetlinkMessage(message, { endian }),
    messages,
  );
const device = (endian: Endian) =>
  codec(
    (packet) => decodeDevicePacket(packet, endian),
    (message) => encodeDevicePacket(message, endian),
    messages,
  );

/** The formats by their names. */
export const codecs: Readonly<Record<string, Codec>> = {
  netlink: netlink('little'),
  'netlink-big': netlink('big'),
  'netlink-kernel': {
    decode: decodeNetlink,
    samples: messages.map((value) => ({ value, bytes: encodeNetlinkMessage(value) })),
  },
  device: device('little'),
  'device-big': device('big'),
  'tag-1': codec(decodeTag1, encodeTag1, fc.record({ signature, encryptedKey })),
  'tag-3': codec(decodeTag3, encodeTag3, fc.record({ cipherCode, salt: bytes(8), encryptedKey })),
  'tag-11': codec(decodeTag11, encodeTag11, fc.record({ signature })),
  'tag-70': codec(
    decodeTag70,
    encodeTag70,
    fc.record({ signature, cipherCode, encryptedName: bytes(16, 200) }),
  ),
  'key-request': codec(
    decodeKeyRequest,
    encodeKeyRequest,
    fc.oneof(
      fc.record({ kind: fc.constant('decrypt' as const), signature, encrypted: encryptedKey }),
      fc.record({ kind: fc.constant('encrypt' as const), signature, content: bytes(3, 67) }),
    ),
  ),
  'key-reply': codec(
    decodeKeyReply,
    encodeKeyReply,
    fc.oneof(
      fc.record({ kind: fc.constant('decrypted' as const), content: bytes(3, 67) }),
      fc.record({ kind: fc.constant('encrypted' as const), encrypted: encryptedKey }),
      fc.record({
        kind: fc.constant('failed' as const),
        of: fc.constantFrom('decrypt' as const, 'encrypt' as const),
        status: fc.integer({ min: 1, max: 255 }),
      }),
    ),
  ),
  'key-blob': codec(
    decodeKeyBlob,
    encodeKeyBlob,
    fc.record({
      path: fc.stringMatching(/^[a-zä/]{0,20}$/),
      passphrase: bytes(0, 20).map((some) => some.filter((byte) => byte !== 0)),
    }),
  ),
  content: codec(
    decodeContent,
    encodeContent,
    fc.record({ cipherCode: fc.nat({ max: 255 }), key: bytes(0, 64) }),
  ),
  header: codec(
    (front) => decodeHeader(front),
    encodeHeader,
    fc.record({
      sizeBytes: fc.maxSafeNat(),
      marker: u32,
      version: fc.constant(3),
      flags: fc.nat({ max: 0xffffff }),
      headerBytes: fc.constant(8192),
      tokens: fc.array(fileTokens, { minLength: 1, maxLength: 5 }),
    }),
  ),
  token: codec(
    decodeToken,
    encodeToken,
    fc.oneof(
      fc.record({
        kind: fc.constant('passphrase' as const),
        signature,
        salt: bytes(8),
        fekek: bytes(64),
      }),
      fc.record({
        kind: fc.constant('private-key' as const),
        signature,
        module: fc.stringMatching(/^[a-z-]{1,16}$/),
        blob: bytes(0, 200),
      }),
    ),
  ),
};
