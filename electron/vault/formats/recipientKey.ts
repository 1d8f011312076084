/** A recipient's public key, in the forms that people send, and whether it can transport keys: judged here, read in `readPublicKeyFile`. */
import { refusal } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts, rsaStrength } from '../../../shared/lifecycle/purposes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { hasSmallFactor, numberOf } from '../crypto/keyForms/bigNumbers.ts';
import { readPublicKey } from '../crypto/publicKeyReader.ts';
import type { PublicKeyFacts } from '../crypto/publicKeyReader.ts';
import { rsaPublicNumbers } from '../crypto/rsaPublicNumbers.ts';
import type { CertificateFacts } from './certificate.ts';
import { readPublicKeyFile } from './readPublicKeyFile.ts';
import type { PublicKeyFile } from './readPublicKeyFile.ts';

export interface RecipientKey {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** SHA-256 of it, 32 bytes. */
  readonly fingerprint: Uint8Array;
  /** `rsa-3072`, `ec-p256`. */
  readonly algorithm: string;
  /** Zero for a key that is not RSA. */
  readonly modulusBits: number;
  /** Security strength in bits of what would travel under it, SP 800-57 Part 1 Rev. 5 §5.6.1 Table 2. */
  readonly strength: number;
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

/** SP 800-56B Rev. 2 §6.1.1: key transport wants 65537 or more; SP 800-131A Rev. 2: 112 bits or more. */
function transportKey({ spki, mark, algorithm, description }: PublicKeyFile): Pick<RecipientKey, 'algorithm' | 'modulusBits' | 'strength'> {
  if (mark === 'pss') throw refusal('RECIPIENT-2', 'the key is marked for PSS signatures only (RFC 4055): it is no recipient', 'ask the recipient for a key for key transport');
  if (algorithm !== undefined && algorithmFacts[algorithm].family === 'ec') return { algorithm, modulusBits: 0, strength: algorithmFacts[algorithm].strength };
  if (mark === 'oaep') throw refusal('RECIPIENT-2', 'the key is marked for OAEP only (RFC 4055), which few programs and tokens read', 'ask the recipient for the same key as a plain RSA key (`openssl rsa -pubin -RSAPublicKey_out`)');
  const key = readPublicKey(spki);
  if (key?.type !== 'rsa') throw refusal('RECIPIENT-2', `the key expected RSA or EC, got ${algorithm ?? description}`, 'ask the recipient for an RSA key');
  requireRsa(key, spki);
  return { algorithm: `rsa-${key.modulusBits}`, modulusBits: key.modulusBits, strength: rsaStrength(key.modulusBits) };
}

const keptOnly = 'keys are wrapped to RSA keys alone in this version: this one is kept with its fingerprint, and nothing is exported to it yet';

/** SP 800-89 §5.3.3, SP 800-56B Rev. 2 §6.4.2: what no pair can have is refused before anything is wrapped to it; BoringSSL takes no exponent of more than 33 bits. */
function requireRsa({ modulusBits, exponent }: PublicKeyFacts, spki: Uint8Array): void {
  if (rsaStrength(modulusBits) < 112) throw refusal('RECIPIENT-2', `the key expected at least 2048 bits, got ${modulusBits}: below 112 bits of strength`, 'ask the recipient for a key of 3072 bits');
  if (modulusBits > 16_384) throw refusal('RECIPIENT-2', `the key expected at most 16384 bits, got ${modulusBits}`);
  if (exponent < 65_537n) throw refusal('RECIPIENT-2', `the public exponent expected 65537 or more, got ${exponent} (SP 800-56B)`, 'ask the recipient for a new key');
  if (exponent % 2n === 0n || exponent >= 2n ** 33n) throw refusal('RECIPIENT-2', `the public exponent expected an odd number below 2^33, got ${exponent < 2n ** 64n ? exponent : 'a longer one'}`, 'ask the recipient for a new key');
  if (hasSmallFactor(numberOf(rsaPublicNumbers(spki).modulus))) throw refusal('RECIPIENT-2', 'the modulus is no product of two primes: a small number divides it (SP 800-89 §5.3.3)', 'the key is damaged: ask the recipient for it again');
}

function judgeCertificate({ usages, validity }: CertificateFacts, wanted: 'keyEncipherment' | 'keyAgreement', { acceptExpired, now }: ReadOptions): readonly string[] {
  if (usages !== undefined && !usages.includes(wanted))
    throw refusal('RECIPIENT-3', `the certificate allows ${usages.join(' and ') || 'nothing'}, not ${wanted} (RFC 5280 §4.2.1.3)`, 'ask the recipient for a certificate for key encipherment');
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
  const found = readPublicKeyFile(bytes);
  const key = transportKey(found);
  const { spki, form, certificate } = found;
  const [wanted, said] = key.modulusBits > 0 ? (['keyEncipherment', []] as const) : (['keyAgreement', [keptOnly]] as const);
  const notes = [...found.notes, ...said, ...(certificate === undefined ? [] : judgeCertificate(certificate, wanted, options))];
  return { spki, fingerprint: sha256(spki), ...key, form, notes, ...(certificate === undefined ? {} : { certificate: certificate.validity }) };
}
