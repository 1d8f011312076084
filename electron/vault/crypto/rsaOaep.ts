/**
 * RSAES-OAEP, RFC 8017 §7.1, with its three parameters: hash, hash of MGF1, label. The library knows one hash for both; where they differ the
 * encoding is made and opened here, over its raw operation.
 */
import { constants, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { OaepHash } from '../../../shared/model/terms.ts';
import { oaepLimit } from '../../../shared/model/wrapFormats.ts';
import { concatBytes } from './bytes.ts';
import { hash as hashOf, hashLengths } from './hashes.ts';
import { modulusBytesOf, privateKeyObject, publicKeyObject } from './keyObjects.ts';
import { randomBytes } from './random.ts';
import { mgf1 } from './rsaVerify.ts';

export interface OaepScheme {
  readonly hash: OaepHash;
  /** Without it the same as `hash`. */
  readonly mgfHash?: OaepHash | undefined;
  /** Without it empty. */
  readonly label?: Uint8Array | undefined;
}

function xor(a: Uint8Array, mask: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (mask[index] ?? 0));
}

/** EME-OAEP encoding, §7.1.1 step 2. The caller wipes the result. */
function encode({ hash, mgfHash = hash, label = new Uint8Array(0) }: OaepScheme, secret: Uint8Array, modulusBytes: number): Uint8Array {
  const padding = new Uint8Array(oaepLimit(modulusBytes, hash) - secret.length);
  const db = concatBytes(hashOf(hash, label), padding, Uint8Array.of(1), secret);
  const seed = randomBytes(hashLengths[hash]);
  const maskedDb = xor(db, mgf1(mgfHash, seed, db.length));
  db.fill(0); // SECURITY: our copy of the secret is wiped
  return concatBytes(Uint8Array.of(0), xor(seed, mgf1(mgfHash, maskedDb, seed.length)), maskedDb);
}

/** All ones where a byte is what is looked for, else zero; without a branch. */
function isByte(byte: number, wanted: number): number {
  return ((byte ^ wanted) - 1) >> 31;
}

/** EME-OAEP decoding, §7.1.2 step 3. @returns undefined for whatever is not one */
function decode({ hash, mgfHash = hash, label = new Uint8Array(0) }: OaepScheme, plain: Buffer): Uint8Array | undefined {
  const encoded = new Uint8Array(plain.buffer, plain.byteOffset, plain.length); // no Buffer: its slice is a view, and would be wiped with what it was cut from
  const hashLength = hashLengths[hash];
  const maskedDb = encoded.subarray(1 + hashLength);
  const seed = xor(encoded.subarray(1, 1 + hashLength), mgf1(mgfHash, maskedDb, hashLength));
  const db = xor(maskedDb, mgf1(mgfHash, seed, maskedDb.length));
  const labelHash = hashOf(hash, label);
  // SECURITY: every byte is looked at, whatever was found before, so that time does not tell which check failed (Manger 2001)
  let bad = encoded[0] ?? 1;
  for (const [index, byte] of labelHash.entries()) bad |= byte ^ (db[index] ?? 0);
  let [looking, start] = [-1, 0];
  for (let index = hashLength; index < db.length; index += 1) {
    const byte = db[index] ?? 0;
    const one = isByte(byte, 1);
    start |= looking & one & (index + 1);
    bad |= looking & ~one & ~isByte(byte, 0);
    looking &= ~one;
  }
  const secret = (bad | looking) === 0 ? new Uint8Array(db.subarray(start)) : undefined; // a copy, also where the library gave a Buffer
  db.fill(0); // SECURITY: our copy of the secret is wiped
  return secret;
}

function isPlain({ hash, mgfHash = hash }: OaepScheme): boolean {
  return mgfHash === hash;
}

/** @param spki of an RSA key @throws RangeError for more than fits, Error for what is no public key */
export function rsaOaepWrap(spki: Uint8Array, scheme: OaepScheme, secret: Uint8Array): Uint8Array {
  const key = publicKeyObject(spki);
  const modulusBytes = modulusBytesOf(key);
  const limit = oaepLimit(modulusBytes, scheme.hash);
  if (key.asymmetricKeyType === 'rsa' && secret.length > limit) throw new RangeError(`RSA-OAEP with ${scheme.hash} under this key takes at most ${limit} bytes, got ${secret.length}`);
  const { hash, label } = scheme;
  if (isPlain(scheme)) return new Uint8Array(publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash, ...(label === undefined ? {} : { oaepLabel: label }) }, secret));
  const encoded = encode(scheme, secret, modulusBytes);
  return new Uint8Array(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded));
}

/** The caller owns and wipes the result. @throws Error for whatever was not wrapped to this key by this scheme */
export function rsaOaepUnwrap(pkcs8: Uint8Array, scheme: OaepScheme, wrapped: Uint8Array): Uint8Array {
  const key = privateKeyObject(pkcs8);
  const { hash, label } = scheme;
  // SECURITY: one spelling of each wrapped key: OpenSSL takes one without its leading zero too (§7.1.2 step 1b)
  if (wrapped.length !== modulusBytesOf(key)) throw new Error('not wrapped by this scheme');
  const padding = isPlain(scheme) ? { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash, ...(label === undefined ? {} : { oaepLabel: label }) } : { padding: constants.RSA_NO_PADDING };
  const plain = privateDecrypt({ key, ...padding }, wrapped);
  const secret = isPlain(scheme) ? new Uint8Array(plain) : decode(scheme, plain);
  plain.fill(0); // SECURITY: the library's copy is wiped
  if (secret === undefined) throw new Error('not wrapped by this scheme');
  return secret;
}
