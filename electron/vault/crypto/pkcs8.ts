/**
 * PrivateKeyInfo and OneAsymmetricKey (RFC 5208, RFC 5958) read strictly into the forms that the vault keeps, and written from them. Every field that
 * says the same twice is compared; the public half is always computed.
 */
import type { Algorithm } from '../../../shared/model/terms.ts';
import { concatBytes, equalBytes, fromHex } from './bytes.ts';
import { derTags, readDer, readDerAt, readDerList } from './derValue.ts';
import { writeBitString, writeDer, writeUnsigned } from './derWriter.ts';
import type { DerValue } from './derValue.ts';
import { ecPoint } from './ecPrivate.ts';
import { ed25519PublicKey } from './ed25519.ts';
import { equalSecret } from './hashes.ts';
import { curveNames, curveOf } from './namedCurve.ts';
import { expandSeed, publicKeyOfSeed, seedLengths } from './postQuantum.ts';
import type { PostQuantumKind } from './postQuantum.ts';
import { bitsOf, largerFirst, readRsaNumbers, rsaFault, writeRsaNumbers, writeRsaPublic } from './rsaNumbers.ts';
import { coordinateBytes, fixedLength, isCurve, writeSpki } from './spki.ts';
import type { CurveKind, PublicKeyKind } from './spki.ts';
import { x25519PublicKey } from './x25519.ts';

/** What is wrong with a key, in words that hold nothing of it. */
export class KeyFault extends Error {}

export interface PairMaterial {
  readonly algorithm: Algorithm;
  /** In the vault's form (FORMAT.md); the caller owns and wipes it. */
  readonly material: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** What was odd and mended, for the record. */
  readonly notes: readonly string[];
}

/** OBJECT IDENTIFIERs with tag and length. */
const oids = {
  rsa: '06092a864886f70d010101',
  ec: '06072a8648ce3d0201',
  ed25519: '06032b6570',
  x25519: '06032b656e',
  'ml-dsa-65': '0609608648016503040312',
  'ml-kem-768': '0609608648016503040402',
} as const;
type Family = keyof typeof oids;

const foreignHalf = 'the halves do not belong together: the public key in the file does not belong to the private key';

interface Info {
  readonly family: Family;
  readonly parameters: DerValue | undefined;
  /** The content of privateKey, borrowed. */
  readonly key: Uint8Array;
  /** Of version 2, without the byte of unused bits. */
  readonly publicKey: Uint8Array | undefined;
  readonly notes: readonly string[];
}

/** One value, and behind it at most seven zero bytes: a token padded it to whole blocks before it wrapped it. */
function withoutPadding(bytes: Uint8Array): { readonly content: Uint8Array; readonly notes: readonly string[] } {
  const value = readDerAt(bytes, 0);
  if (value?.tag !== derTags.sequence) throw new KeyFault('expected a private key in PKCS#8');
  const behind = bytes.subarray(value.whole.length);
  if (behind.length >= 8 || behind.some((byte) => byte !== 0)) throw new KeyFault(`there are ${behind.length} bytes behind the private key`);
  return { content: value.content, notes: behind.length === 0 ? [] : [`${behind.length} zero bytes behind the key were dropped`] };
}

/** [1] publicKey of RFC 5958, as a BIT STRING by itself too, which one library writes. */
function publicKeyOf(value: DerValue | undefined): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const bits = value.tag === 0xa1 ? readDer(value.content, derTags.bitString) : value.content;
  if (bits?.[0] !== 0) throw new KeyFault('the public key in the file is not whole bytes');
  return bits.subarray(1);
}

function readInfo(bytes: Uint8Array): Info {
  const { content, notes } = withoutPadding(bytes);
  const [version, algorithm, key, ...rest] = readDerList(content) ?? [];
  const [oid, parameters, ...more] = readDerList(algorithm?.tag === derTags.sequence ? algorithm.content : new Uint8Array(0)) ?? [];
  const number = version?.tag === derTags.integer && version.content.length === 1 ? version.content[0] : undefined;
  if (number === undefined || number > 1 || key?.tag !== derTags.octetString || oid === undefined || more.length > 0) throw new KeyFault('expected a private key in PKCS#8');
  const family = (Object.keys(oids) as Family[]).find((name) => equalBytes(fromHex(oids[name]), oid.whole));
  if (family === undefined) throw new KeyFault('the private key is of a kind that the vault does not keep');
  const publicKeys = rest.filter(({ tag }) => tag === 0xa1 || tag === 0x81);
  const attributes = rest.filter(({ tag }) => tag === 0xa0);
  if (publicKeys.length + attributes.length < rest.length || publicKeys.length > number || attributes.length > 1) throw new KeyFault('the private key has parts that RFC 5958 does not know');
  const dropped = attributes.length === 0 ? [] : ['attributes of the key file were dropped'];
  return { family, parameters, key: key.content, publicKey: publicKeyOf(publicKeys[0]), notes: [...notes, ...dropped] };
}

function requireHalf(found: Uint8Array | undefined, computed: Uint8Array): void {
  if (found !== undefined && !equalBytes(found, computed)) throw new KeyFault(foreignHalf);
}

function requireParameters({ parameters }: Info, allowed: 'null' | 'none'): void {
  if (parameters !== undefined && (allowed === 'none' || !equalBytes(parameters.whole, Uint8Array.of(5, 0)))) throw new KeyFault('the private key has parameters that its kind does not have');
}

const rsaAlgorithms: Readonly<Record<number, Algorithm>> = { 2048: 'rsa-2048', 3072: 'rsa-3072', 4096: 'rsa-4096' };

function readRsa(info: Info): PairMaterial {
  requireParameters(info, 'null');
  const numbers = readRsaNumbers(info.key);
  if (numbers === undefined) throw new KeyFault('expected an RSA key with two primes');
  const algorithm = rsaAlgorithms[bitsOf(numbers.n)];
  if (algorithm === undefined) throw new KeyFault(`the RSA modulus expected 2048, 3072 or 4096 bits, got ${bitsOf(numbers.n)}`);
  const fault = rsaFault(numbers);
  if (fault !== undefined) throw new KeyFault(fault);
  const raw = writeRsaPublic(numbers);
  requireHalf(info.publicKey, raw);
  const swapped = numbers.p > numbers.q ? [] : ['its smaller prime stood first; the two were exchanged'];
  const small = numbers.e < 65_537n ? [`its public exponent is ${numbers.e}`] : [];
  return { algorithm, material: rsaPkcs8(writeRsaNumbers(largerFirst(numbers))), publicKey: writeSpki('rsa', raw), notes: [...info.notes, ...swapped, ...small] };
}

function rsaPkcs8(key: Uint8Array): Uint8Array {
  return info(concatBytes(fromHex(oids.rsa), Uint8Array.of(5, 0)), key);
}

/** Version 0, the AlgorithmIdentifier, the key; our copy of the key is wiped. */
function info(algorithm: Uint8Array, key: Uint8Array): Uint8Array {
  const octets = writeDer(derTags.octetString, key);
  try {
    return writeDer(derTags.sequence, writeUnsigned(Uint8Array.of(0)), writeDer(derTags.sequence, algorithm), octets);
  } finally {
    for (const bytes of [octets, key]) bytes.fill(0); // SECURITY: copies on the way are wiped
  }
}

/** ECPrivateKey, RFC 5915 §3. */
function readEc({ parameters, key, publicKey: outer, notes }: Info): PairMaterial {
  const [version, scalar, ...rest] = readDerList(readDer(key, derTags.sequence) ?? new Uint8Array(0)) ?? [];
  const inner = rest.find(({ tag }) => tag === 0xa0);
  const point = rest.find(({ tag }) => tag === 0xa1);
  if (version === undefined || !equalBytes(version.whole, Uint8Array.of(2, 1, 1)) || scalar?.tag !== derTags.octetString || rest.length > 2) throw new KeyFault('expected an EC private key of RFC 5915');
  const named = [parameters, inner === undefined ? undefined : readDerAt(inner.content, 0)].filter((value) => value !== undefined).map(curveOf);
  const curve = named[0];
  if (curve === undefined || named.some((other) => other?.kind !== curve.kind)) throw new KeyFault('the curve expected P-256, P-384 or P-521');
  const wanted = coordinateBytes[curve.kind];
  const padded = scalarOf(scalar.content, wanted);
  const raw = pointOf(curve.kind, padded);
  requireHalf(outer, raw);
  requireHalf(point === undefined ? undefined : publicKeyOf(point), raw);
  const short = scalar.content.length === wanted ? [] : [`its private value has ${scalar.content.length} bytes instead of ${wanted}`];
  const spelled = curve.spelledOut ? ['its curve was spelled out in numbers; it is kept by its name'] : [];
  try {
    return { algorithm: curve.kind, material: ecPkcs8(curve.kind, padded, raw), publicKey: writeSpki(curve.kind, raw), notes: [...notes, ...short, ...spelled] };
  } finally {
    padded.fill(0); // SECURITY: our copy of the private value is wiped
  }
}

function scalarOf(content: Uint8Array, length: number): Uint8Array {
  try {
    return fixedLength(content, length);
  } catch {
    throw new KeyFault('the private value is not in 1 to n - 1 of its curve');
  }
}

function pointOf(kind: CurveKind, scalar: Uint8Array): Uint8Array {
  try {
    return ecPoint(kind, scalar);
  } catch (cause) {
    throw new KeyFault('the private value is not in 1 to n - 1 of its curve', { cause });
  }
}

/** The curve by its name, the public point inside ECPrivateKey. @param scalar of the full length, borrowed */
export function ecPkcs8(kind: CurveKind, scalar: Uint8Array, point: Uint8Array): Uint8Array {
  const octets = writeDer(derTags.octetString, scalar);
  const key = writeDer(derTags.sequence, writeUnsigned(Uint8Array.of(1)), octets, writeDer(0xa1, writeBitString(point)));
  octets.fill(0); // SECURITY: copies on the way are wiped
  return info(concatBytes(fromHex(oids.ec), fromHex(curveNames[kind])), key);
}

/** CurvePrivateKey, RFC 8410 §7. */
function readOkp(found: Info, family: 'ed25519' | 'x25519'): PairMaterial {
  requireParameters(found, 'none');
  const secret = readDer(found.key, derTags.octetString);
  if (secret?.length !== 32) throw new KeyFault(`the ${family} key expected 32 bytes`);
  const raw = family === 'ed25519' ? ed25519PublicKey(secret) : x25519PublicKey(secret);
  requireHalf(found.publicKey, raw);
  const notes = found.publicKey === undefined ? [] : ['it is kept without the public key that stood beside it, which belongs to it'];
  return { algorithm: family, material: okpPkcs8(family, secret), publicKey: writeSpki(family, raw), notes: [...found.notes, ...notes] };
}

/** The 48 bytes of version 1. @param secret 32 bytes, borrowed */
export function okpPkcs8(family: 'ed25519' | 'x25519', secret: Uint8Array): Uint8Array {
  return info(fromHex(oids[family]), writeDer(derTags.octetString, secret));
}

/** The CHOICE of RFC 9881 §6 and RFC 9935 §6: seed [0], expanded key, or both. */
function readPostQuantum(found: Info, family: PostQuantumKind): PairMaterial {
  requireParameters(found, 'none');
  const choice = readDerAt(found.key, 0);
  if (choice?.whole.length !== found.key.length) throw new KeyFault(`expected one ${family} private key`);
  const both = choice.tag === derTags.sequence ? readDerList(choice.content) : undefined;
  const seed = choice.tag === 0x80 ? choice.content : both?.[0]?.content;
  if (choice.tag === derTags.octetString) throw new KeyFault(`the ${family} key came expanded, without its seed: the vault keeps seeds only`);
  if (seed?.length !== seedLengths[family]) throw new KeyFault(`the ${family} seed expected ${seedLengths[family]} bytes`);
  if (both !== undefined) requireExpanded(family, seed, both);
  const raw = publicKeyOfSeed(family, seed);
  requireHalf(found.publicKey, raw);
  const notes = both === undefined ? [] : ['it is kept as its seed; the expanded key that stood beside it belongs to it'];
  return { algorithm: family, material: new Uint8Array(seed), publicKey: writeSpki(family, raw), notes: [...found.notes, ...notes] };
}

function requireExpanded(family: PostQuantumKind, seed: Uint8Array, both: readonly DerValue[]): void {
  const { expanded } = expandSeed(family, seed);
  const same = both.length === 2 && both[1]?.tag === derTags.octetString && equalSecret(both[1].content, expanded);
  expanded.fill(0); // SECURITY: the expanded key lives for one comparison
  if (!same) throw new KeyFault('the parts do not belong together: the expanded key is not that of the seed');
}

/**
 * @param bytes one key, and behind it at most seven zero bytes; borrowed
 * @throws KeyFault with the reason
 */
export function readPkcs8(bytes: Uint8Array): PairMaterial {
  const found = readInfo(bytes);
  if (found.family === 'rsa') return readRsa(found);
  if (found.family === 'ec') return readEc(found);
  return found.family === 'ed25519' || found.family === 'x25519' ? readOkp(found, found.family) : readPostQuantum(found, found.family);
}

function isPostQuantum(algorithm: Algorithm): algorithm is PostQuantumKind {
  return algorithm in seedLengths;
}

/** The PKCS#8 of a pair as others read it. @param material in the vault's form, borrowed. The caller owns and wipes the result */
export function writePkcs8(algorithm: Algorithm, material: Uint8Array): Uint8Array {
  if (!isPostQuantum(algorithm)) return new Uint8Array(material);
  return info(fromHex(oids[algorithm]), writeDer(0x80, material));
}

/** A pair's material in the vault's form. @throws KeyFault for what is not */
export function readMaterial(algorithm: Algorithm, material: Uint8Array): PairMaterial {
  const whole = isPostQuantum(algorithm) ? readSeed(algorithm, material) : readPkcs8(material);
  if (whole.algorithm !== algorithm) throw new KeyFault(`the private key expected ${algorithm}, got ${whole.algorithm}`);
  return whole;
}

function readSeed(algorithm: PostQuantumKind, seed: Uint8Array): PairMaterial {
  if (seed.length !== seedLengths[algorithm]) throw new KeyFault(`the ${algorithm} seed expected ${seedLengths[algorithm]} bytes`);
  return { algorithm, material: new Uint8Array(seed), publicKey: writeSpki(algorithm, publicKeyOfSeed(algorithm, seed)), notes: [] };
}

/** The 32 bytes or the private value inside material of the vault's form, borrowed. */
export function secretPartOf(material: Uint8Array): Uint8Array {
  const [, , key] = readDerList(readDer(material, derTags.sequence) ?? new Uint8Array(0)) ?? [];
  const inner = readDerAt(key?.content ?? new Uint8Array(0), 0);
  const part = inner?.tag === derTags.sequence ? readDerList(inner.content)?.[1]?.content : inner?.content;
  if (part === undefined) throw new Error('the material is not in the form that it was sealed in');
  return part;
}

export function curveKindOf(algorithm: Algorithm): CurveKind {
  if (!isCurve(algorithm as PublicKeyKind)) throw new Error(`${algorithm} is not on a curve`);
  return algorithm as CurveKind;
}
