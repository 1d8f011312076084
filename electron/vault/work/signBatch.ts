/** A batch of signatures: one intent, one outcome with each item's hash and result; finished items are kept when another fails. */
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import { toErrorInfo } from '../door/toErrorInfo.ts';
import { toHex } from '../crypto/bytes.ts';
import type { WriteGrant } from '../ports/fileGrants.ts';
import type { SignResult } from '../providers/provider.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry } from '../unlock/openVault.ts';
import { countedUse } from './countedUse.ts';
import { OutputFile } from './outputFile.ts';
import { underIntent } from './underIntent.ts';

export interface Batch {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly mechanism: SignatureMechanism;
  readonly digests: readonly Uint8Array[];
  /** Where each signature goes; without it they come back with the items. */
  readonly targets: readonly WriteGrant[] | undefined;
}

export interface SignedItem {
  /** Of the file, by the mechanism's hash. */
  readonly digest: string;
  readonly ok: boolean;
  readonly error?: string;
  /** Base64, where no file was named. */
  readonly signature?: string;
}

export interface Signed {
  readonly items: SignedItem[];
  readonly entry: LogEntry;
}

function itemOf(hash: Uint8Array, result: SignResult, inline: boolean): SignedItem {
  const digest = toHex(hash);
  if (!result.ok) return { digest, ok: false, error: toErrorInfo(result.error).message };
  return inline ? { digest, ok: true, signature: toBase64(result.signature) } : { digest, ok: true };
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** @throws `refused`, `file-exists` (before anything is signed), the first item's error where all of them failed */
export async function signBatch(bench: Workbench, { key, version, mechanism, digests, targets }: Batch): Promise<Signed> {
  const counter = await countedUse(bench, { key, version, operation: 'sign', count: digests.length });
  const outputs = (targets ?? []).map((target) => OutputFile.plan(target));
  const body = { mechanism, count: digests.length, number: version.record.number };
  const intent = { act: 'key.sign', place: key.record.place, key: key.id, version: version.id, body, puts: [counter], outputs };
  const { value: results, entry } = await underIntent(bench, intent, async (provider) => {
    const results = await provider.sign({ ref: version.record.ref, mechanism, inputs: digests });
    requireSome(results);
    await writeAll(outputs, results);
    const made = outputs.filter((_, index) => results[index]?.ok === true);
    return { value: results, body: { items: digests.map((digest, index) => ({ digest, ok: results[index]?.ok === true })) }, made };
  });
  return { items: results.map((result, index) => itemOf(digests[index] ?? new Uint8Array(0), result, targets === undefined)), entry };
}

async function writeAll(outputs: readonly OutputFile[], results: readonly SignResult[]): Promise<void> {
  for (const [index, output] of outputs.entries()) {
    const result = results[index];
    if (result?.ok !== true) continue;
    await output.write(result.signature);
    await output.sync();
  }
}

function requireSome(results: readonly SignResult[]): void {
  const [first] = results;
  if (first !== undefined && !first.ok && results.every((result) => !result.ok)) throw first.error;
}
