/** An X.509 certificate (RFC 5280 §4.1) taken apart: what it says, and the bytes that its issuer signed. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { toHex } from '../../crypto/bytes.ts';
import { derTags } from '../../crypto/derValue.ts';
import { sha256 } from '../../crypto/hashes.ts';
import { readExtensions } from './certificateExtensions.ts';
import type { ExtensionFacts } from './certificateExtensions.ts';
import { damaged } from '../../crypto/malformed.ts';
import { context } from '../../crypto/derValue.ts';
import { DerFields } from '../../crypto/derReader.ts';
import { readTime } from './derTime.ts';
import { readName } from './distinguishedName.ts';
import { verifySignedValue } from './documentSigner.ts';
import { readSignatureIdentifier } from './signatureAlgorithms.ts';

export interface X509Facts extends ExtensionFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Hex, as it stands. */
  readonly serial: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly spki: Uint8Array;
  /** SHA-256 of the certificate. */
  readonly fingerprint: Uint8Array;
  readonly der: Uint8Array;
  /** DER of the two names, for comparing. */
  readonly subjectName: Uint8Array;
  readonly issuerName: Uint8Array;
  /** The INTEGER, whole. */
  readonly serialDer: Uint8Array;
}

const document = 'certificate';

interface Envelope {
  readonly signed: Uint8Array;
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
}

function envelopeOf(der: Uint8Array): Envelope {
  const reader = DerFields.of(der, document);
  const signed = reader.any('content').whole;
  const algorithm = reader.any('signature algorithm').whole;
  const bits = reader.take(derTags.bitString, 'signature').content;
  reader.end();
  return { signed, algorithm, signature: bits.subarray(1) };
}

/** @throws `input-malformed` "validity" for a time that cannot be read: a default would make a damaged certificate a valid one */
function readValidity(reader: DerFields, subject: string): Pick<X509Facts, 'notBefore' | 'notAfter'> {
  const [notBefore, notAfter] = [readTime(reader.any('notBefore')), readTime(reader.any('notAfter'))];
  reader.end();
  if (notBefore === undefined || notAfter === undefined) throw new StrongroomError('input-malformed', `the certificate of "${subject}" is damaged: its validity cannot be read`, { field: 'validity', nextStep: 'ask for the certificate again' });
  return { notBefore, notAfter };
}

/** @throws `input-malformed` for what is not exactly one certificate, or is damaged */
export function readX509(der: Uint8Array): X509Facts {
  const body = DerFields.of(envelopeOf(der).signed, document);
  body.optional(context.constructed(0));
  const serial = body.any('serial number');
  if (serial.tag !== derTags.integer) throw damaged(document, '"serial number" is not a number');
  body.any('signature algorithm');
  const issuerName = body.any('issuer').whole;
  const validity = body.inside(derTags.sequence, 'validity');
  const subjectName = body.any('subject').whole;
  const subject = readName(subjectName, document);
  const spki = body.any('public key').whole;
  body.optional(context.primitive(1));
  body.optional(context.primitive(2));
  const extensions = body.optional(context.constructed(3));
  body.end();
  const listed = extensions === undefined ? [] : DerFields.of(extensions.content, document).rest().map(({ whole }) => whole);
  return { ...readExtensions(listed, document), subject, issuer: readName(issuerName, document), serial: toHex(serial.content), ...readValidity(validity, subject), spki, fingerprint: sha256(der), der, subjectName, issuerName, serialDer: serial.whole };
}

/** Whether a certificate's signature verifies with its issuer's key. @throws `input-malformed` for an algorithm that is not taken */
export function isSignedBy(certificate: X509Facts, issuerSpki: Uint8Array): boolean {
  const { signed, algorithm, signature } = envelopeOf(certificate.der);
  const { mechanism, saltLength } = readSignatureIdentifier(algorithm, document);
  return verifySignedValue(issuerSpki, mechanism, signed, signature, saltLength === undefined ? {} : { saltLength });
}
