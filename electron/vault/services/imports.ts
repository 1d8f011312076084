/** Keys out of clear or password-protected files of others: `key.inspect`, `key.import`. This computer sees them, and says so. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts, leastSecretBits, purposeFacts } from '../../../shared/lifecycle/purposes.ts';
import { algorithms } from '../../../shared/model/terms.ts';
import type { Algorithm, Purpose } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { cmacKeyCheckValue } from '../crypto/keyCheckValue.ts';
import type { Handlers } from '../door/handlers.ts';
import type { KeyFile, KeyFileEntry } from '../formats/keyFile/keyFileEntry.ts';
import { readKeyFile } from '../formats/keyFile/readKeyFile.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { makeKey, newKeyRecord } from '../work/makeKey.ts';
import { viewKeyAndVersion } from './keyViews.ts';
import { placeOf } from './tokens.ts';
import type { Workbench } from './workbench.ts';

/** A PKCS#12 file with chains of certificates. */
const keyFileLimit = 1024 * 1024;

interface FileRequest {
  readonly file: string;
  readonly secretForm?: 'hex' | 'base64' | 'raw' | undefined;
  readonly purpose?: Purpose;
  readonly algorithm?: Algorithm | undefined;
}

const aesBits = [128, 192, 256] as const;
/** Seed and public key of Ed25519, side by side. */
const joinedPairBits = 512;

function meantBy(purpose: Purpose | undefined, algorithm: Algorithm | undefined): readonly Algorithm[] {
  if (algorithm !== undefined) return [algorithm];
  return purpose === undefined ? [] : purposeFacts[purpose].algorithms;
}

function isPairMeant(purpose: Purpose | undefined, algorithm: Algorithm | undefined): boolean {
  const meant = meantBy(purpose, algorithm);
  return meant.length > 0 && meant.every((one) => algorithmFacts[one].kind === 'pair');
}

/** Where only an AES key is meant, bytes of another length are none; where only a pair is, bytes without a form are those of Ed25519, or nothing. Which of the AES lengths is never concluded from what was asked for: the file decides, or the person. */
function secretBitsOf({ purpose, algorithm }: FileRequest): { secretBits?: readonly number[] } {
  if (isPairMeant(purpose, algorithm)) return { secretBits: [joinedPairBits] };
  const secrets = meantBy(purpose, algorithm).filter((one) => algorithmFacts[one].kind === 'secret');
  return secrets.length > 0 && secrets.every((one) => algorithmFacts[one].family === 'aes') ? { secretBits: aesBits } : {};
}

/** Lends what a file holds to a piece of work, and wipes it after. */
async function withKeyFile<T>({ ports }: Workbench, request: FileRequest, work: (found: KeyFile) => Promise<T> | T): Promise<T> {
  const { file, secretForm } = request;
  const bytes = await readSmallFile(ports.files.redeemRead(file), keyFileLimit);
  try {
    const ask = { password: ({ form, notes }: { readonly form: string; readonly notes: readonly string[] }) => ports.prompt.passphrase({ why: 'file', sentence: [`Password of the file: ${form}`, ...notes].join('; ') }) };
    const found = await readKeyFile(bytes, ask, { ...secretBitsOf(request), ...(secretForm === undefined ? {} : { secretForm }) });
    try {
      return await work(found);
    } finally {
      for (const { material } of found.entries) material.wipe(); // SECURITY: what was not taken in goes
    }
  } finally {
    bytes.fill(0); // SECURITY: our copy of the file is wiped
  }
}

type EntryView = Reply<'key.inspect'>['entries'][number];

function viewEntry(entry: KeyFileEntry): EntryView {
  const { name, kind, notes, certificates = [] } = entry;
  const facts = entry.kind === 'secret' ? { bits: entry.bits, ...checkValueOf(entry) } : { ...(entry.algorithm === undefined ? {} : { algorithm: entry.algorithm }), fingerprint: toHex(sha256(entry.publicKey)) };
  return { name, kind, ...facts, certificates: certificates.length, notes: [...notes] };
}

/** For comparison by people, of a secret of an AES length. */
function checkValueOf({ bits, material }: Extract<KeyFileEntry, { kind: 'secret' }>): { kcv?: string } {
  return aesBits.some((length) => length === bits) ? { kcv: toHex(cmacKeyCheckValue(material.expose())) } : {};
}

async function inspect(bench: Workbench, request: Request<'key.inspect'>): Promise<Reply<'key.inspect'>> {
  return await withKeyFile(bench, request, ({ form, entries, notes }) => ({ form, notes: [...notes], entries: entries.map(viewEntry) }));
}

/** @throws `choice-needed` that lists the entries, `not-found` */
function theEntry({ entries }: KeyFile, name: string | undefined): KeyFileEntry {
  const fits = name === undefined ? entries : entries.filter((entry) => entry.name === name);
  const [first] = fits;
  if (first !== undefined && fits.length === 1) return first;
  const listed = entries.map((entry) => `"${entry.name}" (${describe(entry)})`).join(', ');
  if (first === undefined) throw new StrongroomError('not-found', `"entry" expected one of ${listed}`, { field: 'entry' });
  throw new StrongroomError('choice-needed', `the file holds ${fits.length} keys: ${listed}`, { field: 'entry', nextStep: 'name one of them with --entry' });
}

function describe(entry: KeyFileEntry): string {
  return entry.kind === 'secret' ? `${entry.bits} bits` : `${entry.description}, SHA-256 ${toHex(sha256(entry.publicKey)).slice(0, 16)}…`;
}

/** The algorithm that the key will have here: its own, or, for secret bytes, the one that fits purpose and length. @throws `request-invalid`, `input-malformed` */
function algorithmOf(entry: KeyFileEntry, { purpose, algorithm: asked }: Request<'key.import'>): Algorithm {
  if (entry.kind === 'pair' && entry.algorithm === undefined) throw new StrongroomError('input-malformed', `the key is ${entry.description}: keys of this kind are not kept here`, { nextStep: `the vault keeps ${algorithms.filter((one) => algorithmFacts[one].kind === 'pair').join(', ')}` });
  if (entry.kind === 'secret' && isPairMeant(purpose, asked)) throw notAPair(entry.bits, asked ?? purpose);
  const algorithm = entry.kind === 'pair' ? entry.algorithm : (asked ?? onlyAes(entry.bits, purposeFacts[purpose].algorithms));
  if (algorithm === undefined) throw new StrongroomError('request-invalid', `"algorithm" expected one of ${purposeFacts[purpose].algorithms.join(', ')} for a secret of ${entry.kind === 'secret' ? entry.bits : 0} bits, got nothing`, { field: 'algorithm', nextStep: 'say what the key is for with --algorithm' });
  if (asked !== undefined && asked !== algorithm) throw new StrongroomError('request-invalid', `"algorithm" expected ${algorithm}, as the file says, got ${asked}`, { field: 'algorithm' });
  if (entry.kind === 'secret') requireLength(entry.bits, algorithm);
  return algorithm;
}

/** Where a purpose takes AES keys alone, the length tells the rest; else HMAC or CMAC is for a person to say. */
function onlyAes(bits: number, possible: readonly Algorithm[]): Algorithm | undefined {
  return possible.every((algorithm) => algorithmFacts[algorithm].family === 'aes') ? aesOf(bits, possible) : undefined;
}

function aesOf(bits: number, possible: readonly Algorithm[]): Algorithm | undefined {
  return possible.find((algorithm) => algorithmFacts[algorithm].family === 'aes' && algorithmFacts[algorithm].bits === bits);
}

/** What could have been seed and public key of Ed25519 is named as that. */
function notAPair(bits: number, wanted: string): StrongroomError {
  const what = bits === joinedPairBits ? 'the 64 bytes in the file are no key of Ed25519: the public key in them does not belong to the private key' : `the file holds a secret of ${bits} bits, ${wanted} wants a pair`;
  return new StrongroomError('input-malformed', what, { nextStep: 'check the file, --purpose and --algorithm' });
}

/** An AES key has its length; a generic secret enough of it. */
function requireLength(found: number, algorithm: Algorithm): void {
  const { family, bits } = algorithmFacts[algorithm];
  if (family === 'aes' ? found === bits : found >= leastSecretBits) return;
  const expected = family === 'aes' ? `${bits} bits` : `at least ${leastSecretBits} bits`;
  throw new StrongroomError('input-malformed', `the key expected ${expected} for ${algorithm}, got ${found}`, { field: 'algorithm', nextStep: 'check the file and --algorithm' });
}

async function importKey(bench: Workbench, request: Request<'key.import'>): Promise<Reply<'key.import'>> {
  const now = await bench.trustedNow();
  const { place, puts } = await placeOf(bench, request.place, now);
  return await withKeyFile(bench, request, async (file) => {
    const entry = theEntry(file, request.entry);
    const record = newKeyRecord(bench, { ...request, algorithm: algorithmOf(entry, request) }, place, now);
    const notes = [...file.notes, ...entry.notes];
    const making = { act: 'key.import', origin: 'imported' as const, active: true, puts, more: { form: file.form }, notes, certificates: entry.certificates ?? [] };
    const made = await makeKey(bench, record, { ...making, make: (provider, wanted) => provider.take({ ...wanted, material: entry.material }) });
    const version = bench.records.get('version', made.version);
    if (version === undefined) throw new StrongroomError('not-found', 'the key version is not there any more');
    return { ...viewKeyAndVersion(bench.records, made.key, { id: made.version, record: version }, now), notes: version.notes ?? [], form: file.form, advice: adviceOn(record.name), logEntry: made.entry.seq };
  });
}

function adviceOn(name: string): string[] {
  return [
    `this computer saw the key in clear, and so may others have: rotate it soon with \`key rotate ${name}\``,
    'the file that it came from still holds the key, and was not deleted: destroy it where it lies, and its copies in backups and mail',
  ];
}

export const importHandlers = {
  'key.inspect': inspect,
  'key.import': importKey,
} satisfies Partial<Handlers>;
