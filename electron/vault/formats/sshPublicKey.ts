/** OpenSSH public key lines: `ssh-rsa BASE64 comment`, RFC 4253 §6.6: string "ssh-rsa", mpint e, mpint n. */
import { concatBytes, uint32, utf8 } from '../crypto/bytes.ts';
import { rsaPublicNumbers } from '../crypto/rsaPublicNumbers.ts';
import { spkiOfSsh } from './keyFile/sshWire.ts';
import { latin1ToBytes, requireBase64 } from './keyFile/textBytes.ts';
import { toBase64 } from './pem.ts';

const keyType = 'ssh-rsa';

/** @param encoded the base64 of the line @returns SubjectPublicKeyInfo @throws `input-malformed` */
export function readSshPublicKey(encoded: string): Uint8Array {
  return spkiOfSsh(requireBase64(latin1ToBytes(encoded), 'OpenSSH line'));
}

function mpint(bytes: Uint8Array): Uint8Array {
  const signed = (bytes[0] ?? 0) >= 0x80 ? concatBytes(Uint8Array.of(0), bytes) : bytes;
  return concatBytes(uint32(signed.length), signed);
}

/** @param spki of an RSA key @param comment goes to the end of the line */
export function writeSshPublicKey(spki: Uint8Array, comment: string): string {
  const { modulus, exponent } = rsaPublicNumbers(spki);
  const blob = concatBytes(uint32(keyType.length), utf8(keyType), mpint(exponent), mpint(modulus));
  return `${keyType} ${toBase64(blob)} ${comment.replace(/\s+/g, '-')}\n`;
}
