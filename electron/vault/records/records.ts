/** The rows of the vault as typed records: one schema per table, so that nothing reads a row by guesswork. Times are milliseconds since 1970, UTC. */
import { z } from 'zod';
import { keptProfileRecord } from './tokenProfiles.ts';
import { attestationVerdicts } from '../../../shared/model/attestation.ts';
import { algorithms, copyProofs, keyStates, oaepHashes, origins, purposes, wrapFormats } from '../../../shared/model/terms.ts';

export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
export const id = bytes.refine((value) => value.length === 16);
const time = z.number().int();
const count = z.number().int().min(0);

/** Where the versions of a key live. A token is named by what does not change when it is plugged in elsewhere. */
export const placeRecord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('software') }),
  z.strictObject({ kind: z.literal('pkcs11'), label: z.string(), serial: z.string(), manufacturer: z.string() }),
]);
export type Place = z.infer<typeof placeRecord>;

export const keyRecord = z.strictObject({
  name: z.string(),
  purpose: z.enum(purposes),
  algorithm: z.enum(algorithms),
  place: placeRecord,
  exportable: z.boolean(),
  originatorDays: count,
  recipientDays: count,
  /** Protections by each version; without it only what the algorithm itself allows. */
  useLimit: count.optional(),
  createdAt: time,
});
export type KeyRecord = z.infer<typeof keyRecord>;

/** What a device said of a key, and what was found of it when it was taken. */
export const attestationRecord = z.strictObject({
  at: time,
  from: z.enum(['token', 'files']),
  verdict: z.enum(attestationVerdicts),
  reason: z.string(),
  facts: z.array(z.string()),
  /** Names from the attestation up to its root. */
  path: z.array(z.string()),
  /** What was not looked at, in words. */
  notChecked: z.array(z.string()),
  /** As the device gave it: the attestation first, then the certificates above it; nothing where the token showed none. */
  evidence: z.array(bytes),
});
export type AttestationRecord = z.infer<typeof attestationRecord>;

/** What belongs to a wrapping besides its name: hash, MGF1 and label of OAEP (RFC 8017 §7.1), where an ephemeral key is made, how the key is encoded inside. */
export const travelParameters = {
  hash: z.enum(oaepHashes).optional(),
  mgf: z.literal('mgf1').optional(),
  mgfHash: z.enum(oaepHashes).optional(),
  label: bytes.optional(),
  ephemeral: z.enum(['place', 'computer']).optional(),
  encoding: z.enum(['raw', 'pkcs8']).optional(),
} as const;

/** The same key version elsewhere: made by a copy, or left behind by a move until it is destroyed. Once it is gone its record stays. */
export const copyRecord = z.strictObject({
  /** The CKA_ID of one that was made here. */
  id,
  place: placeRecord,
  ref: z.string(),
  label: z.string(),
  exportable: z.boolean(),
  at: time,
  /** The log entry of the intent that it belongs to. */
  entry: count,
  proof: z.enum(copyProofs),
  /** How it came there: left out where the key moved away from there. */
  travelled: z.strictObject({ format: z.enum(wrapFormats), ...travelParameters, effectiveStrength: count, transport: bytes }).optional(),
  destroyedAt: time.optional(),
});
export type CopyRecord = z.infer<typeof copyRecord>;

export const versionRecord = z.strictObject({
  key: id,
  number: z.number().int().min(1),
  state: z.enum(keyStates),
  ref: z.string(),
  label: z.string(),
  origin: z.enum(origins),
  /** SubjectPublicKeyInfo of a pair. */
  publicKey: bytes.optional(),
  fingerprint: bytes.optional(),
  kcv: z.strictObject({ value: bytes, method: z.enum(['cmac', 'ecb']) }).optional(),
  secretId: bytes.optional(),
  /** Of a generic secret, whose length is not fixed by its algorithm. */
  bits: count.optional(),
  /** What was odd about it when it came: kept for those who look at it later. */
  notes: z.array(z.string()).optional(),
  /** DER certificates of a pair, its own first, then those that issued it. */
  certificates: z.array(bytes).optional(),
  attestation: attestationRecord.optional(),
  /** What the provider says of this one version, not what was asked for. */
  exportable: z.boolean(),
  activatedAt: time.optional(),
  originatorEnd: time.optional(),
  recipientEnd: time.optional(),
  predecessor: z.number().int().optional(),
  /** The version that it was derived from. */
  derivedFrom: id.optional(),
  /** The same key on other tokens. */
  copies: z.array(copyRecord).optional(),
  /** Since when a compromised version may have been known. */
  occurredAt: time.optional(),
  history: z.array(z.strictObject({ state: z.enum(keyStates), at: time, reason: z.string().optional() })),
});
export type VersionRecord = z.infer<typeof versionRecord>;

/** Counts this copy of the vault only; raised in the intent's transaction, so that a crash can only over-count. */
export const usageRecord = z.strictObject({ protections: count, processings: count, lastAt: time });
export type UsageRecord = z.infer<typeof usageRecord>;

export const recipientRecord = z.strictObject({
  name: z.string(),
  spki: bytes,
  fingerprint: bytes,
  /** Of a key that is not RSA. */
  algorithm: z.enum(algorithms).optional(),
  /** Zero for a key that is not RSA. */
  modulusBits: count,
  strength: count,
  form: z.string(),
  certificate: z.strictObject({ subject: z.string(), issuer: z.string(), notBefore: time, notAfter: time }).optional(),
  notes: z.array(z.string()),
  confirmedAt: time,
  confirmedBy: id,
});
export type RecipientRecord = z.infer<typeof recipientRecord>;

export const distributionRecord = z.strictObject({
  version: id,
  to: z.strictObject({ kind: z.enum(['recipient', 'key']), id, name: z.string(), fingerprint: bytes }),
  format: z.enum(wrapFormats),
  ...travelParameters,
  at: time,
  effectiveStrength: count,
  harvestable: z.boolean(),
  sha256: bytes,
  receipt: z.enum(['outstanding', 'here']),
  /** What is odd about the blob, for those who open it. */
  notes: z.array(z.string()).optional(),
});
export type DistributionRecord = z.infer<typeof distributionRecord>;

/** A module as it was pinned (rule TOKEN-1). */
export const moduleRecord = z.strictObject({ path: z.string(), ownerUid: count.optional(), sha256: bytes, name: z.string(), parameters: z.string().optional(), addedAt: time });
export type ModuleRecord = z.infer<typeof moduleRecord>;

/** A key as it was seen on a token: what tells it from another in its place. No secret, and nothing that a PIN is not needed for. */
export const seenKeyRecord = z.strictObject({
  /** In its one form. */
  ref: z.string(),
  kind: z.enum(['secret', 'pair']),
  label: z.string(),
  id: bytes,
  algorithm: z.enum(algorithms).optional(),
  /** SHA-256 of the public half, where the token shows it. */
  fingerprint: bytes.optional(),
  kcv: z.strictObject({ value: bytes, method: z.enum(['cmac', 'ecb']) }).optional(),
  /** Those that are on, by their CKA_ names. */
  attributes: z.array(z.string()),
});
export type SeenKey = z.infer<typeof seenKeyRecord>;

export const tokenRecord = z.strictObject({
  label: z.string(),
  serial: z.string(),
  manufacturer: z.string(),
  model: z.string(),
  modulePath: z.string(),
  lastSeen: time,
  /** What was on it when it was last compared: it is held against what is found when it is back. */
  seen: z.strictObject({ at: time, keys: z.array(seenKeyRecord) }).optional(),
});
export type TokenRecord = z.infer<typeof tokenRecord>;

/** A result file until it has its name. Its temporary name is made from `path` and `mark`. */
export const outputRecord = z.strictObject({
  path: z.string(),
  mark: bytes.refine((value) => value.length === 6),
  overwrite: z.boolean(),
  /** The outcome is in the log, and this file is of it: what is left of it is finished, not removed. */
  made: z.boolean(),
});
export type OutputRecord = z.infer<typeof outputRecord>;

/**
 * Work that was begun. Its outcome removes it, or, where result files wait for their names, marks it; what has no outcome at the next unlock was
 * interrupted. What is marked and has its files goes with the next intent.
 */
export const intentRecord = z.strictObject({
  act: z.string(),
  at: time,
  /** The log entry of the intent. */
  entry: count,
  key: id,
  version: id,
  place: placeRecord,
  /** CKA_IDs of all that the work may make in its place, where it is more than the version. */
  makes: z.array(id).optional(),
  /** The copy of the version that the work is about, where it is not the version itself. */
  copy: id.optional(),
  outputs: z.array(outputRecord).optional(),
  /** The log entry of the outcome. */
  outcome: count.optional(),
});
export type IntentRecord = z.infer<typeof intentRecord>;

/** A request that was approved and carried out, or at least begun: never again (rule QUORUM-1). */
export const requestRecord = z.strictObject({ blob: bytes, hash: bytes, status: z.literal('consumed'), at: time });

/** What the vault remembers about itself, by name (`records/settings.ts`). */
export const settingRecord = z.discriminatedUnion('name', [
  /** The newest backup that was written: where the log was, and after how many days an unlock says that it is old. */
  z.strictObject({ name: z.literal('backup'), at: time, size: count, root: bytes, sha256: bytes, remindAfterDays: count }),
  /** The vaults that this one was salvaged from, newest first: what was encrypted in them opens here. */
  z.strictObject({ name: z.literal('predecessors'), vaults: z.array(id) }),
  /** What tokens were found to do, newest first. */
  z.strictObject({ name: z.literal('profiles'), profiles: z.array(keptProfileRecord) }),
]);
export type SettingRecord = z.infer<typeof settingRecord>;

export const recordSchemas = {
  key: keyRecord,
  version: versionRecord,
  usage: usageRecord,
  recipient: recipientRecord,
  distribution: distributionRecord,
  module: moduleRecord,
  token: tokenRecord,
  intent: intentRecord,
  request: requestRecord,
  setting: settingRecord,
} as const;
export type RecordTable = keyof typeof recordSchemas;
export type RecordOf<T extends RecordTable> = z.infer<(typeof recordSchemas)[T]>;
