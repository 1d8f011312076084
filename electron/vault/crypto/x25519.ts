/** X25519 (RFC 7748) with raw 32-byte keys. */
import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { concatBytes, fromHex } from './bytes.ts';
import { writeSpki } from './spki.ts';

/** RFC 8410 §7: the PKCS#8 frame of a raw key. */
const pkcs8Frame = fromHex('302e020100300506032b656e04220420');
/** The SPKI frame before a raw key. */
const spkiFrameLength = 12;

function privateKeyOf(secret: Uint8Array): KeyObject {
  const der = concatBytes(pkcs8Frame, secret);
  try {
    return createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0); // SECURITY: our copy of the secret is wiped
  }
}

export function x25519PublicKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' }).subarray(spkiFrameLength));
}

/** The caller owns and wipes the result. @throws Error for a peer's key of low order, whose result is zero */
export function x25519Secret(secret: Uint8Array, peer: Uint8Array): Uint8Array {
  const spki = writeSpki('x25519', peer);
  const publicKey = createPublicKey({ key: Buffer.from(spki.buffer, spki.byteOffset, spki.length), format: 'der', type: 'spki' });
  const shared = diffieHellman({ privateKey: privateKeyOf(secret), publicKey });
  const owned = new Uint8Array(shared);
  shared.fill(0); // SECURITY: the library's copy is wiped
  // SECURITY: an all-zero secret is known to everybody (RFC 7748 §6.1), whatever the library thinks of it
  if (owned.reduce((any, byte) => any | byte, 0) === 0) throw new Error('the shared secret is zero');
  return owned;
}
