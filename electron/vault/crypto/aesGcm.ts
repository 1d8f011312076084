/** AES-GCM, SP 800-38D: 96-bit IV, 128-bit tag behind the ciphertext. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { CipherGCMTypes } from 'node:crypto';

export const gcmTagLength = 16;
export const gcmIvLength = 12;

function cipherOf(key: Uint8Array): CipherGCMTypes {
  const name = ({ 16: 'aes-128-gcm', 24: 'aes-192-gcm', 32: 'aes-256-gcm' } as const)[key.length];
  if (name === undefined) throw new RangeError(`"key" expected 16, 24 or 32 bytes, got ${key.length}`);
  return name;
}

/** Ciphertext and tag into `out`, which has room for `plaintext` and 16 bytes. @param iv 12 bytes, never used twice under one key */
export function aesGcmSealInto(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array, out: Uint8Array): void {
  const cipher = createCipheriv(cipherOf(key), key, iv, { authTagLength: gcmTagLength });
  cipher.setAAD(aad);
  out.set(cipher.update(plaintext));
  cipher.final();
  out.set(cipher.getAuthTag(), plaintext.length);
}

export function aesGcmSeal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const out = new Uint8Array(plaintext.length + gcmTagLength);
  aesGcmSealInto(key, iv, aad, plaintext, out);
  return out;
}

/** The caller owns and wipes the result. @throws Error for another key, IV, AAD, or changed bytes */
export function aesGcmOpen(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array {
  if (sealed.length < gcmTagLength) throw new Error('too short for a tag');
  const end = sealed.length - gcmTagLength;
  const decipher = createDecipheriv(cipherOf(key), key, iv, { authTagLength: gcmTagLength });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final(); // SECURITY: nothing is released before the tag fits
  } catch (error) {
    plain.fill(0);
    throw error;
  }
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
}
