/** A batch of signatures: one intent, one outcome with each item's hash and result; finished items are kept when another fails. */
import { toErrorInfo } from '../door/toErrorInfo.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { toBase64 } from '../formats/base64.ts';
import type { WriteGrant } from '../ports/fileGrants.ts';
import type { KeyProvider, SignResult } from '../providers/provider.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry } from '../unlock/openVault.ts';
import { countedUse } from './countedUse.ts';
import { OutputFile } from './outputFile.ts';
import type { SignatureForm } from './signatureForm.ts';
import { inGroups } from './signedInput.ts';
import type { SignedInput } from './signedInput.ts';
import { signTogether } from './signTogether.ts';
import type { Signable } from './signTogether.ts';
import { underIntent } from './underIntent.ts';

export interface Batch {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly form: SignatureForm;
  readonly inputs: readonly SignedInput[];
  /** Where each signature goes; without it they come back with the items. */
  readonly targets: readonly WriteGrant[] | undefined;
}

export interface SignedItem {
  /** Of the file, by the mechanism's hash; SHA-256 where it is not the file's hash that is signed. */
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

/** What the log keeps of an item: the SHA-256 of the file, and the hash that was signed where it is another. */
function recorded({ digest, sha256 }: SignedInput, result: SignResult | undefined) {
  return { sha256, ...(equalBytes(digest, sha256) ? {} : { digest }), ok: result?.ok === true };
}

/** @throws `refused`, `file-exists` (before anything is signed), the first item's error where all of them failed */
export async function signBatch(bench: Workbench, { key, version, form, inputs, targets }: Batch): Promise<Signed> {
  const counter = await countedUse(bench, { key, version, operation: 'sign', count: inputs.length });
  const outputs = (targets ?? []).map((target) => OutputFile.plan(target));
  const { format, mechanism, body: more } = form;
  const body = { format, mechanism, count: inputs.length, number: version.record.number, ...more };
  const intent = { act: 'key.sign', place: key.record.place, key: key.id, version: version.id, body, puts: [counter], outputs };
  const { value: results, entry } = await underIntent(bench, intent, async (provider) => {
    const results = await documentsOf(provider, version, form, inputs);
    requireSome(results);
    await writeAll(outputs, results);
    const made = outputs.filter((_, index) => results[index]?.ok === true);
    return { value: results, body: { items: inputs.map((input, index) => recorded(input, results[index])) }, made };
  });
  return { items: inputs.map((input, index) => itemOf(input, results[index], targets === undefined)), entry };
}

/** All documents by one call of the place; messages that are longer than one call takes, in groups. A call that fails whole takes the batch along: what was signed before it was not given out. */
async function documentsOf(provider: KeyProvider, { record }: VersionRow, form: SignatureForm, inputs: readonly SignedInput[]): Promise<readonly SignResult[]> {
  const { mechanism, saltLength } = form;
  const signAll = async (asked: readonly Signable[]): Promise<readonly SignResult[]> => {
    const results: SignResult[] = [];
    for (const group of inGroups(asked)) results.push(...(await provider.sign({ ref: record.ref, mechanism, inputs: group.map(({ input }) => input), messages: group.map(({ message }) => message), publicKey: record.publicKey, ...(saltLength === undefined ? {} : { saltLength }) })));
    return results;
  };
  return await signTogether(inputs, signAll, form.make);
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
