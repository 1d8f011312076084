/** RSA private keys: made, used for signatures over digests, and to open what was wrapped to them. RFC 8017. The library blinds. */
import { constants, createPrivateKey, createPublicKey, generateKeyPair, privateDecrypt, privateEncrypt, publicEncrypt } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import { emsaPss } from './emsaPss.ts';
import { concatBytes } from './bytes.ts';
import { randomBytes } from './random.ts';
import { digestInfoPrefix, hashOf, verifyRsaDigest } from './rsaVerify.ts';

const generate = promisify(generateKeyPair);

export type OaepHash = 'sha256' | 'sha1';

/** PKCS#8 DER (the caller owns and wipes it) and SubjectPublicKeyInfo. Made off the main thread. Public exponent 65537. */
export async function newRsaKey(bits: number): Promise<{ readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }> {
  const { publicKey, privateKey } = await generate('rsa', {
    modulusLength: bits,
    publicExponent: 0x10001,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  const owned = new Uint8Array(privateKey);
  privateKey.fill(0); // SECURITY: the library's copy is wiped
  return { privateKey: owned, publicKey: new Uint8Array(publicKey) };
}

function privateKeyOf(pkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length), format: 'der', type: 'pkcs8' });
}

/** Signs digests with one key, parsed once. Each signature is verified before it is given out. */
export function rsaDigestSigner(pkcs8: Uint8Array, spki: Uint8Array): (mechanism: SignatureMechanism, digest: Uint8Array) => Uint8Array {
  const key = privateKeyOf(pkcs8);
  const modulusBits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return (mechanism, digest) => {
    const signature = new Uint8Array(mechanism.startsWith('rsa-pss') ? pss(key, modulusBits, mechanism, digest) : pkcs1(key, mechanism, digest));
    // SECURITY: a faulty computation would give the private key away (Boneh, DeMillo, Lipton 1997)
    if (!verifyRsaDigest(spki, mechanism, digest, signature)) throw new Error('the signature does not verify');
    return signature;
  };
}

/** RSASSA-PKCS1-v1_5, RFC 8017 §8.2: the library pads the DigestInfo. */
function pkcs1(key: KeyObject, mechanism: SignatureMechanism, digest: Uint8Array): Uint8Array {
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, concatBytes(digestInfoPrefix(hashOf(mechanism)), digest));
}

/** RSASSA-PSS, RFC 8017 §8.1, over a digest: the encoding is ours, the private operation the library's. */
function pss(key: KeyObject, modulusBits: number, mechanism: SignatureMechanism, digest: Uint8Array): Uint8Array {
  const encoded = emsaPss(hashOf(mechanism), digest, randomBytes(digest.length), modulusBits - 1);
  const block = new Uint8Array(Math.ceil(modulusBits / 8));
  block.set(encoded, block.length - encoded.length);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);
}

/** RSAES-OAEP, RFC 8017 §7.1, with MGF1 over the same hash and an empty label. */
export function rsaOaepWrap(spki: Uint8Array, hash: OaepHash, secret: Uint8Array): Uint8Array {
  const key = createPublicKey({ key: Buffer.from(spki.buffer, spki.byteOffset, spki.length), format: 'der', type: 'spki' });
  return new Uint8Array(publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, secret));
}

/** The caller owns and wipes the result. @throws Error for whatever was not wrapped to this key */
export function rsaOaepUnwrap(pkcs8: Uint8Array, hash: OaepHash, wrapped: Uint8Array): Uint8Array {
  const plain = privateDecrypt({ key: privateKeyOf(pkcs8), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, wrapped);
  const owned = new Uint8Array(plain);
  plain.fill(0); // SECURITY: the library's copy is wiped
  return owned;
}
