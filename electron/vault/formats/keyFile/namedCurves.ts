/** The curves P-256, P-384 and P-521 (SP 800-186 §3.2.1): their names, and every number of them, for files that write the numbers out. */
import { toHex } from '../../crypto/bytes.ts';
import { bytesOf, modulo, numberOf, power } from './bigNumbers.ts';
import { derTags } from '../../crypto/derValue.ts';
import { bitsOf, DerFields, oidOf, smallNumberOf, unsignedFrom } from '../../crypto/derReader.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { malformed } from './keyFileEntry.ts';

export interface NamedCurve {
  readonly algorithm: 'ec-p256' | 'ec-p384' | 'ec-p521';
  /** NIST's name, `crv` of RFC 7518 §6.2.1.1. */
  readonly name: 'P-256' | 'P-384' | 'P-521';
  /** RFC 5656 §10.1. */
  readonly sshName: 'nistp256' | 'nistp384' | 'nistp521';
  readonly oid: string;
  /** Content of the object identifier. */
  readonly oidHex: string;
  /** Bytes of a coordinate and of a private number. */
  readonly size: number;
  readonly p: bigint;
  readonly b: bigint;
  readonly gx: bigint;
  readonly gy: bigint;
  readonly n: bigint;
  readonly seedHex: string;
}

const p256: NamedCurve = {
  algorithm: 'ec-p256',
  name: 'P-256',
  sshName: 'nistp256',
  oid: '1.2.840.10045.3.1.7',
  oidHex: '2a8648ce3d030107',
  size: 32,
  p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  gx: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  gy: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  seedHex: 'c49d360886e704936a6678e1139d26b7819f7e90',
};

const p384: NamedCurve = {
  algorithm: 'ec-p384',
  name: 'P-384',
  sshName: 'nistp384',
  oid: '1.3.132.0.34',
  oidHex: '2b81040022',
  size: 48,
  p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  gx: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
  gy: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
  n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  seedHex: 'a335926aa319a27a1d00896a6773a4827acdac73',
};

const p521: NamedCurve = {
  algorithm: 'ec-p521',
  name: 'P-521',
  sshName: 'nistp521',
  oid: '1.3.132.0.35',
  oidHex: '2b81040023',
  size: 66,
  p: 2n ** 521n - 1n,
  b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  gx: 0x00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66n,
  gy: 0x011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650n,
  n: 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  seedHex: 'd09e8800291cb85396cc6717393284aaa0da64ba',
};

export const namedCurves: readonly NamedCurve[] = [p256, p384, p521];

/** Curves that people have, and that the vault does not keep. */
const otherCurves: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.1': 'P-192',
  '1.3.132.0.33': 'P-224',
  '1.3.132.0.10': 'secp256k1',
  '1.3.36.3.3.2.8.1.1.7': 'brainpoolP256r1',
  '1.3.36.3.3.2.8.1.1.11': 'brainpoolP384r1',
  '1.3.36.3.3.2.8.1.1.13': 'brainpoolP512r1',
};

const notKept = (curve: string) => malformed(`the curve expected P-256, P-384 or P-521, got ${curve}`, { nextStep: 'such a key is kept by the program that made it; make a new pair here' });

/** @throws `input-malformed` for a curve that the vault does not keep */
export function curveByOid(oid: string): NamedCurve {
  const curve = namedCurves.find((known) => known.oid === oid);
  if (curve === undefined) throw notKept(otherCurves[oid] ?? `the object identifier ${oid}`);
  return curve;
}

/** y² = x³ - 3x + b. */
function squareOfY({ p, b }: NamedCurve, x: bigint): bigint {
  return modulo(x * x * x - 3n * x + b, p);
}

export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/** A point in any form of SEC 1 §2.3.3: uncompressed, compressed or hybrid. @returns undefined for what is no point of the curve */
export function pointOf(curve: NamedCurve, encoded: Uint8Array): Point | undefined {
  const form = encoded[0] ?? 0;
  const x = numberOf(encoded.subarray(1, 1 + curve.size));
  if (x >= curve.p) return undefined;
  if (form === 2 || form === 3) {
    if (encoded.length !== 1 + curve.size) return undefined;
    const root = power(squareOfY(curve, x), (curve.p + 1n) / 4n, curve.p); // p ≡ 3 (mod 4) for all three
    if ((root * root) % curve.p !== squareOfY(curve, x)) return undefined;
    return { x, y: (root & 1n) === BigInt(form & 1) ? root : curve.p - root };
  }
  const y = numberOf(encoded.subarray(1 + curve.size));
  if (![4, 6, 7].includes(form) || encoded.length !== 1 + 2 * curve.size || y >= curve.p) return undefined;
  if (form !== 4 && (y & 1n) !== BigInt(form & 1)) return undefined;
  return (y * y) % curve.p === squareOfY(curve, x) ? { x, y } : undefined;
}

/** SEC 1 §2.3.3, uncompressed: the one form that is kept. */
export function uncompressed(curve: NamedCurve, { x, y }: Point): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * curve.size);
  bytes[0] = 4;
  bytes.set(bytesOf(x, curve.size), 1);
  bytes.set(bytesOf(y, curve.size), 1 + curve.size);
  return bytes;
}

export interface CurveName {
  readonly curve: NamedCurve;
  /** The numbers were written out. */
  readonly explicit: boolean;
}

/** ECParameters of RFC 5480 §2.1.1, and the SpecifiedECDomain of SEC 1 appendix C.2, which must be a named curve in every number. @throws `input-malformed` */
export function curveOf(parameters: DerValue): CurveName {
  if (parameters.tag === derTags.oid) return { curve: curveByOid(oidOf(parameters)), explicit: false };
  if (parameters.tag !== derTags.sequence) throw malformed('the "parameters" of the EC key expected a named curve');
  return { curve: namedFromNumbers(parameters), explicit: true };
}

const primeField = '1.2.840.10045.1.1';

function namedFromNumbers(node: DerValue): NamedCurve {
  const domain = new DerFields(node, 'curve parameters');
  domain.take(derTags.integer, 'version');
  const field = new DerFields(domain.take(derTags.sequence, 'fieldID'), 'field of the curve');
  if (field.oid('fieldType') !== primeField) throw notKept('one over a field that is not prime');
  const p = numberOf(unsignedFrom(field.take(derTags.integer, 'prime'), 'prime'));
  const curve = namedCurves.find((known) => known.p === p);
  // SECURITY: numbers from a file are never computed with (RFC 5480 §2.1.1, CVE-2020-0601): every one must be the named curve's
  if (curve === undefined || !sameNumbers(curve, domain)) throw malformed('the file writes the numbers of a curve out, and they are not those of P-256, P-384 or P-521', { nextStep: 'do not use this key: a curve with other numbers can be made to be broken' });
  return curve;
}

function sameNumbers(curve: NamedCurve, domain: DerFields): boolean {
  const equation = new DerFields(domain.take(derTags.sequence, 'curve'), 'equation of the curve');
  const a = equation.take(derTags.octetString, 'a').content;
  const b = equation.take(derTags.octetString, 'b').content;
  const seed = equation.optional(derTags.bitString);
  equation.end();
  const base = pointOf(curve, domain.take(derTags.octetString, 'base').content);
  const n = numberOf(unsignedFrom(domain.take(derTags.integer, 'order'), 'order'));
  const cofactor = domain.optional(derTags.integer);
  domain.end();
  return (
    numberOf(a) === curve.p - 3n &&
    numberOf(b) === curve.b &&
    (seed === undefined || toHex(bitsOf(seed, 'seed')) === curve.seedHex) &&
    base?.x === curve.gx &&
    base.y === curve.gy &&
    n === curve.n &&
    (cofactor === undefined || smallNumberOf(cofactor, 'cofactor') === 1)
  );
}
