/** A batch of signatures: one intent, one outcome with each item's hash and result; finished items are kept when another fails. */
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import { toErrorInfo } from '../door/toErrorInfo.ts';
import { toHex } from '../crypto/bytes.ts';
import type { WriteGrant } from '../ports/fileGrants.ts';
import type { KeyProvider, SignResult } from '../providers/provider.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry } from '../unlock/openVault.ts';
import { countedUse } from './countedUse.ts';
import { OutputFile } from './outputFile.ts';
import { inGroups } from './signedInput.ts';
import type { SignedInput } from './signedInput.ts';
import { underIntent } from './underIntent.ts';

export interface Batch {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly mechanism: SignatureMechanism;
  readonly inputs: readonly SignedInput[];
  readonly saltLength?: number | undefined;
  /** The form in which a signature leaves: ECDSA as DER, or as it is. */
  readonly encode: (signature: Uint8Array) => Uint8Array;
  /** Where each signature goes; without it they come back with the items. */
  readonly targets: readonly WriteGrant[] | undefined;
}

export interface SignedItem {
  /** Of the file, by the mechanism's hash; SHA-256 where it signs the message. */
  readonly digest: string;
  readonly sha256: string;
  readonly ok: boolean;
  readonly error?: string;
  /** Base64, where no file was named. */
  readonly signature?: string;
}

export interface Signed {
  readonly items: SignedItem[];
  readonly entry: LogEntry;
}

function itemOf({ digest: hash, sha256 }: SignedInput, result: SignResult | undefined, inline: boolean): SignedItem {
  const item = { digest: toHex(hash), sha256: toHex(sha256) };
  if (result?.ok !== true) return { ...item, ok: false, error: toErrorInfo(result?.error).message };
  return inline ? { ...item, ok: true, signature: toBase64(result.signature) } : { ...item, ok: true };
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** @throws `refused`, `file-exists` (before anything is signed), the first item's error where all of them failed */
export async function signBatch(bench: Workbench, batch: Batch): Promise<Signed> {
  const { key, version, mechanism, inputs, targets, saltLength } = batch;
  const counter = await countedUse(bench, { key, version, operation: 'sign', count: inputs.length });
  const outputs = (targets ?? []).map((target) => OutputFile.plan(target));
  const body = { mechanism, count: inputs.length, number: version.record.number, ...(saltLength === undefined ? {} : { saltLength }) };
  const intent = { act: 'key.sign', place: key.record.place, key: key.id, version: version.id, body, puts: [counter], outputs };
  const { value: results, entry } = await underIntent(bench, intent, async (provider) => {
    const results = await signInGroups(provider, batch);
    requireSome(results);
    await writeAll(outputs, results);
    const made = outputs.filter((_, index) => results[index]?.ok === true);
    return { value: results, body: { items: inputs.map(({ digest, sha256 }, index) => ({ digest, sha256, ok: results[index]?.ok === true })) }, made };
  });
  return { items: inputs.map((input, index) => itemOf(input, results[index], targets === undefined)), entry };
}

/** In calls of what a provider takes at once. A call that fails whole takes the batch along: what was signed before it was not given out. */
async function signInGroups(provider: KeyProvider, { version, mechanism, inputs, saltLength, encode }: Batch): Promise<readonly SignResult[]> {
  const results: SignResult[] = [];
  for (const group of inGroups(inputs.map(({ input }) => input)))
    results.push(...(await provider.sign({ ref: version.record.ref, mechanism, inputs: group, ...(saltLength === undefined ? {} : { saltLength }) })));
  return results.map((result) => (result.ok ? { ok: true, signature: encode(result.signature) } : result));
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
