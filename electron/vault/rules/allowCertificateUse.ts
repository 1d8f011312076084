/** Rule KEY-USE-CERTIFICATE: whether a document may be signed under a certificate now. Throws, and never answers yes or no. */
import { refusal } from '../../../shared/errors/strongroomError.ts';

export interface CertificateUse {
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** By their names in RFC 5280 §4.2.1.3; undefined where the certificate does not restrict them. */
  readonly keyUsages: readonly string[] | undefined;
  /** A trusted time. */
  readonly now: number;
  /** A person signs although the certificate is out of its time. */
  readonly acceptExpired: boolean;
}

const usagesThatSign = ['digitalSignature', 'nonRepudiation'];

/** @throws `refused` KEY-USE-CERTIFICATE */
export function allowCertificateUse({ subject, notBefore, notAfter, keyUsages, now, acceptExpired }: CertificateUse): void {
  if (keyUsages !== undefined && !usagesThatSign.some((usage) => keyUsages.includes(usage)))
    throw refusal('KEY-USE-CERTIFICATE', `the certificate of ${subject} is for ${keyUsages.join(', ') || 'nothing'}: no document is signed under it`, 'attach one for digitalSignature or nonRepudiation');
  if (acceptExpired) return;
  const nextStep = 'attach a certificate that is in its time, or accept that with --accept-expired';
  if (now < notBefore) throw refusal('KEY-USE-CERTIFICATE', `the certificate of ${subject} is valid from ${day(notBefore)} on only`, nextStep);
  if (now > notAfter) throw refusal('KEY-USE-CERTIFICATE', `the certificate of ${subject} expired on ${day(notAfter)}`, nextStep);
}

function day(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
