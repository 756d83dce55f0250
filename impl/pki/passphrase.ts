import { createCipheriv, createDecipheriv } from 'node:crypto';
import { defaultSalt, deriveKey, fekekSignature, Secret } from '../crypto/index.js';
import { fekekBytes, saltBytes } from '../wire/index.js';
import type { PkiModule, PkiOpened, PkiRefused, PkiToken, PkiValues } from './module.js';
import { refused, sealedMax } from './module.js';

/**
 * The key module "passphrase": a daemon that seals with a passphrase, where a file's own passphrase mode is
 * not wanted because the key of the passphrase should not leave the daemon.
 *
 * The blob is the key that was derived from the passphrase, 64 bytes, so that the passphrase itself is
 * kept nowhere. Contents are wrapped by AES-256 with padding (RFC 5649), which notices what was changed
 * and what is under another key. The AES key is the second half of the derived one: the first half is what
 * Tag 3 packets of files are encrypted under.
 *
 * In ecryptfs-utils a module of this name only makes tokens; the bytes that this one seals are its own.
 */
export const passphraseModule: PkiModule = {
  name: 'passphrase',
  parameters: [
    { name: 'passphrase', meaning: '1 to 64 bytes', need: 'required' },
    { name: 'salt', meaning: '8 bytes; 0011223344556677 where absent', need: 'optional' },
  ],
  token: (values) => Promise.resolve(token(values)),
  seal: (blob, content) => {
    const refusal = wrongBlob(blob);
    if (refusal !== undefined) return Promise.resolve(refusal);
    const sealedBytes = Math.ceil(content.length / 8) * 8 + 8;
    if (sealedBytes > sealedMax || content.length === 0) {
      const most = sealedMax - 8;
      const message = `${content.length} bytes cannot be sealed; use 1 to ${most}`;
      return Promise.resolve(refused('too-long', message));
    }
    const cipher = createCipheriv(wrap, wrappingKey(blob), initial);
    const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
    return Promise.resolve({ kind: 'sealed', sealed });
  },
  open: (blob, sealed) => Promise.resolve(wrongBlob(blob) ?? open(blob, sealed)),
};

const wrap = 'id-aes256-wrap-pad';
/** The alternative initial value of RFC 5649. */
const initial = Uint8Array.of(0xa6, 0x59, 0x59, 0xa6);

function token({ passphrase, salt = defaultSalt }: PkiValues): PkiToken | PkiRefused {
  if (passphrase === undefined) return refused('bad-parameter', 'passphrase is missing; give one');
  if (salt.length !== saltBytes) {
    return refused('bad-parameter', `a salt has ${saltBytes} bytes, and this one ${salt.length}`);
  }
  try {
    const { fekek } = deriveKey(passphrase, salt);
    return fekek.use((key) => ({ kind: 'token', signature: fekekSignature(key), blob: key }));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refused('bad-parameter', error.message);
  }
}

function wrongBlob(blob: Uint8Array): PkiRefused | undefined {
  if (blob.length === fekekBytes) return undefined;
  const message = `the token of module passphrase has ${blob.length} bytes, and should have ${fekekBytes}`;
  return refused('bad-token', message);
}

function wrappingKey(blob: Uint8Array): Uint8Array {
  return blob.subarray(fekekBytes / 2);
}

function open(blob: Uint8Array, sealed: Uint8Array): PkiOpened | PkiRefused {
  const unopened = refused(
    'does-not-fit',
    'the key does not open what was sealed; it is damaged or under another passphrase',
  );
  // Of no bytes at all the decipher makes no bytes, and finds nothing wrong.
  if (sealed.length === 0) return unopened;
  try {
    const decipher = createDecipheriv(wrap, wrappingKey(blob), initial);
    const first = decipher.update(sealed);
    const last = decipher.final();
    const content = Secret.own(Buffer.concat([first, last]));
    first.fill(0);
    last.fill(0);
    return { kind: 'opened', content };
  } catch {
    return unopened;
  }
}
