/** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) taken apart and put together: which kind of key, and its bytes. One key has one encoding here. */
import type { Algorithm } from '../../../shared/model/terms.ts';
import { concatBytes, equalBytes, fromHex } from './bytes.ts';
import { derTags, readDer, readDerList } from './derValue.ts';
import { writeBitString, writeDer } from './derWriter.ts';

/** AlgorithmIdentifiers: RFC 3279 §2.3.1, RFC 4055 §1.2, RFC 5480 §2.1.1, RFC 8410 §3, RFC 9881, RFC 9935. */
const identifiers = {
  rsa: '300d06092a864886f70d0101010500',
  'rsa-pss': '300b06092a864886f70d01010a',
  'ec-p256': '301306072a8648ce3d020106082a8648ce3d030107',
  'ec-p384': '301006072a8648ce3d020106052b81040022',
  'ec-p521': '301006072a8648ce3d020106052b81040023',
  ed25519: '300506032b6570',
  x25519: '300506032b656e',
  'ml-dsa-65': '300b0609608648016503040312',
  'ml-kem-768': '300b0609608648016503040402',
} as const;

export type PublicKeyKind = keyof typeof identifiers;
export type CurveKind = Extract<PublicKeyKind, `ec-${string}`>;

/** Bytes of a coordinate, and so of r and of s. */
export const coordinateBytes: Readonly<Record<CurveKind, number>> = { 'ec-p256': 32, 'ec-p384': 48, 'ec-p521': 66 };

/** Bytes of a key that has one length. EC: an uncompressed point. */
const rawLengths: Readonly<Partial<Record<PublicKeyKind, number>>> = { 'ec-p256': 65, 'ec-p384': 97, 'ec-p521': 133, ed25519: 32, x25519: 32, 'ml-dsa-65': 1952, 'ml-kem-768': 1184 };

export interface PublicKeyParts {
  readonly kind: PublicKeyKind;
  /** RSA: RSAPublicKey of RFC 8017 appendix A.1.1; EC: 0x04, x, y; all others: the key as its standard has it. */
  readonly raw: Uint8Array;
}

export function isCurve(kind: PublicKeyKind): kind is CurveKind {
  return kind in coordinateBytes;
}

/** The curve that an algorithm is on. @throws Error where it is on none */
export function curveKindOf(algorithm: Algorithm): CurveKind {
  if (!(algorithm in coordinateBytes)) throw new Error(`${algorithm} is not on a curve`);
  return algorithm as CurveKind;
}

/** A compressed point (SEC 1 §2.3.3) is not taken: the same key would have two fingerprints. */
export function fitsKind(kind: PublicKeyKind, raw: Uint8Array): boolean {
  const length = rawLengths[kind];
  return (length === undefined || raw.length === length) && (!isCurve(kind) || raw[0] === 0x04);
}

/** DER AlgorithmIdentifier: the same in a SubjectPublicKeyInfo and in a PKCS#8. */
export function identifierOf(kind: PublicKeyKind): Uint8Array {
  return fromHex(identifiers[kind]);
}

/** @returns undefined for a key of another kind, or with bytes behind it */
export function readSpki(spki: Uint8Array): PublicKeyParts | undefined {
  const [algorithm, key, ...rest] = readDerList(readDer(spki, derTags.sequence) ?? new Uint8Array(0)) ?? [];
  if (algorithm === undefined || key === undefined || rest.length > 0 || key.tag !== derTags.bitString || key.content[0] !== 0) return undefined;
  const kind = (Object.keys(identifiers) as PublicKeyKind[]).find((name) => equalBytes(identifierOf(name), algorithm.whole));
  const raw = key.content.subarray(1);
  return kind !== undefined && fitsKind(kind, raw) ? { kind, raw } : undefined;
}

/** @throws RangeError for a key that has not the length of its kind */
export function writeSpki(kind: PublicKeyKind, raw: Uint8Array): Uint8Array {
  if (!fitsKind(kind, raw)) throw new RangeError(`"${kind}" expected ${rawLengths[kind] ?? 0} bytes of public key, got ${raw.length}`);
  return writeDer(derTags.sequence, identifierOf(kind), writeBitString(raw));
}

/** An EC key from its coordinates, which may lack their leading zeros. */
export function writeEcSpki(kind: CurveKind, x: Uint8Array, y: Uint8Array): Uint8Array {
  return writeSpki(kind, concatBytes(Uint8Array.of(4), fixedLength(x, coordinateBytes[kind]), fixedLength(y, coordinateBytes[kind])));
}

/** A big-endian number in exactly so many bytes. @throws RangeError where it does not fit */
export function fixedLength(number: Uint8Array, length: number): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? new Uint8Array(0) : number.subarray(first);
  if (digits.length > length) throw new RangeError(`a number expected at most ${length} bytes, got ${digits.length}`);
  return concatBytes(new Uint8Array(length - digits.length), digits);
}
