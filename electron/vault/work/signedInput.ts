/** What a mechanism signs of a file: its hash, streamed, or the message itself where the algorithm wants it whole. The SHA-256 of the file goes along for the log. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { signsMessage } from '../../../shared/lifecycle/purposes.ts';
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import { newHash, sha256 } from '../crypto/hashes.ts';
import { hashOf } from '../crypto/rsaVerify.ts';
import type { Run } from '../door/run.ts';
import type { ReadGrant } from '../ports/fileGrants.ts';
import { readSmallFile, readStream } from './inputFile.ts';

/** A provider takes a message in one piece, and a token too. */
export const messageLimit = 4 * 1024 * 1024;
/** All messages of one batch together. */
const messagesLimit = 64 * 1024 * 1024;

export interface SignedInput {
  /** The hash, or the message. */
  readonly input: Uint8Array;
  /** Of the file, by the mechanism's hash; SHA-256 where it has none. */
  readonly digest: Uint8Array;
  readonly sha256: Uint8Array;
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

async function messageInput(grant: ReadGrant, mechanism: SignatureMechanism): Promise<SignedInput> {
  const input = await readMessage(grant, mechanism);
  const digest = sha256(input);
  return { input, digest, sha256: digest };
}

export async function signedInput(grant: ReadGrant, mechanism: SignatureMechanism, run: Run): Promise<SignedInput> {
  if (signsMessage(mechanism)) return await messageInput(grant, mechanism);
  const name = hashOf(mechanism);
  const [digest, other] = [newHash(name), name === 'sha256' ? undefined : newHash('sha256')];
  const what = 'hashing';
  const input = await readStream(grant, run.signal, (done, total) => run.progress({ what, done, total, unit: 'bytes' }));
  try {
    for await (const chunk of input.chunks) {
      digest.update(chunk);
      other?.update(chunk);
    }
    const hash = digest.digest();
    return { input: hash, digest: hash, sha256: other?.digest() ?? hash };
  } finally {
    await input.close();
  }
}

/** @throws `input-too-large` where messages would not fit into memory together */
export async function signedInputs(grants: readonly ReadGrant[], mechanism: SignatureMechanism, run: Run): Promise<readonly SignedInput[]> {
  const inputs: SignedInput[] = [];
  let total = 0;
  for (const grant of grants) {
    const next = await signedInput(grant, mechanism, run);
    inputs.push(next);
    total += next.input.length;
    if (total > messagesLimit) throw new StrongroomError('input-too-large', `${mechanism} takes the files themselves, at most ${messagesLimit} bytes in one batch`, { field: 'files', nextStep: 'sign them in several batches' });
  }
  return inputs;
}

/** Consecutive inputs, each group of at most 4 MiB: what a provider takes in one call. */
export function inGroups(inputs: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const groups: Uint8Array[][] = [];
  let room = 0;
  for (const input of inputs) {
    if (groups.length === 0 || input.length > room) {
      groups.push([]);
      room = messageLimit;
    }
    groups.at(-1)?.push(input);
    room -= input.length;
  }
  return groups;
}
