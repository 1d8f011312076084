/** X.509 certificates of recipients, RFC 5280: whose key, for what, from when to when. The chain is not judged: a person confirms the fingerprint. */
import { isStrongroomError } from '../../../shared/errors/strongroomError.ts';
import { readX509 } from './signing/x509.ts';

export interface CertificateFacts {
  readonly spki: Uint8Array;
  /** Key usages by their names in §4.2.1.3, or undefined where the certificate does not restrict them. */
  readonly usages: readonly string[] | undefined;
  readonly validity: {
    readonly subject: string;
    readonly issuer: string;
    /** Milliseconds since 1970. */
    readonly notBefore: number;
    readonly notAfter: number;
  };
}

/** @returns undefined for what is no certificate @throws `input-malformed` for one whose validity cannot be read: it is neither in its time nor out of it */
export function readCertificate(der: Uint8Array): CertificateFacts | undefined {
  try {
    const { spki, keyUsages, subject, issuer, notBefore, notAfter } = readX509(der);
    return { spki, usages: keyUsages, validity: { subject, issuer, notBefore, notAfter } };
  } catch (error) {
    if (isStrongroomError(error, 'input-malformed') && error.field === 'validity') throw error;
    return undefined; // the caller says what was expected
  }
}
