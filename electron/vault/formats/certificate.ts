/** X.509 certificates, RFC 5280: whose key, for what, from when to when. The chain is not judged: a person confirms the fingerprint. */
import 'reflect-metadata'; // the parser's dependency injection asks for it
import { KeyUsageFlags, KeyUsagesExtension, X509Certificate } from '@peculiar/x509';
import { shortLine } from '../../../shared/validation/shownLine.ts';
import { certificateParts } from '../crypto/certificateParts.ts';
import { childrenOf } from '../crypto/derReader.ts';
import { readTime } from './signing/derTime.ts';

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

function usagesOf(certificate: X509Certificate): readonly string[] | undefined {
  const extension = certificate.getExtension(KeyUsagesExtension);
  if (extension === null) return undefined;
  const names = Object.entries(KeyUsageFlags).filter(([, flag]) => typeof flag === 'number');
  return names.flatMap(([name, flag]) => ((extension.usages & (flag as number)) === 0 ? [] : [name]));
}

/** A date that cannot be read is never taken for one that is over, or not yet: the certificate is damaged. @throws Error */
function requireReadableDates(der: Uint8Array): void {
  const times = childrenOf(certificateParts(der).validity);
  if (times.length !== 2 || times.some((time) => readTime(time) === undefined)) throw new Error('the validity of the certificate is unreadable');
}

/** @returns undefined for what is no certificate, or a damaged one */
export function readCertificate(der: Uint8Array): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(der as Uint8Array<ArrayBuffer>);
    const { subject, issuer, notBefore, notAfter, publicKey } = certificate;
    requireReadableDates(der);
    const validity = { subject: shortLine(subject, 300), issuer: shortLine(issuer, 300), notBefore: notBefore.getTime(), notAfter: notAfter.getTime() };
    return { spki: new Uint8Array(publicKey.rawData), usages: usagesOf(certificate), validity };
  } catch {
    return undefined; // the caller says what was expected
  }
}
