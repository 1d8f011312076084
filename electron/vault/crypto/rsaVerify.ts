/**
 * RSA signatures over digests, verified with the public key alone. `node:crypto` verifies messages only, so the encodings of RFC 8017 §9 are
 * checked here over its raw public operation. Nothing here is secret.
 */
import { constants, publicEncrypt } from 'node:crypto';
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import { concatBytes, equalBytes, fromHex, uint32 } from './bytes.ts';
import { hash, hashLengths } from './hashes.ts';
import type { AnyHashName, HashName } from './hashes.ts';
import { publicKeyObject } from './keyObjects.ts';

/** DER of DigestInfo up to the digest, RFC 8017 §9.2 note 1. */
const digestInfoPrefixes: Readonly<Record<HashName, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

/** The hash that a mechanism names. */
export function hashOf(mechanism: SignatureMechanism): HashName {
  return mechanism.slice(-6) as HashName;
}

/** What stands before the digest in a DigestInfo. */
export function digestInfoPrefix(name: HashName): Uint8Array {
  return fromHex(digestInfoPrefixes[name]);
}

/** RSAVP1, RFC 8017 §5.2.2. @returns undefined for a signature that is no number below the modulus */
function publicOperation(spki: Uint8Array, signature: Uint8Array): { readonly encoded: Uint8Array; readonly bits: number } | undefined {
  const key = publicKeyObject(spki);
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (key.asymmetricKeyType !== 'rsa' || bits === undefined || signature.length !== Math.ceil(bits / 8)) return undefined;
  try {
    return { encoded: new Uint8Array(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, signature)), bits };
  } catch {
    return undefined;
  }
}

/** EMSA-PKCS1-v1_5, RFC 8017 §9.2: made anew and compared whole, so that no lenient parser is needed. */
function isPkcs1(name: HashName, digest: Uint8Array, encoded: Uint8Array): boolean {
  const info = concatBytes(digestInfoPrefix(name), digest);
  const padding = encoded.length - info.length - 3;
  return padding >= 8 && equalBytes(encoded, concatBytes(Uint8Array.of(0, 1), new Uint8Array(padding).fill(0xff), Uint8Array.of(0), info));
}

/** MGF1, RFC 8017 appendix B.2.1. */
export function mgf1(name: AnyHashName, seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / hashLengths[name]) }, (_, counter) => hash(name, seed, uint32(counter)));
  return concatBytes(...blocks).subarray(0, length);
}

/** The salt that EMSA-PSS-VERIFY finds (RFC 8017 §9.1.2), of any length. @returns undefined where the encoding is not one */
function pssSalt(name: HashName, digest: Uint8Array, encoded: Uint8Array, bits: number): Uint8Array | undefined {
  const unusedBits = 8 * encoded.length - (bits - 1);
  const em = unusedBits === 8 ? encoded.subarray(1) : encoded;
  if (unusedBits === 8 && encoded[0] !== 0) return undefined;
  const dbLength = em.length - digest.length - 1;
  const firstMask = 0xff >> (unusedBits % 8);
  if (dbLength < 1 || em.at(-1) !== 0xbc || ((em[0] ?? 0) & ~firstMask & 0xff) !== 0) return undefined;
  const h = em.subarray(dbLength, -1);
  const db = mgf1(name, h, dbLength).map((byte, index) => byte ^ (em[index] ?? 0));
  db[0] = (db[0] ?? 0) & firstMask;
  const one = db.findIndex((byte) => byte !== 0);
  if (one < 0 || db[one] !== 1) return undefined;
  const salt = db.subarray(one + 1);
  return equalBytes(h, hash(name, new Uint8Array(8), digest, salt)) ? salt : undefined;
}

/** @throws RangeError where the digest is not as long as the mechanism's hash */
function requireDigest(name: HashName, digest: Uint8Array): void {
  const length = Number(name.slice(3)) / 8;
  if (digest.length !== length) throw new RangeError(`"digest" expected ${length} bytes, got ${digest.length}`);
}

/** The length of the salt in a PSS signature that verifies. @returns undefined for one that does not. @throws as `verifyRsaDigest` */
export function pssSaltLength(spki: Uint8Array, mechanism: SignatureMechanism, digest: Uint8Array, signature: Uint8Array): number | undefined {
  const name = hashOf(mechanism);
  requireDigest(name, digest);
  const opened = publicOperation(spki, signature);
  return opened === undefined ? undefined : pssSalt(name, digest, opened.encoded, opened.bits)?.length;
}

/** PSS with a salt as long as the hash. @param digest as long as the mechanism's hash. @throws RangeError where it is not, Error where `spki` is no public key */
export function verifyRsaDigest(spki: Uint8Array, mechanism: SignatureMechanism, digest: Uint8Array, signature: Uint8Array): boolean {
  if (mechanism.startsWith('rsa-pss')) return pssSaltLength(spki, mechanism, digest, signature) === digest.length;
  const name = hashOf(mechanism);
  requireDigest(name, digest);
  const opened = publicOperation(spki, signature);
  return opened !== undefined && isPkcs1(name, digest, opened.encoded);
}
