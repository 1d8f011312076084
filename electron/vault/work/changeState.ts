/** A change of a version's state: one transaction, along an edge of the state model. */
import type { KeyState } from '../../../shared/model/terms.ts';
import type { VersionRecord } from '../records/records.ts';
import { put } from '../records/vaultRecords.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { allowTransition } from '../rules/allowTransition.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry, RowPut } from '../unlock/openVault.ts';
import { clocksFrom } from './makeKey.ts';

export interface StateChange {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly to: KeyState;
  readonly reason?: string | undefined;
  readonly occurredAt?: number | undefined;
}

/** The record after the change. */
export function inState(version: VersionRecord, to: KeyState, at: number, reason: string | undefined): VersionRecord {
  return { ...version, state: to, history: [...version.history, { state: to, at, ...(reason === undefined ? {} : { reason }) }] };
}

/** The row of a version after an allowed change. @throws `refused` KEY-STATE-1, KEY-STATE-2 */
export function changedVersion({ key, version, to, reason, occurredAt }: StateChange, now: number): RowPut {
  allowTransition(version.record, to, reason, now);
  const moved = inState(version.record, to, now, reason);
  const firstActive = to === 'active' && version.record.state === 'pre-activation';
  return put('version', version.id, {
    ...moved,
    ...(firstActive ? clocksFrom(key.record, now) : {}),
    ...(occurredAt === undefined ? {} : { occurredAt }),
  });
}

/** @throws `refused`, `clock-untrusted` */
export async function changeState(bench: Workbench, change: StateChange): Promise<LogEntry> {
  const now = await bench.trustedNow();
  const row = changedVersion(change, now);
  const { key, version, to, reason, occurredAt } = change;
  return bench.vault.commit({
    kind: 'state',
    body: { key: key.id, version: version.id, number: version.record.number, from: version.record.state, to, occurredAt },
    ...(reason === undefined ? {} : { personal: { reason } }),
    puts: [row],
  });
}
