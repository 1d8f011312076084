/** PKCS#8: PrivateKeyInfo and OneAsymmetricKey (RFC 5208, RFC 5958) of every algorithm that the vault keeps, and the secret keys that Java puts into the same form. */
import { equalBytes } from '../bytes.ts';
import { algorithmOf, bitsOf, DerFields, insideOf, isAbsent, onlyValue, smallNumberOf } from '../derReader.ts';
import type { AlgorithmIdentifier } from '../derReader.ts';
import { context, derTags } from '../derValue.ts';
import type { DerValue } from '../derValue.ts';
import { malformed } from '../malformed.ts';
import { SecretBytes } from '../secretBytes.ts';
import { readSpki } from '../spki.ts';
import { ecPublicKeyOid, readEcPrivateKey } from './ecKey.ts';
import { latticeOids, readLatticeKey } from './latticeKey.ts';
import { namedCurves, pointOf } from './namedCurves.ts';
import { octetCurves, octetPair } from './octetKey.ts';
import type { OctetCurve } from './octetKey.ts';
import type { ReadPair, ReadSecret } from './readKey.ts';
import { readRsaPrivateKey, rsaOids } from './rsaKey.ts';

/** AES and the HMACs, as Java names secret keys: NIST's `aes`, RFC 8018 appendix B.1.2. */
const secretOids: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.1': 'AES',
  '1.2.840.113549.2.9': 'HMAC-SHA-256',
  '1.2.840.113549.2.10': 'HMAC-SHA-384',
  '1.2.840.113549.2.11': 'HMAC-SHA-512',
};
const otherKeys: Readonly<Record<string, string>> = {
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.113549.1.3.1': 'Diffie-Hellman (PKCS#3)',
  '1.2.840.10046.2.1': 'Diffie-Hellman (X9.42)',
  '1.3.101.113': 'Ed448',
  '1.3.101.111': 'X448',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
  '2.16.840.1.101.3.4.4.1': 'ML-KEM-512',
  '2.16.840.1.101.3.4.4.3': 'ML-KEM-1024',
  '1.2.643.7.1.1.1.1': 'GOST R 34.10',
};

/** The public key of version 2: `[1] IMPLICIT BIT STRING`, and the explicit spelling of one program. @throws `input-malformed` */
function publicBeside(fields: DerFields): Uint8Array | undefined {
  const implicit = fields.optional(context.primitive(1));
  if (implicit !== undefined) return bitsOf(implicit, 'publicKey');
  const explicit = fields.optional(context.constructed(1));
  if (explicit === undefined) return undefined;
  const bits = insideOf(explicit);
  if (bits.tag !== derTags.bitString) throw malformed('the "publicKey" beside the private key expected a bit string');
  return bitsOf(bits, 'publicKey');
}

/** The inner OCTET STRING of RFC 8410 §7, which some programs leave out. */
function readOctetKey(curve: OctetCurve, content: Uint8Array, beside: Uint8Array | undefined, { parameters }: AlgorithmIdentifier): ReadPair {
  const oddities: string[] = isAbsent(parameters) ? (parameters === undefined ? [] : ['parameters NULL, which RFC 8410 does not want: dropped']) : ['parameters that RFC 8410 does not know: dropped'];
  if (beside !== undefined) oddities.push('it is kept without the public key that stood beside it, which belongs to it');
  const bare = content.length === 32 || content.length === 64;
  const inner = bare ? content : onlyValue(content).content;
  return octetPair(curve, inner, beside, bare ? [...oddities, 'the private key stood without its inner octet string'] : oddities);
}

function readSecret(name: string, content: Uint8Array): ReadSecret {
  if (content.length === 0) throw malformed(`the ${name} key is empty`);
  return { kind: 'secret', bits: content.length * 8, material: SecretBytes.own(new Uint8Array(content)), notes: [`marked as a key for ${name}`] };
}

function readByAlgorithm(algorithm: AlgorithmIdentifier, content: Uint8Array, beside: Uint8Array | undefined): ReadPair | ReadSecret {
  const { oid, parameters } = algorithm;
  if (Object.hasOwn(rsaOids, oid)) return readRsaPrivateKey(onlyValue(content), rsaOids[oid] === undefined ? [] : [rsaOids[oid]]);
  if (oid === ecPublicKeyOid) return readEcPrivateKey(onlyValue(content), parameters);
  const curve = octetCurves.find((known) => known.oid === oid);
  if (curve !== undefined) return readOctetKey(curve, content, beside, algorithm);
  const lattice = latticeOids[oid];
  if (lattice !== undefined) return readLatticeKey(lattice, onlyValue(content), beside);
  const secret = secretOids[oid];
  if (secret !== undefined) return readSecret(secret, content);
  throw malformed(`the key is of the kind ${otherKeys[oid] ?? oid}, which the vault does not keep`, { nextStep: 'leave it with the program that made it' });
}

/** The public key as the bits of the SubjectPublicKeyInfo, which is how version 2 gives it (RFC 5958 §2); a point may be compressed. */
function isHalfOf({ algorithm, publicKey }: ReadPair, beside: Uint8Array): boolean {
  const curve = namedCurves.find((known) => known.algorithm === algorithm);
  const whole = curve === undefined ? beside : (pointOf(curve, beside) ?? beside);
  const parts = readSpki(publicKey);
  return parts !== undefined && equalBytes(parts.raw, whole);
}

function requireBeside(pair: ReadPair, beside: Uint8Array): void {
  if (isHalfOf(pair, beside)) return;
  pair.material.wipe();
  throw malformed('the halves do not belong together: the public key in the file is that of another pair', { nextStep: 'do not use this file; ask its maker for the pair again' });
}

export interface KeyInfo {
  readonly algorithm: AlgorithmIdentifier;
  /** Of the OCTET STRING: a view. */
  readonly content: Uint8Array;
  /** The public key of version 2, RFC 5958 §2. */
  readonly beside: Uint8Array | undefined;
  readonly notes: readonly string[];
}

/** The parts of a PrivateKeyInfo or OneAsymmetricKey, unread. @throws `input-malformed` */
export function keyInfoOf(value: DerValue): KeyInfo {
  const fields = new DerFields(value, 'PKCS#8 key');
  const version = smallNumberOf(fields.take(derTags.integer, 'version'), 'version');
  if (version > 1) throw malformed(`the "version" of the PKCS#8 key expected 0 or 1, got ${version}`);
  const algorithm = algorithmOf(fields.take(derTags.sequence, 'privateKeyAlgorithm'), 'privateKeyAlgorithm');
  const content = fields.take(derTags.octetString, 'privateKey').content;
  const attributes = fields.optional(context.constructed(0)); // RFC 5958 §2: names and usages, none that the vault goes by
  const beside = publicBeside(fields);
  fields.end();
  return { algorithm, content, beside, notes: attributes === undefined ? [] : ['attributes of the key file were dropped'] };
}

/** @throws `input-malformed` */
export function readPrivateKeyInfo(value: DerValue): ReadPair | ReadSecret {
  const { algorithm, content, beside, notes } = keyInfoOf(value);
  const read = readByAlgorithm(algorithm, content, beside);
  if (beside !== undefined && read.kind === 'pair') requireBeside(read, beside);
  return { ...read, notes: [...notes, ...read.notes] };
}
