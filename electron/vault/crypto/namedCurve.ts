/** The curve of an EC key's AlgorithmIdentifier: by its name (RFC 5480 §2.1.1.1), or by all its numbers (SEC 1 §C.2) where they are those of a named one. */
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { concatBytes, equalBytes, fromHex } from './bytes.ts';
import { derTags, readDerList } from './derValue.ts';
import type { DerValue } from './derValue.ts';
import { coordinateBytes, fixedLength } from './spki.ts';
import type { CurveKind } from './spki.ts';

/** OBJECT IDENTIFIERs with tag and length. */
export const curveNames: Readonly<Record<CurveKind, string>> = { 'ec-p256': '06082a8648ce3d030107', 'ec-p384': '06052b81040022', 'ec-p521': '06052b81040023' };
const kinds = Object.keys(curveNames) as CurveKind[];
const curves = { 'ec-p256': p256, 'ec-p384': p384, 'ec-p521': p521 } as const;
/** prime-field, X9.62 §L.1. */
const primeField = fromHex('06072a8648ce3d0101');

/** The numbers of a named curve, each at the length of the field. */
function numbersOf(kind: CurveKind): Readonly<Record<'p' | 'a' | 'b' | 'x' | 'y' | 'n', Uint8Array>> {
  const { p, a, b, Gx, Gy, n } = curves[kind].Point.CURVE();
  const bytes = (number: bigint) => fixedLength(fromHex(number.toString(16).padStart(2 * coordinateBytes[kind], '0')), coordinateBytes[kind]);
  return { p: bytes(p), a: bytes(a), b: bytes(b), x: bytes(Gx), y: bytes(Gy), n: bytes(n) };
}

/** Whether a number, in an INTEGER or an OCTET STRING, is this one. */
function isNumber(value: DerValue | undefined, wanted: Uint8Array): boolean {
  if (value === undefined) return false;
  try {
    return equalBytes(fixedLength(value.content, wanted.length), wanted);
  } catch {
    return false;
  }
}

/** The base point, uncompressed or compressed (SEC 1 §2.3.3). */
function isBase(value: DerValue | undefined, x: Uint8Array, y: Uint8Array): boolean {
  const compressed = concatBytes(Uint8Array.of(2 + ((y.at(-1) ?? 0) & 1)), x);
  return value !== undefined && (equalBytes(value.content, concatBytes(Uint8Array.of(4), x, y)) || equalBytes(value.content, compressed));
}

function hasNumbers(kind: CurveKind, parts: readonly DerValue[]): boolean {
  const { p, a, b, x, y, n } = numbersOf(kind);
  const [, field, curve, base, order, cofactor] = parts;
  const [type, prime] = readDerList(field?.content ?? new Uint8Array(0)) ?? [];
  const [first, second] = readDerList(curve?.content ?? new Uint8Array(0)) ?? [];
  if (type === undefined || !equalBytes(type.whole, primeField)) return false;
  return isNumber(prime, p) && isNumber(first, a) && isNumber(second, b) && isBase(base, x, y) && isNumber(order, n) && (cofactor === undefined || isNumber(cofactor, Uint8Array.of(1)));
}

/** @returns undefined for a curve that is none of ours. SECURITY: spelled-out numbers count only where every one is that of a named curve: others may be weak on purpose */
export function curveOf(parameters: DerValue): { readonly kind: CurveKind; readonly spelledOut: boolean } | undefined {
  const named = kinds.find((kind) => equalBytes(fromHex(curveNames[kind]), parameters.whole));
  if (named !== undefined) return { kind: named, spelledOut: false };
  const parts = parameters.tag === derTags.sequence ? readDerList(parameters.content) : undefined;
  const spelled = parts === undefined ? undefined : kinds.find((kind) => hasNumbers(kind, parts));
  return spelled === undefined ? undefined : { kind: spelled, spelledOut: true };
}
