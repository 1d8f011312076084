/** ML-DSA-65 and ML-KEM-768 (FIPS 204, FIPS 203) from their seeds: the public half, and the proof that the pair works. */
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { equalBytes } from './bytes.ts';
import { equalSecret } from './hashes.ts';
import { randomBytes } from './random.ts';

export type LatticeAlgorithm = 'ml-dsa-65' | 'ml-kem-768';

export const seedLengths: Readonly<Record<LatticeAlgorithm, number>> = { 'ml-dsa-65': 32, 'ml-kem-768': 64 };
export const latticePublicLengths: Readonly<Record<LatticeAlgorithm, number>> = { 'ml-dsa-65': 1952, 'ml-kem-768': 1184 };

/** @param expanded what a file holds beside the seed, compared with what the seed gives @returns the raw public key, or undefined where the parts do not belong together */
export function latticePublicKey(algorithm: LatticeAlgorithm, seed: Uint8Array, expanded?: Uint8Array): Uint8Array | undefined {
  const { publicKey, secretKey } = algorithm === 'ml-dsa-65' ? ml_dsa65.keygen(seed) : ml_kem768.keygen(seed);
  const same = expanded === undefined || equalSecret(expanded, secretKey);
  const works = same && (algorithm === 'ml-dsa-65' ? signs(publicKey, secretKey) : encapsulates(publicKey, secretKey));
  secretKey.fill(0); // SECURITY: the seed is what is kept
  return works ? publicKey : undefined;
}

function signs(publicKey: Uint8Array, secretKey: Uint8Array): boolean {
  const message = randomBytes(32);
  return ml_dsa65.verify(ml_dsa65.sign(message, secretKey), message, publicKey);
}

function encapsulates(publicKey: Uint8Array, secretKey: Uint8Array): boolean {
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey);
  return equalBytes(sharedSecret, ml_kem768.decapsulate(cipherText, secretKey));
}
