/** Rotation: a successor in the same place, linked to its predecessor, which from then on only processes. Software and token keys alike. */
import { refusal } from '../../../shared/errors/strongroomError.ts';
import type { KeyState } from '../../../shared/model/terms.ts';
import { put } from '../records/vaultRecords.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry, RowPut } from '../unlock/openVault.ts';
import { changedVersion } from './changeState.ts';
import { generateRequest, madeBody, versionRecordOf } from './makeKey.ts';
import { firstAttestation } from './takeAttestation.ts';
import { underIntent } from './underIntent.ts';

/** States that a rotation moves to deactivated; the others stay as they are. */
const movedOn: readonly KeyState[] = ['active', 'suspended'];

export interface Rotated {
  readonly version: Uint8Array;
  readonly entry: LogEntry;
}

function predecessorRow(key: KeyRow, version: VersionRow, reason: string | undefined, now: number): readonly RowPut[] {
  if (!movedOn.includes(version.record.state)) return [];
  return [changedVersion({ key, version, to: 'deactivated', reason: reason ?? 'rotated' }, now)];
}

/** @throws `refused` KEY-STATE-1 where the newest version was never activated; what the provider throws */
export async function rotateKey(bench: Workbench, key: KeyRow, predecessor: VersionRow, reason: string | undefined): Promise<Rotated> {
  const now = await bench.trustedNow();
  const { state, number } = predecessor.record;
  if (state === 'pre-activation') throw refusal('KEY-STATE-1', `"${key.record.name}" version ${number} was never activated: there is nothing to rotate`, 'activate it with `key activate`');
  const request = generateRequest(key.record, number + 1);
  const intent = {
    act: 'key.rotate',
    place: key.record.place,
    key: key.id,
    version: request.id,
    body: { number: number + 1, predecessor: predecessor.id },
    ...(reason === undefined ? {} : { personal: { reason } }),
  };
  const { entry } = await underIntent(bench, intent, async (provider) => {
    const made = await provider.generate(request);
    const attestation = await firstAttestation(bench.ports.host, provider, made, key.record.place, now);
    const version = versionRecordOf(key, made, { number: number + 1, origin: 'generated', active: true, predecessor: number, attestation, at: now });
    const puts = [put('version', request.id, version), ...predecessorRow(key, predecessor, reason, now)];
    return { value: undefined, body: { ...madeBody(key, version, request.id), predecessor: predecessor.id }, puts };
  });
  return { version: request.id, entry };
}
