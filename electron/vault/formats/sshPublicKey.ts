/** OpenSSH public key lines: `ssh-rsa BASE64 comment`, RFC 4253 §6.6: string "ssh-rsa", mpint e, mpint n. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { concatBytes, uint32, utf8 } from '../crypto/bytes.ts';
import { rsaPublicNumbers, rsaSpki } from '../crypto/rsaPublicNumbers.ts';
import { toBase64 } from './pem.ts';

const keyType = 'ssh-rsa';

function malformed(): StrongroomError {
  return new StrongroomError('input-malformed', 'the OpenSSH line expected ssh-rsa with exponent and modulus, got something else', { nextStep: 'ask for the file again' });
}

/** The three strings of the blob. @throws `input-malformed` */
function stringsOf(blob: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const strings: Uint8Array[] = [];
  for (let offset = 0; offset < blob.length; ) {
    if (offset + 4 > blob.length) throw malformed();
    const end = offset + 4 + view.getUint32(offset);
    if (end > blob.length) throw malformed();
    strings.push(blob.slice(offset + 4, end));
    offset = end;
  }
  return strings;
}

/** An mpint of RFC 4251 §5 without its sign byte. @throws `input-malformed` for a negative or padded one */
function unsigned(mpint: Uint8Array): Uint8Array {
  const [first = 0, second = 0] = mpint;
  if (mpint.length === 0 || first >= 0x80 || (first === 0 && second < 0x80)) throw malformed();
  return first === 0 ? mpint.slice(1) : mpint;
}

/** @param encoded the base64 of the line @returns SubjectPublicKeyInfo @throws `input-malformed` */
export function readSshPublicKey(encoded: string): Uint8Array {
  let blob: Uint8Array;
  try {
    blob = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  } catch {
    throw malformed();
  }
  const [type, exponent, modulus, ...rest] = stringsOf(blob);
  if (type === undefined || exponent === undefined || modulus === undefined || rest.length > 0 || new TextDecoder().decode(type) !== keyType) throw malformed();
  return rsaSpki({ modulus: unsigned(modulus), exponent: unsigned(exponent) });
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
