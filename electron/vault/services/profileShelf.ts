/** Where what was found out about tokens is kept: in the vault, per model, firmware and module. */
import { equalBytes } from '../crypto/bytes.ts';
import type { ProfileShelf } from '../providers/pkcs11/pkcs11Modules.ts';
import type { TokenInfo } from '../providers/pkcs11/tokenInfo.ts';
import type { Place } from '../records/records.ts';
import type { KeptProfile } from '../records/tokenProfiles.ts';
import { putSetting, settingOf } from '../records/settings.ts';
import type { VaultRecords } from '../records/vaultRecords.ts';
import type { OpenVault } from '../unlock/openVault.ts';

/** How many models are remembered. */
const mostKept = 32;

type Kind = Pick<KeptProfile, 'manufacturer' | 'model' | 'firmware' | 'moduleSha256'>;

function kindOf(records: VaultRecords, { manufacturer, model, firmwareVersion, modulePath }: TokenInfo): Kind | undefined {
  const module = records.find('module', ({ path }) => path === modulePath);
  return module === undefined ? undefined : { manufacturer, model, firmware: firmwareVersion, moduleSha256: module.record.sha256 };
}

function isOf(kind: Kind, kept: KeptProfile): boolean {
  return kept.manufacturer === kind.manufacturer && kept.model === kind.model && kept.firmware === kind.firmware && equalBytes(kept.moduleSha256, kind.moduleSha256);
}

export function keptProfile(records: VaultRecords, token: TokenInfo): KeptProfile | undefined {
  const kind = kindOf(records, token);
  return kind === undefined ? undefined : settingOf(records, 'profiles')?.profiles.find((kept) => isOf(kind, kept));
}

interface Shelved {
  readonly vault: OpenVault;
  readonly records: VaultRecords;
  now(): number;
}

/** A vault that can only be read keeps nothing, and tries anew. */
export function profileShelf({ vault, records, now }: Shelved): ProfileShelf {
  return {
    find: (token) => keptProfile(records, token)?.profile,
    keep: (token, profile) => {
      const kind = kindOf(records, token);
      if (kind === undefined || vault.readOnly) return;
      const others = (settingOf(records, 'profiles')?.profiles ?? []).filter((kept) => !isOf(kind, kept));
      const kept = { ...kind, at: now(), profile: profile as KeptProfile['profile'] };
      vault.commit({ kind: 'token', body: { act: 'token.probe', ...kind }, puts: [putSetting({ name: 'profiles', profiles: [kept, ...others].slice(0, mostKept) })] });
    },
  };
}

/** What is known of the token of a place, also while it is away: of its model, as it was tried last. */
export function profileOfPlace(records: VaultRecords, place: Place): KeptProfile | undefined {
  if (place.kind === 'software') return undefined;
  const token = records.find('token', ({ label, serial, manufacturer }) => label === place.label && serial === place.serial && manufacturer === place.manufacturer)?.record;
  const module = token === undefined ? undefined : records.find('module', ({ path }) => path === token.modulePath)?.record;
  if (token === undefined || module === undefined) return undefined;
  return settingOf(records, 'profiles')?.profiles.find((kept) => isOf({ ...token, firmware: kept.firmware, moduleSha256: module.sha256 }, kept));
}
