/** SubjectPublicKeyInfo in its one form: the curve by its name, the point uncompressed, the parameters as their standard has them, so that one key has one fingerprint. */
import { equalBytes } from '../../crypto/bytes.ts';
import { latticePublicLengths } from '../../crypto/latticeSeeds.ts';
import { bitLength, numberOf } from './bigNumbers.ts';
import { derTags } from '../../crypto/derValue.ts';
import { algorithmOf, bitsOf, DerFields, onlyValue, unsignedFrom } from '../../crypto/derReader.ts';
import { ecPublicKeyOid, ecSpki } from './ecKey.ts';
import { malformed } from './keyFileEntry.ts';
import type { PairAlgorithm } from './keyFileEntry.ts';
import { latticeOids, latticeSpki } from './latticeKey.ts';
import { curveOf, pointOf, uncompressed } from './namedCurves.ts';
import { octetCurves, octetSpki } from './octetKey.ts';
import { rsaOids, rsaSpkiOf } from './rsaKey.ts';

export interface NormalKey {
  readonly spki: Uint8Array;
  /** Undefined for sizes that the vault does not keep, and for keys that are marked for one use. */
  readonly algorithm: PairAlgorithm | undefined;
  readonly description: string;
  /** RFC 4055: the key says itself that it is for PSS signatures, or for OAEP, alone. */
  readonly mark?: 'pss' | 'oaep';
  readonly notes: readonly string[];
}

const rsaAlgorithms: Readonly<Record<number, PairAlgorithm>> = { 2048: 'rsa-2048', 3072: 'rsa-3072', 4096: 'rsa-4096' };

const marks: Readonly<Record<string, NormalKey['mark']>> = { '1.2.840.113549.1.1.10': 'pss', '1.2.840.113549.1.1.7': 'oaep' };

function normalRsa(oid: string, bits: Uint8Array, original: Uint8Array): NormalKey {
  const fields = new DerFields(onlyValue(bits), 'RSA public key');
  const n = unsignedFrom(fields.take(derTags.integer, 'modulus'), 'modulus');
  const e = unsignedFrom(fields.take(derTags.integer, 'publicExponent'), 'publicExponent');
  fields.end();
  const size = n.length > 2048 ? n.length * 8 : bitLength(numberOf(n));
  const mark = marks[oid];
  if (mark !== undefined) return { spki: original, algorithm: undefined, description: `RSA of ${size} bits`, mark, notes: [rsaOids[oid] ?? ''] };
  const spki = rsaSpkiOf(n, e);
  return { spki, algorithm: rsaAlgorithms[size], description: `RSA of ${size} bits`, notes: equalBytes(spki, original) ? [] : ['the key was written in another form: kept as RFC 8017 has it'] };
}

function normalEc(parameters: ReturnType<typeof algorithmOf>['parameters'], bits: Uint8Array): NormalKey {
  if (parameters === undefined) throw malformed('the EC public key names no curve');
  const { curve, explicit } = curveOf(parameters);
  const point = pointOf(curve, bits);
  // SECURITY: a point off the curve would give a private key away in an agreement (SP 800-56A Rev. 3 §5.6.2.3.3)
  if (point === undefined) throw malformed(`the public key is no point of the curve ${curve.name}`);
  const whole = uncompressed(curve, point);
  const notes = explicit ? [`the curve was written out in numbers, all equal to ${curve.name}: kept by its name`] : [];
  if (!equalBytes(whole, bits)) notes.push('the point was written in another form: kept uncompressed');
  return { spki: ecSpki(curve, whole), algorithm: curve.algorithm, description: `EC key on ${curve.name}`, notes };
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
  if (octets !== undefined && bits.length === 32) return { spki: octetSpki(octets, bits), algorithm: octets.algorithm, description: `${octets.name} key`, notes: [] };
  const lattice = latticeOids[oid];
  if (lattice !== undefined && bits.length === latticePublicLengths[lattice]) return { spki: latticeSpki(lattice, bits), algorithm: lattice, description: `${lattice.toUpperCase()} key`, notes: [] };
  throw malformed(`the public key is of a kind that is not known here (${oid}, ${bits.length} bytes)`);
}
