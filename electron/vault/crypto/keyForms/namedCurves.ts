/** The curves P-256, P-384 and P-521 (SP 800-186 §3.2.1): their names, and every number of them, for files that write the numbers out. */
import { equalBytes, toHex } from '../bytes.ts';
import { curves } from '../curves.ts';
import { bitsOf, DerFields, oidOf, smallNumberOf, unsignedFrom } from '../derReader.ts';
import { derTags } from '../derValue.ts';
import type { DerValue } from '../derValue.ts';
import { malformed } from '../malformed.ts';
import { coordinateBytes } from '../spki.ts';
import type { CurveKind } from '../spki.ts';
import { numberOf } from './bigNumbers.ts';

export interface NamedCurve {
  readonly algorithm: CurveKind;
  /** NIST's name, `crv` of RFC 7518 §6.2.1.1. */
  readonly name: 'P-256' | 'P-384' | 'P-521';
  /** RFC 5656 §10.1. */
  readonly sshName: 'nistp256' | 'nistp384' | 'nistp521';
  readonly oid: string;
  /** Bytes of a coordinate and of a private number. */
  readonly size: number;
  /** SP 800-186 appendix C.1: how the curve was chosen, which some files write out. */
  readonly seedHex: string;
}

export const namedCurves: readonly NamedCurve[] = [
  { algorithm: 'ec-p256', size: coordinateBytes['ec-p256'], name: 'P-256', sshName: 'nistp256', oid: '1.2.840.10045.3.1.7', seedHex: 'c49d360886e704936a6678e1139d26b7819f7e90' },
  { algorithm: 'ec-p384', size: coordinateBytes['ec-p384'], name: 'P-384', sshName: 'nistp384', oid: '1.3.132.0.34', seedHex: 'a335926aa319a27a1d00896a6773a4827acdac73' },
  { algorithm: 'ec-p521', size: coordinateBytes['ec-p521'], name: 'P-521', sshName: 'nistp521', oid: '1.3.132.0.35', seedHex: 'd09e8800291cb85396cc6717393284aaa0da64ba' },
];

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

/** A point in any form of SEC 1 §2.3.3: uncompressed, compressed or hybrid. @returns it uncompressed, the one form that is kept; undefined for what is no point of the curve */
export function pointOf({ algorithm }: NamedCurve, encoded: Uint8Array): Uint8Array | undefined {
  const hybrid = encoded[0] === 6 || encoded[0] === 7;
  if (hybrid && (encoded[0] ?? 0) % 2 !== (encoded.at(-1) ?? 0) % 2) return undefined;
  try {
    return curves[algorithm].Point.fromBytes(hybrid ? Uint8Array.of(4, ...encoded.subarray(1)) : encoded).toBytes(false);
  } catch {
    return undefined; // the caller says what was expected
  }
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
  const field = domain.inside(derTags.sequence, 'fieldID');
  if (field.oid('fieldType') !== primeField) throw notKept('one over a field that is not prime');
  const p = numberOf(unsignedFrom(field.take(derTags.integer, 'prime'), 'prime'));
  const curve = namedCurves.find(({ algorithm }) => curves[algorithm].Point.CURVE().p === p);
  // SECURITY: numbers from a file are never computed with (RFC 5480 §2.1.1, CVE-2020-0601): every one must be the named curve's
  if (curve === undefined || !sameNumbers(curve, domain)) throw malformed('the file writes the numbers of a curve out, and they are not those of P-256, P-384 or P-521', { nextStep: 'do not use this key: a curve with other numbers can be made to be broken' });
  return curve;
}

function sameNumbers(curve: NamedCurve, domain: DerFields): boolean {
  const known = curves[curve.algorithm].Point;
  const numbers = known.CURVE();
  const equation = domain.inside(derTags.sequence, 'curve');
  const a = equation.take(derTags.octetString, 'a').content;
  const b = equation.take(derTags.octetString, 'b').content;
  const seed = equation.optional(derTags.bitString);
  equation.end();
  const base = pointOf(curve, domain.take(derTags.octetString, 'base').content);
  const n = numberOf(unsignedFrom(domain.take(derTags.integer, 'order'), 'order'));
  const cofactor = domain.optional(derTags.integer);
  domain.end();
  return (
    numberOf(a) === numbers.a &&
    numberOf(b) === numbers.b &&
    (seed === undefined || toHex(bitsOf(seed, 'seed')) === curve.seedHex) &&
    base !== undefined &&
    equalBytes(base, known.BASE.toBytes(false)) &&
    n === numbers.n &&
    (cofactor === undefined || smallNumberOf(cofactor, 'cofactor') === 1)
  );
}
