/** The backup file: a line that names it, a manifest, its signature, and the whole vault file (FORMAT.md, "The backup file"). */
import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { concatBytes, equalBytes, uint32, utf8 } from '../crypto/bytes.ts';
import { decodeCanonical, encodeCanonical } from '../crypto/canonicalCbor.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { BackupManifest } from './openVault.ts';

const firstLine = utf8('strongroom backup 1\n');
const anyVersion = utf8('strongroom backup ');
const sqliteLine = utf8('SQLite format 3\0');
const signatureLength = 64;
/** A manifest of this version has some 300 bytes. */
const manifestLimit = 4096;

const sized = (length: number) => z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);
const count = z.number().int().min(0);

const manifestSchema = z.strictObject({
  v: z.literal(1),
  vault: sized(16),
  genesis: sized(32),
  epoch: z.number().int().min(1),
  size: count,
  root: sized(32),
  at: count.max(8.64e15), // the last day that a Date has
  signer: sized(16),
  length: count,
  sha256: sized(32),
}) satisfies z.ZodType<BackupManifest>;

export interface BackupFile {
  readonly manifest: BackupManifest;
  /** Of the manifest, by the signer's log key. */
  readonly signature: Uint8Array;
  /** What was signed. */
  readonly message: Uint8Array;
  /** The vault file. */
  readonly payload: Uint8Array;
}

export function invalidBackup(what: string, cause?: unknown): StrongroomError {
  return new StrongroomError('backup-invalid', what, { nextStep: 'keep it as it is, and check another backup', cause });
}

/** What the signer's log key signs. */
export function backupMessage(vaultId: Uint8Array, manifest: Uint8Array): Uint8Array {
  return concatBytes(utf8('strongroom/v1/backup\0'), vaultId, manifest);
}

/** The parts of the file, to be written one after the other. */
export function writeBackup(manifest: BackupManifest, payload: Uint8Array, sign: (message: Uint8Array) => Uint8Array): readonly Uint8Array[] {
  const encoded = encodeCanonical(manifest);
  return [firstLine, uint32(encoded.length), encoded, sign(backupMessage(manifest.vault, encoded)), payload];
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, start.length), start);
}

function requireFirstLine(bytes: Uint8Array): void {
  if (startsWith(bytes, firstLine)) return;
  if (startsWith(bytes, sqliteLine)) throw invalidBackup('the file is a database, perhaps a vault, and not a backup of one');
  if (startsWith(bytes, anyVersion)) throw new StrongroomError('backup-invalid', 'the backup is of another version than this program knows', { nextStep: 'use a newer Strongroom' });
  throw invalidBackup('the file is not a backup of a vault');
}

function readManifest(encoded: Uint8Array): BackupManifest {
  try {
    return manifestSchema.parse(decodeCanonical(encoded));
  } catch (cause) {
    throw invalidBackup('the manifest of the backup was edited or damaged', cause);
  }
}

/** SECURITY: not a byte more or less than the manifest says, and those bytes. */
function requirePayload(payload: Uint8Array, { length, sha256: expected }: BackupManifest): void {
  if (payload.length < length) throw invalidBackup(`the backup was cut short: ${length} bytes of the vault expected, got ${payload.length}`);
  if (payload.length > length) throw invalidBackup(`the backup has ${payload.length - length} bytes after its end`);
  if (!equalBytes(sha256(payload), expected)) throw invalidBackup('the vault in the backup was edited or damaged: its SHA-256 is not that of the manifest');
}

/** Nothing vouches for the manifest before the vault that it describes is open. @throws `backup-invalid` that says what is wrong */
export function readBackup(bytes: Uint8Array): BackupFile {
  requireFirstLine(bytes);
  const head = firstLine.length + 4;
  if (bytes.length < head) throw invalidBackup('the backup was cut short: its manifest is missing');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(firstLine.length);
  if (length > manifestLimit) throw invalidBackup('the manifest of the backup was edited or damaged');
  const start = head + length + signatureLength;
  if (bytes.length < start) throw invalidBackup('the backup was cut short: its manifest is not whole');
  const encoded = bytes.subarray(head, head + length);
  const manifest = readManifest(encoded);
  const payload = bytes.subarray(start);
  requirePayload(payload, manifest);
  return { manifest, signature: bytes.subarray(head + length, start), message: backupMessage(manifest.vault, encoded), payload };
}
