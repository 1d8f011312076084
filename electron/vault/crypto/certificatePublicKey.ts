/** The public key of an X.509 certificate (RFC 5280 §4.1): what it says besides is for `formats/`. */
import { certificateParts } from './certificateParts.ts';
import { readPublicKey } from './publicKeyReader.ts';

/** @returns SubjectPublicKeyInfo, or undefined for what is no certificate or has a key of an unknown kind */
export function certificatePublicKey(der: Uint8Array): Uint8Array | undefined {
  try {
    return readPublicKey(certificateParts(der).spki)?.spki;
  } catch {
    return undefined; // the caller says what was expected
  }
}
