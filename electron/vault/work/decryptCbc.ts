/** A file that another program made by AES-CBC, streamed through the key's provider. Nothing authenticates it, so that only its padding can be wrong, and that is never told apart. */
import { concatBytes } from '../crypto/bytes.ts';
import type { Run } from '../door/run.ts';
import type { ReadGrant, WriteGrant } from '../ports/fileGrants.ts';
import { notOpened } from '../providers/notOpened.ts';
import type { KeyProvider } from '../providers/provider.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry } from '../unlock/openVault.ts';
import { countedUse } from './countedUse.ts';
import { readStream } from './inputFile.ts';
import { OutputFile } from './outputFile.ts';
import { underIntent } from './underIntent.ts';

const block = 16;

export interface CbcDecryption {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly source: ReadGrant;
  readonly target: WriteGrant;
  /** Without it the first block of the file. */
  readonly iv: Uint8Array | undefined;
  readonly padded: boolean;
  readonly acceptCompromised: string | undefined;
  readonly run: Run;
}

export interface CbcDecrypted {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly entry: LogEntry;
}

/** Whole blocks as they come, the last one always in the last piece. */
async function* wholeBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<{ readonly blocks: Uint8Array; readonly last: boolean }> {
  let left: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const all = concatBytes(left, chunk);
    const end = Math.max(0, Math.ceil(all.length / block) - 1) * block; // one block stays, whole or not
    left = all.slice(end);
    if (end > 0) yield { blocks: all.subarray(0, end), last: false };
  }
  if (left.length !== block) throw notOpened('decrypt-failed');
  yield { blocks: left, last: true };
}

/** Bytes without the padding of RFC 5652 §6.3. SECURITY: every byte of the block is looked at, and whatever is wrong has one text: a CBC padding oracle needs two. */
function unpadded(plain: Uint8Array): number {
  const count = plain.at(-1) ?? 0;
  let bad = count === 0 || count > block ? 1 : 0;
  for (let index = 1; index <= block; index += 1) bad |= index <= count ? (plain.at(-index) ?? 0) ^ count : 0;
  if (bad !== 0) throw notOpened('decrypt-failed');
  return plain.length - count;
}

interface Pieces {
  readonly iv: Uint8Array;
  readonly padded: boolean;
  readonly rest: AsyncIterable<{ readonly blocks: Uint8Array; readonly last: boolean }>;
}

async function decryptPieces(provider: KeyProvider, ref: string, { iv: first, padded, rest }: Pieces, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  let iv = first;
  for await (const { blocks, last } of rest) {
    const plain = await provider.decryptCbc({ ref, iv, blocks });
    iv = blocks.slice(-block);
    await plain.consume((bytes) => write(bytes.subarray(0, last && padded ? unpadded(bytes) : bytes.length)));
  }
}

/** The first block off the front. */
async function ivOf(chunks: AsyncIterable<Uint8Array>, given: Uint8Array | undefined): Promise<{ readonly iv: Uint8Array; readonly rest: AsyncIterable<Uint8Array> }> {
  if (given !== undefined) return { iv: given, rest: chunks };
  const source = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < block) {
    const { value, done } = await source.next();
    if (done === true) throw notOpened('decrypt-failed');
    head = concatBytes(head, value);
  }
  return { iv: head.slice(0, block), rest: following(head.slice(block), source) };
}

async function* following(first: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
}

/** @throws `decrypt-failed`, one text whatever failed; `refused`; nothing is left of a file that was not finished */
export async function decryptCbcFile(bench: Workbench, { key, version, source, target, iv: given, padded, acceptCompromised, run }: CbcDecryption): Promise<CbcDecrypted> {
  const counter = await countedUse(bench, { key, version, operation: 'decrypt', acceptCompromised });
  const input = await readStream(source, run.signal, (done, total) => run.progress({ what: 'decrypting', done, total, unit: 'bytes' }));
  try {
    const output = OutputFile.plan(target);
    const body = { number: version.record.number, padding: padded ? 'pkcs7' : 'none' };
    const intent = { act: 'key.decryptCbc', place: key.record.place, key: key.id, version: version.id, body, puts: [counter], outputs: [output] };
    const { value: bytesOut, entry } = await underIntent(bench, intent, async (provider) => {
      let written = 0;
      const { iv, rest } = await ivOf(input.chunks, given);
      await decryptPieces(provider, version.record.ref, { iv, padded, rest: wholeBlocks(rest) }, async (bytes) => {
        written += bytes.length;
        await output.write(bytes);
      });
      await output.sync();
      return { value: written, body: { bytesIn: input.size, bytesOut: written } };
    });
    return { bytesIn: input.size, bytesOut, entry };
  } finally {
    await input.close();
  }
}
