/** The key check value for people to compare: the first three bytes of CMAC over a zero block (X9.24-1:2017 annex A; CMAC is RFC 4493, SP 800-38B). */
import { cmac } from '@noble/ciphers/aes.js';

/** @param key an AES key, borrowed */
export function cmacKeyCheckValue(key: Uint8Array): Uint8Array {
  return cmac(new Uint8Array(16), key).slice(0, 3);
}
