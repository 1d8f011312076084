/** SubjectPublicKeyInfo in its one form: the curve by its name, the point uncompressed, the parameters as their standard has them, so that one key has one fingerprint. */
import { equalBytes } from '../bytes.ts';
import { algorithmOf, bitsOf, DerFields, onlyValue, unsignedFrom } from '../derReader.ts';
import { derTags } from '../derValue.ts';
import { malformed } from '../malformed.ts';
import { rsaSpki } from '../rsaPublicNumbers.ts';
import { fitsKind, writeSpki } from '../spki.ts';
import { bitLength, numberOf } from './bigNumbers.ts';
import { ecPublicKeyOid, spelledOut } from './ecKey.ts';
import { latticeOids } from './latticeKey.ts';
import { curveOf, pointOf } from './namedCurves.ts';
import { octetCurves } from './octetKey.ts';
import type { PairAlgorithm } from './readKey.ts';
import { keptRsa, rsaOids } from './rsaKey.ts';

export interface NormalKey {
  readonly spki: Uint8Array;
  /** Undefined for sizes that the vault does not keep, and for keys that are marked for one use. */
  readonly algorithm: PairAlgorithm | undefined;
  readonly description: string;
  /** RFC 4055: the key says itself that it is for PSS signatures, or for OAEP, alone. */
  readonly mark?: 'pss' | 'oaep';
  readonly notes: readonly string[];
}

const marks: Readonly<Record<string, NormalKey['mark']>> = { '1.2.840.113549.1.1.10': 'pss', '1.2.840.113549.1.1.7': 'oaep' };

function normalRsa(oid: string, bits: Uint8Array, original: Uint8Array): NormalKey {
  const fields = new DerFields(onlyValue(bits), 'RSA public key');
  const n = unsignedFrom(fields.take(derTags.integer, 'modulus'), 'modulus');
  const e = unsignedFrom(fields.take(derTags.integer, 'publicExponent'), 'publicExponent');
  fields.end();
  const size = n.length > 2048 ? n.length * 8 : bitLength(numberOf(n));
  const mark = marks[oid];
  if (mark !== undefined) return { spki: original, algorithm: undefined, description: `RSA of ${size} bits`, mark, notes: [rsaOids[oid] ?? ''] };
  const spki = rsaSpki({ modulus: n, exponent: e });
  return { spki, algorithm: keptRsa[size], description: `RSA of ${size} bits`, notes: equalBytes(spki, original) ? [] : ['the key was written in another form: kept as RFC 8017 has it'] };
}

function normalEc(parameters: ReturnType<typeof algorithmOf>['parameters'], bits: Uint8Array): NormalKey {
  if (parameters === undefined) throw malformed('the EC public key names no curve');
  const { curve, explicit } = curveOf(parameters);
  const point = pointOf(curve, bits);
  // SECURITY: a point off the curve would give a private key away in an agreement (SP 800-56A Rev. 3 §5.6.2.3.3)
  if (point === undefined) throw malformed(`the public key is no point of the curve ${curve.name}`);
  const notes = explicit ? [spelledOut(curve)] : [];
  if (!equalBytes(point, bits)) notes.push('the point was written in another form: kept uncompressed');
  return { spki: writeSpki(curve.algorithm, point), algorithm: curve.algorithm, description: `EC key on ${curve.name}`, notes };
}

/** @throws `input-malformed` for what is no public key that is known here */
export function normalSpki(spki: Uint8Array): NormalKey {
  const fields = new DerFields(onlyValue(spki), 'public key');
  const { oid, parameters } = algorithmOf(fields.take(derTags.sequence, 'algorithm'), 'algorithm');
  const bits = bitsOf(fields.take(derTags.bitString, 'subjectPublicKey'), 'subjectPublicKey');
  fields.end();
  if (Object.hasOwn(rsaOids, oid)) return normalRsa(oid, bits, spki);
  if (oid === ecPublicKeyOid) return normalEc(parameters, bits);
  const octets = octetCurves.find((known) => known.oid === oid);
  if (octets !== undefined && fitsKind(octets.algorithm, bits)) return { spki: writeSpki(octets.algorithm, bits), algorithm: octets.algorithm, description: `${octets.name} key`, notes: [] };
  const lattice = latticeOids[oid];
  if (lattice !== undefined && fitsKind(lattice, bits)) return { spki: writeSpki(lattice, bits), algorithm: lattice, description: `${lattice.toUpperCase()} key`, notes: [] };
  throw malformed(`the public key is of a kind that is not known here (${oid}, ${bits.length} bytes)`);
}
