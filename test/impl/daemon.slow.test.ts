import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { run, seed, selectCases } from '../../conformance/index.js';
import { ReferenceDaemonSubject } from '../../conformance/subjects/reference-daemon.js';
import type { KeyToken, PkiModule } from '../../impl/index.js';
import {
  answer,
  bundledModules,
  decodeKeyReply,
  encodeContent,
  encodeKeyRequest,
  Keyring,
  opensslModule,
  PkiRegistry,
  Secret,
} from '../../impl/index.js';
import { codecs } from './codecs.js';
import { readKeyFile, sameKey, valuesOf } from './keyfiles.js';

/** What the daemon answers, and that it holds the suite of its role. */

const signature = '0123456789abcdef';
const content = encodeContent({
  cipherCode: 7,
  key: Uint8Array.from({ length: 16 }, (_, nth) => nth),
});
const failure = (tag: number) => Uint8Array.of(tag, 0xff);
const token = (module: string): KeyToken => ({
  kind: 'private-key',
  signature,
  module,
  blob: Uint8Array.of(1, 2),
});

/** A module that turns bytes round, or does what it is told to. */
const toy = (name: string, other: Partial<PkiModule> = {}): PkiModule => ({
  name,
  parameters: [],
  token: () => Promise.resolve({ kind: 'token', signature, blob: new Uint8Array() }),
  seal: (_, bytes) => Promise.resolve({ kind: 'sealed', sealed: bytes.toReversed() }),
  open: (_, bytes) => Promise.resolve({ kind: 'opened', content: Secret.own(bytes.toReversed()) }),
  ...other,
});

function daemonWith(modules: readonly PkiModule[], tokens: readonly KeyToken[] = []) {
  const session = new Keyring({ now: () => 0 }).session(1000);
  for (const one of tokens) session.add(one);
  const whys: string[] = [];
  const onFailure = (why: string) => whys.push(why);
  return { session, whys, daemon: { keys: session, modules: new PkiRegistry(modules), onFailure } };
}

const sealing = encodeKeyRequest({ kind: 'encrypt', signature, content });
const opening = encodeKeyRequest({ kind: 'decrypt', signature, encrypted: content.toReversed() });

describe('the daemon of the reference implementation', () => {
  it('holds every case of suite daemon that the protocol allows it to', async () => {
    const subject = new ReferenceDaemonSubject();
    const cases = selectCases(seed, ['daemon'], []);
    const options = { profile: seed, strict: true, cases, seed: 1, runs: 100, bail: false };
    const report = await run({ subject, ...options });
    expect(report.cases.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(report.totals.pass).toBe(cases.length);
    expect(report.totals.pass).toBeGreaterThan(30);
  });
});

describe('an answer', () => {
  it('opens and seals by the module of the token', async () => {
    const { daemon, whys } = daemonWith([toy('toy')], [token('toy')]);
    const sealed = decodeKeyReply(await answer(sealing, daemon));
    expect(sealed).toEqual({ kind: 'encrypted', encrypted: content.toReversed() });
    expect(decodeKeyReply(await answer(opening, daemon))).toEqual({ kind: 'decrypted', content });
    expect(whys).toEqual([]);
  });

  it('has the sizes that the kernels read: no byte behind a Tag 67', async () => {
    const { daemon } = daemonWith([toy('toy')], [token('toy')]);
    expect((await answer(sealing, daemon)).length).toBe(3 + content.length);
  });

  it.each([
    ['a key that is not there', [toy('toy')], [], 'there is no key of this signature; add it'],
    [
      'a module of which the name is the beginning',
      [toy('toybox')],
      [token('toy')],
      'there is no key module toy; register it',
    ],
    [
      'a module whose name is the beginning',
      [toy('to')],
      [token('toy')],
      'there is no key module toy; register it',
    ],
    [
      'a key that is a passphrase',
      [toy('toy')],
      [{ kind: 'passphrase', signature, salt: new Uint8Array(8), fekek: new Uint8Array(64) }],
      'the key is a passphrase, which the kernel side uses itself',
    ],
  ] as const)('of %s is a failure of the tag that replies', async (_, modules, tokens, why) => {
    const { daemon, whys } = daemonWith(modules, tokens);
    expect(await answer(sealing, daemon)).toEqual(failure(67));
    expect(await answer(opening, daemon)).toEqual(failure(65));
    expect(whys).toEqual([why, why]);
  });

  it.each([
    [
      'refuses',
      () =>
        Promise.resolve({
          kind: 'refused' as const,
          why: 'no-key' as const,
          message: 'there is no card',
        }),
      'there is no card',
    ],
    ['throws', () => Promise.reject(new Error('secret 42')), 'key module toy threw'],
    [
      'throws at once',
      () => {
        throw new Error('secret 42');
      },
      'key module toy threw',
    ],
  ])('of a module that %s is a failure, and what it threw is not told', async (_, does, why) => {
    const { daemon, whys } = daemonWith([toy('toy', { seal: does, open: does })], [token('toy')]);
    expect(await answer(sealing, daemon)).toEqual(failure(67));
    expect(await answer(opening, daemon)).toEqual(failure(65));
    expect(whys).toEqual([why, why]);
  });

  it('of a module that gives more than a packet carries is a failure', async () => {
    const long = new Uint8Array(513);
    const module = toy('toy', {
      seal: () => Promise.resolve({ kind: 'sealed', sealed: long }),
      open: () => Promise.resolve({ kind: 'opened', content: Secret.own(long.slice(0, 68)) }),
    });
    const { daemon, whys } = daemonWith([module], [token('toy')]);
    expect(await answer(sealing, daemon)).toEqual(failure(67));
    expect(await answer(opening, daemon)).toEqual(failure(65));
    expect(whys).toEqual([
      'a key module gave 513 bytes, which is above 512',
      'a key module gave 68 bytes, which is above 67',
    ]);
  });

  it('wipes what a module opened, whether it could be sent or not', async () => {
    const opened = [content.slice(), new Uint8Array(68).fill(1)];
    const secrets = opened.map((bytes) => Secret.own(bytes));
    const open = () =>
      Promise.resolve({ kind: 'opened' as const, content: secrets.shift() ?? Secret.own(content) });
    const { daemon } = daemonWith([toy('toy', { open })], [token('toy')]);
    await answer(opening, daemon);
    await answer(opening, daemon);
    expect(opened.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  it('of a key that is no token at all is a failure', async () => {
    const { daemon, session, whys } = daemonWith([toy('toy')]);
    session.addPayload(signature, Uint8Array.of(4, 0, 1, 0));
    expect(await answer(opening, daemon)).toEqual(failure(65));
    expect(whys).toEqual([
      'the key is no token: at byte 0: expected 628 bytes of token, found 4 bytes',
    ]);
  });

  it.each([
    ['nothing', [], 65],
    ['an unknown tag', [0x45, 1, 2], 65],
    ['a reply', [0x41, 0], 65],
    ['a Tag 66 that is cut off', [...sealing.subarray(0, -1)], 67],
    ['a Tag 66 with a byte behind it', [...sealing, 0], 67],
  ])('of %s is a failure', async (_, bytes, tag) => {
    const { daemon, whys } = daemonWith([toy('toy')], [token('toy')]);
    expect(await answer(Uint8Array.from(bytes), daemon)).toEqual(failure(tag));
    expect(whys.length).toBe(1);
  });

  it('is one reply, whatever the bytes are', async () => {
    const { daemon } = daemonWith([toy('toy')], [token('toy')]);
    const requests = codecs['key-request']?.samples.map(({ bytes }) => bytes) ?? fc.uint8Array();
    await fc.assert(
      fc.asyncProperty(requests, fc.nat(), fc.nat({ max: 255 }), async (bytes, at, byte) => {
        const altered = bytes.slice();
        altered[at % altered.length] = byte;
        expect(['failed', 'decrypted', 'encrypted']).toContain(
          decodeKeyReply(await answer(altered, daemon)).kind,
        );
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('comes from a key file, and leaves the token of the keyring as it was', async () => {
    const [, fixture] = sameKey;
    const module = opensslModule(readKeyFile);
    const made = fixture && (await module.token(valuesOf(fixture)));
    if (made?.kind !== 'token') throw new Error('the fixture is unusable');
    const key: KeyToken = {
      kind: 'private-key',
      signature: made.signature,
      module: 'openssl',
      blob: made.blob,
    };
    const { daemon } = daemonWith(bundledModules(readKeyFile), [key]);
    for (let times = 0; times < 2; times += 1) {
      const request = encodeKeyRequest({ kind: 'encrypt', signature: made.signature, content });
      const sealed = decodeKeyReply(await answer(request, daemon));
      const encrypted = sealed.kind === 'encrypted' ? sealed.encrypted : new Uint8Array();
      expect(encrypted.length).toBe(128);
      const back = encodeKeyRequest({ kind: 'decrypt', signature: made.signature, encrypted });
      expect(decodeKeyReply(await answer(back, daemon))).toEqual({ kind: 'decrypted', content });
    }
  });
});
