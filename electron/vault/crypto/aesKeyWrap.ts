/** AES Key Wrap: RFC 3394 (KW) and RFC 5649 (KWP), SP 800-38F. Not in Electron's WebCrypto, so from `@noble/ciphers`. */
import { aeskw, aeskwp } from '@noble/ciphers/aes.js';

/** @param bytes a multiple of 8, at least 16. @returns 8 bytes more @throws RangeError for another length */
export function aesKwWrap(kek: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (bytes.length < 16 || bytes.length % 8 !== 0) throw new RangeError(`AES-KW takes a multiple of 8 bytes, at least 16, got ${bytes.length}: AES-KWP takes any`);
  return aeskw(kek).encrypt(bytes);
}

/** The caller owns and wipes the result. @throws Error where it was not wrapped under this key */
export function aesKwUnwrap(kek: Uint8Array, wrapped: Uint8Array): Uint8Array {
  return aeskw(kek).decrypt(wrapped);
}

/** @param bytes any length from 1. @returns 8 to 15 bytes more @throws RangeError for none */
export function aesKwpWrap(kek: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw new RangeError('an empty key is not wrapped: nobody could open it');
  return aeskwp(kek).encrypt(bytes);
}

/** The caller owns and wipes the result. @throws Error where it was not wrapped under this key */
export function aesKwpUnwrap(kek: Uint8Array, wrapped: Uint8Array): Uint8Array {
  return aeskwp(kek).decrypt(wrapped);
}
