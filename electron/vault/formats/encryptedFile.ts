/**
 * The encrypted file (ENCRYPTED-FILE.md): a header that names the key, a random file key sealed under it, and the content in chunks of 64 KiB,
 * each sealed with AES-256-GCM under a key of this file alone, numbered, the last one marked (the STREAM construction; Hoang, Reyhanitabar, Rogaway, Vizár 2015).
 */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { aesGcmOpen, aesGcmSealInto, gcmTagLength } from '../crypto/aesGcm.ts';
import { concatBytes, equalBytes, utf8 } from '../crypto/bytes.ts';
import { equalSecret, hkdf } from '../crypto/hashes.ts';
import { hkdfLabels } from '../crypto/hkdfLabels.ts';
import { randomBytes } from '../crypto/random.ts';

const magic = utf8('strongroom-file\n');
const formatVersion = 1;
export const chunkBytes = 64 * 1024;
const sealedChunkBytes = chunkBytes + gcmTagLength;
const fileKeyBytes = 32;
/** magic 16 ‖ version 1 ‖ vault 16 ‖ key version 16 ‖ salt 32 ‖ commitment 32 ‖ iv 12 ‖ sealed file key 48. */
export const headerBytes = 16 + 1 + 16 + 16 + 32 + 32 + 12 + fileKeyBytes + gcmTagLength;

/** What a header says: which key opens the file. */
export interface FileHeader {
  readonly vault: Uint8Array;
  readonly keyVersion: Uint8Array;
  readonly salt: Uint8Array;
  readonly commitment: Uint8Array;
  readonly iv: Uint8Array;
  readonly sealedFileKey: Uint8Array;
  /** The associated data of the sealed file key: vault, key version and salt. */
  readonly aad: Uint8Array;
}

/** Seals the file key under the user's key: one call of the provider. */
export type SealFileKey = (fileKey: Uint8Array, aad: Uint8Array) => Promise<{ readonly iv: Uint8Array; readonly ciphertext: Uint8Array }>;

export type Write = (bytes: Uint8Array) => Promise<void>;

interface FileKeys {
  readonly payload: Uint8Array;
  readonly commitment: Uint8Array;
}

/** 64 bytes from the file key: the payload key and the commitment, which binds the file to one key (GCM alone does not). */
function keysOf(fileKey: Uint8Array, salt: Uint8Array, aad: Uint8Array): FileKeys {
  const both = hkdf(hkdfLabels.filePayload, fileKey, salt, aad, 64);
  return { payload: both.subarray(0, 32), commitment: both.slice(32) };
}

/** 11 bytes of counter, 1 byte that marks the last chunk. A key is used for one file, so that a nonce is used once. */
function nonceOf(index: number, last: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(3, BigInt(index));
  nonce[11] = last ? 1 : 0;
  return nonce;
}

function headerAad(vault: Uint8Array, keyVersion: Uint8Array, salt: Uint8Array): Uint8Array {
  return concatBytes(magic, Uint8Array.of(formatVersion), vault, keyVersion, salt);
}

const nothing = new Uint8Array(0);

/** Chunks of exactly 64 KiB, but for the last, which may be shorter or empty; each with whether it is the last. */
async function* inChunks(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<{ readonly bytes: Uint8Array; readonly last: boolean }> {
  let held = new Uint8Array(size);
  let spare = new Uint8Array(size);
  let filled = 0;
  for await (const part of source) {
    for (let offset = 0; offset < part.length; ) {
      if (filled === size) {
        yield { bytes: held, last: false };
        [held, spare] = [spare, held];
        filled = 0;
      }
      const take = Math.min(size - filled, part.length - offset);
      held.set(part.subarray(offset, offset + take), filled);
      filled += take;
      offset += take;
    }
  }
  yield { bytes: held.subarray(0, filled), last: true };
  held.fill(0); // SECURITY: plaintext is not left in our buffers
  spare.fill(0); // SECURITY: in neither of them
}

/** How many sealed chunks go to the disk in one write. */
const writeBatch = 16;

/** @param vault 16 bytes @param keyVersion the id of the key version, 16 bytes */
export async function encryptStream(vault: Uint8Array, keyVersion: Uint8Array, seal: SealFileKey, source: AsyncIterable<Uint8Array>, write: Write): Promise<void> {
  const salt = randomBytes(32);
  const fileKey = randomBytes(fileKeyBytes);
  const aad = headerAad(vault, keyVersion, salt);
  const { payload, commitment } = keysOf(fileKey, salt, aad);
  try {
    const { iv, ciphertext } = await seal(fileKey, aad);
    await write(concatBytes(aad, commitment, iv, ciphertext));
    await sealChunks(payload, source, write);
  } finally {
    fileKey.fill(0); // SECURITY: the file key is sealed in the header, and wiped here
    payload.fill(0); // SECURITY: the payload key lives as long as the file is written
  }
}

async function sealChunks(payload: Uint8Array, source: AsyncIterable<Uint8Array>, write: Write): Promise<void> {
  const batch = new Uint8Array(writeBatch * sealedChunkBytes);
  let [filled, index] = [0, 0];
  for await (const { bytes, last } of inChunks(source, chunkBytes)) {
    const end = filled + bytes.length + gcmTagLength;
    aesGcmSealInto(payload, nonceOf(index++, last), nothing, bytes, batch.subarray(filled, end));
    filled = end;
    if (!last && filled + sealedChunkBytes <= batch.length) continue;
    await write(batch.subarray(0, filled));
    filled = 0;
  }
}

/** @throws `input-malformed` for what is not the header of an encrypted file of this version */
export function readFileHeader(bytes: Uint8Array): FileHeader {
  const malformed = (what: string) => new StrongroomError('input-malformed', what, { field: 'in', nextStep: 'give a file that `key encrypt` wrote' });
  if (bytes.length < headerBytes || !equalBytes(bytes.subarray(0, 16), magic)) throw malformed('the file is not one that Strongroom encrypted');
  if (bytes[16] !== formatVersion) throw malformed(`the file has format ${bytes[16]}, this program knows ${formatVersion}`);
  const part = (from: number, length: number) => bytes.slice(from, from + length);
  return { aad: part(0, 81), vault: part(17, 16), keyVersion: part(33, 16), salt: part(49, 32), commitment: part(81, 32), iv: part(113, 12), sealedFileKey: part(125, 48) };
}

function undecryptable(): StrongroomError {
  return new StrongroomError('decrypt-failed', 'the data cannot be decrypted', { nextStep: 'check the file and the key' });
}

/**
 * Decrypts what follows the header. Each chunk is given out only once its tag fits; that nothing is missing is known at the end alone,
 * so that the caller must not publish what was written before this returns.
 * @param fileKey borrowed @throws `decrypt-failed`, one text whatever failed
 */
export async function decryptStream(header: FileHeader, fileKey: Uint8Array, source: AsyncIterable<Uint8Array>, write: Write): Promise<void> {
  const { payload, commitment } = keysOf(fileKey, header.salt, header.aad);
  try {
    if (!equalSecret(commitment, header.commitment)) throw undecryptable(); // SECURITY: a file opens under one key only
    await openChunks(payload, source, write);
  } finally {
    payload.fill(0); // SECURITY: the payload key lives as long as the file is read
  }
}

async function openChunks(payload: Uint8Array, source: AsyncIterable<Uint8Array>, write: Write): Promise<void> {
  const batch = new Uint8Array(writeBatch * chunkBytes);
  let [filled, index] = [0, 0];
  try {
    for await (const { bytes, last } of inChunks(source, sealedChunkBytes)) {
      // An empty last chunk is written for an empty file only.
      if (last && index > 0 && bytes.length === gcmTagLength) throw undecryptable();
      filled += openChunkInto(payload, nonceOf(index++, last), bytes, batch.subarray(filled));
      if (!last && filled + chunkBytes <= batch.length) continue;
      await write(batch.subarray(0, filled));
      filled = 0;
    }
  } finally {
    batch.fill(0); // SECURITY: plaintext is not left in our buffers
  }
}

/** @returns the bytes of plaintext that are now in `out` */
function openChunkInto(payload: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, out: Uint8Array): number {
  try {
    const plain = aesGcmOpen(payload, nonce, nothing, sealed);
    out.set(plain);
    plain.fill(0); // SECURITY: plaintext is not left in our buffers
    return plain.length;
  } catch {
    throw undecryptable();
  }
}
