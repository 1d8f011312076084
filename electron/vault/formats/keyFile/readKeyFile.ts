/**
 * Private and secret key files of others, whatever they are: named, judged under limits, opened after the password is asked, recomputed, and used once
 * before anything is returned. Nothing is stored, sent or guessed here.
 */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { firstValue } from '../../crypto/derReader.ts';
import { derTags } from '../../crypto/derValue.ts';
import { malformed } from '../../crypto/malformed.ts';
import { withoutZeroPadding } from '../../crypto/pkcs8.ts';
import { readDerKey, shapeOf } from './derKeyFile.ts';
import type { DerContext } from './derKeyFile.ts';
import { DerivationCost, keyFileLimits } from './derivationCost.ts';
import { refuseForeignForm } from './foreignForms.ts';
import { readJwkFile } from './jwkKey.ts';
import type { KeyFile, KeyFileEntry, KeyFileQuestions } from './keyFileEntry.ts';
import { isOpenSshKey, readOpenSshKey } from './opensshKey.ts';
import { readPemFile } from './pemKeyFile.ts';
import { hasPem } from './privatePem.ts';
import { readJoinedPair, readSecretFile } from './secretFile.ts';
import type { SecretOptions } from './secretFile.ts';
import { base64Of, bytesToLatin1, textOf, trimmed } from './textBytes.ts';

/** What is shorter can be a secret that begins like DER by chance: it must have the parts of a key. */
const shortestDer = 40;

function isSmallKey(bytes: Uint8Array): boolean {
  try {
    return /^IS?O/.test(shapeOf(firstValue(bytes)));
  } catch {
    return false; // a secret, as it turned out
  }
}

/** A version, or an algorithm, at the head of a sequence: a key file, whole or cut; no secret begins so by chance. */
function beginsLikeKey(bytes: Uint8Array): boolean {
  const first = bytes[1] ?? 0;
  const [tag = 0, length = 0, next = 0] = bytes.subarray(2 + (first > 0x80 ? first & 0x7f : 0));
  return (tag === derTags.integer && length === 1 && next <= 3) || (tag === derTags.sequence && length < 0x80 && next === derTags.oid && bytes.length >= shortestDer);
}

/** A sequence whose length is that of the file, but for what could be padding or garbage behind it. */
function looksLikeDer(bytes: Uint8Array): boolean {
  if (bytes[0] !== derTags.sequence) return false;
  if (beginsLikeKey(bytes)) return true;
  if (bytes.length < shortestDer) return isSmallKey(bytes);
  const first = bytes[1] ?? 0;
  if (first === 0x80) return true;
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (count > 4) return false;
  const length = count === 0 ? first : bytes.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  return length >= 16 && length + 2 + count <= bytes.length + 8 && length * 2 > bytes.length;
}

async function readDer(bytes: Uint8Array, context: DerContext, form: string): Promise<KeyFile> {
  const { value, notes } = withoutZeroPadding(bytes, 'ber');
  const file = await readDerKey(value, context);
  return { ...file, form: `${file.form}${form}`, entries: file.entries.map((entry) => ({ ...entry, notes: [...notes, ...entry.notes] })) };
}

function isPublicSsh(text: Uint8Array): boolean {
  return /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+) [A-Za-z0-9+/]/.test(bytesToLatin1(text.subarray(0, 100)));
}

/** Structured text; undefined where it can only be a secret. */
async function readText(text: Uint8Array, context: DerContext): Promise<KeyFile | undefined> {
  if (hasPem(text)) return readPemFile(text, context);
  const dense = trimmed(text);
  if (dense[0] === 0x7b) return readJwkFile(dense);
  if (isPublicSsh(dense)) throw malformed('the file holds an OpenSSH public key: expected a private or secret key', { nextStep: 'give the file of the same name without .pub' });
  const decoded = base64Of(dense);
  if (decoded === undefined) return undefined;
  try {
    return looksLikeDer(decoded) ? await readDer(decoded, context, ' in base64, without the lines of PEM') : undefined;
  } finally {
    decoded.fill(0); // SECURITY: the key lives in its entry now
  }
}

async function readStructured(bytes: Uint8Array, context: DerContext): Promise<KeyFile | undefined> {
  refuseForeignForm(bytes);
  if (isOpenSshKey(bytes)) return { form: 'OpenSSH private key', entries: [await readOpenSshKey(bytes, context.ask, context.cost)], notes: [] };
  const found = textOf(bytes);
  const binary = found === undefined || bytes.some((byte) => byte >= 0x80);
  if (binary && looksLikeDer(bytes)) return readDer(bytes, context, '');
  if (found === undefined) return hasPem(bytes) ? readPemFile(bytes, context) : undefined; // whatever stands around its blocks
  try {
    const file = await readText(found.text, context);
    return file === undefined ? undefined : { ...file, notes: [...found.notes, ...file.notes] };
  } finally {
    if (found.text.buffer !== bytes.buffer) found.text.fill(0); // SECURITY: a copy, made of UTF-16
  }
}

/** People choose by the name: two entries of one name are told apart by a number. */
function withDistinctNames(entries: readonly KeyFileEntry[]): readonly KeyFileEntry[] {
  const taken = new Set<string>();
  return entries.map((entry) => {
    let name = entry.name;
    for (let count = 2; taken.has(name); count++) name = `${entry.name} (${count})`;
    taken.add(name);
    return { ...entry, name };
  });
}

/**
 * @param bytes of the file, borrowed: the caller wipes them
 * @returns entries whose material the caller owns and wipes
 * @throws `input-too-large`, `input-malformed` for what cannot be read, is inconsistent, too dear or ambiguous, `wrong-file-password`
 */
export async function readKeyFile(bytes: Uint8Array, ask: KeyFileQuestions, options: SecretOptions = {}): Promise<KeyFile> {
  if (bytes.length === 0) throw malformed('the file is empty');
  if (bytes.length > keyFileLimits.bytes) throw new StrongroomError('input-too-large', `the file expected at most ${keyFileLimits.bytes} bytes, got ${bytes.length}`, { nextStep: 'a key file is small: give the right one' });
  const structured = options.secretForm === undefined ? await readStructured(bytes, { ask, cost: new DerivationCost() }) : undefined;
  if (structured !== undefined) return { ...structured, entries: withDistinctNames(structured.entries) };
  const joined = options.secretForm === undefined ? readJoinedPair(bytes) : undefined;
  if (joined !== undefined) return { form: 'Ed25519 seed and public key in 64 bytes', entries: [joined], notes: [] };
  return { form: 'secret without a form of its own', entries: [readSecretFile(bytes, options)], notes: [] };
}
