/**
 * Work that began and has no outcome that is known: the program ended in the middle, or its module did. What needs no token is settled at the unlock, the rest when its token is next
 * used or asked by `vault.reconcile`: a key that nobody got is destroyed, a destruction that was done is recorded, of a use nothing is known but
 * that it was counted, and a result file that was left under its temporary name is finished or removed.
 */
import type { ErrorCode } from '../../../shared/errors/errorCodes.ts';
import type { KeyProvider } from '../providers/provider.ts';
import { equalBytes } from '../crypto/bytes.ts';
import type { IntentRecord } from '../records/records.ts';
import { sameKeyUri } from '../providers/pkcs11/pkcs11Uri.ts';
import { put, VaultRecords } from '../records/vaultRecords.ts';
import type { Row } from '../records/vaultRecords.ts';
import type { CborMap, OpenVault, RowPut, RowRef } from '../unlock/openVault.ts';
import { inState } from './changeState.ts';
import { heldCopies, withoutCopy } from './copyRecords.ts';
import { leftFiles, settleFile } from './leftFiles.ts';
import type { LeftFile } from './leftFiles.ts';

export type IntentRow = Row<IntentRecord>;

/** What an unlock finds begun and not ended. */
export function interruptedWork(vault: OpenVault): readonly IntentRow[] {
  return [...new VaultRecords(vault).all('intent')].filter(({ record }) => record.outcome === undefined || leftFiles(record).length > 0);
}

/** Work whose outcome and result files are where they belong: its rows go with the next intent. */
export function finishedWork(vault: OpenVault): readonly RowRef[] {
  const rows = [...new VaultRecords(vault).all('intent')].filter(({ record }) => record.outcome !== undefined && leftFiles(record).length === 0);
  return rows.map(({ id }) => ({ table: 'intent', id }));
}

/** An interrupted piece of work in words: what, where and since when. */
export function wordsOf({ act, place, at, entry }: IntentRecord): string {
  const where = place.kind === 'software' ? 'in this vault' : `on the token "${place.label}"`;
  return `${act} ${where}, begun ${new Date(at).toISOString()} (log entry ${entry})`;
}

/** Only its token can say what became of it. */
export function needsToken({ place, outcome }: IntentRecord): boolean {
  return place.kind === 'pkcs11' && outcome === undefined;
}

/** Acts that make a key which only their outcome would have given to somebody. */
const makingActs = ['key.generate', 'key.rotate', 'key.import', 'key.unwrap', 'key.derive', 'key.encapsulate', 'vault.addWay'];

/** After these only the token knows whether it has acted. */
const unknownAfter: readonly ErrorCode[] = ['token-timeout', 'token-refused', 'token-absent', 'token-key-missing', 'module-crashed', 'module-malformed', 'module-given-up'];

/** Whether a failure may have left a key on the token that nobody got, or have destroyed one that the vault still has. */
export function mayHaveChanged({ act, place }: Pick<IntentRecord, 'act' | 'place'>, code: ErrorCode): boolean {
  return place.kind === 'pkcs11' && (makingActs.includes(act) || act === 'key.destroy') && unknownAfter.includes(code);
}

/** How a place has it, and the rows that say so. */
interface Finding {
  readonly how: string;
  readonly puts?: readonly RowPut[];
}

/** What became of a piece of work: settled, or why it has to wait. Names of files are in it: for the person, not for the log. */
export interface Settlement {
  readonly record: IntentRecord;
  readonly settled: boolean;
  readonly words: string;
}

/** Its result files alone, which no token is needed for. */
export function settleFiles(record: IntentRecord): readonly LeftFile[] {
  return leftFiles(record).map(settleFile);
}

/** Settles one piece of work. @returns undefined where it was settled meanwhile */
export async function settleWork(vault: OpenVault, { id, record }: IntentRow, provider: () => Promise<KeyProvider>): Promise<Settlement | undefined> {
  const files = settleFiles(record);
  const stays = files.find(({ fate }) => fate === 'stays');
  if (stays !== undefined) return { record, settled: false, words: stays.sentence };
  const { how, puts = [] } = record.outcome === undefined ? await settle(vault, record, await provider()) : { how: 'its outcome is in the log' };
  if (vault.get('intent', id) === undefined) return undefined;
  vault.commit({ kind: 'outcome', body: settledBody(record, how, files), puts, removes: [{ table: 'intent', id }] });
  return { record, settled: true, words: [how, ...files.map(({ sentence }) => sentence)].join('; ') };
}

function settledBody({ act, entry, outcome, key, version }: IntentRecord, how: string, files: readonly LeftFile[]): CborMap {
  const number = (wanted: LeftFile['fate']) => files.filter(({ fate }) => fate === wanted).length;
  const result = outcome === undefined ? { ok: false, code: 'interrupted' } : { ok: true };
  return { act, intent: entry, ...result, settled: how, key, version, filesNamed: number('named'), filesRemoved: number('removed') };
}

async function settle(vault: OpenVault, record: IntentRecord, provider: KeyProvider): Promise<Finding> {
  const { act, version, at, makes, copy } = record;
  if (makes !== undefined) return await settleMany(provider, makes, knownRefs(vault));
  if (copy !== undefined) return await settleCopy(vault, version, { copy, at }, provider);
  const known = new VaultRecords(vault).get('version', version);
  // SECURITY: a known version is looked for by its reference: an adopted key has a CKA_ID of its own, and would be taken for gone
  const found = (await provider.list()).find((key) => (known === undefined ? equalBytes(key.id, version) : sameKeyUri(key.ref, known.ref)));
  if (makingActs.includes(act)) {
    if (found === undefined || known !== undefined) return { how: 'no key was made' };
    if (vault.access.ways().some(({ token }) => token?.ref === found.ref)) return { how: 'the way in was added' };
    await provider.destroy(found.ref); // nobody ever got this key: no version names it
    return { how: 'the key that was made was destroyed' };
  }
  if (act !== 'key.destroy') return { how: 'the use is counted; whether a result was made is not known' };
  if (found !== undefined || known === undefined || known.state === 'destroyed') return { how: 'nothing was destroyed' };
  return { how: 'the key is gone: recorded as destroyed', puts: [put('version', version, inState(known, 'destroyed', at, 'destroyed, and interrupted before it was recorded'))] };
}

/** References of all that this vault knows to be somewhere: versions and their copies. */
function knownRefs(vault: OpenVault): readonly string[] {
  const versions = [...new VaultRecords(vault).all('version')];
  return versions.flatMap(({ record }) => [record.ref, ...(record.copies ?? []).map(({ ref }) => ref)]);
}

/** SECURITY: by the CKA_IDs that were chosen at random for this work alone: no key of somebody else has one of them. */
async function settleMany(provider: KeyProvider, makes: readonly Uint8Array[], known: readonly string[]): Promise<Finding> {
  const made = (await provider.list()).filter(({ id, ref }) => makes.some((one) => equalBytes(one, id)) && !known.some((other) => sameKeyUri(other, ref)));
  for (const { ref } of made) await provider.destroy(ref);
  return { how: made.length === 0 ? 'no key was made, or all of them are recorded' : `what was made was destroyed: ${made.length === 1 ? 'one key' : `${made.length} keys`}` };
}

/** The destruction of one copy. */
async function settleCopy(vault: OpenVault, version: Uint8Array, { copy, at }: { readonly copy: Uint8Array; readonly at: number }, provider: KeyProvider): Promise<Finding> {
  const known = new VaultRecords(vault).get('version', version);
  const held = heldCopies(known).find(({ id }) => equalBytes(id, copy));
  if (known === undefined || held === undefined || (await provider.find(held.ref)) !== undefined) return { how: 'nothing was destroyed' };
  return { how: 'the copy is gone: recorded as destroyed', puts: [put('version', version, withoutCopy(known, copy, at))] };
}
