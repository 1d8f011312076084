/** What a signature is made over, of a file that is read once: a hash of it or of what stands around it, or the message itself. The SHA-256 of the file goes along for the log. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { concatBytes } from '../crypto/bytes.ts';
import { HashedMessage } from '../crypto/hashedMessage.ts';
import { newHash } from '../crypto/hashes.ts';
import type { HashName, RunningHash } from '../crypto/hashes.ts';
import type { Run } from '../door/run.ts';
import type { ReadGrant } from '../ports/fileGrants.ts';
import { readSmallFile, readStream } from './inputFile.ts';
import type { Signable } from './signTogether.ts';

/** A provider takes a message in one piece, and a token too. */
const messageLimit = 4 * 1024 * 1024;
/** Files that are read at the same time: while one waits for the disk, another is hashed. */
const readAtOnce = 8;
/** All messages of one batch together. */
const messagesLimit = 64 * 1024 * 1024;

/** How a file is read for a signature. */
export interface Reading {
  /** Undefined where the message itself is signed. */
  readonly hash: HashName | undefined;
  /** The hash is what ECDSA signs: in this process, or on a token. */
  readonly ecdsa?: 'here' | 'token' | undefined;
  /** What is hashed or signed instead of the file. */
  readonly around?: (file: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

export interface SignedInput {
  /** The hash, or the message. */
  readonly input: Uint8Array;
  /** Of the file, by the hash that is signed; SHA-256 where it is not the file's hash that is signed. */
  readonly digest: Uint8Array;
  readonly sha256: Uint8Array;
  readonly message?: HashedMessage;
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: RunningHash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** A file of at most 4 MiB. @throws `input-too-large` that says the way out */
export async function readMessage(grant: ReadGrant, why: string): Promise<Uint8Array> {
  try {
    return await readSmallFile(grant, messageLimit);
  } catch (error) {
    if (!(error instanceof StrongroomError) || error.code !== 'input-too-large') throw error;
    throw new StrongroomError('input-too-large', `${why} takes the whole file at once, at most ${messageLimit} bytes: ${grant.path} is longer`, { nextStep: 'use a key whose algorithm works on a hash, or process a hash of the file', cause: error });
  }
}

/** A chunk is good until the next is asked for: each is copied. @throws `input-too-large` that says the way out */
async function wholeOf(parts: AsyncIterable<Uint8Array>, path: string): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length > messageLimit) throw new StrongroomError('input-too-large', `this signature takes the whole file at once, at most ${messageLimit} bytes: ${path} is longer`, { nextStep: 'use another form (cms, sshsig), or a key whose algorithm works on a hash' });
    all.push(part.slice());
  }
  return concatBytes(...all);
}

async function fed<H extends RunningHash>(hash: H, parts: AsyncIterable<Uint8Array>): Promise<H> {
  for await (const part of parts) hash.update(part);
  return hash;
}

/** The hash, for ECDSA with the means to sign and verify what it is of. */
async function digested(parts: AsyncIterable<Uint8Array>, name: HashName, ecdsa: Reading['ecdsa']): Promise<Pick<SignedInput, 'input' | 'message'>> {
  if (ecdsa === undefined) return { input: (await fed(newHash(name), parts)).digest() };
  const message = await fed(new HashedMessage(name, ecdsa === 'here'), parts);
  return { input: message.digest(), message };
}

async function read(chunks: AsyncIterable<Uint8Array>, path: string, { hash, ecdsa, around }: Reading): Promise<SignedInput> {
  if (hash === 'sha256' && around === undefined) {
    const signed = await digested(chunks, hash, ecdsa);
    return { ...signed, digest: signed.input, sha256: signed.input };
  }
  const own = newHash('sha256');
  const file = hashed(chunks, own);
  const parts = around === undefined ? file : around(file);
  const signed = hash === undefined ? { input: await wholeOf(parts, path) } : await digested(parts, hash, ecdsa);
  const sha256 = own.digest();
  return { ...signed, digest: hash === undefined || around !== undefined ? sha256 : signed.input, sha256 };
}

/** @throws `file-*`, `input-too-large`, `cancelled` */
export async function signedInput(grant: ReadGrant, reading: Reading, run: Run): Promise<SignedInput> {
  const what = 'hashing';
  const input = await readStream(grant, run.signal, (done, total) => run.progress({ what, done, total, unit: 'bytes' }));
  try {
    return await read(input.chunks, grant.path, reading);
  } finally {
    await input.close();
  }
}

/** @throws `input-too-large` where messages would not fit into memory together */
export async function signedInputs(grants: readonly ReadGrant[], reading: Reading, run: Run): Promise<readonly SignedInput[]> {
  const inputs: SignedInput[] = [];
  let total = 0;
  for (let from = 0; from < grants.length; from += readAtOnce) {
    const next = await Promise.all(grants.slice(from, from + readAtOnce).map((grant) => signedInput(grant, reading, run)));
    inputs.push(...next);
    total += next.reduce((sum, { input }) => sum + input.length, 0);
    if (total > messagesLimit) throw new StrongroomError('input-too-large', `this signature takes the files themselves, at most ${messagesLimit} bytes in one batch`, { field: 'files', nextStep: 'sign them in several batches' });
  }
  return inputs;
}

/** Consecutive inputs, each group of at most 4 MiB: what a provider takes in one call. */
export function inGroups(inputs: readonly Signable[]): readonly (readonly Signable[])[] {
  const groups: Signable[][] = [];
  let room = 0;
  for (const asked of inputs) {
    const { length } = asked.input;
    if (groups.length === 0 || length > room) {
      groups.push([]);
      room = messageLimit;
    }
    groups.at(-1)?.push(asked);
    room -= length;
  }
  return groups;
}
