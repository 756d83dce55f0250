import { createCipheriv, createDecipheriv } from 'node:crypto';
import { aes192Code, decodeContent, encodeContent, room } from '../wire/index.js';
import type { Cipher } from './cipher.js';
import { cipherByCode, UnsupportedCipher } from './cipher.js';
import { Secret } from './secret.js';

/**
 * The key of one file, with the cipher that it is for.
 *
 * In passphrase mode it stands in the file encrypted by the file's own cipher, block by block (ECB), under as
 * many bytes of the passphrase's key as it has itself. Of AES-192 the 24 bytes are no whole number of
 * blocks: they are followed by 8 zeros, and 32 bytes stand in the file. There is no check: under another
 * passphrase another key comes out, which is why the passphrase is known by its signature first. For a daemon
 * the key becomes a content with a checksum.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c write_tag_3_packet and decrypt_passphrase_encrypted_session_key.
 */
export class FileKey {
  readonly cipher: Cipher;
  readonly #key: Secret;

  private constructor(cipher: Cipher, key: Secret) {
    this.cipher = cipher;
    this.#key = key;
  }

  /**
   * Becomes the owner of a key.
   *
   * @throws RangeError when it is not as long as the cipher's
   */
  static own(cipher: Cipher, key: Uint8Array): FileKey {
    if (key.length !== cipher.keyBytes) {
      throw new RangeError(
        `a key of ${cipher.name} has ${cipher.keyBytes} bytes, and this one ${key.length}`,
      );
    }
    return new FileKey(cipher, Secret.own(key));
  }

  /**
   * Unwraps the key of a Tag 3.
   *
   * @throws UnsupportedCipher when the number or the length is that of no cipher that is offered
   */
  static unwrap({ cipherCode, encryptedKey }: WrappedKey, fekek: Uint8Array): FileKey {
    const isLonger = cipherCode === aes192Code && encryptedKey.length === aes192WrappedBytes;
    const cipher = cipherByCode(cipherCode, isLonger ? 24 : encryptedKey.length);
    if (encryptedKey.length !== wrappedBytes(cipher)) {
      throw new UnsupportedCipher(`${cipher.name} wrapped`, encryptedKey.length);
    }
    const decipher = createDecipheriv(cipher.ecb, fekek.subarray(0, cipher.keyBytes), null);
    decipher.setAutoPadding(false);
    const padded = decipher.update(encryptedKey);
    decipher.final();
    const key = Secret.copy(padded.subarray(0, cipher.keyBytes));
    padded.fill(0);
    return new FileKey(cipher, key);
  }

  /**
   * The key of a content, as a daemon gives it back.
   *
   * @throws DecodeError when the content is none; UnsupportedCipher when nobody has its cipher
   */
  static ofContent(content: Uint8Array): FileKey {
    const { cipherCode, key } = decodeContent(content);
    return new FileKey(cipherByCode(cipherCode, key.length), Secret.copy(key));
  }

  /** The key as it stands in a Tag 3. */
  wrap(fekek: Uint8Array): WrappedKey {
    const { ecb, keyBytes, code } = this.cipher;
    const padded = room(wrappedBytes(this.cipher));
    this.#key.use((key) => {
      padded.set(key);
    });
    const cipher = createCipheriv(ecb, fekek.subarray(0, keyBytes), null);
    cipher.setAutoPadding(false);
    const encryptedKey = Uint8Array.from(cipher.update(padded));
    cipher.final();
    padded.fill(0);
    return { cipherCode: code, encryptedKey };
  }

  /** The key as a daemon takes it. */
  content(): Secret {
    return this.use((key) => Secret.own(encodeContent({ cipherCode: this.cipher.code, key })));
  }

  /** Lends the key to some work, which must not keep it. */
  use<T>(work: (key: Uint8Array) => T): T {
    return this.#key.use(work);
  }

  /** Overwrites the key; it is of no use any more. */
  wipe(): void {
    this.#key.wipe();
  }
}

/** A key under the key of a passphrase. */
export interface WrappedKey {
  readonly cipherCode: number;
  readonly encryptedKey: Uint8Array;
}

const aes192WrappedBytes = 32;

function wrappedBytes({ code, keyBytes }: Cipher): number {
  return code === aes192Code ? aes192WrappedBytes : keyBytes;
}
