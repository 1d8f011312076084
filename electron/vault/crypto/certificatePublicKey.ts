/** The public key of an X.509 certificate (RFC 5280 §4.1), found without reading the rest: what it says besides is for `formats/`. */
import { derTags, readDer, readDerList } from './derValue.ts';
import { readPublicKey } from './publicKeyReader.ts';

const versionTag = 0xa0;

/** @returns SubjectPublicKeyInfo, or undefined for what is no certificate or has a key of an unknown kind */
export function certificatePublicKey(der: Uint8Array): Uint8Array | undefined {
  const [tbs] = readDerList(readDer(der, derTags.sequence) ?? new Uint8Array(0)) ?? [];
  const fields = readDerList(tbs?.content ?? new Uint8Array(0)) ?? [];
  // TBSCertificate: [version], serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
  const spki = fields[fields[0]?.tag === versionTag ? 6 : 5];
  return spki === undefined ? undefined : readPublicKey(spki.whole)?.spki;
}
