/** An X.509 certificate (RFC 5280 §4.1) taken apart: what it says, and the bytes that its issuer signed. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { toHex } from '../../crypto/bytes.ts';
import { certificateParts } from '../../crypto/certificateParts.ts';
import { DerFields } from '../../crypto/derReader.ts';
import { sha256 } from '../../crypto/hashes.ts';
import { readExtensions } from './certificateExtensions.ts';
import type { ExtensionFacts } from './certificateExtensions.ts';
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

/** @throws `input-malformed` "validity" for a time that cannot be read: a default would make a damaged certificate a valid one */
function readValidity(reader: DerFields, subject: string): Pick<X509Facts, 'notBefore' | 'notAfter'> {
  const [notBefore, notAfter] = [readTime(reader.any('notBefore')), readTime(reader.any('notAfter'))];
  reader.end();
  if (notBefore === undefined || notAfter === undefined) throw new StrongroomError('input-malformed', `the certificate of "${subject}" is damaged: its validity cannot be read`, { field: 'validity', nextStep: 'ask for the certificate again' });
  return { notBefore, notAfter };
}

/** @throws `input-malformed` for what is not exactly one certificate, or is damaged */
export function readX509(der: Uint8Array): X509Facts {
  const { serial, issuer, subject, validity, spki, extensions } = certificateParts(der);
  const name = readName(subject, document);
  return {
    ...readExtensions(extensions.map(({ whole }) => whole), document),
    ...readValidity(new DerFields(validity, document), name),
    subject: name,
    issuer: readName(issuer, document),
    serial: toHex(serial.content),
    spki,
    fingerprint: sha256(der),
    der,
    subjectName: subject,
    issuerName: issuer,
    serialDer: serial.whole,
  };
}

/** Whether a certificate's signature verifies with its issuer's key. @throws `input-malformed` for an algorithm that is not taken */
export function isSignedBy(certificate: X509Facts, issuerSpki: Uint8Array): boolean {
  const { signed, algorithm, signature } = certificateParts(certificate.der);
  const { mechanism, saltLength } = readSignatureIdentifier(algorithm, document);
  return verifySignedValue(issuerSpki, mechanism, signed, signature, saltLength === undefined ? {} : { saltLength });
}
