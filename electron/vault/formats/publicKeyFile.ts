/** The public half of a pair as a file: SPKI in PEM (RFC 7468) or DER, JWK (RFC 7517), or an OpenSSH line. */
import { utf8 } from '../crypto/bytes.ts';
import { publicJwk } from './jwk.ts';
import { writePem } from './pem.ts';
import { writeSshPublicKey } from './sshPublicKey.ts';

export type PublicKeyForm = 'pem' | 'der' | 'jwk' | 'openssh';

function jwk(spki: Uint8Array, name: string): string {
  const { kty, ...members } = publicJwk(spki);
  return `${JSON.stringify({ kty, kid: name, ...members })}\n`;
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
