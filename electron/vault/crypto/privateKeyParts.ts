/** Private keys in PKCS#8 (RFC 5958) taken apart into the numbers that a token is given. The plain forms alone, as the vault keeps them (FORMAT.md). */
import { concatBytes, fromHex, toHex } from './bytes.ts';
import { derTags, readDer, readDerList, unsignedOf } from './derValue.ts';
import type { DerValue } from './derValue.ts';
import { ed25519PublicKey } from './ed25519.ts';
import { writeSpki } from './spki.ts';
import type { CurveKind } from './spki.ts';
import { x25519PublicKey } from './x25519.ts';

/** RFC 8017 §3.2, in the order of its appendix A.1.2. Big-endian, without leading zeros. */
export interface RsaPrivateNumbers {
  readonly modulus: Uint8Array;
  readonly publicExponent: Uint8Array;
  readonly privateExponent: Uint8Array;
  readonly prime1: Uint8Array;
  readonly prime2: Uint8Array;
  readonly exponent1: Uint8Array;
  readonly exponent2: Uint8Array;
  readonly coefficient: Uint8Array;
}

/** Views into the given bytes, or copies that the caller wipes with `wipePrivateParts`. */
export type PrivateKeyParts =
  | { readonly rsa: RsaPrivateNumbers }
  | { readonly curve: { readonly curve: CurveKind | 'ed25519' | 'x25519'; readonly value: Uint8Array; readonly point: Uint8Array } };

const curveOids: Readonly<Record<string, CurveKind>> = { '2a8648ce3d030107': 'ec-p256', '2b81040022': 'ec-p384', '2b81040023': 'ec-p521' };
const seedKinds = { '2b6570': 'ed25519', '2b656e': 'x25519' } as const;
const [rsaOid, ecOid] = ['2a864886f70d010101', '2a8648ce3d0201'];

function listOf(bytes: Uint8Array, tag: number): readonly DerValue[] | undefined {
  const content = readDer(bytes, tag);
  return content === undefined ? undefined : readDerList(content);
}

function rsaNumbers(key: Uint8Array): PrivateKeyParts | undefined {
  const numbers = (listOf(key, derTags.sequence) ?? []).map(({ tag, content }) => (tag === derTags.integer ? unsignedOf(content) : undefined));
  const [version, modulus, publicExponent, privateExponent, prime1, prime2, exponent1, exponent2, coefficient, ...rest] = numbers;
  if (version === undefined || version[0] !== 0 || rest.length > 0) return undefined;
  if (!modulus || !publicExponent || !privateExponent || !prime1 || !prime2 || !exponent1 || !exponent2 || !coefficient) return undefined;
  return { rsa: { modulus, publicExponent, privateExponent, prime1, prime2, exponent1, exponent2, coefficient } };
}

/** ECPrivateKey of RFC 5915, with its public key, which this product always keeps. */
function ecNumbers(curve: CurveKind | undefined, key: Uint8Array): PrivateKeyParts | undefined {
  const values = listOf(key, derTags.sequence) ?? [];
  const value = values[1];
  const publicKey = values.find(({ tag }) => tag === 0xa1);
  const bits = publicKey === undefined ? undefined : readDer(publicKey.content, derTags.bitString);
  if (curve === undefined || value?.tag !== derTags.octetString || bits?.[0] !== 0) return undefined;
  const point = bits.slice(1);
  writeSpki(curve, point); // for its refusal of a point of another length
  return { curve: { curve, value: value.content, point } };
}

function seedNumbers(kind: 'ed25519' | 'x25519', key: Uint8Array): PrivateKeyParts | undefined {
  const value = readDer(key, derTags.octetString);
  if (value?.length !== 32) return undefined;
  return { curve: { curve: kind, value, point: kind === 'ed25519' ? ed25519PublicKey(value) : x25519PublicKey(value) } };
}

/** @param pkcs8 borrowed; the result looks into it @returns undefined for what is no RSA, EC, Ed25519 or X25519 key in its plain form */
export function readPrivateKeyParts(pkcs8: Uint8Array): PrivateKeyParts | undefined {
  const [version, algorithm, octets] = listOf(pkcs8, derTags.sequence) ?? [];
  if (version === undefined || algorithm === undefined || octets?.tag !== derTags.octetString) return undefined;
  const [oid, parameters] = listOf(algorithm.whole, derTags.sequence) ?? [];
  const name = oid === undefined ? '' : toHex(oid.content);
  if (name === rsaOid) return rsaNumbers(octets.content);
  if (name === ecOid) return ecNumbers(parameters === undefined ? undefined : curveOids[toHex(parameters.content)], octets.content);
  const kind = seedKinds[name as keyof typeof seedKinds];
  return kind === undefined ? undefined : seedNumbers(kind, octets.content);
}

/** A PKCS#8 that came out of a token with zeros behind it: the DER alone, as a view. @returns undefined where anything but zeros is behind it */
export function withoutZerosBehind(padded: Uint8Array): Uint8Array | undefined {
  for (let length = padded.length; length > 0 && padded.length - length <= 8; length -= 1) {
    const der = padded.subarray(0, length);
    if (readDer(der, derTags.sequence) !== undefined) return padded.subarray(length).every((byte) => byte === 0) ? der : undefined;
  }
  return undefined;
}

/** A P-256 pair in PKCS#8 from its scalar and point, as this product writes it. The caller wipes it. */
export function p256Pkcs8(value: Uint8Array, point: Uint8Array): Uint8Array {
  return concatBytes(fromHex('308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420'), value, fromHex('a144034200'), point);
}

/** RFC 8410 §7, version 1. The caller wipes it. */
export function ed25519Pkcs8(seed: Uint8Array): Uint8Array {
  return concatBytes(fromHex('302e020100300506032b657004220420'), seed);
}
