/** PKCS#12 (RFC 7292, PBMAC1 of RFC 9579): several entries, integrity checked before anything is opened, and its absence said before the password is asked. */
import { equalBytes } from '../../crypto/bytes.ts';
import type { CertificateParts } from '../../crypto/certificateParts.ts';
import { algorithmOf, childrenOf, DerFields, insideOf, octetsOf, onlyValue, smallNumberOf } from '../../crypto/derReader.ts';
import { context, derTags } from '../../crypto/derValue.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { equalSecret } from '../../crypto/hashes.ts';
import { readPrivateKeyInfo } from '../../crypto/keyForms/privateKeyInfo.ts';
import type { ReadPair, ReadSecret } from '../../crypto/keyForms/readKey.ts';
import { malformed } from '../../crypto/malformed.ts';
import { foreignHmac, pkcs12Key } from '../../crypto/passwordKeys.ts';
import type { ForeignHash } from '../../crypto/passwordKeys.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { chainOf } from './certificateChain.ts';
import { DerivationCost } from './derivationCost.ts';
import { encryptedKeyOf, openEncryptedKey } from './encryptedKey.ts';
import type { EncryptedKey } from './encryptedKey.ts';
import { wipeEntries, wrongPassword } from './keyFileEntry.ts';
import type { KeyFile, KeyFileEntry, KeyFileQuestions } from './keyFileEntry.ts';
import { convertEncrypted, passwordScheme, pbkdf2Of, prfOf, weakSchemeOf } from './passwordScheme.ts';
import type { PasswordScheme } from './passwordScheme.ts';
import { bagsOf, certificateOfBag } from './pkcs12Bags.ts';
import type { Bag } from './pkcs12Bags.ts';
import { withPassword } from './typedPassword.ts';
import type { TypedPassword } from './typedPassword.ts';

const form = 'PKCS#12 file';
const dataOid = '1.2.840.113549.1.7.1';
const encryptedDataOid = '1.2.840.113549.1.7.6';

interface Integrity {
  readonly description: string;
  /** With the BMPString that fits, where the MAC is made of one; undefined for a wrong password. */
  check(password: TypedPassword): Promise<{ readonly bmp?: Uint8Array } | undefined>;
}

/** A part of the AuthenticatedSafe, RFC 7292 §4.1. */
interface SafePart {
  readonly scheme: PasswordScheme | undefined;
  readonly bytes: Uint8Array;
}

interface Pkcs12 {
  readonly integrity: Integrity | undefined;
  readonly parts: readonly SafePart[];
  readonly notes: readonly string[];
}

/** RFC 9579 §3: the key length is written there; the MAC is an HMAC. */
function pbmac1Of(parameters: DerValue | undefined, mac: Uint8Array, content: Uint8Array, cost: DerivationCost): Integrity {
  if (parameters === undefined) throw malformed('the PBMAC1 of the PKCS#12 has no parameters');
  const fields = new DerFields(parameters, 'PBMAC1 parameters');
  const kdf = algorithmOf(fields.take(derTags.sequence, 'keyDerivationFunc'), 'keyDerivationFunc');
  const hash = prfOf(fields.take(derTags.sequence, 'messageAuthScheme'));
  fields.end();
  if (kdf.oid !== '1.2.840.113549.1.5.12' || kdf.parameters === undefined) throw malformed(`the PBMAC1 of the PKCS#12 expected PBKDF2, got ${kdf.oid}`);
  const { description, derive, length } = pbkdf2Of(kdf.parameters, cost);
  if (length === undefined || length < 20 || length > 64) throw malformed(`the "keyLength" of PBMAC1 expected 20 to 64 bytes (RFC 9579 §3), got ${length ?? 'none'}`);
  return {
    description: `PBMAC1, ${description}`,
    check: async (password) => {
      const key = await derive(password, length);
      const fits = equalSecret(foreignHmac(hash, key, content), mac);
      key.fill(0); // SECURITY: a key of one use
      return fits ? {} : undefined;
    },
  };
}

const macHashes: Readonly<Record<string, readonly [ForeignHash, number]>> = {
  '1.3.14.3.2.26': ['sha1', 20],
  '2.16.840.1.101.3.4.2.4': ['sha224', 28],
  '2.16.840.1.101.3.4.2.1': ['sha256', 32],
  '2.16.840.1.101.3.4.2.2': ['sha384', 48],
  '2.16.840.1.101.3.4.2.3': ['sha512', 64],
};

/** MacData, RFC 7292 §4. @throws `input-malformed` */
function integrityOf(node: DerValue, content: Uint8Array, cost: DerivationCost): Integrity {
  const fields = new DerFields(node, 'MAC of the PKCS#12');
  const digestInfo = new DerFields(fields.take(derTags.sequence, 'mac'), 'MAC of the PKCS#12');
  const { oid, parameters } = algorithmOf(digestInfo.take(derTags.sequence, 'digestAlgorithm'), 'digestAlgorithm');
  const mac = octetsOf(digestInfo.any('digest'), 'digest');
  const salt = octetsOf(fields.any('macSalt'), 'macSalt');
  const given = fields.optional(derTags.integer);
  fields.end();
  if (oid === '1.2.840.113549.1.5.14') return pbmac1Of(parameters, mac, content, cost);
  const [hash, length] = macHashes[oid] ?? [];
  if (hash === undefined || length === undefined) throw malformed(`the MAC of the PKCS#12 is of the kind ${oid}, which is not read here`, { nextStep: `convert it: ${convertEncrypted.pkcs12}` });
  if (mac.length !== length || salt.length === 0 || salt.length > 1024) throw malformed(`the file is inconsistent: the MAC of the PKCS#12 expected ${length} bytes and a salt, got ${mac.length} and ${salt.length}`);
  const iterations = given === undefined ? 1 : smallNumberOf(given, 'iterations');
  cost.rounds(iterations);
  return {
    description: `MAC with ${hash.toUpperCase()}, ${iterations} rounds`,
    check: async (password) => {
      for (const bmp of password.bmpForms()) {
        const key = await pkcs12Key(hash, 'mac', bmp, salt, iterations, length);
        const fits = equalSecret(foreignHmac(hash, key, content), mac);
        key.fill(0); // SECURITY: a key of one use
        if (fits) return { bmp };
      }
      return undefined;
    },
  };
}

/** ContentInfo, RFC 5652 §3. */
function contentInfo(node: DerValue): { readonly oid: string; readonly content: DerValue } {
  const fields = new DerFields(node, 'content of the PKCS#12');
  const oid = fields.oid('contentType');
  const content = insideOf(fields.take(context.constructed(0), 'content'));
  fields.end();
  return { oid, content };
}

/** EncryptedData, RFC 5652 §8; a part under a scheme of old certificates is left out and said. */
function encryptedPart(node: DerValue, cost: DerivationCost, notes: string[]): readonly SafePart[] {
  const fields = new DerFields(node, 'encrypted part of the PKCS#12');
  fields.take(derTags.integer, 'version');
  const info = new DerFields(fields.take(derTags.sequence, 'encryptedContentInfo'), 'encrypted part of the PKCS#12');
  info.take(derTags.oid, 'contentType');
  const algorithm = info.take(derTags.sequence, 'contentEncryptionAlgorithm');
  const bytes = octetsOf(info.any('encryptedContent'), 'encryptedContent', context.primitive(0));
  const weak = weakSchemeOf(algorithm);
  if (weak !== undefined) notes.push(`a part of the file, as a rule its certificates, is under ${weak}, which is not read here; with it: ${convertEncrypted.pkcs12}`);
  return weak === undefined ? [{ scheme: passwordScheme(algorithm, bytes, 'pkcs12', cost), bytes }] : [];
}

function safePart(node: DerValue, cost: DerivationCost, notes: string[]): readonly SafePart[] {
  const { oid, content } = contentInfo(node);
  if (oid === dataOid) return [{ scheme: undefined, bytes: octetsOf(content, 'data') }];
  if (oid === encryptedDataOid) return encryptedPart(content, cost, notes);
  throw malformed('the PKCS#12 is encrypted to a public key, which is not read here', { nextStep: 'ask for a PKCS#12 under a password' });
}

const noIntegrity = 'this file has no integrity check: whoever had it could change it unnoticed, and a wrong password cannot be told from a damaged file';

/** Keys under a password in a part that is not encrypted itself: their schemes, judged; what they cost is counted when they are opened. */
function keysInTheOpen(bytes: Uint8Array): readonly string[] {
  return keysOf(bagsOf(bytes), new DerivationCost()).flatMap(({ encrypted }) => (encrypted === undefined ? [] : [encrypted.scheme.description]));
}

/** Everything that can be judged without the password. @throws `input-malformed` */
function parse(node: DerValue, cost: DerivationCost): Pkcs12 {
  const fields = new DerFields(node, form);
  const version = smallNumberOf(fields.take(derTags.integer, 'version'), 'version');
  if (version !== 3) throw malformed(`the "version" of the PKCS#12 expected 3, got ${version}`);
  const { oid, content } = contentInfo(fields.take(derTags.sequence, 'authSafe'));
  if (oid !== dataOid) throw malformed('the PKCS#12 is signed instead of having a MAC, which is not read here', { nextStep: 'ask for a PKCS#12 under a password' });
  const safe = octetsOf(content, 'authSafe');
  const macNode = fields.optional(derTags.sequence);
  fields.end();
  const integrity = macNode === undefined ? undefined : integrityOf(macNode, safe, cost);
  const notes = integrity === undefined ? [noIntegrity] : [integrity.description];
  const parts = childrenOf(onlyValue(safe, 'ber')).flatMap((part) => safePart(part, cost, notes));
  const schemes = parts.flatMap(({ scheme, bytes }) => (scheme === undefined ? keysInTheOpen(bytes) : [scheme.description]));
  return { integrity, parts, notes: [...notes, ...new Set(schemes.map((scheme) => `encrypted with ${scheme}`))] };
}

/** What a part holds in the clear. The caller wipes what was opened, once its keys live elsewhere. */
async function openPart({ scheme, bytes }: SafePart, password: TypedPassword, bmp: Uint8Array | undefined, checked: boolean): Promise<Uint8Array> {
  if (scheme === undefined) return bytes;
  const plain = await scheme.open(password, bytes, bmp);
  if (plain?.[0] === derTags.sequence) return plain;
  plain?.fill(0);
  throw checked ? malformed('the password fits the integrity check of the PKCS#12, but a part is encrypted with another one') : wrongPassword(form, 'type the password again; the file has no integrity check, so it may be damaged just as well');
}

/** A secret key as Java keeps it: a SecretBag around an EncryptedPrivateKeyInfo. */
function keyOfSecretBag(value: DerValue, cost: DerivationCost): EncryptedKey {
  const fields = new DerFields(value, 'secret of the PKCS#12');
  if (fields.oid('secretTypeId') !== '1.2.840.113549.1.12.10.1.2') throw malformed('the PKCS#12 holds a secret of a kind that is not read here');
  return encryptedKeyOf(onlyValue(octetsOf(insideOf(fields.take(context.constructed(0), 'secretValue')), 'secretValue')), 'pkcs12', cost);
}

interface NamedKey {
  readonly bag: Bag;
  readonly encrypted: EncryptedKey | undefined;
}

/** All costs are judged before the first key is opened. */
function keysOf(bags: readonly Bag[], cost: DerivationCost): readonly NamedKey[] {
  return bags.flatMap((bag): readonly NamedKey[] => {
    if (bag.kind === 'key') return [{ bag, encrypted: undefined }];
    if (bag.kind === 'encrypted key') return [{ bag, encrypted: encryptedKeyOf(bag.value, 'pkcs12', cost) }];
    return bag.kind === 'secret' ? [{ bag, encrypted: keyOfSecretBag(bag.value, cost) }] : [];
  });
}

function withCertificates(read: ReadPair | ReadSecret, name: string, bag: Bag, bags: readonly Bag[], certificates: readonly CertificateParts[]): KeyFileEntry {
  if (read.kind === 'secret') return { ...read, name };
  const chain = chainOf(certificates, read.publicKey);
  const sameId = bag.localKeyId === undefined || bag.localKeyId.length === 0 ? undefined : bags.find(({ kind, localKeyId }) => kind === 'certificate' && localKeyId !== undefined && equalBytes(localKeyId, bag.localKeyId as Uint8Array));
  const foreign = sameId !== undefined && !chain.some((der) => equalBytes(der, sameId.value.whole));
  return { ...read, name, certificates: chain, notes: foreign ? [...read.notes, 'the certificate under the id of this key is of another pair: left out'] : read.notes };
}

async function entriesOf(bags: readonly Bag[], password: TypedPassword, bmp: Uint8Array | undefined, cost: DerivationCost): Promise<readonly KeyFileEntry[]> {
  const certificates = bags.flatMap(({ kind, value }) => (kind === 'certificate' ? [certificateOfBag(value)] : [])).filter((parts) => parts !== undefined);
  const entries: KeyFileEntry[] = [];
  try {
    for (const { bag, encrypted } of keysOf(bags, cost)) {
      const name = bag.friendlyName ?? `entry ${entries.length + 1}`;
      const read = encrypted === undefined ? readPrivateKeyInfo(bag.value) : await openEncryptedKey(encrypted, password, `entry "${name}" of the PKCS#12`, bmp);
      entries.push(withCertificates(read, name, bag, bags, certificates));
    }
    return entries;
  } catch (error) {
    wipeEntries(entries);
    throw error;
  }
}

function accentStep(password: TypedPassword): string | undefined {
  return password.hasAccents ? 'type the password again; letters with accents are taken as they were typed, and some programs write them differently: change the password to plain letters with the program that made the file' : undefined;
}

async function openAll({ integrity, parts }: Pkcs12, password: TypedPassword, cost: DerivationCost): Promise<readonly KeyFileEntry[]> {
  const fits = await integrity?.check(password);
  if (integrity !== undefined && fits === undefined) throw wrongPassword(form, accentStep(password));
  const opened: Uint8Array[] = [];
  try {
    for (const part of parts) opened.push(await openPart(part, password, fits?.bmp, integrity !== undefined));
    return await entriesOf(opened.flatMap((bytes) => bagsOf(bytes)), password, fits?.bmp, cost);
  } finally {
    parts.forEach(({ scheme }, index) => void (scheme === undefined || opened[index]?.fill(0))); // SECURITY: the keys live in their entries now
  }
}

/** A file without integrity and without encryption is read without a password. */
function needsPassword({ integrity, parts }: Pkcs12): boolean {
  return integrity !== undefined || parts.some(({ scheme, bytes }) => scheme !== undefined || bagsOf(bytes).some(({ kind }) => kind === 'encrypted key' || kind === 'secret'));
}

/** @throws `wrong-file-password`, `input-malformed` */
export async function readPkcs12(node: DerValue, ask: KeyFileQuestions, cost: DerivationCost): Promise<KeyFile> {
  const parsed = parse(node, cost);
  const { notes } = parsed;
  const asked: KeyFileQuestions = needsPassword(parsed) ? ask : { password: async () => SecretBytes.own(new Uint8Array(0)) };
  const entries = await withPassword(asked, { form, notes }, (password) => openAll(parsed, password, cost));
  if (entries.length === 0) throw malformed(`the ${form} holds no key that is read here`, { nextStep: `ask for the file with its private key, or convert it: ${convertEncrypted.pkcs12}` });
  return { form, entries, notes };
}
