/** An encrypted file back: which key opens it stands in its header. Nothing is published before the last chunk fits. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { concatBytes, equalBytes } from '../crypto/bytes.ts';
import type { Run } from '../door/run.ts';
import { decryptStream, headerBytes, readFileHeader } from '../formats/encryptedFile.ts';
import type { FileHeader } from '../formats/encryptedFile.ts';
import type { ReadGrant, WriteGrant } from '../ports/fileGrants.ts';
import { settingOf } from '../records/settings.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry } from '../unlock/openVault.ts';
import { countedUse } from './countedUse.ts';
import { readStream } from './inputFile.ts';
import type { InputStream } from './inputFile.ts';
import { OutputFile } from './outputFile.ts';
import { underIntent } from './underIntent.ts';

export interface Decryption {
  readonly source: ReadGrant;
  readonly target: WriteGrant;
  /** The name of the key to try, whatever the header says. */
  readonly withKey: string | undefined;
  readonly acceptCompromised: string | undefined;
  readonly run: Run;
}

export interface Decrypted {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly entry: LogEntry;
}

/** @throws `not-found` for a key of another vault, `input-malformed`, `decrypt-failed`, `refused`; nothing is left of a file that was not finished */
export async function decryptFile(bench: Workbench, { source, target, withKey, acceptCompromised, run }: Decryption): Promise<Decrypted> {
  const input = await readStream(source, run.signal, (done, total) => run.progress({ what: 'decrypting', done, total, unit: 'bytes' }));
  try {
    const { header, rest } = await splitHeader(input);
    const { key, version } = withKey === undefined ? keyFor(bench, header) : named(bench, withKey);
    const counter = await countedUse(bench, { key, version, operation: 'decrypt', acceptCompromised });
    const output = OutputFile.plan(target);
    const intent = { act: 'key.decrypt', place: key.record.place, key: key.id, version: version.id, body: { number: version.record.number }, puts: [counter], outputs: [output] };
    const { value: bytesOut, entry } = await underIntent(bench, intent, async (provider) => {
      const { iv, sealedFileKey, aad } = header;
      const fileKey = await provider.decrypt({ ref: version.record.ref, iv, ciphertext: sealedFileKey, aad });
      let written = 0;
      await fileKey.consume((opened) =>
        decryptStream(header, opened, rest, async (bytes) => {
          written += bytes.length;
          await output.write(bytes);
        }),
      );
      await output.sync();
      return { value: written, body: { bytesIn: input.size, bytesOut: written } };
    });
    return { key, version, bytesIn: input.size, bytesOut, entry };
  } finally {
    await input.close();
  }
}

function keyFor({ vault, records }: Workbench, header: FileHeader): { readonly key: KeyRow; readonly version: VersionRow } {
  const vaults = [vault.vaultId, ...(settingOf(records, 'predecessors')?.vaults ?? [])];
  if (!vaults.some((id) => equalBytes(id, header.vault))) throw new StrongroomError('not-found', 'the file was encrypted under a key of another vault', { field: 'in', nextStep: 'open that vault, or, where a key here is the same, name it with --with' });
  const record = records.get('version', header.keyVersion);
  if (record === undefined) throw new StrongroomError('not-found', 'the file was encrypted under a key that this vault does not know', { field: 'in' });
  return { key: records.keyOf(record), version: { id: header.keyVersion, record } };
}

/** The newest version: whether it is the one shows when the file is opened. */
function named({ records }: Workbench, name: string): { readonly key: KeyRow; readonly version: VersionRow } {
  const key = records.key(name);
  return { key, version: records.version(key) };
}

/** The header, and the chunks that follow it. */
async function splitHeader(input: InputStream): Promise<{ readonly header: FileHeader; readonly rest: AsyncIterable<Uint8Array> }> {
  const source = input.chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < headerBytes) {
    const { value, done } = await source.next();
    if (done === true) break;
    head = concatBytes(head, value);
  }
  const header = readFileHeader(head);
  return { header, rest: following(head.subarray(headerBytes), source) };
}

async function* following(first: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (;;) {
    const { value, done } = await source.next();
    if (done === true) return;
    yield value;
  }
}
