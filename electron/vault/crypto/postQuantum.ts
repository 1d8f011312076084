/** ML-KEM-768 (FIPS 203) and ML-DSA-65 (FIPS 204), each from its seed: what is kept is the seed alone, and the expanded key lives for one operation. */
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { equalSecret } from './hashes.ts';
import { randomBytes } from './random.ts';

/** Bytes: FIPS 203 §8 table 3 and §7.1 (d ‖ z), FIPS 204 §4 table 2 and §5.1 (ξ). */
export const mlKem = { seed: 64, publicKey: 1184, ciphertext: 1088, expanded: 2400 } as const;
export const mlDsa = { seed: 32, publicKey: 1952, signature: 3309, expanded: 4032 } as const;

export type PostQuantumKind = 'ml-kem-768' | 'ml-dsa-65';
type Generate = (seed: Uint8Array) => { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
const generators: Readonly<Record<PostQuantumKind, Generate>> = { 'ml-kem-768': (seed) => ml_kem768.keygen(seed), 'ml-dsa-65': (seed) => ml_dsa65.keygen(seed) };

export const seedLengths: Readonly<Record<PostQuantumKind, number>> = { 'ml-kem-768': mlKem.seed, 'ml-dsa-65': mlDsa.seed };

/** The pair of a seed; the caller wipes the expanded private key. @throws RangeError for a seed of another length */
export function expandSeed(kind: PostQuantumKind, seed: Uint8Array): { readonly publicKey: Uint8Array; readonly expanded: Uint8Array } {
  const { publicKey, secretKey } = generators[kind](new Uint8Array(seed));
  return { publicKey, expanded: secretKey };
}

export function publicKeyOfSeed(kind: PostQuantumKind, seed: Uint8Array): Uint8Array {
  const { publicKey, expanded } = expandSeed(kind, seed);
  expanded.fill(0); // SECURITY: the expanded key lives for one operation
  return publicKey;
}

function works(kind: PostQuantumKind, publicKey: Uint8Array, expanded: Uint8Array): boolean {
  if (kind === 'ml-dsa-65') {
    const message = randomBytes(32);
    return ml_dsa65.verify(ml_dsa65.sign(message, expanded), message, publicKey);
  }
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey);
  return equalSecret(sharedSecret, ml_kem768.decapsulate(cipherText, expanded));
}

/** The public key of a pair that was used once. @param given an expanded key that a file has beside the seed @returns undefined where the parts do not belong together */
export function workingPublicKey(kind: PostQuantumKind, seed: Uint8Array, given?: Uint8Array): Uint8Array | undefined {
  const { publicKey, expanded } = expandSeed(kind, seed);
  const same = given === undefined || equalSecret(given, expanded);
  const good = same && works(kind, publicKey, expanded);
  expanded.fill(0); // SECURITY: the seed is what is kept
  return good ? publicKey : undefined;
}

/** Hedged (FIPS 204 §3.4), with an empty context. A message signer over a key that was expanded once; `wipe` ends it. */
export function mlDsaSigner(seed: Uint8Array): { sign(message: Uint8Array): Uint8Array; wipe(): void } {
  const { publicKey, expanded } = expandSeed('ml-dsa-65', seed);
  return {
    sign: (message) => {
      const signature = ml_dsa65.sign(message, expanded, { extraEntropy: randomBytes(32) });
      // SECURITY: what does not verify does not leave
      if (!ml_dsa65.verify(signature, message, publicKey)) throw new Error('the signature does not verify');
      return signature;
    },
    wipe: () => void expanded.fill(0),
  };
}

/** The caller owns and wipes the secret. @throws Error for a key that fails the check of FIPS 203 §7.2 */
export function mlKemEncapsulate(publicKey: Uint8Array): { readonly ciphertext: Uint8Array; readonly secret: Uint8Array } {
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, randomBytes(32));
  return { ciphertext: cipherText, secret: sharedSecret };
}

/** A ciphertext of another key gives another secret, and no error (FIPS 203 §6.3). The caller owns and wipes it. @throws RangeError for another length */
export function mlKemDecapsulate(seed: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  if (ciphertext.length !== mlKem.ciphertext) throw new RangeError(`an ML-KEM-768 ciphertext expected ${mlKem.ciphertext} bytes, got ${ciphertext.length}`);
  const { expanded } = expandSeed('ml-kem-768', seed);
  try {
    return ml_kem768.decapsulate(ciphertext, expanded);
  } finally {
    expanded.fill(0); // SECURITY: the expanded key lives for one operation
  }
}
