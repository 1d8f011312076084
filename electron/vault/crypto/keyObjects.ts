/** Keys as the platform holds them, from the DER and the raw bytes that the product knows: views, so that no copy goes astray. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { equalBytes } from './bytes.ts';
import { octetPkcs8 } from './keyForms/privateKeyWriter.ts';

/** @param pkcs8 borrowed */
export function privateKeyObject(pkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length), format: 'der', type: 'pkcs8' });
}

/** The one that was parsed last, by its bytes: a batch has one key, and to parse it takes longer than to verify with it. */
let lastParsed: { readonly spki: Uint8Array; readonly key: KeyObject } | undefined;

export function publicKeyObject(spki: Uint8Array): KeyObject {
  if (lastParsed !== undefined && equalBytes(lastParsed.spki, spki)) return lastParsed.key;
  const key = createPublicKey({ key: Buffer.from(spki.buffer, spki.byteOffset, spki.length), format: 'der', type: 'spki' });
  lastParsed = { spki: spki.slice(), key };
  return key;
}

/** One key for a batch, parsed where the first of it is asked for. */
export function parsedOnce(parse: (der: Uint8Array) => KeyObject, der: Uint8Array): () => KeyObject {
  let key: KeyObject | undefined;
  return () => {
    key ??= parse(der);
    return key;
  };
}

/** SubjectPublicKeyInfo, computed from the private key. */
export function spkiOfPrivate(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
}

/** @param secret 32 bytes of RFC 8410, borrowed */
export function rawPrivateKey(kind: 'ed25519' | 'x25519', secret: Uint8Array): KeyObject {
  const pkcs8 = octetPkcs8(kind, secret);
  try {
    return privateKeyObject(pkcs8);
  } finally {
    pkcs8.fill(0); // SECURITY: our copy of the secret is wiped
  }
}

/** The 32 bytes of the public half. */
export function rawPublicHalf(kind: 'ed25519' | 'x25519', secret: Uint8Array): Uint8Array {
  return spkiOfPrivate(rawPrivateKey(kind, secret)).slice(-32);
}

/** Of RSA keys. */
export function modulusBytesOf(key: KeyObject): number {
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}
