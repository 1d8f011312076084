/** The public half of a private key, and the proof that a pair works: it signs and verifies, or agrees with another, once before anything is stored. */
import { createPrivateKey, createPublicKey, diffieHellman, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { concatBytes, equalBytes, fromHex } from './bytes.ts';
import { equalSecret, sha256 } from './hashes.ts';
import { randomBytes } from './random.ts';
import { rsaDigestSigner } from './rsaPrivate.ts';

/** RFC 8410 §7: the PKCS#8 frame of a raw X25519 key. */
const montgomeryFrame = fromHex('302e020100300506032b656e04220420');

function privateOf(pkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length), format: 'der', type: 'pkcs8' });
}

function publicOf(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki.buffer, spki.byteOffset, spki.length), format: 'der', type: 'spki' });
}

/** SubjectPublicKeyInfo, computed from the private numbers. @returns undefined for what the library does not take */
function publicHalfOf(pkcs8: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(createPublicKey(privateOf(pkcs8)).export({ format: 'der', type: 'spki' }));
  } catch {
    return undefined; // the caller says what was expected
  }
}

function rsaWorks(pkcs8: Uint8Array, spki: Uint8Array): boolean {
  const signer = rsaDigestSigner(pkcs8, spki); // verifies what it signs, and throws where it fails
  return signer('rsa-pkcs1-sha256', sha256(randomBytes(32))).length > 0;
}

function signatureWorks(hash: 'sha256' | null, pkcs8: Uint8Array, spki: Uint8Array): boolean {
  const message = randomBytes(32);
  return verify(hash, message, publicOf(spki), sign(hash, message, privateOf(pkcs8)));
}

function agreementWorks(pkcs8: Uint8Array, spki: Uint8Array): boolean {
  const peer = concatBytes(montgomeryFrame, randomBytes(32));
  const ours = diffieHellman({ privateKey: privateOf(pkcs8), publicKey: createPublicKey(privateOf(peer)) });
  const theirs = diffieHellman({ privateKey: privateOf(peer), publicKey: publicOf(spki) });
  const same = equalSecret(new Uint8Array(ours), new Uint8Array(theirs));
  for (const secret of [peer, ours, theirs]) secret.fill(0); // SECURITY: a throw-away secret, but made with the key
  return same;
}

export type PairKind = 'rsa' | 'ecdsa' | 'edwards' | 'montgomery';

/** Whether the halves belong together and work. */
export function pairWorks(kind: PairKind, pkcs8: Uint8Array, spki: Uint8Array): boolean {
  try {
    const computed = publicHalfOf(pkcs8);
    if (computed === undefined || !equalBytes(computed, spki)) return false;
    if (kind === 'rsa') return rsaWorks(pkcs8, spki);
    return kind === 'montgomery' ? agreementWorks(pkcs8, spki) : signatureWorks(kind === 'ecdsa' ? 'sha256' : null, pkcs8, spki);
  } catch {
    return false; // a signature that does not verify is thrown by the signer
  }
}
