/**
 * The path from an attestation up to a vendor's root: each certificate was issued by the next, by name and by signature (RFC 5280 §6.1). Dates are
 * not judged: a device has no clock, an offline computer's may be wrong, and what a device said of a key's birth does not expire.
 */
import { isStrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { isSignedBy } from '../signing/x509.ts';
import type { X509Facts } from '../signing/x509.ts';
import type { KnownIssuer, KnownIssuers } from './knownIssuers.ts';
import { isYubiKeyCertificate } from './yubicoPiv.ts';

export interface IssuerPath {
  /** From the attestation's issuer, the device, up; without the root. */
  readonly issuers: readonly X509Facts[];
  readonly root: KnownIssuer | undefined;
  /** Why it does not end at a root, or is none. */
  readonly broken: string | undefined;
}

/** Between an attestation and its root: Yubico's longest has three. */
const mostIssuers = 5;

/** SECURITY: a name alone shows nothing; an algorithm that is not taken, or a key of another kind, is no signature. */
function isIssuedBy(certificate: X509Facts, issuer: X509Facts): boolean {
  if (!equalBytes(issuer.subjectName, certificate.issuerName)) return false;
  try {
    return isSignedBy(certificate, issuer.spki);
  } catch (error) {
    if (isStrongroomError(error, 'input-malformed')) return false;
    throw error;
  }
}

/**
 * SECURITY: an attested key may sign what looks like another attestation: only an authority issues, and only so deep as it says (RFC 5280 §6.1.4).
 * The certificates in YubiKeys before firmware 5 do not say that they are authorities: such a one is taken where Yubico's PIV root itself issued
 * it, which issues nothing but these. What the root says of its own depth is not judged (§6.1.1: a root is a name and a key); the first said 0.
 */
function mayIssue(issuer: X509Facts, below: number, root: KnownIssuer | undefined): boolean {
  const saysNothing = issuer.all.every(({ oid }) => oid !== '2.5.29.19' && oid !== '2.5.29.15');
  if (saysNothing && below === 0) return root?.attests === 'yubico-piv' && root.through === undefined && isYubiKeyCertificate(issuer);
  return issuer.isAuthority && (issuer.pathLength === undefined || issuer.pathLength >= below) && issuer.keyUsages?.includes('keyCertSign') !== false;
}

function whyItEnds(last: X509Facts, others: readonly X509Facts[], known: KnownIssuers): string {
  if (equalBytes(last.subjectName, last.issuerName)) return `the root "${last.subject}" is not one that Strongroom knows`;
  const named = [...others, ...known.intermediates, ...known.roots.map(({ certificate }) => certificate)].some(({ subjectName }) => equalBytes(subjectName, last.issuerName));
  return named ? `the certificate "${last.subject}" is not signed by the "${last.issuer}" that it names` : `the root "${last.issuer}" is not one that Strongroom knows`;
}

/** @param others that came with the attestation, in any order */
export function issuerPath(attestation: X509Facts, others: readonly X509Facts[], known: KnownIssuers): IssuerPath {
  const issuers: X509Facts[] = [];
  for (let last = attestation; ; ) {
    const root = known.roots.find(({ certificate }) => isIssuedBy(last, certificate));
    const next = root === undefined ? [...others, ...known.intermediates].find((one) => one !== last && !issuers.includes(one) && isIssuedBy(last, one)) : undefined;
    if (next === undefined) return { issuers, root, broken: root === undefined ? whyItEnds(last, others, known) : unfit(issuers, root) };
    if (issuers.length === mostIssuers) return { issuers, root: undefined, broken: `it expected at most ${mostIssuers} certificates up to its root` };
    issuers.push(next);
    last = next;
  }
}

function unfit(issuers: readonly X509Facts[], root: KnownIssuer): string | undefined {
  const wrong = issuers.find((issuer, below) => !mayIssue(issuer, below, below === issuers.length - 1 ? root : undefined));
  return wrong === undefined ? undefined : `the certificate "${wrong.subject}" may not issue others`;
}
