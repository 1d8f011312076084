/** A public key in the forms that people send: SPKI or PKCS#1 in PEM, DER or base64, a certificate, an OpenSSH line, a JWK. One key in its one form, or a refusal that says what was found. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { onlyValue } from '../crypto/derReader.ts';
import { latticeOids } from '../crypto/keyForms/latticeKey.ts';
import { namedCurves } from '../crypto/keyForms/namedCurves.ts';
import { normalSpki } from '../crypto/keyForms/normalSpki.ts';
import type { NormalKey } from '../crypto/keyForms/normalSpki.ts';
import { octetCurves } from '../crypto/keyForms/octetKey.ts';
import { malformed } from '../crypto/malformed.ts';
import { rsaSpki } from '../crypto/rsaPublicNumbers.ts';
import { fitsKind, writeEcSpki, writeSpki } from '../crypto/spki.ts';
import type { PublicKeyKind } from '../crypto/spki.ts';
import { readCertificate } from './certificate.ts';
import type { CertificateFacts } from './certificate.ts';
import { holdsPrivateKey, shapeOf } from './keyFile/derKeyFile.ts';
import { keyFileLimits } from './keyFile/derivationCost.ts';
import { parseJson } from './keyFile/jwkKey.ts';
import { JwkMembers } from './keyFile/jwkMembers.ts';
import { isOpenSshKey } from './keyFile/opensshKey.ts';
import { base64Of, bytesToLatin1, textOf, trimmed } from './keyFile/textBytes.ts';
import { readPem } from './pem.ts';
import type { PemBlock } from './pem.ts';
import { readSshPublicKey } from './sshPublicKey.ts';

export interface PublicKeyFile extends NormalKey {
  /** What the file was, in words. */
  readonly form: string;
  readonly certificate?: CertificateFacts;
}

const disclosed = () =>
  new StrongroomError('input-malformed', 'the file holds a private key: expected a public key or a certificate', {
    field: 'key',
    nextStep: 'a private key that was sent must be considered disclosed: its owner must make a new pair, and send the public half only',
  });

const refused = (message: string, nextStep = 'ask for the public key, for instance from `openssl pkey -pubout`') => new StrongroomError('input-malformed', message, { field: 'key', nextStep });
const expectedForms = 'the file expected one public key or certificate in PEM, DER, JWK or OpenSSH form';

/** Refusals of parts name the field that the caller knows. */
function within<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof StrongroomError && error.field === undefined) throw refused(error.message);
    throw error;
  }
}

function found(form: string, spki: Uint8Array): PublicKeyFile {
  return { ...within(() => normalSpki(spki)), form };
}

function fromCertificate(der: Uint8Array): PublicKeyFile {
  const certificate = readCertificate(der);
  if (certificate === undefined) throw refused('the certificate in the file is damaged: it, or the time of its validity, cannot be read', 'ask for the certificate again');
  return { ...found('X.509 certificate', certificate.spki), certificate };
}

function fromDer(der: Uint8Array): PublicKeyFile {
  const node = within(() => onlyValue(der));
  if (holdsPrivateKey(node)) throw disclosed();
  const shape = shapeOf(node);
  if (shape === 'SB') return found('public key (SPKI)', der);
  if (shape === 'II') return found('public key (PKCS#1)', writeSpki('rsa', der));
  if (shape === 'SSB') return fromCertificate(der);
  throw refused(`${expectedForms}, got ASN.1 of another form`);
}

function fromBlock({ label, der }: PemBlock): PublicKeyFile {
  if (['PUBLIC KEY', 'RSA PUBLIC KEY', 'CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'].includes(label)) return fromDer(der);
  throw refused(`the file holds a PEM block "${label}": expected PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE`);
}

function onlyOne<T>(all: readonly T[]): T | undefined {
  if (all.length > 1) throw refused(`the file holds ${all.length} keys or certificates: expected one`, 'give a file with the one key alone');
  return all[0];
}

/** SubjectPublicKeyInfo of a public JWK: RFC 7518 §6, RFC 8037 §2, and AKP. */
function spkiOfJwk(jwk: JwkMembers): Uint8Array {
  const crv = jwk.text('crv');
  switch (jwk.text('kty')) {
    case 'RSA':
      return rsaSpki({ modulus: jwk.bytes('n'), exponent: jwk.bytes('e') });
    case 'EC': {
      const curve = namedCurves.find(({ name }) => name === crv);
      if (curve === undefined) break;
      return writeEcSpki(curve.algorithm, jwk.fixed('x', curve.size), jwk.fixed('y', curve.size));
    }
    case 'OKP': {
      const curve = octetCurves.find(({ name }) => name === crv);
      if (curve === undefined) break;
      return octetsSpki(curve.algorithm, jwk.bytes('x'));
    }
    case 'AKP': {
      const algorithm = Object.values(latticeOids).find((known) => known === jwk.text('alg')?.toLowerCase());
      if (algorithm === undefined) break;
      return octetsSpki(algorithm, jwk.bytes('pub'));
    }
  }
  throw refused(`the JWK is of a kind that is not known here (kty ${jwk.shown('kty')}, crv ${jwk.shown('crv')})`);
}

function octetsSpki(kind: PublicKeyKind, raw: Uint8Array): Uint8Array {
  if (!fitsKind(kind, raw)) throw malformed(`the public key of ${kind.toUpperCase()} has ${raw.length} bytes, which is not its length`);
  return writeSpki(kind, raw);
}

function fromJwk(text: Uint8Array): PublicKeyFile {
  const value = within(() => parseJson(text));
  const keys = typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys) ? (value.keys as readonly unknown[]) : [value];
  const jwk = within(() => new JwkMembers(onlyOne(keys)));
  // SECURITY: a private key is named for what it is; nothing of it is kept or shown
  if (['d', 'k', 'priv', 'p', 'q'].some((name) => jwk.has(name))) throw disclosed();
  const read = found('JWK', within(() => spkiOfJwk(jwk)));
  return { ...read, notes: [...jwk.notes, ...read.notes] };
}

/** `options TYPE BASE64 comment`, as in authorized_keys. */
const sshLine = /^(?:\S.*\s)?(ssh-rsa|ssh-ed25519|ssh-dss|ecdsa-sha2-\S+|sk-\S+)\s+([A-Za-z0-9+/=]+)(?:\s|$)/;

function fromSshLine(text: string): PublicKeyFile | undefined {
  const line = onlyOne(text.split(/\r?\n/).map((candidate) => sshLine.exec(candidate.trim())).filter((match) => match !== null));
  if (line === undefined) return undefined;
  return found('OpenSSH public key', within(() => readSshPublicKey(line[2] ?? '')));
}

function fromText(bytes: Uint8Array): PublicKeyFile {
  const dense = trimmed(bytes);
  if (dense[0] === 0x7b) return fromJwk(dense);
  const text = bytesToLatin1(bytes);
  const blocks = within(() => readPem(text));
  // SECURITY: a private key is named for what it is; nothing of it is kept or shown
  if (blocks.some(({ label }) => label.includes('PRIVATE KEY')) || /^(PuTTY-User-Key-File-|AGE-SECRET-KEY-1)/.test(text.trimStart())) throw disclosed();
  const block = onlyOne(blocks.filter(({ label }) => !label.includes('PARAMETERS')));
  if (block !== undefined) return fromBlock(block);
  const line = fromSshLine(text);
  if (line !== undefined) return line;
  const decoded = base64Of(dense);
  if (decoded?.[0] === 0x30) return fromDer(decoded);
  throw refused(`${expectedForms}, got something else`);
}

/** @throws `input-malformed` for what is not exactly one public key that is known here */
export function readPublicKeyFile(bytes: Uint8Array): PublicKeyFile {
  if (bytes.length === 0 || bytes.length > keyFileLimits.bytes) throw refused(`the file expected 1 to ${keyFileLimits.bytes} bytes, got ${bytes.length}`);
  if (isOpenSshKey(bytes)) throw disclosed();
  const text = textOf(bytes) ?? textWithAccents(bytes);
  if (text === undefined) return bytes[0] === 0x30 ? fromDer(bytes) : unknownBytes();
  const read = fromText(text.text);
  return { ...read, notes: [...text.notes, ...read.notes] };
}

function unknownBytes(): never {
  throw refused(`${expectedForms}, got something else`);
}

/** Prose around a block, and comments, may have letters beyond ASCII. */
function textWithAccents(bytes: Uint8Array): ReturnType<typeof textOf> {
  if (bytes[0] === 0x30) return undefined;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text: bytes, notes: [] };
  } catch {
    return undefined; // DER is not text
  }
}
