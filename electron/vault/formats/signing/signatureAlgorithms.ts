/** AlgorithmIdentifiers of signatures and hashes: RFC 4055 and RFC 8017 (RSA), RFC 5758 (ECDSA), RFC 8410 (Ed25519), RFC 9881 (ML-DSA). */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SignatureMechanism } from '../../../../shared/model/terms.ts';
import { DerFields } from '../../crypto/derReader.ts';
import { derTags, unsignedOf } from '../../crypto/derValue.ts';
import { context } from '../../crypto/derValue.ts';
import { writeDer, writeOid } from '../../crypto/derWriter.ts';
import type { HashName } from '../../crypto/hashes.ts';
import { damaged } from '../../crypto/malformed.ts';
import { mechanismHash } from '../../crypto/mechanismHash.ts';

const oids: Readonly<Record<string, SignatureMechanism>> = {
  '1.2.840.113549.1.1.11': 'rsa-pkcs1-sha256',
  '1.2.840.113549.1.1.12': 'rsa-pkcs1-sha384',
  '1.2.840.113549.1.1.13': 'rsa-pkcs1-sha512',
  '1.2.840.10045.4.3.2': 'ecdsa-sha256',
  '1.2.840.10045.4.3.3': 'ecdsa-sha384',
  '1.2.840.10045.4.3.4': 'ecdsa-sha512',
  '1.3.101.112': 'ed25519',
  '2.16.840.1.101.3.4.3.18': 'ml-dsa-65',
};
const pssOid = '1.2.840.113549.1.1.10';
const mgf1Oid = '1.2.840.113549.1.1.8';
const rsaEncryptionOid = '1.2.840.113549.1.1.1';

const hashOids: Readonly<Record<string, HashName>> = { '2.16.840.1.101.3.4.2.1': 'sha256', '2.16.840.1.101.3.4.2.2': 'sha384', '2.16.840.1.101.3.4.2.3': 'sha512' };

/** What is known by name, and not taken. */
const refusedOids: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'MD5 with RSA',
  '1.2.840.113549.1.1.5': 'SHA-1 with RSA',
  '1.2.840.10045.4.1': 'SHA-1 with ECDSA',
  '1.2.840.10040.4.3': 'SHA-1 with DSA',
  '1.3.14.3.2.26': 'SHA-1',
  '1.2.840.113549.2.5': 'MD5',
  '1.3.101.113': 'Ed448',
};

const null_ = writeDer(derTags.null);

function oidOf<T>(table: Readonly<Record<string, T>>, value: T): string {
  return Object.keys(table).find((oid) => table[oid] === value) ?? '';
}

/** A hash's identifier: with NULL inside PSS parameters (RFC 4055 §2.1), without elsewhere (RFC 5754 §2). */
export function hashIdentifier(name: HashName, withNull = false): Uint8Array {
  return writeDer(derTags.sequence, writeOid(oidOf(hashOids, name)), ...(withNull ? [null_] : []));
}

/** RSASSA-PSS-params, RFC 4055 §3.1: hash, MGF1 with the same, a salt as long as the hash. */
function pssParameters(name: HashName): Uint8Array {
  const hash = hashIdentifier(name, true);
  const mgf = writeDer(derTags.sequence, writeOid(mgf1Oid), hash);
  const salt = writeDer(derTags.integer, Uint8Array.of(Number(name.slice(3)) / 8));
  return writeDer(derTags.sequence, writeDer(context.constructed(0), hash), writeDer(context.constructed(1), mgf), writeDer(context.constructed(2), salt));
}

export function signatureIdentifier(mechanism: SignatureMechanism): Uint8Array {
  const name = mechanismHash(mechanism);
  if (mechanism.startsWith('rsa-pss') && name !== undefined) return writeDer(derTags.sequence, writeOid(pssOid), pssParameters(name));
  return writeDer(derTags.sequence, writeOid(oidOf(oids, mechanism)), ...(mechanism.startsWith('rsa-pkcs1') ? [null_] : []));
}

function unknown(what: string, oid: string): StrongroomError {
  return new StrongroomError('input-malformed', `the ${what} is made with ${refusedOids[oid] ?? `the algorithm ${oid}`}, which is not taken`, { nextStep: 'ask for one with SHA-256 or better, and RSA, ECDSA, Ed25519 or ML-DSA-65' });
}

function requireNoParameters(reader: DerFields, what: string): void {
  const parameters = reader.optional(derTags.null);
  if (parameters !== undefined && parameters.content.length > 0) throw damaged(what, 'a NULL has content');
  reader.end();
}

/** @throws `input-malformed` for a hash that is not taken */
export function readHashIdentifier(der: Uint8Array, what: string): HashName {
  const reader = DerFields.of(der, what);
  const oid = reader.oid('hash algorithm');
  const name = hashOids[oid];
  if (name === undefined) throw unknown(what, oid);
  requireNoParameters(reader, what);
  return name;
}

export interface ReadAlgorithm {
  readonly mechanism: SignatureMechanism;
  /** Of PSS. */
  readonly saltLength?: number;
}

/** The one value inside an explicit tag. */
function explicit(reader: DerFields, number: number, field: string, what: string): Uint8Array | undefined {
  const outer = reader.optional(context.constructed(number));
  if (outer === undefined) return undefined;
  const inner = DerFields.among(outer.content, what);
  const value = inner.any(field);
  inner.end();
  return value.whole;
}

function readMgf(der: Uint8Array, what: string): HashName {
  const reader = DerFields.of(der, what);
  const oid = reader.oid('mask function');
  if (oid !== mgf1Oid) throw unknown(what, oid);
  const name = readHashIdentifier(reader.any('hash of the mask function').whole, what);
  reader.end();
  return name;
}

/** Fields that are absent mean SHA-1 (RFC 4055 §3.1), which is not taken. */
function readPss(parameters: Uint8Array, what: string): ReadAlgorithm {
  const reader = DerFields.of(parameters, what);
  const hash = explicit(reader, 0, 'hash', what);
  const mgf = explicit(reader, 1, 'mask function', what);
  const salt = explicit(reader, 2, 'salt length', what);
  const trailer = explicit(reader, 3, 'trailer', what);
  reader.end();
  if (hash === undefined || mgf === undefined) throw unknown(what, '1.3.14.3.2.26');
  const name = readHashIdentifier(hash, what);
  if (readMgf(mgf, what) !== name) throw damaged(what, 'its PSS signature uses two hashes, which is not taken');
  if (trailer !== undefined && trailer.join() !== '2,1,1') throw damaged(what, 'the PSS trailer expected 1');
  const length = salt === undefined ? Uint8Array.of(20) : unsignedOf(DerFields.among(salt, what).take(derTags.integer, 'salt length').content);
  if (length === undefined || length.length > 2) throw damaged(what, 'the PSS salt has no possible length');
  return { mechanism: `rsa-pss-${name}`, saltLength: length.reduce((sum, byte) => sum * 256 + byte, 0) };
}

/** @param digest names the hash where CMS leaves it to the digest algorithm (RFC 3370 §3.2) @throws `input-malformed` for an algorithm that is not taken, by its name */
export function readSignatureIdentifier(der: Uint8Array, what: string, digest?: HashName): ReadAlgorithm {
  const reader = DerFields.of(der, what);
  const oid = reader.oid('signature algorithm');
  if (oid === pssOid) {
    const parameters = reader.any('PSS parameters').whole;
    reader.end();
    return readPss(parameters, what);
  }
  const mechanism = oid === rsaEncryptionOid && digest !== undefined ? (`rsa-pkcs1-${digest}` as const) : oids[oid];
  if (mechanism === undefined) throw unknown(what, oid);
  requireNoParameters(reader, what);
  return { mechanism };
}
