import { describe, expect, it } from 'vitest';
import type { Asked } from '../../impl/index.js';
import { decodeKeyRequest, FileKey, TagExchange } from '../../impl/index.js';
import { aes128, contentsOf } from './user.js';

/** The exchange of keys with a daemon: what it sends, and what it makes of what comes back. */

const signature = '253ca7e88811d184';
const key = () =>
  FileKey.own(
    aes128,
    Uint8Array.from({ length: 16 }, (_, nth) => nth),
  );
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const content = '07000102030405060708090a0b0c0d0e0f0078';
const tag66 = `4210323533636137653838383131643138341307${content.slice(2)}`;

/** An exchange in which a daemon gives this reply; what it was sent is kept, and a copy of it. */
function exchange(reply: Asked) {
  const sent: Uint8Array[] = [];
  const copies: string[] = [];
  const tags = new TagExchange((payload) => {
    sent.push(payload);
    copies.push(Buffer.from(payload).toString('hex'));
    return Promise.resolve(reply);
  });
  return { tags, sent, copies };
}

const reply = (hex: string): Asked => ({ kind: 'reply', payload: bytesOf(hex) });

describe('the exchange of a key', () => {
  it('sends the Tag 66 of the vectors, and takes what a Tag 67 brings', async () => {
    const { tags, copies } = exchange(reply('430003b1b2b3'));
    expect(await tags.seal({ signature, key: key() })).toEqual({
      kind: 'sealed',
      encrypted: bytesOf('b1b2b3'),
    });
    expect(copies).toEqual([tag66]);
  });

  it('sends a Tag 64, and takes the key that the Tag 65 of the vectors brings', async () => {
    const { tags, copies } = exchange(reply(`410013${content}`));
    const opened = await tags.open({ signature, encrypted: contentsOf(128) });
    expect(decodeKeyRequest(bytesOf(copies[0] ?? ''))).toEqual({
      kind: 'decrypt',
      signature,
      encrypted: contentsOf(128),
    });
    if (opened.kind === 'refused') throw new Error(opened.message);
    expect(opened.key.cipher).toEqual(aes128);
    expect(opened.key.use((bytes) => [...bytes])).toEqual(key().use((bytes) => [...bytes]));
  });

  it('leaves no payload behind, neither its own nor the one that came', async () => {
    const came = reply(`410013${content}`);
    const { tags, sent } = exchange(came);
    await tags.open({ signature, encrypted: contentsOf(128) });
    await tags.seal({ signature, key: key() });
    const payloads = [...sent, ...(came.kind === 'reply' ? [came.payload] : [])];
    expect(payloads.length).toBe(3);
    expect(payloads.every((payload) => payload.every((byte) => byte === 0))).toBe(true);
  });

  it('leaves no payload behind when asking fails', async () => {
    const sent: Uint8Array[] = [];
    const tags = new TagExchange((payload) => {
      sent.push(payload);
      return Promise.reject(new Error('the wire broke'));
    });
    await expect(tags.seal({ signature, key: key() })).rejects.toThrow('the wire broke');
    expect(sent[0]?.every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ['a failure', '41ff', 'EIO', 'the daemon could not do it'],
    ['a failure of the other request', '43ff', 'EIO', 'the daemon replied to another request'],
    ['the other reply', '430003b1b2b3', 'EIO', 'the daemon replied to another request'],
    ['nothing', '', 'EIO', "the daemon's reply is wrong at byte 0: expected tag, found the end"],
    [
      'a wrong checksum',
      `410013${content.slice(0, -2)}79`,
      'EIO',
      "the daemon's reply is wrong at byte 17: expected the checksum of the key, found another",
    ],
    [
      'a cipher that nobody has',
      '4100040a000000',
      'EINVAL',
      'cipher twofish with a key of 1 bytes is not offered; use aes (16, 24, 32) or des3_ede (24)',
    ],
    [
      'a number that is no cipher',
      '4100040c000000',
      'EINVAL',
      'cipher number 12 with a key of 1 bytes is not offered; use aes (16, 24, 32) or des3_ede (24)',
    ],
    [
      'no key',
      '410003070000',
      'EINVAL',
      'cipher aes with a key of 0 bytes is not offered; use aes (16, 24, 32) or des3_ede (24)',
    ],
  ])('to open one that brings %s is refused', async (_, hex, errno, message) => {
    const { tags } = exchange(reply(hex));
    const opened = await tags.open({ signature, encrypted: contentsOf(128) });
    expect(opened).toEqual({ kind: 'refused', errno, message });
  });

  it('says why the daemon failed, where that is known, and passes on why no reply came', async () => {
    const failed = exchange({ kind: 'reply', payload: bytesOf('43ff'), why: 'there is no card' });
    expect(await failed.tags.seal({ signature, key: key() })).toEqual({
      kind: 'refused',
      errno: 'EIO',
      message: 'there is no card',
    });
    const none: Asked = { kind: 'refused', errno: 'ENOTCONN', message: 'nobody is registered' };
    expect(await exchange(none).tags.seal({ signature, key: key() })).toEqual(none);
  });
});
