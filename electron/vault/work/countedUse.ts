/** A use of a key version: allowed first, counted with its intent, so that a crash can only over-count. */
import { operationClass } from '../../../shared/lifecycle/purposes.ts';
import type { Operation } from '../../../shared/model/terms.ts';
import { put } from '../records/vaultRecords.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { allowUse } from '../rules/allowUse.ts';
import type { Workbench } from '../services/workbench.ts';
import type { RowPut } from '../unlock/openVault.ts';

export interface WantedUse {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly operation: Operation;
  readonly count?: number;
  readonly acceptCompromised?: string | undefined;
  /** The key signs the request for its own certificate. */
  readonly proof?: boolean | undefined;
}

/** @returns the counter's row, for the intent. @throws `refused` KEY-USE-*, `clock-untrusted` */
export async function countedUse(bench: Workbench, wanted: WantedUse): Promise<RowPut> {
  const now = await bench.trustedNow();
  const { key, version, operation, count = 1, acceptCompromised, proof } = wanted;
  const usage = bench.records.usage(version.id);
  allowUse({ operation, key: key.record, version: version.record, usage, count, now, acceptCompromised, proof });
  const protects = operationClass[operation] === 'protect';
  return put('usage', version.id, {
    protections: usage.protections + (protects ? count : 0),
    processings: usage.processings + (protects ? 0 : count),
    lastAt: now,
  });
}
