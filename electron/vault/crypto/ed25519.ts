/** Ed25519 (RFC 8032) with raw 32-byte keys, for the principals' log and approval keys. */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { concatBytes, fromHex } from './bytes.ts';
import { randomBytes } from './random.ts';

/** RFC 8410 §7: the PKCS#8 and SPKI frames of a raw key. */
const pkcs8Frame = fromHex('302e020100300506032b657004220420');
const spkiFrame = fromHex('302a300506032b6570032100');

/** A seed of 32 bytes; the caller owns it. */
export function newEd25519Seed(): Uint8Array {
  return randomBytes(32);
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  const der = concatBytes(pkcs8Frame, seed);
  try {
    return createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0); // SECURITY: our copy of the seed is wiped
  }
}

export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(spkiFrame.length));
}

export type Ed25519Signer = (message: Uint8Array) => Uint8Array;

/** A signer that holds the key as a KeyObject, so that a hot path parses it once. */
export function ed25519Signer(seed: Uint8Array): Ed25519Signer {
  const key = privateKeyOf(seed);
  return (message) => new Uint8Array(sign(null, message, key));
}

export type Ed25519Verifier = (message: Uint8Array, signature: Uint8Array) => boolean;

/** @throws RangeError for a key that is not 32 bytes */
export function ed25519Verifier(publicKey: Uint8Array): Ed25519Verifier {
  if (publicKey.length !== 32) throw new RangeError(`"publicKey" expected 32 bytes, got ${publicKey.length}`);
  const der = concatBytes(spkiFrame, publicKey);
  const key = createPublicKey({ key: Buffer.from(der.buffer), format: 'der', type: 'spki' });
  return (message, signature) => signature.length === 64 && verify(null, message, key, signature);
}
