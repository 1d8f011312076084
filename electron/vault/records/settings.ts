/** What the vault remembers about itself: one row of the table `setting` per name. */
import { utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { RowPut } from '../unlock/openVault.ts';
import type { SettingRecord } from './records.ts';
import { put } from './vaultRecords.ts';
import type { VaultRecords } from './vaultRecords.ts';

export type SettingName = SettingRecord['name'];
export type Setting<N extends SettingName> = Extract<SettingRecord, { name: N }>;

/** The id of a setting's row (FORMAT.md, "Sealed rows"). */
function settingId(name: SettingName): Uint8Array {
  return sha256(utf8('strongroom/v1/setting\0'), utf8(name)).slice(0, 16);
}

export function settingOf<N extends SettingName>(records: VaultRecords, name: N): Setting<N> | undefined {
  const record = records.get('setting', settingId(name));
  return record?.name === name ? (record as Setting<N>) : undefined;
}

export function putSetting(setting: SettingRecord): RowPut {
  return put('setting', settingId(setting.name), setting);
}
