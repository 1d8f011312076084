/** A key version leaves its place, wrapped: as approved, recorded as a distribution, and written to a file once the log has it. */
import type { ActOf, Subject } from '../quorum/guardedRequest.ts';
import type { Approved } from '../quorum/approved.ts';
import { sha256 } from '../crypto/hashes.ts';
import { randomBytes } from '../crypto/random.ts';
import type { WriteGrant } from '../ports/fileGrants.ts';
import type { Wrapper } from '../providers/provider.ts';
import type { DistributionRecord } from '../records/records.ts';
import { put } from '../records/vaultRecords.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry, RowPut } from '../unlock/openVault.ts';
import { OutputFile } from './outputFile.ts';
import { underIntent } from './underIntent.ts';

export interface HandOut {
  readonly act: ActOf<'key.export'> | ActOf<'key.wrap'>;
  readonly approved: Approved;
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly wrapper: Wrapper;
  readonly to: DistributionRecord['to'];
  /** Counters of a wrapping key of ours. */
  readonly puts: readonly RowPut[];
  readonly out: WriteGrant;
  readonly at: number;
}

export interface HandedOut {
  readonly distribution: Uint8Array;
  readonly sha256: Uint8Array;
  readonly entry: LogEntry;
}

/** @throws `file-exists`, `file-unwritable`; what the provider throws */
export async function handOut(bench: Workbench, { act, approved, key, version, wrapper, to, puts, out, at }: HandOut): Promise<HandedOut> {
  const { format, mgfHash, label, ephemeral } = act.mechanism;
  const more = { ...(mgfHash === undefined && label === undefined ? {} : { oaep: { ...(mgfHash === undefined ? {} : { mgfHash }), ...(label === undefined ? {} : { label }) } }), ...(ephemeral === undefined ? {} : { ephemeral }) };
  const id = randomBytes(16);
  const output = OutputFile.plan(out);
  const body = { ...subjectBody(act.subject), to: to.id, toFingerprint: to.fingerprint, ...act.mechanism, effectiveStrength: act.effectiveStrength, request: approved.hash };
  const intent = {
    act: act.method,
    place: key.record.place,
    key: key.id,
    version: version.id,
    body,
    personal: { to: to.name },
    puts: [...puts, approved.consumed],
    approvals: [approved.approval],
    outputs: [output],
  };
  const { value, entry } = await underIntent(bench, intent, async (provider) => {
    const told: string[] = [];
    const wrapped = await provider.wrap({ ref: version.record.ref, wrapper, format, ...more, tell: (note) => told.push(note) });
    const notes = told.length === 0 ? {} : { notes: told };
    await output.write(wrapped);
    await output.sync();
    const digest = sha256(wrapped);
    const record: DistributionRecord = { version: version.id, to, ...act.mechanism, at, effectiveStrength: act.effectiveStrength, harvestable: act.method === 'key.export', sha256: digest, receipt: 'outstanding', ...notes };
    return { value: digest, body: { distribution: id, sha256: digest, ...notes }, puts: [put('distribution', id, record)] };
  });
  return { distribution: id, sha256: value, entry };
}

/** What the log says of the version that an act is about. */
export function subjectBody({ number, fingerprint, name }: Subject) {
  return { number, fingerprint, name };
}
