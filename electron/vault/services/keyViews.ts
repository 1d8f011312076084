/** Records of keys as replies show them. */
import type { z } from 'zod';
import type { copyView, distributionView, keyView, placeView, versionView } from '../../../shared/ipc/views.ts';
import { toHex } from '../crypto/bytes.ts';
import { attestationOf } from './attestationViews.ts';
import { viewCertificate } from './certificateViews.ts';
import type { CopyRecord, DistributionRecord, Place } from '../records/records.ts';
import type { KeyRow, Row, VaultRecords, VersionRow } from '../records/vaultRecords.ts';
import { protectionLimit } from '../rules/allowUse.ts';
import { purposeFacts } from '../../../shared/lifecycle/purposes.ts';

export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

/** `value` mapped where there is one, under `name`; else no field at all. */
function optional<N extends string, V, W>(name: N, value: V | undefined, map: (value: V) => W): { [K in N]?: W } {
  return (value === undefined ? {} : { [name]: map(value) }) as { [K in N]?: W };
}

export function viewPlace(place: Place): z.infer<typeof placeView> {
  return place.kind === 'software' ? { kind: 'software', name: 'software' } : { kind: 'pkcs11', name: place.label, serial: place.serial };
}

/** For one-line sentences. */
export function placeName(place: Place): string {
  return place.kind === 'software' ? 'in this vault' : `on the token "${place.label}"`;
}

/** The subject or object of a sentence. */
export function placeNoun(place: Place): string {
  return place.kind === 'software' ? 'this vault' : `the token "${place.label}"`;
}

type Due = z.infer<typeof keyView>['nextDue'];

function nextDue({ state, originatorEnd, recipientEnd }: VersionRow['record'], now: number): Due {
  if (state === 'active' && originatorEnd !== undefined && originatorEnd > now) return { what: 'originator-usage period', at: isoTime(originatorEnd) };
  if (state === 'destroyed' || recipientEnd === undefined) return undefined;
  return { what: 'recipient-usage period', at: isoTime(recipientEnd) };
}

export function viewKey(records: VaultRecords, { id, record }: KeyRow, newest: VersionRow, now: number): z.infer<typeof keyView> {
  const { lastAt } = records.usage(newest.id);
  return {
    id: toHex(id),
    name: record.name,
    purpose: record.purpose,
    algorithm: record.algorithm,
    place: viewPlace(record.place),
    exportable: record.exportable,
    version: newest.record.number,
    state: newest.record.state,
    ...optional('nextDue', nextDue(newest.record, now), (due) => due),
    ...optional('lastUsed', lastAt === 0 ? undefined : lastAt, isoTime),
    ...optional('attestation', attestationOf(record, newest.record), ({ verdict }) => verdict),
  };
}

export function viewVersion(records: VaultRecords, key: KeyRow, { id, record }: VersionRow, now: number): z.infer<typeof versionView> {
  const usage = records.usage(id);
  const protects = purposeFacts[key.record.purpose].operations[0] ?? 'verify';
  return {
    id: toHex(id),
    number: record.number,
    state: record.state,
    ref: record.ref,
    origin: record.origin,
    ...optional('fingerprint', record.fingerprint, toHex),
    ...optional('kcv', record.kcv, ({ value, method }) => ({ value: toHex(value), method })),
    ...optional('bits', record.bits, (bits) => bits),
    ...optional('notes', record.notes, (notes) => [...notes]),
    ...optional('identity', record.secretId, toHex),
    ...optional('originatorUsageEnd', record.originatorEnd, isoTime),
    ...optional('recipientUsageEnd', record.recipientEnd, isoTime),
    ...optional('useLimit', protectionLimit(key.record, protects), (limit) => limit),
    protections: usage.protections,
    processings: usage.processings,
    ...optional('lastUsed', usage.lastAt === 0 ? undefined : usage.lastAt, isoTime),
    ...optional('predecessor', record.predecessor, (number) => number),
    ...optional('occurred', record.occurredAt, isoTime),
    ...optional('certificate', record.certificates, (certificates) => viewCertificate(certificates, record.publicKey, now)),
    ...optional('attestation', attestationOf(key.record, record), (attestation) => attestation),
    history: record.history.map(({ state, at, reason }) => ({ state, at: isoTime(at), ...optional('reason', reason, (text) => text) })),
  };
}

export function viewDistribution(records: VaultRecords, { id, record }: Row<DistributionRecord>): z.infer<typeof distributionView> {
  const version = records.get('version', record.version);
  const key = version === undefined ? undefined : records.keyOf(version);
  const { to, format, at, effectiveStrength, harvestable, sha256, receipt, notes } = record;
  return {
    id: toHex(id),
    key: key?.record.name ?? '?',
    version: version?.number ?? 0,
    to: { kind: to.kind, name: to.name, fingerprint: toHex(to.fingerprint) },
    format,
    parameters: travelWords(record),
    at: isoTime(at),
    effectiveStrength,
    harvestable,
    sha256: toHex(sha256),
    receipt,
    notes: notes ?? [],
  };
}

export function viewCopy({ record: key }: KeyRow, { record: version }: VersionRow, { id, place, ref, proof, at, travelled, destroyedAt, entry }: CopyRecord): z.infer<typeof copyView> {
  return {
    id: toHex(id),
    key: key.name,
    version: version.number,
    place: viewPlace(place),
    ref,
    state: destroyedAt === undefined ? 'held' : 'destroyed',
    proof,
    at: isoTime(at),
    ...optional('format', travelled?.format, (format) => format),
    parameters: travelled === undefined ? [] : copyWords(travelled),
    ...optional('effectiveStrength', travelled?.effectiveStrength, (bits) => bits),
    ...optional('destroyedAt', destroyedAt, isoTime),
    logEntry: entry,
  };
}

function copyWords({ ephemeral, ...travelled }: NonNullable<CopyRecord['travelled']>): string[] {
  return [...travelWords(travelled), ...(ephemeral === 'computer' ? ['the clear key passed through this computer'] : [])];
}

/** What belongs to a wrapping besides its name, in words. */
export function travelWords({ hash, mgfHash, label, ephemeral, encoding }: Partial<DistributionRecord>): string[] {
  const shown = label === undefined || label.length === 0 ? 'no label' : `label "${new TextDecoder().decode(label)}"`;
  return [
    ...(hash === undefined ? [] : [`OAEP with ${hash}, MGF1 with ${mgfHash ?? hash}, ${shown}`]),
    ...(ephemeral === 'computer' ? ['the ephemeral AES key was made on this computer'] : []),
    ...(encoding === 'pkcs8' ? ['the private key as PKCS#8'] : []),
  ];
}

/** Key and version as most replies give them. */
export function viewKeyAndVersion(records: VaultRecords, key: KeyRow, version: VersionRow, now: number) {
  const newest = records.version(key);
  return { key: viewKey(records, key, newest, now), version: viewVersion(records, key, version, now) };
}
