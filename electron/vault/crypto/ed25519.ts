/** Ed25519 (RFC 8032) with raw 32-byte keys, for the principals' log and approval keys. */
import { sign, verify } from 'node:crypto';
import { publicKeyObject, rawPrivateKey, rawPublicHalf } from './keyObjects.ts';
import { randomBytes } from './random.ts';
import { writeSpki } from './spki.ts';

/** A seed of 32 bytes; the caller owns it. */
export function newEd25519Seed(): Uint8Array {
  return randomBytes(32);
}

export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return rawPublicHalf('ed25519', seed);
}

export type Ed25519Signer = (message: Uint8Array) => Uint8Array;

/** A signer that holds the key as a KeyObject, so that a hot path parses it once. */
export function ed25519Signer(seed: Uint8Array): Ed25519Signer {
  const key = rawPrivateKey('ed25519', seed);
  return (message) => new Uint8Array(sign(null, message, key));
}

export type Ed25519Verifier = (message: Uint8Array, signature: Uint8Array) => boolean;

/** @throws RangeError for a key that is not 32 bytes */
export function ed25519Verifier(publicKey: Uint8Array): Ed25519Verifier {
  if (publicKey.length !== 32) throw new RangeError(`"publicKey" expected 32 bytes, got ${publicKey.length}`);
  const key = publicKeyObject(writeSpki('ed25519', publicKey));
  return (message, signature) => signature.length === 64 && verify(null, message, key, signature);
}
