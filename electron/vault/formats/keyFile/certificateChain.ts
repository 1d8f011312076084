/** The certificates of a file that belong to a pair: by its public key, never by a name or an id; then the issuers. */
import { equalBytes } from '../../crypto/bytes.ts';
import type { CertificateParts } from '../../crypto/certificateParts.ts';
import { normalSpki } from '../../crypto/keyForms/normalSpki.ts';

function isOf(certificate: CertificateParts, publicKey: Uint8Array): boolean {
  try {
    return equalBytes(normalSpki(certificate.spki).spki, publicKey);
  } catch {
    return false; // a key that is not kept is not the pair's
  }
}

/** DER, its own first. No signature is checked: that a certificate is trusted is said by nobody here. */
export function chainOf(certificates: readonly CertificateParts[], publicKey: Uint8Array): readonly Uint8Array[] {
  const chain: CertificateParts[] = [];
  let next = certificates.find((certificate) => isOf(certificate, publicKey));
  while (next !== undefined && !chain.includes(next)) {
    const last: CertificateParts = next;
    chain.push(last);
    next = equalBytes(last.issuer, last.subject) ? undefined : certificates.find(({ subject }) => equalBytes(subject, last.issuer));
  }
  return chain.map(({ der }) => der);
}
