/** The public half of a private key, and the proof that a pair works: it signs and verifies, or agrees with another, once before anything is stored. */
import { createPublicKey, diffieHellman, sign, verify } from 'node:crypto';
import { equalBytes } from './bytes.ts';
import { equalSecret, sha256 } from './hashes.ts';
import { privateKeyObject, publicKeyObject, rawPrivateKey, spkiOfPrivate } from './keyObjects.ts';
import { randomBytes } from './random.ts';
import { rsaDigestSigner } from './rsaPrivate.ts';

function rsaWorks(pkcs8: Uint8Array, spki: Uint8Array): boolean {
  const signer = rsaDigestSigner(pkcs8, spki); // verifies what it signs, and throws where it fails
  return signer('rsa-pkcs1-sha256', sha256(randomBytes(32))).length > 0;
}

function signatureWorks(hash: 'sha256' | null, pkcs8: Uint8Array, spki: Uint8Array): boolean {
  const message = randomBytes(32);
  return verify(hash, message, publicKeyObject(spki), sign(hash, message, privateKeyObject(pkcs8)));
}

function agreementWorks(pkcs8: Uint8Array, spki: Uint8Array): boolean {
  const seed = randomBytes(32);
  const peer = rawPrivateKey('x25519', seed);
  const ours = diffieHellman({ privateKey: privateKeyObject(pkcs8), publicKey: createPublicKey(peer) });
  const theirs = diffieHellman({ privateKey: peer, publicKey: publicKeyObject(spki) });
  const same = equalSecret(new Uint8Array(ours), new Uint8Array(theirs));
  for (const secret of [seed, ours, theirs]) secret.fill(0); // SECURITY: a throw-away secret, but made with the key
  return same;
}

export type PairKind = 'rsa' | 'ecdsa' | 'edwards' | 'montgomery';

/** Whether the halves belong together and work. */
export function pairWorks(kind: PairKind, pkcs8: Uint8Array, spki: Uint8Array): boolean {
  try {
    if (!equalBytes(spkiOfPrivate(privateKeyObject(pkcs8)), spki)) return false;
    if (kind === 'rsa') return rsaWorks(pkcs8, spki);
    return kind === 'montgomery' ? agreementWorks(pkcs8, spki) : signatureWorks(kind === 'ecdsa' ? 'sha256' : null, pkcs8, spki);
  } catch {
    return false; // a signature that does not verify is thrown by the signer
  }
}
