/** Certificates for a key, as an authority sends them: PEM one after the other, DER, or PKCS#7 without a signature (RFC 5652 §5, "certs-only"). */
import { StrongroomError, isStrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { equalBytes, toHex } from '../../crypto/bytes.ts';
import { DerFields } from '../../crypto/derReader.ts';
import { derTags } from '../../crypto/derValue.ts';
import { context } from '../../crypto/derValue.ts';
import { sha256 } from '../../crypto/hashes.ts';
import { berToDer } from './berToDer.ts';
import { documentBlocks } from './documentBytes.ts';
import { isSignedBy, readX509 } from './x509.ts';
import type { X509Facts } from './x509.ts';

export interface ChainCertificate extends X509Facts {
  /** What was found about the issuer's signature, within this file alone. */
  readonly issuerSignature: 'verified' | 'self-signed' | 'invalid' | 'issuer not in the file' | 'made with an algorithm that is not taken';
}

export interface CertificateChain {
  /** The certificate of the key. */
  readonly leaf: ChainCertificate;
  /** From its issuer up, then what belongs to no path. */
  readonly rest: readonly ChainCertificate[];
}

const signedDataOid = '1.2.840.113549.1.7.2';
const labels = ['CERTIFICATE', 'X509 CERTIFICATE', 'PKCS7', 'CMS'];
const mostCertificates = 50;

/** The certificates of a SignedData. @throws `input-malformed` */
function fromPkcs7(der: Uint8Array): readonly Uint8Array[] {
  const content = DerFields.of(der, 'PKCS#7 file');
  if (content.oid('content type') !== signedDataOid) throw new StrongroomError('input-malformed', 'the PKCS#7 file expected signed data, got content of another type', { nextStep: 'ask for the certificates as PEM or .p7b' });
  const data = content.inside(context.constructed(0), 'content').inside(derTags.sequence, 'signed data');
  for (const field of ['version', 'digest algorithms', 'content']) data.any(field);
  const certificates = data.optional(context.constructed(0));
  return certificates === undefined ? [] : DerFields.among(certificates.content, 'PKCS#7 file').rest().filter(({ tag }) => tag === derTags.sequence).map(({ whole }) => whole);
}

/** A PKCS#7 file begins with an object identifier, a certificate with a sequence. */
function certificatesIn(label: string, bytes: Uint8Array): readonly Uint8Array[] {
  const der = label === '' || label === 'PKCS7' || label === 'CMS' ? berToDer(bytes, 'file of certificates') : bytes;
  const first = DerFields.of(der, 'certificate').any('content');
  if (first.tag === derTags.oid) return fromPkcs7(der);
  return [label === '' ? bytes : der];
}

function issuerSignature(certificate: X509Facts, all: readonly X509Facts[]): ChainCertificate['issuerSignature'] {
  const issuers = all.filter(({ subjectName }) => equalBytes(subjectName, certificate.issuerName));
  if (issuers.length === 0) return 'issuer not in the file';
  try {
    const signer = issuers.find(({ spki }) => isSignedBy(certificate, spki));
    if (signer === undefined) return 'invalid';
    return equalBytes(signer.der, certificate.der) ? 'self-signed' : 'verified';
  } catch (error) {
    if (isStrongroomError(error, 'input-malformed')) return 'made with an algorithm that is not taken';
    throw error;
  }
}

/** From the leaf's issuer up. */
function inOrder(leaf: ChainCertificate, others: readonly ChainCertificate[]): readonly ChainCertificate[] {
  const path: ChainCertificate[] = [];
  for (let current = leaf; ; ) {
    const next = others.find((other) => !path.includes(other) && equalBytes(other.subjectName, current.issuerName));
    if (next === undefined) return [...path, ...others.filter((other) => !path.includes(other))];
    path.push(next);
    current = next;
  }
}

function spkiFingerprint(spki: Uint8Array): string {
  return toHex(sha256(spki));
}

function onlyLeaf<T extends X509Facts>(all: readonly T[], spki: Uint8Array): T {
  const [leaf, ...more] = all.filter((certificate) => equalBytes(certificate.spki, spki));
  const nextStep = 'give the certificate that was issued for this key, with its chain';
  if (leaf === undefined)
    throw new StrongroomError('input-malformed', `the file has no certificate of this key: expected the public key with the SHA-256 ${spkiFingerprint(spki)}, got ${all.map((certificate) => spkiFingerprint(certificate.spki)).slice(0, 5).join(', ') || 'no certificate'}`, { field: 'certificate', nextStep });
  if (more.length > 0) throw new StrongroomError('input-malformed', `the file has ${more.length + 1} certificates of this key, with the serial numbers ${[leaf, ...more].map(({ serial }) => serial).slice(0, 5).join(', ')}: expected one`, { field: 'certificate', nextStep });
  return leaf;
}

/** All certificates of a file, each once. @throws `input-malformed`, also for a certificate that is damaged */
export function readCertificates(bytes: Uint8Array): readonly X509Facts[] {
  const found = documentBlocks(bytes, labels, 'certificate').flatMap(({ label, der }) => certificatesIn(label, der));
  if (found.length > mostCertificates) throw new StrongroomError('input-too-large', `the file expected at most ${mostCertificates} certificates, got ${found.length}`, { nextStep: 'give the certificate of this key and its chain only' });
  return found.filter((der, index) => found.findIndex((other) => equalBytes(other, der)) === index).map(readX509);
}

/**
 * @param bytes PEM, DER or PKCS#7 @param spki of the key that the certificate is for
 * @throws `input-malformed` where no certificate, or more than one, is of this key, or one is damaged
 */
export function readCertificateChain(bytes: Uint8Array, spki: Uint8Array): CertificateChain {
  const all = readCertificates(bytes);
  const judged = all.map((certificate): ChainCertificate => ({ ...certificate, issuerSignature: issuerSignature(certificate, all) }));
  const leaf = onlyLeaf(judged, spki);
  return { leaf, rest: inOrder(leaf, judged.filter((certificate) => certificate !== leaf)) };
}
