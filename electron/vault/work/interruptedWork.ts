/** Work that began and has no outcome: the program ended in the middle. Found at unlock, settled when its place can be asked. */
import { VaultRecords } from '../records/vaultRecords.ts';
import type { OpenVault } from '../unlock/openVault.ts';

/** One sentence per interrupted piece of work. */
export function interruptedWork(vault: OpenVault): readonly string[] {
  return [...new VaultRecords(vault).all('intent')].map(({ record }) => {
    const where = record.place === undefined || record.place.kind === 'software' ? 'in this vault' : `on the token "${record.place.label}"`;
    return `interrupted: ${record.act} ${where}, begun ${new Date(record.at).toISOString()} (log entry ${record.entry}); it is settled when the key or its token is next used`;
  });
}
