/** EMSA-PSS-ENCODE, RFC 8017 §9.1.1, over a digest. */
import { concatBytes } from './bytes.ts';
import { hash } from './hashes.ts';
import type { HashName } from './hashes.ts';
import { mgf1 } from './rsaVerify.ts';

/** @param salt of any length that fits @param emBits one less than the modulus has bits @returns ⌈emBits/8⌉ bytes */
export function emsaPss(name: HashName, digest: Uint8Array, salt: Uint8Array, emBits: number): Uint8Array {
  const length = Math.ceil(emBits / 8);
  const h = hash(name, new Uint8Array(8), digest, salt);
  const padding = length - salt.length - h.length - 2;
  if (padding < 0) throw new RangeError(`the salt expected at most ${length - h.length - 2} bytes under this modulus and hash, got ${salt.length}`);
  const db = concatBytes(new Uint8Array(padding), Uint8Array.of(1), salt);
  const masked = mgf1(name, h, db.length).map((byte, index) => byte ^ (db[index] ?? 0));
  masked[0] = (masked[0] ?? 0) & (0xff >> (8 * length - emBits));
  return concatBytes(masked, h, Uint8Array.of(0xbc));
}
