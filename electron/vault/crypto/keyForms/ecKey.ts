/** EC private keys (SEC 1 appendix C.4, RFC 5915) with whatever is missing, spelled out or too short; a foreign public point is refused. */
import { equalBytes } from '../bytes.ts';
import { bitsOf, DerFields, insideOf, smallNumberOf } from '../derReader.ts';
import { context, derTags } from '../derValue.ts';
import type { DerValue } from '../derValue.ts';
import { ecPoint } from '../ecPrivate.ts';
import { malformed } from '../malformed.ts';
import { pairWorks } from '../pairProof.ts';
import { SecretBytes } from '../secretBytes.ts';
import { writeSpki } from '../spki.ts';
import { curveOf, pointOf } from './namedCurves.ts';
import type { CurveName, NamedCurve } from './namedCurves.ts';
import { ecPkcs8 } from './privateKeyWriter.ts';
import type { ReadPair } from './readKey.ts';

/** id-ecPublicKey, RFC 5480 §2.1.1. */
export const ecPublicKeyOid = '1.2.840.10045.2.1';

export interface EcParts {
  readonly curve: NamedCurve;
  readonly scalar: Uint8Array;
  /** In any form of SEC 1 §2.3.3. */
  readonly publicPoint?: Uint8Array;
}

/** The private number in the length of the curve, owned by the caller. @throws `input-malformed` for a longer one */
function fullScalar({ name, size }: NamedCurve, given: Uint8Array, notes: string[]): Uint8Array {
  const zeros = given.findIndex((byte) => byte !== 0);
  const bare = zeros === -1 ? new Uint8Array(0) : given.subarray(zeros);
  if (bare.length > size) throw outOfRange(name);
  if (given.length !== size) notes.push(`the private number has ${given.length} bytes, ${name} wants ${size}: ${given.length < size ? 'padded' : 'leading zeros dropped'}`);
  const scalar = new Uint8Array(size);
  scalar.set(bare, size - bare.length);
  return scalar;
}

function outOfRange(curve: string): Error {
  return malformed(`the private number is not in 1 to n - 1 of the curve ${curve}`, { nextStep: 'this is no key; ask for the file again' });
}

function computedPoint({ algorithm, name }: NamedCurve, scalar: Uint8Array): Uint8Array {
  try {
    return ecPoint(algorithm, scalar);
  } catch {
    throw outOfRange(name);
  }
}

function requireSamePoint(curve: NamedCurve, computed: Uint8Array, given: Uint8Array): void {
  const point = pointOf(curve, given);
  // SECURITY: a pair whose halves do not belong together signs what nobody verifies, or gives the key away
  if (point === undefined || !equalBytes(point, computed)) throw malformed('the public key in the file does not belong to the private key', { nextStep: 'do not use this file; ask its maker for the pair again' });
}

/** The pair of a private number: public point computed, compared with the one given, used once. @throws `input-malformed` */
export function ecPair({ curve, scalar: given, publicPoint }: EcParts, oddities: readonly string[] = []): ReadPair {
  const notes = [...oddities];
  const scalar = fullScalar(curve, given, notes);
  try {
    const point = computedPoint(curve, scalar);
    if (publicPoint === undefined) notes.push('the public key was not in the file: computed');
    else requireSamePoint(curve, point, publicPoint);
    const material = SecretBytes.own(ecPkcs8(curve.algorithm, scalar, point));
    const publicKey = writeSpki(curve.algorithm, point);
    if (!pairWorks('ecdsa', material.expose(), publicKey)) {
      material.wipe();
      throw malformed('the pair does not verify what it signs');
    }
    return { kind: 'pair', algorithm: curve.algorithm, description: `EC key on ${curve.name}`, material, publicKey, notes };
  } finally {
    scalar.fill(0); // SECURITY: it is in the material now
  }
}

export const spelledOut = ({ name }: NamedCurve) => `the curve was written out in numbers, all equal to ${name}: kept by its name`;

/** The parts of an ECPrivateKey, RFC 5915 §3, as they stand. @param outer parameters of the PKCS#8 around it, or of another place that names the curve @throws `input-malformed` */
export function ecPartsOf(node: DerValue, outer: DerValue | undefined): EcParts & { readonly explicit: boolean } {
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
  return { curve, explicit, scalar, ...(publicPoint === undefined ? {} : { publicPoint }) };
}

/** @throws `input-malformed` */
export function readEcPrivateKey(node: DerValue, outer: DerValue | undefined): ReadPair {
  const parts = ecPartsOf(node, outer);
  return ecPair(parts, parts.explicit ? [spelledOut(parts.curve)] : []);
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
