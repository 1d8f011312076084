/** The fields of a detached CMS signature (RFC 5652 §5), read and not yet believed. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { DerFields } from '../../crypto/derReader.ts';
import { derTags } from '../../crypto/derValue.ts';
import { context } from '../../crypto/derValue.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { writeSetOf } from '../../crypto/derWriter.ts';
import { damaged } from '../../crypto/malformed.ts';
import { berToDer } from './berToDer.ts';
import { cmsOids } from './cmsOids.ts';
import { oneDocument } from './documentBytes.ts';
import { readX509 } from './x509.ts';
import type { X509Facts } from './x509.ts';

const document = 'CMS signature';
const mostSigners = 20;
/** SECURITY: each could be of each signer: a small file would keep the computer busy for minutes. */
const mostCertificates = 100;

export interface CmsSignerInfo {
  /** Issuer (DER) and serial (DER), or a subject key identifier. */
  readonly id: { readonly issuer: Uint8Array; readonly serial: Uint8Array } | { readonly subjectKey: Uint8Array };
  readonly digestIdentifier: Uint8Array;
  /** By object identifier, each with its values; undefined where the signature is over the file itself. */
  readonly attributes: ReadonlyMap<string, readonly DerValue[]> | undefined;
  /** DER of the attributes as a SET OF, which is what is signed (§5.4). */
  readonly signedBytes: Uint8Array;
  readonly signatureIdentifier: Uint8Array;
  readonly signature: Uint8Array;
}

export interface ReadCms {
  readonly certificates: readonly X509Facts[];
  readonly signers: readonly CmsSignerInfo[];
}

function readId(reader: DerFields): CmsSignerInfo['id'] {
  const subjectKey = reader.optional(context.primitive(0));
  if (subjectKey !== undefined) return { subjectKey: subjectKey.content };
  const pair = reader.inside(derTags.sequence, 'issuer and serial number');
  const id = { issuer: pair.any('issuer').whole, serial: pair.any('serial number').whole };
  pair.end();
  return id;
}

/** SECURITY: an attribute stands once (§11), so that no reader can take another one than we checked */
function readAttributes(values: readonly DerValue[]): ReadonlyMap<string, readonly DerValue[]> {
  const attributes = new Map<string, readonly DerValue[]>();
  for (const { whole } of values) {
    const reader = DerFields.of(whole, document);
    const oid = reader.oid('attribute');
    if (attributes.has(oid)) throw damaged(document, `the signed attribute ${oid} stands twice`);
    attributes.set(oid, reader.inside(derTags.set, `attribute ${oid}`).rest());
    reader.end();
  }
  return attributes;
}

function readSignerInfo(der: Uint8Array): CmsSignerInfo {
  const reader = DerFields.of(der, document);
  reader.take(derTags.integer, 'version');
  const id = readId(reader);
  const digestIdentifier = reader.any('digest algorithm').whole;
  const signed = reader.optional(context.constructed(0));
  const values = signed === undefined ? [] : DerFields.among(signed.content, document).rest();
  const signatureIdentifier = reader.any('signature algorithm').whole;
  const signature = reader.take(derTags.octetString, 'signature').content;
  reader.optional(context.constructed(1));
  reader.end();
  const signedBytes = writeSetOf(derTags.set, values.map(({ whole }) => whole));
  return { id, digestIdentifier, attributes: signed === undefined ? undefined : readAttributes(values), signedBytes, signatureIdentifier, signature };
}

/** What is signed must lie in another file. */
function requireDetached(content: DerFields): void {
  const type = content.oid('content type');
  if (type !== cmsOids.data) throw new StrongroomError('input-malformed', `the CMS signature is over content of the type ${type}: expected plain data`, { nextStep: 'verify it with the program that made it' });
  if (!content.atEnd()) throw new StrongroomError('input-malformed', 'the CMS signature carries its content: expected a detached one', { nextStep: 'ask for a detached signature beside the file' });
}

/** @param bytes PEM, DER or BER @throws `input-malformed` for what is not a detached CMS signature */
export function readCms(bytes: Uint8Array): ReadCms {
  const outer = DerFields.of(berToDer(oneDocument(bytes, ['CMS', 'PKCS7'], document), document), document);
  const type = outer.oid('content type');
  if (type !== cmsOids.signedData) throw new StrongroomError('input-malformed', `the CMS file has the type ${type}: expected signed data`, { nextStep: 'give the signature of the file' });
  const explicit = outer.inside(context.constructed(0), 'content');
  const data = explicit.inside(derTags.sequence, 'signed data');
  explicit.end();
  outer.end();
  data.take(derTags.integer, 'version');
  data.take(derTags.set, 'digest algorithms');
  requireDetached(data.inside(derTags.sequence, 'encapsulated content'));
  const certificates = data.optional(context.constructed(0));
  data.optional(context.constructed(1));
  const signers = data.inside(derTags.set, 'signers').rest();
  data.end();
  if (signers.length === 0) throw new StrongroomError('input-malformed', 'the CMS file has certificates and no signature', { nextStep: 'give the signature of the file' });
  if (signers.length > mostSigners) throw new StrongroomError('input-too-large', `the CMS signature expected at most ${mostSigners} signers, got ${signers.length}`);
  const carried = certificates === undefined ? [] : DerFields.among(certificates.content, document).rest().filter(({ tag }) => tag === derTags.sequence);
  if (carried.length > mostCertificates) throw new StrongroomError('input-too-large', `the CMS signature expected at most ${mostCertificates} certificates, got ${carried.length}`);
  return { certificates: carried.map(({ whole }) => readX509(whole)), signers: signers.map(({ whole }) => readSignerInfo(whole)) };
}
