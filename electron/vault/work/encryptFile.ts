/** A file under an AES key: the key seals a key of the file, in one call of its provider; the content is streamed. */
import { newHash } from '../crypto/hashes.ts';
import type { Run } from '../door/run.ts';
import { encryptStream } from '../formats/encryptedFile.ts';
import type { ReadGrant, WriteGrant } from '../ports/fileGrants.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry } from '../unlock/openVault.ts';
import { countedUse } from './countedUse.ts';
import { readStream } from './inputFile.ts';
import { OutputFile } from './outputFile.ts';
import { underIntent } from './underIntent.ts';

export interface Encryption {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly source: ReadGrant;
  readonly target: WriteGrant;
  readonly run: Run;
}

export interface Encrypted {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly sha256: Uint8Array;
  readonly entry: LogEntry;
}

/** @throws `refused`, `file-*`, what the provider throws; nothing is left of a file that was not finished */
export async function encryptFile(bench: Workbench, { key, version, source, target, run }: Encryption): Promise<Encrypted> {
  const counter = await countedUse(bench, { key, version, operation: 'encrypt' });
  const input = await readStream(source, run.signal, (done, total) => run.progress({ what: 'encrypting', done, total, unit: 'bytes' }));
  try {
    const output = OutputFile.plan(target);
    const intent = { act: 'key.encrypt', place: key.record.place, key: key.id, version: version.id, body: { number: version.record.number }, puts: [counter], outputs: [output] };
    const { value, entry } = await underIntent(bench, intent, async (provider) => {
      const digest = newHash('sha256');
      let bytesOut = 0;
      const seal = (plaintext: Uint8Array, aad: Uint8Array) => provider.encrypt({ ref: version.record.ref, plaintext, aad });
      await encryptStream(bench.vault.vaultId, version.id, seal, input.chunks, async (bytes) => {
        digest.update(bytes);
        bytesOut += bytes.length;
        await output.write(bytes);
      });
      await output.sync();
      const sha256 = digest.digest();
      return { value: { bytesIn: input.size, bytesOut, sha256 }, body: { bytesIn: input.size, bytesOut, sha256 } };
    });
    return { ...value, entry };
  } finally {
    await input.close();
  }
}
