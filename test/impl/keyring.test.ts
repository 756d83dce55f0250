import { describe, expect, it } from 'vitest';
import type { KeyToken } from '../../impl/index.js';
import { encodeToken, Keyring, keysMax, Mount } from '../../impl/index.js';

/** Keys of users: who sees which, for how long, and what a use of them says. */

const signature = '0123456789abcdef';
const token: KeyToken = {
  kind: 'private-key',
  signature,
  module: 'openssl',
  blob: Uint8Array.of(1, 2, 3),
};

function keyring() {
  const clock = { nowMs: 0 };
  const all = new Keyring({ now: () => clock.nowMs });
  return { clock, all, session: all.session(1000) };
}

describe('a session', () => {
  it('has a key by its whole signature, and only in the session of its user', async () => {
    const { all, session } = keyring();
    expect(session.add(token)).toEqual({ kind: 'added' });
    expect(
      await session.use(signature, (one) => ({
        ...one,
        blob: [...('blob' in one ? one.blob : [])],
      })),
    ).toEqual({
      kind: 'used',
      value: { ...token, blob: [1, 2, 3] },
    });
    for (const other of ['0123456789abcdee', signature.slice(1), '']) {
      expect(session.find(other)).toMatchObject({ kind: 'refused', errno: 'ENOENT' });
    }
    expect(all.session(1001).find(signature)).toMatchObject({ kind: 'refused', errno: 'ENOENT' });
    expect(all.session(1000)).toBe(session);
  });

  it('does not take a key twice, unless the first is of no use any more', () => {
    const { clock, session } = keyring();
    session.add(token, { expiresAtMs: 5 });
    expect(session.add({ ...token, module: 'other' })).toEqual({ kind: 'present' });
    clock.nowMs = 5;
    expect(session.add(token)).toEqual({ kind: 'added' });
    session.revoke(signature);
    expect(session.add(token)).toEqual({ kind: 'added' });
    expect(session.find(signature).kind).toBe('found');
  });

  it('says how a key ended: expired ETIME, revoked EINVAL, removed ENOENT', () => {
    const { clock, session } = keyring();
    session.add(token, { expiresAtMs: 1000 });
    clock.nowMs = 999;
    expect(session.find(signature).kind).toBe('found');
    clock.nowMs = 1000;
    expect(session.find(signature)).toMatchObject({ errno: 'ETIME' });
    session.revoke(signature);
    expect(session.find(signature)).toMatchObject({ errno: 'EINVAL' });
    session.remove(signature);
    expect(session.find(signature)).toMatchObject({ errno: 'ENOENT' });
  });

  it('says what became of a key between finding and using it', async () => {
    const { clock, session } = keyring();
    session.add(token, { expiresAtMs: 1000 });
    const found = session.find(signature);
    if (found.kind === 'refused') throw new Error(found.message);
    clock.nowMs = 1000;
    expect(await found.key.use(() => 0)).toMatchObject({ errno: 'EKEYEXPIRED' });
    clock.nowMs = 0;
    session.revoke(signature);
    expect(await found.key.use(() => 0)).toMatchObject({ errno: 'EKEYREVOKED' });
  });

  it.each([
    ['of another version', 0, 5, 'at byte 0: expected version 4, found 5'],
    ['of another type', 2, 2, 'at byte 2: expected type 0 or 1, found 2'],
  ])('does not use a key %s: EINVAL', async (_, at, byte, why) => {
    const { session } = keyring();
    const payload = encodeToken(token);
    payload[at] = byte;
    session.addPayload(signature, payload);
    const used = await session.use(signature, () => 0);
    expect(used).toEqual({
      kind: 'refused',
      errno: 'EINVAL',
      message: `the key is no token: ${why}`,
    });
  });

  it('lends a copy that is wiped afterwards, also when the work fails', async () => {
    const { session } = keyring();
    session.add(token);
    const kept: Uint8Array[] = [];
    const keep = (one: KeyToken) => {
      if (one.kind === 'private-key') kept.push(one.blob);
      throw new Error('work');
    };
    await expect(session.use(signature, keep)).rejects.toThrow('work');
    expect(kept.map((blob) => [...blob])).toEqual([[0, 0, 0]]);
    expect((await session.use(signature, (one) => 'blob' in one && one.blob[2])).kind).toBe('used');
  });

  it('that ends takes its keys with it', async () => {
    const { all, session } = keyring();
    session.add(token);
    const found = session.find(signature);
    all.end(1000);
    expect(found.kind === 'found' && (await found.key.use(() => 0))).toMatchObject({
      errno: 'EKEYREVOKED',
    });
    expect(all.session(1000).find(signature)).toMatchObject({ errno: 'ENOENT' });
  });

  it('has room for 200 keys', () => {
    const { session } = keyring();
    const named = (nth: number) => nth.toString(16).padStart(16, '0');
    for (let nth = 0; nth < keysMax; nth += 1) {
      expect(session.addPayload(named(nth), new Uint8Array(1)).kind).toBe('added');
    }
    expect(session.addPayload(named(keysMax), new Uint8Array(1))).toMatchObject({
      errno: 'EDQUOT',
    });
    session.remove(named(0));
    expect(session.addPayload(named(keysMax), new Uint8Array(1)).kind).toBe('added');
  });

  it('takes no signature that is none', () => {
    expect(() => keyring().session.addPayload('0123', new Uint8Array(1))).toThrow(
      '16 digits of lower-case hex',
    );
  });
});

describe('a mount', () => {
  const begin = (session: ReturnType<typeof keyring>['session'], others: 'keyring' | 'nowhere') => {
    const mount = Mount.begin({ session, signatures: [signature], others });
    if (!(mount instanceof Mount)) throw new Error(mount.message);
    return mount;
  };

  it('does not begin with a key that is not there', () => {
    const { session } = keyring();
    const mount = Mount.begin({ session, signatures: [signature], others: 'keyring' });
    expect(mount).toMatchObject({ kind: 'refused', errno: 'ENOENT' });
  });

  it('uses the key that it found, and says each time that it has expired', async () => {
    const { clock, session } = keyring();
    session.add(token, { expiresAtMs: 10 });
    const mount = begin(session, 'keyring');
    expect(await mount.use(signature, () => 7)).toEqual({ kind: 'used', value: 7 });
    clock.nowMs = 10;
    expect(await mount.use(signature, () => 7)).toMatchObject({ errno: 'EKEYEXPIRED' });
    expect(await mount.use(signature, () => 7)).toMatchObject({ errno: 'EKEYEXPIRED' });
    clock.nowMs = 0;
    expect((await mount.use(signature, () => 7)).kind).toBe('used');
  });

  it('does not ask a key again that was wrong once, though another has its place', async () => {
    const { session } = keyring();
    session.add(token);
    const mount = begin(session, 'keyring');
    session.revoke(signature);
    expect(await mount.use(signature, () => 7)).toMatchObject({ errno: 'EKEYREVOKED' });
    session.add(token);
    expect(await mount.use(signature, () => 7)).toMatchObject({ errno: 'EINVAL' });
    expect((await session.use(signature, () => 7)).kind).toBe('used');
  });

  it.each([
    ['keyring', 'used'],
    ['nowhere', 'refused'],
  ] as const)('looks for other keys in the %s', async (others, kind) => {
    const { session } = keyring();
    session.add(token);
    const mount = begin(session, others);
    session.add({ ...token, signature: 'ffffffffffffffff' });
    const used = await mount.use('ffffffffffffffff', () => 7);
    expect(used.kind).toBe(kind);
    if (used.kind === 'refused') expect(used.errno).toBe('EINVAL');
  });
});
