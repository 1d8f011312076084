/** The certificates of a version as replies show them: also one that cannot be read, which then says so. */
import type { z } from 'zod';
import type { attachedCertificateView } from '../../../shared/ipc/views.ts';
import { isStrongroomError } from '../../../shared/errors/strongroomError.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { isSignedBy, readX509 } from '../formats/signing/x509.ts';
import type { X509Facts } from '../formats/signing/x509.ts';

export type CertificateView = z.infer<typeof attachedCertificateView>;

function iso(time: number): string {
  return new Date(time).toISOString();
}

function readable(der: Uint8Array): X509Facts | undefined {
  try {
    return readX509(der);
  } catch (error) {
    if (isStrongroomError(error, 'input-malformed')) return undefined;
    throw error;
  }
}

/** What the issuer's certificate says of it, where it is here too. */
function issuerNotes(own: X509Facts, others: readonly X509Facts[]): readonly string[] {
  const issuers = others.filter(({ subjectName }) => equalBytes(subjectName, own.issuerName));
  if (issuers.length === 0) return [];
  try {
    return issuers.some(({ spki }) => isSignedBy(own, spki)) ? [] : [`damaged, or not issued by the ${own.issuer} that came along: its signature does not verify`];
  } catch (error) {
    if (isStrongroomError(error, 'input-malformed')) return ['signed with an algorithm that is not taken here: its signature was not verified'];
    throw error;
  }
}

function timeNotes(who: string, { notBefore, notAfter }: X509Facts, now: number): readonly string[] {
  if (now < notBefore) return [`${who} is not yet valid: from ${iso(notBefore)} on`];
  return now > notAfter ? [`${who} expired on ${iso(notAfter)}`] : [];
}

function notesOf(own: X509Facts, chain: readonly (X509Facts | undefined)[], spki: Uint8Array | undefined, now: number): string[] {
  const others = chain.filter((one) => one !== undefined);
  return [
    ...timeNotes('the certificate', own, now),
    ...others.flatMap((one) => timeNotes(`the certificate of ${one.subject}`, one, now)),
    ...(spki === undefined || equalBytes(own.spki, spki) ? [] : ['it is of another key']),
    ...issuerNotes(own, others),
    ...(others.length === chain.length ? [] : ['a certificate above it cannot be read']),
  ];
}

/** @param certificates DER, the key's own first; at least one @param spki of the key, where it is known */
export function viewCertificate(certificates: readonly Uint8Array[], spki: Uint8Array | undefined, now: number): CertificateView {
  const [der = new Uint8Array(0), ...rest] = certificates;
  const own = readable(der);
  const kept = { fingerprint: toHex(sha256(der)), chain: certificates.length };
  if (own === undefined) return { ...kept, usages: [], notes: ['damaged: the certificate cannot be read'] };
  const { subject, issuer, serial, notBefore, notAfter, keyUsages = [], extendedKeyUsages = [] } = own;
  return { subject, issuer, serial, notBefore: iso(notBefore), notAfter: iso(notAfter), usages: [...keyUsages, ...extendedKeyUsages], ...kept, notes: notesOf(own, rest.map(readable), spki, now) };
}
