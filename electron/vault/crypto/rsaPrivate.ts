/** RSA private keys: made, and used for signatures over digests. RFC 8017. The library blinds. */
import { constants, generateKeyPair, privateEncrypt } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import { concatBytes } from './bytes.ts';
import { emsaPss } from './emsaPss.ts';
import { modulusBytesOf, privateKeyObject } from './keyObjects.ts';
import { randomBytes } from './random.ts';
import { digestInfoPrefix, hashOf, pssSaltLength, verifyRsaDigest } from './rsaVerify.ts';

const generate = promisify(generateKeyPair);

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

/** @param saltLength of PSS; as long as the hash without it */
export type RsaSigner = (mechanism: SignatureMechanism, digest: Uint8Array, saltLength?: number) => Uint8Array;

/** Signs digests with one key, parsed once. Each signature is verified before it is given out. */
export function rsaDigestSigner(pkcs8: Uint8Array, spki: Uint8Array): RsaSigner {
  const key = privateKeyObject(pkcs8);
  const modulusBits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return (mechanism, digest, saltLength = digest.length) => {
    const isPss = mechanism.startsWith('rsa-pss');
    const signature = new Uint8Array(isPss ? pss(key, modulusBits, mechanism, digest, saltLength) : pkcs1(key, mechanism, digest));
    const valid = isPss ? pssSaltLength(spki, mechanism, digest, signature) === saltLength : verifyRsaDigest(spki, mechanism, digest, signature);
    // SECURITY: a faulty computation would give the private key away (Boneh, DeMillo, Lipton 1997)
    if (!valid) throw new Error('the signature does not verify');
    return signature;
  };
}

/** RSASSA-PKCS1-v1_5, RFC 8017 §8.2: the library pads the DigestInfo. */
function pkcs1(key: KeyObject, mechanism: SignatureMechanism, digest: Uint8Array): Uint8Array {
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, concatBytes(digestInfoPrefix(hashOf(mechanism)), digest));
}

/** RSASSA-PSS, RFC 8017 §8.1, over a digest: the encoding is ours, the private operation the library's. */
function pss(key: KeyObject, modulusBits: number, mechanism: SignatureMechanism, digest: Uint8Array, saltLength: number): Uint8Array {
  const encoded = emsaPss(hashOf(mechanism), digest, randomBytes(saltLength), modulusBits - 1);
  const block = new Uint8Array(Math.ceil(modulusBits / 8));
  block.set(encoded, block.length - encoded.length);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);
}

/** Bytes of the modulus. */
export function rsaPrivateKeyBytes(pkcs8: Uint8Array): number {
  return modulusBytesOf(privateKeyObject(pkcs8));
}
