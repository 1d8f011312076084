/** What the clock does by itself: versions whose originator-usage period ended are deactivated when the vault is opened (SP 800-57 Part 1 §7.2). */
import { put, VaultRecords } from '../records/vaultRecords.ts';
import { clockAgrees } from '../rules/trustTime.ts';
import type { OpenVault } from '../unlock/openVault.ts';
import { inState } from './changeState.ts';

/** One commit for all of them; none where clock and log disagree (rule TIME-1). @returns one finding per version */
export function deactivateDue(vault: OpenVault, now: number): readonly string[] {
  if (!clockAgrees(now, vault.log.newestTime())) return [];
  const records = new VaultRecords(vault);
  const due = [...records.all('version')].filter(({ record }) => record.state === 'active' && record.originatorEnd !== undefined && record.originatorEnd <= now);
  if (due.length === 0) return [];
  vault.commit({
    kind: 'state',
    body: { act: 'clock', to: 'deactivated', versions: due.map(({ id }) => id) },
    puts: due.map(({ id, record }) => put('version', id, inState(record, 'deactivated', now, 'end of the originator-usage period'))),
  });
  return due.map(({ record }) => `"${records.keyOf(record).record.name}" version ${record.number} was deactivated: its originator-usage period ended; rotate it with \`key rotate\``);
}
