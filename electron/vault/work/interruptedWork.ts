/**
 * Work that began and has no outcome: the program ended in the middle. Shown at unlock, and settled when its place can be asked:
 * a key that nobody got is destroyed, a destruction that was done is recorded, and of a use nothing is known but that it was counted.
 */
import type { KeyProvider } from '../providers/provider.ts';
import { equalBytes } from '../crypto/bytes.ts';
import type { IntentRecord, Place } from '../records/records.ts';
import { put, VaultRecords } from '../records/vaultRecords.ts';
import type { Row } from '../records/vaultRecords.ts';
import { samePlace } from '../rules/allowExport.ts';
import type { CborMap, OpenVault, RowPut } from '../unlock/openVault.ts';
import { inState } from './changeState.ts';

function interrupted(vault: OpenVault): readonly Row<IntentRecord>[] {
  return [...new VaultRecords(vault).all('intent')];
}

/** One sentence per interrupted piece of work. */
export function interruptedWork(vault: OpenVault): readonly string[] {
  return interrupted(vault).map(({ record: { act, place, at, entry } }) => {
    const where = place.kind === 'software' ? 'in this vault' : `on the token "${place.label}"`;
    return `interrupted: ${act} ${where}, begun ${new Date(at).toISOString()} (log entry ${entry}); it is settled when a key there is next used`;
  });
}

/** Acts that make a key which only their outcome would have given to somebody. */
const makingActs = ['key.generate', 'key.rotate', 'key.import', 'key.unwrap', 'vault.addWay'];

interface Settled {
  readonly how: string;
  readonly puts?: readonly RowPut[];
}

/** Settles what was interrupted in a place. @returns how many pieces of work */
export async function settleInterrupted(vault: OpenVault, place: Place, provider: KeyProvider): Promise<number> {
  const here = interrupted(vault).filter(({ record }) => samePlace(record.place, place));
  for (const { id, record } of here) {
    const { how, puts = [] } = await settle(vault, record, provider);
    const body: CborMap = { act: record.act, intent: record.entry, ok: false, code: 'interrupted', settled: how, key: record.key, version: record.version };
    vault.commit({ kind: 'outcome', body, puts, removes: [{ table: 'intent', id }] });
  }
  return here.length;
}

async function settle(vault: OpenVault, { act, version, at }: IntentRecord, provider: KeyProvider): Promise<Settled> {
  const found = (await provider.list()).find((key) => equalBytes(key.id, version));
  const known = new VaultRecords(vault).get('version', version);
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
