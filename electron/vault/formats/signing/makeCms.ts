/** A detached signature in CMS (RFC 5652 §5), DER, one signer: over signed attributes that hold the file's digest, the claimed time and the certificate's hash (RFC 5035). */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SignatureMechanism } from '../../../../shared/model/terms.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { derTags } from '../../crypto/derValue.ts';
import { context } from '../../crypto/derValue.ts';
import { writeDer, writeOid, writeSetOf } from '../../crypto/derWriter.ts';
import { sha256 } from '../../crypto/hashes.ts';
import type { HashName } from '../../crypto/hashes.ts';
import { cmsOids } from './cmsOids.ts';
import { writeTime } from './derTime.ts';
import { mechanismHash } from '../../crypto/mechanismHash.ts';
import { signedValue } from './documentSigner.ts';
import type { DocumentSigner } from './documentSigner.ts';
import { hashIdentifier, signatureIdentifier } from './signatureAlgorithms.ts';
import { readX509 } from './x509.ts';
import type { X509Facts } from './x509.ts';

export interface CmsContent {
  /** Of the whole file, by `digestAlgorithm`. */
  readonly digest: Uint8Array;
  readonly digestAlgorithm: HashName;
  /** DER: the signer's own, and its chain. */
  readonly certificates: readonly Uint8Array[];
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The hash of the file that goes with a mechanism: its own; SHA-512 for Ed25519 (RFC 8419 §3) and ML-DSA-65 (RFC 9882 §3.3). */
export function cmsDigestAlgorithm(mechanism: SignatureMechanism): HashName {
  return mechanismHash(mechanism) ?? 'sha512';
}

const version1 = writeDer(derTags.integer, Uint8Array.of(1));

function attribute(oid: string, value: Uint8Array): Uint8Array {
  return writeDer(derTags.sequence, writeOid(oid), writeDer(derTags.set, value));
}

/** SigningCertificateV2, RFC 5035 §3: the hash is the default, SHA-256, and so not written. */
function signingCertificate(certificate: X509Facts): Uint8Array {
  const issuer = writeDer(derTags.sequence, writeDer(context.constructed(4), certificate.issuerName));
  const issuerSerial = writeDer(derTags.sequence, issuer, certificate.serialDer);
  const id = writeDer(derTags.sequence, writeDer(derTags.octetString, sha256(certificate.der)), issuerSerial);
  return writeDer(derTags.sequence, writeDer(derTags.sequence, id));
}

function signedAttributes({ digest, time }: CmsContent, certificate: X509Facts, tag: number): Uint8Array {
  return writeSetOf(tag, [
    attribute(cmsOids.contentType, writeOid(cmsOids.data)),
    attribute(cmsOids.messageDigest, writeDer(derTags.octetString, digest)),
    attribute(cmsOids.signingTime, writeTime(time)),
    attribute(cmsOids.signingCertificateV2, signingCertificate(certificate)),
  ]);
}

function requireFit({ digest, digestAlgorithm }: CmsContent, mechanism: SignatureMechanism): void {
  const expected = cmsDigestAlgorithm(mechanism);
  if (digestAlgorithm !== expected) throw new RangeError(`"digestAlgorithm" expected ${expected} for ${mechanism}, got ${digestAlgorithm}`);
  if (digest.length !== Number(expected.slice(3)) / 8) throw new RangeError(`"digest" expected ${Number(expected.slice(3)) / 8} bytes, got ${digest.length}`);
}

function certificateOf(certificates: readonly Uint8Array[], spki: Uint8Array): X509Facts {
  const certificate = certificates.map(readX509).find((candidate) => equalBytes(candidate.spki, spki));
  if (certificate === undefined) throw new StrongroomError('input-malformed', '"certificates" expected one of the signing key, got none', { field: 'certificates', nextStep: 'attach the certificate that was issued for this key' });
  return certificate;
}

async function signerInfo(content: CmsContent, certificate: X509Facts, signer: DocumentSigner): Promise<Uint8Array> {
  // §5.4: signed as a SET OF, written under [0]
  const signature = await signedValue(signer, signedAttributes(content, certificate, derTags.set));
  return writeDer(
    derTags.sequence,
    version1,
    writeDer(derTags.sequence, certificate.issuerName, certificate.serialDer),
    hashIdentifier(content.digestAlgorithm),
    signedAttributes(content, certificate, context.constructed(0)),
    signatureIdentifier(signer.mechanism),
    writeDer(derTags.octetString, signature),
  );
}

/** @returns DER of a ContentInfo @throws `input-malformed` where no certificate is of the signer's key, RangeError for a digest that is not the mechanism's */
export async function makeCms(content: CmsContent, signer: DocumentSigner): Promise<Uint8Array> {
  requireFit(content, signer.mechanism);
  const certificate = certificateOf(content.certificates, signer.spki);
  const info = await signerInfo(content, certificate, signer);
  const distinct = content.certificates.filter((der, index, all) => all.findIndex((other) => equalBytes(other, der)) === index);
  const signedData = writeDer(
    derTags.sequence,
    version1,
    writeDer(derTags.set, hashIdentifier(content.digestAlgorithm)),
    writeDer(derTags.sequence, writeOid(cmsOids.data)),
    writeSetOf(context.constructed(0), distinct),
    writeDer(derTags.set, info),
  );
  return writeDer(derTags.sequence, writeOid(cmsOids.signedData), writeDer(context.constructed(0), signedData));
}
