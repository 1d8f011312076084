/** EC private keys (SEC 1 appendix C.4, RFC 5915) with whatever is missing, spelled out or too short; a foreign public point is refused. */
import { equalBytes } from '../../crypto/bytes.ts';
import { pairWorks, publicHalfOf } from '../../crypto/pairProof.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { numberOf } from './bigNumbers.ts';
import { context, derTags } from '../../crypto/derValue.ts';
import { bitsOf, DerFields, insideOf, smallNumberOf } from '../../crypto/derReader.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { bitString, encodeDer, integer, octetString, oid, sequence, tagged } from '../../crypto/derWriter.ts';
import type { DerTree } from '../../crypto/derWriter.ts';
import { malformed } from './keyFileEntry.ts';
import type { ReadPair } from './keyFileEntry.ts';
import { curveOf, pointOf, uncompressed } from './namedCurves.ts';
import type { CurveName, NamedCurve } from './namedCurves.ts';

/** id-ecPublicKey, RFC 5480 §2.1.1. */
export const ecPublicKeyOid = '1.2.840.10045.2.1';
const ecPublicKey = oid('2a8648ce3d0201');

export interface EcParts {
  readonly curve: NamedCurve;
  readonly scalar: Uint8Array;
  /** In any form of SEC 1 §2.3.3. */
  readonly publicPoint?: Uint8Array;
}

/** DER SubjectPublicKeyInfo of a point on a named curve. */
export function ecSpki(curve: NamedCurve, point: Uint8Array): Uint8Array {
  return encodeDer(sequence(sequence(ecPublicKey, oid(curve.oidHex)), bitString(point)));
}

/** PKCS#8 with the public point, or without it where it is not known yet. */
function ecPkcs8(curve: NamedCurve, scalar: Uint8Array, point: Uint8Array | undefined): Uint8Array {
  const inner: DerTree[] = [integer(Uint8Array.of(1)), octetString(scalar)];
  if (point !== undefined) inner.push(tagged(1, bitString(point)));
  return encodeDer(sequence(integer(new Uint8Array(0)), sequence(ecPublicKey, oid(curve.oidHex)), octetString(sequence(...inner))));
}

/** The private number in the length of the curve, owned by the caller. @throws `input-malformed` outside of 1 to n - 1 */
function fullScalar({ name, size, n }: NamedCurve, given: Uint8Array, notes: string[]): Uint8Array {
  const zeros = given.findIndex((byte) => byte !== 0);
  const bare = zeros === -1 ? new Uint8Array(0) : given.subarray(zeros);
  const value = numberOf(bare.subarray(0, size + 1));
  if (value === 0n || value >= n) throw malformed(`the private number is not in 1 to n - 1 of the curve ${name}`, { nextStep: 'this is no key; ask for the file again' });
  if (given.length !== size) notes.push(`the private number has ${given.length} bytes, ${name} wants ${size}: ${given.length < size ? 'padded' : 'leading zeros dropped'}`);
  const scalar = new Uint8Array(size);
  scalar.set(bare, size - bare.length);
  return scalar;
}

function computedPoint(curve: NamedCurve, scalar: Uint8Array): Uint8Array {
  const bare = ecPkcs8(curve, scalar, undefined);
  const spki = publicHalfOf(bare);
  bare.fill(0); // SECURITY: a copy of the private number
  const point = spki?.slice(-(1 + 2 * curve.size));
  if (spki === undefined || point === undefined || !equalBytes(spki, ecSpki(curve, point))) throw malformed(`the private key is none of the curve ${curve.name}`);
  return point;
}

function requireSamePoint(curve: NamedCurve, computed: Uint8Array, given: Uint8Array): void {
  const point = pointOf(curve, given);
  // SECURITY: a pair whose halves do not belong together signs what nobody verifies, or gives the key away
  if (point === undefined || !equalBytes(uncompressed(curve, point), computed)) throw malformed('the public key in the file does not belong to the private key', { nextStep: 'do not use this file; ask its maker for the pair again' });
}

/** The pair of a private number: public point computed, compared with the one given, used once. @throws `input-malformed` */
export function ecPair({ curve, scalar: given, publicPoint }: EcParts, oddities: readonly string[] = []): ReadPair {
  const notes = [...oddities];
  const scalar = fullScalar(curve, given, notes);
  try {
    const point = computedPoint(curve, scalar);
    if (publicPoint === undefined) notes.push('the public key was not in the file: computed');
    else requireSamePoint(curve, point, publicPoint);
    const material = SecretBytes.own(ecPkcs8(curve, scalar, point));
    const publicKey = ecSpki(curve, point);
    if (!pairWorks('ecdsa', material.expose(), publicKey)) {
      material.wipe();
      throw malformed('the pair does not verify what it signs');
    }
    return { kind: 'pair', algorithm: curve.algorithm, description: `EC key on ${curve.name}`, material, publicKey, notes };
  } finally {
    scalar.fill(0); // SECURITY: it is in the material now
  }
}

const spelledOut = ({ name }: NamedCurve) => `the curve was written out in numbers, all equal to ${name}: kept by its name`;

/** ECPrivateKey, RFC 5915 §3. @param outer parameters of the PKCS#8 around it, or of another place that names the curve @throws `input-malformed` */
export function readEcPrivateKey(node: DerValue, outer: DerValue | undefined): ReadPair {
  const fields = new DerFields(node, 'EC private key');
  const version = smallNumberOf(fields.take(derTags.integer, 'version'), 'version');
  if (version !== 1) throw malformed(`the "version" of the EC private key expected 1, got ${version}`);
  const scalar = fields.take(derTags.octetString, 'privateKey').content;
  const inner = fields.optional(context.constructed(0));
  const publicField = fields.optional(context.constructed(1));
  fields.end();
  const named = [outer, inner === undefined ? undefined : insideOf(inner)].filter((parameters) => parameters !== undefined).map(curveOf);
  const [{ curve, explicit }] = oneCurve(named);
  const publicPoint = publicField === undefined ? undefined : bitsOf(publicBits(publicField), 'publicKey');
  return ecPair({ curve, scalar, ...(publicPoint === undefined ? {} : { publicPoint }) }, explicit ? [spelledOut(curve)] : []);
}

function publicBits(field: DerValue): DerValue {
  const bits = insideOf(field);
  if (bits.tag !== derTags.bitString) throw malformed('the "publicKey" of the EC private key expected a bit string');
  return bits;
}

/** @throws `input-malformed` where no curve or two different ones are named */
function oneCurve(named: readonly CurveName[]): readonly [CurveName] {
  const [first] = named;
  if (first === undefined) throw malformed('the EC private key names no curve', { nextStep: 'ask for the file with the name of its curve' });
  if (named.some(({ curve }) => curve !== first.curve)) throw malformed('the file names two different curves for one key');
  return [named.find(({ explicit }) => explicit) ?? first];
}
