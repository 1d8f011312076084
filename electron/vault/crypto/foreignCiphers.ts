/** Ciphers under which others keep what they made, and their private keys: opened here, never made. */
import { createDecipheriv } from 'node:crypto';

/** Block ciphers in CBC mode (SP 800-38A §6.2), with the lengths of key and IV. */
export const cbcCiphers = {
  'aes-128-cbc': { key: 16, iv: 16 },
  'aes-192-cbc': { key: 24, iv: 16 },
  'aes-256-cbc': { key: 32, iv: 16 },
  'des-ede3-cbc': { key: 24, iv: 8 },
} as const;
export type CbcCipher = keyof typeof cbcCiphers;

/** Counter mode (SP 800-38A §6.5). */
export const ctrCiphers = {
  'aes-128-ctr': { key: 16, iv: 16 },
  'aes-192-ctr': { key: 24, iv: 16 },
  'aes-256-ctr': { key: 32, iv: 16 },
} as const;
export type CtrCipher = keyof typeof ctrCiphers;

function joined(first: Uint8Array, last: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + last.length);
  bytes.set(first);
  bytes.set(last, first.length);
  first.fill(0); // SECURITY: the library's copies are wiped
  last.fill(0);
  return bytes;
}

/** @throws Error where it does not open */
function opened(cipher: CbcCipher, key: Uint8Array, iv: Uint8Array, bytes: Uint8Array, padded: boolean): Uint8Array {
  const open = createDecipheriv(cipher, key, iv);
  open.setAutoPadding(padded);
  return joined(open.update(bytes), open.final());
}

/** The caller owns and wipes the result. @param padded with PKCS#7 padding, which is taken off @returns undefined where it does not open */
export function cbcDecrypt(cipher: CbcCipher, key: Uint8Array, iv: Uint8Array, bytes: Uint8Array, padded: boolean): Uint8Array | undefined {
  try {
    return opened(cipher, key, iv, bytes, padded);
  } catch {
    return undefined; // the caller says that the password is wrong
  }
}

/** AES-CBC over whole blocks, without padding. The caller owns and wipes the result. @throws RangeError for a key, an IV or a text of another length */
export function aesCbcOpen(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array {
  const cipher = ({ 16: 'aes-128-cbc', 24: 'aes-192-cbc', 32: 'aes-256-cbc' } as const)[key.length];
  if (cipher === undefined) throw new RangeError(`"key" expected 16, 24 or 32 bytes, got ${key.length}`);
  if (iv.length !== 16 || blocks.length % 16 !== 0) throw new RangeError('"iv" expected 16 bytes, and "blocks" whole blocks of 16');
  return opened(cipher, key, iv, blocks, false);
}

/** The caller owns and wipes the result. */
export function ctrDecrypt(cipher: CtrCipher, key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array {
  const open = createDecipheriv(cipher, key, iv);
  return joined(open.update(bytes), open.final());
}
