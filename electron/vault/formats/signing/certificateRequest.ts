/** Certificate requests, PKCS#10 (RFC 2986): made for a key that signs through a callback, and read for what they ask. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SignatureMechanism } from '../../../../shared/model/terms.ts';
import { DerFields } from '../../crypto/derReader.ts';
import { derTags, readDerList } from '../../crypto/derValue.ts';
import { context } from '../../crypto/derValue.ts';
import { writeBitString, writeDer, writeOid } from '../../crypto/derWriter.ts';
import { damaged } from '../../crypto/malformed.ts';
import { readSpki } from '../../crypto/spki.ts';
import type { PublicKeyKind } from '../../crypto/spki.ts';
import { extensionOids, readExtensions, writeAuthorityConstraints, writeExtendedKeyUsage, writeExtension, writeKeyUsage } from './certificateExtensions.ts';
import type { ExtensionFacts } from './certificateExtensions.ts';
import { readName, writeName } from './distinguishedName.ts';
import type { NameAttribute } from './distinguishedName.ts';
import { oneDocument } from './documentBytes.ts';
import { signedValue, verifySignedValue } from './documentSigner.ts';
import type { DocumentSigner } from './documentSigner.ts';
import { writeAlternativeNames } from './generalNames.ts';
import type { AlternativeName } from './generalNames.ts';
import { requestTemplates } from './requestTemplates.ts';
import type { RequestTemplate, RequestTemplateName } from './requestTemplates.ts';
import { readSignatureIdentifier, signatureIdentifier } from './signatureAlgorithms.ts';

const document = 'certificate request';
export const requestLabel = 'CERTIFICATE REQUEST';
/** PKCS #9, RFC 2985 §5.4. */
const attributeOids = { challengePassword: '1.2.840.113549.1.9.7', extensionRequest: '1.2.840.113549.1.9.14' } as const;

export interface RequestContent {
  /** Text of RFC 4514, or attributes in the order of a certificate. */
  readonly subject: string | readonly NameAttribute[];
  readonly sans: readonly AlternativeName[];
  readonly template: RequestTemplateName;
}

function extensionsOf({ sans, template }: RequestContent, emptySubject: boolean): readonly Uint8Array[] {
  const { keyUsages, extendedKeyUsages, pathLength }: RequestTemplate = requestTemplates[template];
  return [
    ...(pathLength === undefined ? [] : [writeExtension(extensionOids.basicConstraints, true, writeAuthorityConstraints(pathLength))]),
    ...(keyUsages.length === 0 ? [] : [writeExtension(extensionOids.keyUsage, true, writeKeyUsage(keyUsages))]),
    ...(extendedKeyUsages.length === 0 ? [] : [writeExtension(extensionOids.extendedKeyUsage, false, writeExtendedKeyUsage(extendedKeyUsages))]),
    // RFC 5280 §4.1.2.6: critical where the names stand alone
    ...(sans.length === 0 ? [] : [writeExtension(extensionOids.subjectAlternativeName, emptySubject, writeAlternativeNames(sans))]),
  ];
}

/** The attributes, mandatory even where there are none: bytes A0 00 (RFC 2986 §4.1). */
function attributes(extensions: readonly Uint8Array[]): Uint8Array {
  if (extensions.length === 0) return writeDer(context.constructed(0));
  const asked = writeDer(derTags.set, writeDer(derTags.sequence, ...extensions));
  return writeDer(context.constructed(0), writeDer(derTags.sequence, writeOid(attributeOids.extensionRequest), asked));
}

/** @returns DER @throws `request-invalid` for a subject or a name that cannot be asked for */
export async function makeCertificateRequest(content: RequestContent, signer: DocumentSigner): Promise<Uint8Array> {
  const name = writeName(content.subject);
  const emptySubject = name.length === 2;
  if (emptySubject && content.sans.length === 0) throw new StrongroomError('request-invalid', '"subject" expected a name, or subject alternative names, got neither', { field: 'subject', nextStep: 'write the subject as CN=name,O=organisation,C=DE' });
  const info = writeDer(derTags.sequence, writeDer(derTags.integer, Uint8Array.of(0)), name, signer.spki, attributes(extensionsOf(content, emptySubject)));
  return writeDer(derTags.sequence, info, signatureIdentifier(signer.mechanism), writeBitString(await signedValue(signer, info)));
}

export interface RequestFacts extends ExtensionFacts {
  readonly subject: string;
  readonly spki: Uint8Array;
  /** Undefined for a key of a kind that is not known here. */
  readonly kind: PublicKeyKind | undefined;
  readonly mechanism: SignatureMechanism;
  /** That who made the request holds the private key. */
  readonly signatureValid: boolean;
  /** Object identifiers of attributes, other than the extensions. */
  readonly attributes: readonly string[];
  readonly warnings: readonly string[];
}

interface ReadAttributes {
  readonly oids: readonly string[];
  readonly extensions: readonly Uint8Array[];
}

function readAttributes(content: Uint8Array): ReadAttributes {
  const read = (readDerList(content) ?? [undefined]).map((attribute) => {
    const reader = DerFields.of(attribute?.whole ?? content, document);
    const oid = reader.oid('attribute');
    const values = reader.inside(derTags.set, `attribute ${oid}`).rest();
    reader.end();
    return { oid, values };
  });
  const asked = read.filter(({ oid }) => oid === attributeOids.extensionRequest);
  if (asked.length > 1 || asked.some(({ values }) => values.length !== 1)) throw damaged(document, 'it asks for extensions more than once');
  const extensions = asked.flatMap(({ values }) => values.flatMap(({ whole }) => DerFields.of(whole, document).rest().map((extension) => extension.whole)));
  return { oids: read.map(({ oid }) => oid).filter((oid) => oid !== attributeOids.extensionRequest), extensions };
}

function warningsOf(missing: boolean, { oids }: ReadAttributes, kind: PublicKeyKind | undefined, valid: boolean): readonly string[] {
  return [
    ...(missing ? ['attributes field missing (RFC 2986 makes it mandatory)'] : []),
    ...(oids.includes(attributeOids.challengePassword) ? ['challengePassword is readable by everyone'] : []),
    ...(kind === undefined ? ['the public key is of a kind that is not known here: the signature could not be checked'] : []),
    ...(kind !== undefined && !valid ? ['the signature does not verify: the request does not prove that its maker holds the key'] : []),
  ];
}

/** @param bytes PEM or DER @throws `input-malformed` for what is not exactly one request, or is signed with an algorithm that is not taken */
export function readCertificateRequest(bytes: Uint8Array): RequestFacts {
  const request = DerFields.of(oneDocument(bytes, [requestLabel, 'NEW CERTIFICATE REQUEST'], document), document);
  const signed = request.any('request information');
  const { mechanism, saltLength } = readSignatureIdentifier(request.any('signature algorithm').whole, document);
  const [unused, ...signature] = request.take(derTags.bitString, 'signature').content;
  request.end();
  const info = DerFields.of(signed.whole, document);
  if (info.take(derTags.integer, 'version').content.join() !== '0') throw damaged(document, '"version" expected 0');
  const subject = readName(info.any('subject').whole, document);
  const spki = info.any('public key').whole;
  const field = info.optional(context.constructed(0));
  info.end();
  const read = readAttributes(field?.content ?? new Uint8Array(0));
  const kind = readSpki(spki)?.kind;
  const signatureValid = unused === 0 && kind !== undefined && verifySignedValue(spki, mechanism, signed.whole, Uint8Array.from(signature), saltLength === undefined ? {} : { saltLength });
  return { subject, spki, kind, mechanism, signatureValid, ...readExtensions(read.extensions, document), attributes: read.oids, warnings: warningsOf(field === undefined, read, kind, signatureValid) };
}
