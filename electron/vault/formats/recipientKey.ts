/** A recipient's public key in the forms that people send: SPKI or PKCS#1 in PEM or DER, a certificate, an OpenSSH line. One key, or a refusal that says what was found. */
import { refusal, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { rsaStrength } from '../../../shared/lifecycle/purposes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { isPrivateKey, readPublicKey, spkiOfPkcs1 } from '../crypto/publicKeyReader.ts';
import type { PublicKeyFacts } from '../crypto/publicKeyReader.ts';
import { readCertificate } from './certificate.ts';
import type { CertificateFacts } from './certificate.ts';
import { readPem } from './pem.ts';
import type { PemBlock } from './pem.ts';
import { readSshPublicKey } from './sshPublicKey.ts';

export interface RecipientKey {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** SHA-256 of it, 32 bytes. */
  readonly fingerprint: Uint8Array;
  readonly modulusBits: number;
  /** What the file was, in words. */
  readonly form: string;
  readonly certificate?: CertificateFacts['validity'];
  /** What a person should know before he confirms. */
  readonly notes: readonly string[];
}

export interface ReadOptions {
  /** The person takes a certificate that is out of its time. */
  readonly acceptExpired: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** One key as it was found, before it is judged. */
interface Found {
  readonly form: string;
  readonly key: PublicKeyFacts | undefined;
  readonly certificate?: CertificateFacts;
}

const disclosed = () =>
  new StrongroomError('input-malformed', 'the file holds a private key: expected a public key or a certificate', {
    field: 'key',
    nextStep: 'a private key that was sent must be considered disclosed: its owner must make a new pair, and send the public half only',
  });

function unknownForm(): StrongroomError {
  return new StrongroomError('input-malformed', 'the file expected one RSA public key or certificate in PEM, DER or OpenSSH form, got something else', { field: 'key', nextStep: 'ask the recipient for the public key, for instance from `openssl pkey -pubout`' });
}

function fromCertificate(der: Uint8Array): Found {
  const certificate = readCertificate(der);
  return { form: 'X.509 certificate', key: certificate === undefined ? undefined : readPublicKey(certificate.spki), ...(certificate === undefined ? {} : { certificate }) };
}

function fromBlock({ label, der }: PemBlock): Found {
  if (label === 'PUBLIC KEY') return { form: 'public key (SPKI)', key: readPublicKey(der) };
  if (label === 'RSA PUBLIC KEY') return { form: 'public key (PKCS#1)', key: readPublicKey(spkiOfPkcs1(der)) };
  if (label === 'CERTIFICATE' || label === 'X509 CERTIFICATE') return fromCertificate(der);
  throw new StrongroomError('input-malformed', `the file holds a PEM block "${label}": expected PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE`, { field: 'key', nextStep: 'ask the recipient for the public key' });
}

function fromDer(der: Uint8Array): Found {
  if (isPrivateKey(der)) throw disclosed();
  const spki = readPublicKey(der);
  if (spki !== undefined) return { form: 'public key (SPKI)', key: spki };
  const pkcs1 = readPublicKey(spkiOfPkcs1(der));
  return pkcs1 !== undefined ? { form: 'public key (PKCS#1)', key: pkcs1 } : fromCertificate(der);
}

function onlyOne<T>(found: readonly T[]): T | undefined {
  if (found.length > 1)
    throw new StrongroomError('input-malformed', `the file holds ${found.length} keys or certificates: expected one`, { field: 'key', nextStep: "give a file with the recipient's key alone" });
  return found[0];
}

/** Key types of OpenSSH lines; only `ssh-rsa` can be a recipient here. */
const sshLine = /^(?:\S.*\s)?(ssh-rsa|ssh-ed25519|ecdsa-sha2-\S+|sk-\S+)\s+([A-Za-z0-9+/=]+)(?:\s|$)/;

function fromText(text: string): Found | undefined {
  const blocks = readPem(text);
  // SECURITY: a private key is named for what it is; nothing of it is kept or shown
  if (blocks.some(({ label }) => label.includes('PRIVATE KEY'))) throw disclosed();
  const block = onlyOne(blocks.filter(({ label }) => !label.includes('PARAMETERS')));
  if (block !== undefined) return fromBlock(block);
  const line = onlyOne(text.split(/\r?\n/).map((candidate) => sshLine.exec(candidate.trim())).filter((match) => match !== null));
  if (line === undefined) return undefined;
  if (line[1] !== 'ssh-rsa') throw refusal('RECIPIENT-2', `the file holds an OpenSSH key of the type ${line[1]}: expected an RSA key`, 'only RSA recipients are possible in this version');
  return { form: 'OpenSSH public key', key: readPublicKey(readSshPublicKey(line[2] ?? '')) };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes); // drops a byte order mark
  } catch {
    return undefined; // DER is not text
  }
}

/** SP 800-56B Rev. 2 §6.1.1: key transport wants 65537 or more; SP 800-131A Rev. 2: 112 bits or more. */
function requireTransportKey({ type, modulusBits, exponent }: PublicKeyFacts): void {
  if (type === 'rsa-pss') throw refusal('RECIPIENT-2', 'the key is marked for PSS signatures only (RFC 4055): it is no recipient', 'ask the recipient for a key for key transport');
  if (type !== 'rsa') throw refusal('RECIPIENT-2', `the key expected RSA, got ${type}`, 'only RSA recipients are possible in this version');
  if (rsaStrength(modulusBits) < 112) throw refusal('RECIPIENT-2', `the key expected at least 2048 bits, got ${modulusBits}: below 112 bits of strength`, 'ask the recipient for a key of 3072 bits');
  if (modulusBits > 16_384) throw refusal('RECIPIENT-2', `the key expected at most 16384 bits, got ${modulusBits}`);
  if (exponent < 65_537n) throw refusal('RECIPIENT-2', `the public exponent expected 65537 or more, got ${exponent} (SP 800-56B)`, 'ask the recipient for a new key');
}

function judgeCertificate({ usages, validity }: CertificateFacts, { acceptExpired, now }: ReadOptions): readonly string[] {
  if (usages !== undefined && !usages.includes('keyEncipherment'))
    throw refusal('RECIPIENT-3', `the certificate allows ${usages.join(' and ') || 'nothing'}, not keyEncipherment (RFC 5280 §4.2.1.3)`, 'ask the recipient for a certificate for key encipherment');
  const inTime = now >= validity.notBefore && now <= validity.notAfter;
  if (inTime) return [];
  const when = now < validity.notBefore ? `is not valid before ${day(validity.notBefore)}` : `ended on ${day(validity.notAfter)}`;
  if (!acceptExpired) throw refusal('RECIPIENT-3', `the certificate ${when}`, 'ask the recipient for a new one, or take it all the same with --accept-expired, which is recorded');
  return [`the certificate ${when}; taken all the same by a decision of the person who added it`];
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** @throws `input-malformed` for what is not exactly one key, `refused` RECIPIENT-2 for a key that cannot transport keys, RECIPIENT-3 for a certificate that does not allow it */
export function readRecipientKey(bytes: Uint8Array, options: ReadOptions): RecipientKey {
  const text = textOf(bytes);
  const found = (text === undefined ? undefined : fromText(text)) ?? fromDer(bytes);
  if (found.key === undefined) throw unknownForm();
  requireTransportKey(found.key);
  const { spki, modulusBits } = found.key;
  const notes = found.certificate === undefined ? [] : judgeCertificate(found.certificate, options);
  return { spki, fingerprint: sha256(spki), modulusBits, form: found.form, notes, ...(found.certificate === undefined ? {} : { certificate: found.certificate.validity }) };
}
