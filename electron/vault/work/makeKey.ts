/** New keys and new versions: generated, imported, unwrapped, rotated. One way to fix what is asked, and one way to record what came. */
import { StrongroomError, refusal } from '../../../shared/errors/strongroomError.ts';
import { purposeFacts } from '../../../shared/lifecycle/purposes.ts';
import type { Algorithm, Origin, Purpose } from '../../../shared/model/terms.ts';
import { sha256 } from '../crypto/hashes.ts';
import { randomBytes } from '../crypto/random.ts';
import type { GenerateRequest, KeyProvider, ProviderKey } from '../providers/provider.ts';
import type { AttestationRecord, KeyRecord, Place, VersionRecord } from '../records/records.ts';
import { put } from '../records/vaultRecords.ts';
import type { KeyRow } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { CborMap, LogEntry, RowPut } from '../unlock/openVault.ts';
import type { OutputFile } from './outputFile.ts';
import { firstAttestation } from './takeAttestation.ts';
import { underIntent } from './underIntent.ts';

const dayLength = 24 * 60 * 60 * 1000;

/** What a person asks a new key to be. */
export interface NewKey {
  readonly name: string;
  readonly purpose: Purpose;
  readonly algorithm: Algorithm;
  readonly exportable?: boolean | undefined;
  readonly originatorDays?: number | undefined;
  readonly recipientDays?: number | undefined;
  readonly useLimit?: number | undefined;
}

/** @throws `refused` KEY-GENERATE-1, KEY-NAME-1; `request-invalid` for periods that do not fit */
export function newKeyRecord(bench: Workbench, wanted: NewKey, place: Place, now: number): KeyRecord {
  const { name, purpose, algorithm, useLimit } = wanted;
  const facts = purposeFacts[purpose];
  if (!facts.algorithms.includes(algorithm)) throw refusal('KEY-GENERATE-1', `"algorithm" for ${purpose} expected ${facts.algorithms.join(', ')}, got ${algorithm}`);
  if (bench.records.find('key', (record) => record.name === name) !== undefined) throw refusal('KEY-NAME-1', `a key named "${name}" was made before: a name is given once, also after the key is gone`, 'choose another name');
  const originatorDays = wanted.originatorDays ?? facts.originatorUsageDays;
  const recipientDays = wanted.recipientDays ?? Math.max(facts.recipientUsageDays, originatorDays);
  if (recipientDays < originatorDays)
    throw new StrongroomError('request-invalid', `"recipientDays" expected at least "originatorDays" (${originatorDays}), got ${recipientDays}`, { field: 'recipientDays' });
  return { name, purpose, algorithm, place, exportable: wanted.exportable === true, originatorDays, recipientDays, createdAt: now, ...(useLimit === undefined ? {} : { useLimit }) };
}

/** What the provider is asked for: the id is chosen here, before it acts. */
export function generateRequest(key: KeyRecord, number: number): GenerateRequest {
  const { name, algorithm, purpose, exportable } = key;
  return { id: randomBytes(16), label: `${name} v${number}`, algorithm, purpose, exportable };
}

/** The two clocks run from activation (SP 800-57 Part 1 §5.3.5). */
export function clocksFrom(key: KeyRecord, at: number): Pick<VersionRecord, 'activatedAt' | 'originatorEnd' | 'recipientEnd'> {
  return { activatedAt: at, originatorEnd: at + key.originatorDays * dayLength, recipientEnd: at + key.recipientDays * dayLength };
}

export interface Birth {
  readonly number: number;
  readonly origin: Origin;
  readonly active: boolean;
  readonly predecessor?: number;
  /** The version that it was derived from. */
  readonly derivedFrom?: Uint8Array | undefined;
  readonly certificates?: readonly Uint8Array[];
  readonly attestation?: AttestationRecord | undefined;
  readonly at: number;
}

/** The record of a version as its provider made it. */
export function versionRecordOf(key: KeyRow, made: ProviderKey, birth: Birth): VersionRecord {
  const { ref, label, publicKey, kcv, secretId, exportable, bits, notes } = made;
  const { number, origin, active, predecessor, derivedFrom, certificates = made.certificates ?? [], attestation, at } = birth;
  return {
    key: key.id,
    number,
    state: active ? 'active' : 'pre-activation',
    ref,
    label,
    origin,
    exportable,
    ...(publicKey === undefined ? {} : { publicKey, fingerprint: sha256(publicKey) }),
    ...(kcv === undefined ? {} : { kcv }),
    ...(secretId === undefined ? {} : { secretId }),
    ...(bits === undefined ? {} : { bits }),
    ...(notes === undefined || notes.length === 0 ? {} : { notes: [...notes] }),
    ...(derivedFrom === undefined ? {} : { derivedFrom }),
    ...(active ? clocksFrom(key.record, at) : {}),
    ...(certificates.length === 0 ? {} : { certificates: [...certificates] }),
    ...(attestation === undefined ? {} : { attestation }),
    ...(predecessor === undefined ? {} : { predecessor }),
    history: [
      { state: 'pre-activation', at },
      ...(active ? [{ state: 'active' as const, at }] : []),
    ],
  };
}

export interface Made {
  readonly key: KeyRow;
  readonly version: Uint8Array;
  readonly entry: LogEntry;
}

export interface Making {
  readonly act: string;
  readonly origin: Origin;
  readonly active: boolean;
  /** Rows that stand with the intent: a counter of the key that unwraps, the token as it was seen. */
  readonly puts?: readonly RowPut[];
  /** What else the log says of it. */
  readonly more?: CborMap;
  /** What was odd about it, beside what its provider found, and the certificates that came with it. */
  readonly notes?: readonly string[];
  readonly certificates?: readonly Uint8Array[];
  readonly derivedFrom?: Uint8Array;
  /** Result files that `make` writes. */
  readonly outputs?: readonly OutputFile[];
  make(provider: KeyProvider, request: GenerateRequest): Promise<ProviderKey>;
}

function withWhatCame(made: ProviderKey, notes: readonly string[]): ProviderKey {
  return { ...made, notes: [...notes, ...(made.notes ?? [])] };
}

/** SP 800-57 Part 1 Rev. 5 §5.2: one key serves one purpose; and what is compromised or gone under one name is so under another. */
function twinNotes({ records }: Workbench, { publicKey, secretId }: ProviderKey): readonly string[] {
  const twins = records.sameKeyAs({ fingerprint: publicKey === undefined ? undefined : sha256(publicKey), secretId });
  return twins.map(({ record }) => {
    const { name, purpose } = records.keyOf(record).record;
    return `it is the same key as version ${record.number} of "${name}" (${purpose}, ${record.state}): one key serves one purpose, under one name`;
  });
}

/** A new key with its first version. */
export async function makeKey(bench: Workbench, record: KeyRecord, making: Making): Promise<Made> {
  const key: KeyRow = { id: randomBytes(16), record };
  const request = generateRequest(record, 1);
  const { act, origin, active, derivedFrom, outputs = [] } = making;
  const body = { name: record.name, purpose: record.purpose, algorithm: record.algorithm, place: record.place, exportable: record.exportable, ...making.more };
  const intent = { act, place: record.place, key: key.id, version: request.id, body, puts: making.puts ?? [], outputs };
  const { entry } = await underIntent(bench, intent, async (provider) => {
    const made = await making.make(provider, request);
    const attestation = await firstAttestation(bench.ports.host, provider, made, record.place, record.createdAt);
    const version = versionRecordOf(key, withWhatCame(made, [...twinNotes(bench, made), ...(making.notes ?? [])]), { number: 1, origin, active, derivedFrom, attestation, at: record.createdAt, ...(making.certificates === undefined ? {} : { certificates: making.certificates }) });
    return { value: undefined, body: madeBody(key, version, request.id), puts: [put('key', key.id, record), put('version', request.id, version)] };
  });
  return { key, version: request.id, entry };
}

/** What the log says of a version that came to be. */
export function madeBody(key: KeyRow, version: VersionRecord, id: Uint8Array) {
  const { number, ref, state, fingerprint, secretId } = version;
  return { key: key.id, version: id, number, ref, state, fingerprint, secretId };
}
