/** The destruction of one copy of a version: looked for, destroyed, looked for again; the version stays as it is, and its record says that the copy is gone. */
import type { Approved } from '../quorum/approved.ts';
import { put } from '../records/vaultRecords.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { CopyRecord } from '../records/records.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry } from '../unlock/openVault.ts';
import { withoutCopy } from './copyRecords.ts';
import { destroyAndLook } from './destroyVersion.ts';
import type { DestructionFacts } from './destroyVersion.ts';
import { underIntent } from './underIntent.ts';

export interface CopyDestruction {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly copy: CopyRecord;
  /** The approval of an act that begins with this; what follows within one act names its request. */
  readonly approved: Approved | { readonly hash: Uint8Array };
  readonly at: number;
}

/** @throws what the place of the copy throws */
export async function destroyCopy(bench: Workbench, { key, version, copy, approved, at }: CopyDestruction): Promise<{ readonly facts: DestructionFacts; readonly entry: LogEntry }> {
  const begins = 'approval' in approved;
  const { number, publicKey } = version.record;
  const intent = {
    act: begins ? 'key.destroy' : 'key.removeCopy',
    place: copy.place,
    key: key.id,
    version: version.id,
    copy: copy.id,
    body: { number, copy: copy.id, ref: copy.ref, request: approved.hash },
    ...(begins ? { puts: [approved.consumed], approvals: [approved.approval] } : {}),
  };
  const { value, entry } = await underIntent(bench, intent, async (provider) => {
    const facts = await destroyAndLook(provider, key, { ref: copy.ref, publicKey }, []);
    const now = bench.records.get('version', version.id) ?? version.record;
    return { value: facts, body: { ...facts, copy: copy.id }, puts: [put('version', version.id, withoutCopy(now, copy.id, at))] };
  });
  return { facts: value, entry };
}
