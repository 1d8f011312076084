/** AES-CMAC, SP 800-38B and RFC 4493: a tag of 16 bytes. */
import { cmac } from '@noble/ciphers/aes.js';

/** @param key an AES key, borrowed */
export function aesCmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return cmac(message, key);
}
