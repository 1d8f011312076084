/** Which keys of this vault live on a token: versions that were made there, and copies of others. */
import { plainKeyUri } from '../providers/pkcs11/pkcs11Uri.ts';
import type { Place, VersionRecord } from '../records/records.ts';
import type { VaultRecords } from '../records/vaultRecords.ts';
import { samePlace } from '../rules/allowExport.ts';

export interface Resident {
  readonly version: VersionRecord;
  /** In its one form. */
  readonly ref: string;
  /** For people. */
  readonly name: string;
  /** Its key lives in another place. */
  readonly isCopy: boolean;
  /** It was destroyed there. */
  readonly gone: boolean;
}

export function residentsAt(records: VaultRecords, place: Place): readonly Resident[] {
  return [...records.all('version')].flatMap(({ record: version }) => {
    const key = records.keyOf(version).record;
    const name = `${key.name} version ${version.number}`;
    const own = samePlace(key.place, place) ? [{ version, ref: plainKeyUri(version.ref), name, isCopy: false, gone: version.state === 'destroyed' }] : [];
    const copies = (version.copies ?? []).filter((copy) => samePlace(copy.place, place));
    return [...own, ...copies.map(({ ref, destroyedAt }) => ({ version, ref: plainKeyUri(ref), name: `${name}, a copy`, isCopy: true, gone: destroyedAt !== undefined }))];
  });
}
