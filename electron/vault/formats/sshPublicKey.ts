/** OpenSSH public keys and their lines, `TYPE BASE64 comment`: RSA (RFC 4253 §6.6), ECDSA (RFC 5656 §3.1), Ed25519 (RFC 8709 §4). */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { concatBytes } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { namedCurves } from '../crypto/keyForms/namedCurves.ts';
import { rsaPublicNumbers, rsaSpki } from '../crypto/rsaPublicNumbers.ts';
import { fitsKind, readSpki, writeSpki } from '../crypto/spki.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { SshReader, sshMpint, sshString } from './sshWire.ts';

function malformed(expected: string, got: string): StrongroomError {
  return new StrongroomError('input-malformed', `the OpenSSH key expected ${expected}, got ${got}`, { nextStep: 'ask for the public key again: one line of the file that ends in .pub' });
}

/** The key as OpenSSH has it on the wire. @throws `request-invalid` for a kind that OpenSSH does not have */
export function sshBlob(spki: Uint8Array): Uint8Array {
  const key = readSpki(spki);
  if (key?.kind === 'rsa') {
    const { exponent, modulus } = rsaPublicNumbers(spki);
    return concatBytes(sshString('ssh-rsa'), sshMpint(exponent), sshMpint(modulus));
  }
  if (key?.kind === 'ed25519') return concatBytes(sshString('ssh-ed25519'), sshString(key.raw));
  const curve = namedCurves.find(({ algorithm }) => algorithm === key?.kind);
  if (key !== undefined && curve !== undefined) return concatBytes(sshString(`ecdsa-sha2-${curve.sshName}`), sshString(curve.sshName), sshString(key.raw));
  throw new StrongroomError('request-invalid', `"form" expected one that ${key?.kind ?? 'this kind of key'} has, got openssh`, { field: 'form', nextStep: 'take pem or der; OpenSSH has RSA, EC and Ed25519 keys' });
}

export function sshKeyType(blob: Uint8Array): string {
  return new SshReader(blob, 'OpenSSH key').text('type');
}

/** As `ssh-keygen -l` shows it. */
export function sshFingerprint(blob: Uint8Array): string {
  return `SHA256:${toBase64(sha256(blob)).replace(/=/g, '')}`;
}

function readEc(type: string, reader: SshReader): Uint8Array {
  const curve = namedCurves.find(({ sshName }) => `ecdsa-sha2-${sshName}` === type);
  const named = reader.text('curve');
  const point = reader.string('point');
  if (curve === undefined || named !== curve.sshName) throw malformed('one curve', `${type} with ${named.slice(0, 20)}`);
  if (!fitsKind(curve.algorithm, point)) throw malformed('an uncompressed point', `${point.length} bytes`);
  return writeSpki(curve.algorithm, point);
}

function readKey(type: string, reader: SshReader): Uint8Array {
  if (type === 'ssh-rsa') {
    const exponent = reader.mpint('exponent');
    return rsaSpki({ modulus: reader.mpint('modulus'), exponent });
  }
  if (type.startsWith('ecdsa-sha2-')) return readEc(type, reader);
  if (type !== 'ssh-ed25519') throw malformed('ssh-rsa, ssh-ed25519 or ecdsa-sha2-nistp256, 384 or 521', type.slice(0, 60));
  const raw = reader.string('key');
  if (raw.length !== 32) throw malformed('32 bytes of Ed25519', String(raw.length));
  return writeSpki('ed25519', raw);
}

/** @returns SubjectPublicKeyInfo @throws `input-malformed`, by name for a type that is not taken (`sk-…`, certificates) */
export function readSshBlob(blob: Uint8Array): Uint8Array {
  const reader = new SshReader(blob, 'OpenSSH key');
  const type = reader.text('type');
  const spki = readKey(type, reader);
  reader.end();
  return spki;
}

/** @throws `input-malformed` */
export function readSshBase64(encoded: string): Uint8Array {
  const bytes = fromBase64(encoded);
  if (bytes === undefined || bytes.length === 0) throw malformed('base64', 'something else');
  return bytes;
}

/** @param encoded the base64 of the line @returns SubjectPublicKeyInfo @throws `input-malformed` */
export function readSshPublicKey(encoded: string): Uint8Array {
  return readSshBlob(readSshBase64(encoded));
}

/** @param comment goes to the end of the line */
export function writeSshPublicKey(spki: Uint8Array, comment: string): string {
  const blob = sshBlob(spki);
  return `${sshKeyType(blob)} ${toBase64(blob)} ${comment.replace(/\s+/g, '-')}\n`;
}
