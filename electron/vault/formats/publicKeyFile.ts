/** The public half of a pair as a file: SPKI in PEM (RFC 7468) or DER, JWK (RFC 7517, RFC 7518 §6.3.1), or an OpenSSH line. */
import { utf8 } from '../crypto/bytes.ts';
import { rsaPublicNumbers } from '../crypto/rsaPublicNumbers.ts';
import { toBase64, writePem } from './pem.ts';
import { writeSshPublicKey } from './sshPublicKey.ts';

export type PublicKeyForm = 'pem' | 'der' | 'jwk' | 'openssh';

function base64url(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}

function jwk(spki: Uint8Array, name: string): string {
  const { modulus, exponent } = rsaPublicNumbers(spki);
  return `${JSON.stringify({ kty: 'RSA', kid: name, n: base64url(modulus), e: base64url(exponent) })}\n`;
}

/** @param name of the key, as key id or comment where the form has one */
export function publicKeyFile(spki: Uint8Array, form: PublicKeyForm, name: string): Uint8Array {
  switch (form) {
    case 'der':
      return spki;
    case 'pem':
      return utf8(writePem('PUBLIC KEY', spki));
    case 'jwk':
      return utf8(jwk(spki, name));
    case 'openssh':
      return utf8(writeSshPublicKey(spki, name));
  }
}
