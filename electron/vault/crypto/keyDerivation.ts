/** The ANSI X9.63 key derivation function with SHA-256 (SEC 1 §3.6.1; CKD_SHA256_KDF of PKCS#11). */
import { concatBytes, uint32 } from './bytes.ts';
import { sha256 } from './hashes.ts';

/** The caller owns and wipes the result. */
export function x963Sha256(secret: Uint8Array, sharedInfo: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) => sha256(secret, uint32(index + 1), sharedInfo));
  const whole = concatBytes(...blocks);
  const key = whole.slice(0, length);
  for (const bytes of [whole, ...blocks]) bytes.fill(0); // SECURITY: what the key was cut from is wiped
  return key;
}
