/** X25519 (RFC 7748) with raw 32-byte keys. */
import { diffieHellman } from 'node:crypto';
import { publicKeyObject, rawPrivateKey, rawPublicHalf } from './keyObjects.ts';
import { writeSpki } from './spki.ts';

export function x25519PublicKey(secret: Uint8Array): Uint8Array {
  return rawPublicHalf('x25519', secret);
}

/** The caller owns and wipes the result. @throws Error for a peer's key of low order, whose result is zero */
export function x25519Secret(secret: Uint8Array, peer: Uint8Array): Uint8Array {
  const [privateKey, publicKey] = [rawPrivateKey('x25519', secret), publicKeyObject(writeSpki('x25519', peer))];
  const shared = diffieHellman({ privateKey, publicKey });
  const owned = new Uint8Array(shared);
  shared.fill(0); // SECURITY: the library's copy is wiped
  // SECURITY: an all-zero secret is known to everybody (RFC 7748 §6.1), whatever the library thinks of it
  if (owned.reduce((any, byte) => any | byte, 0) === 0) throw new Error('the shared secret is zero');
  return owned;
}
