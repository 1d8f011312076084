/**
 * The request of a guarded operation: one canonical blob that fixes what will be done, to what, how, by whom, and until when.
 * What is approved is its hash; what is carried out comes from the blob alone (rules QUORUM-1, QUORUM-2).
 */
import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { copyProofs, wrapFormats } from '../../../shared/model/terms.ts';
import { decodeCanonical, encodeCanonical } from '../crypto/canonicalCbor.ts';
import { concatBytes, equalBytes, utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { randomBytes } from '../crypto/random.ts';
import { bytes, id, placeRecord, travelParameters } from '../records/records.ts';
import type { OpenVault } from '../unlock/openVault.ts';

const hash32 = bytes.refine((value) => value.length === 32);

/** A key version, by all that tells it from another. */
const subject = z.strictObject({ key: id, name: z.string(), version: id, number: z.number().int(), ref: z.string(), fingerprint: bytes.optional(), place: z.string() });
export type Subject = z.infer<typeof subject>;

/** What lies beside a key on its token, and whether it goes with it. A certificate is named by the SHA-256 of its DER. */
const companion = z.strictObject({ kind: z.enum(['public-key', 'certificate']), label: z.string(), id: bytes, sha256: hash32, goes: z.boolean() });

/** How a key travels, with all that belongs to it. */
const mechanism = z.strictObject({ format: z.enum(wrapFormats), ...travelParameters });

/** One key version on its way to another token, and what of its strength is left. */
const travelling = z.strictObject({ subject, mechanism, proof: z.enum(copyProofs), ownStrength: z.number().int(), effectiveStrength: z.number().int() });
export type Travelling = z.infer<typeof travelling>;

/** Where to, and the pair that is made there for this act alone. */
const journey = { to: placeRecord, transport: z.enum(['rsa-3072', 'rsa-4096']), keys: z.array(travelling) } as const;

/** A copy on another token, and whether it goes when its key is destroyed. */
const tokenCopy = z.strictObject({ id, version: id, place: z.string(), ref: z.string(), goes: z.boolean(), why: z.string().optional() });

/** What each guarded operation fixes. */
export const guardedAct = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('key.export'),
    subject,
    recipient: z.strictObject({ id, name: z.string(), spkiSha256: hash32, modulusBits: z.number().int() }),
    mechanism,
    effectiveStrength: z.number().int(),
    ownStrength: z.number().int(),
  }),
  z.strictObject({ method: z.literal('key.wrap'), subject, under: subject, mechanism, effectiveStrength: z.number().int() }),
  z.strictObject({ method: z.literal('key.destroy'), subject, copies: z.array(z.string()), tokenCopies: z.array(tokenCopy), only: z.literal('copies').optional(), companions: z.array(companion), reason: z.string() }),
  z.strictObject({ method: z.literal('key.copy'), move: z.boolean(), ...journey }),
  z.strictObject({ method: z.literal('token.clone'), from: placeRecord, left: z.array(z.strictObject({ what: z.string(), why: z.string() })), ...journey }),
  z.strictObject({ method: z.literal('token.add'), path: z.string(), sha256: hash32, ownerUid: z.number().int().optional(), name: z.string(), parameters: z.string().optional(), replaces: hash32.optional() }),
  z.strictObject({ method: z.literal('token.init'), modulePath: z.string(), slot: z.number().int(), label: z.string(), wipes: z.string().optional() }),
]);
export type GuardedAct = z.infer<typeof guardedAct>;
export type ActOf<M extends GuardedAct['method']> = Extract<GuardedAct, { method: M }>;

const envelope = z.strictObject({
  v: z.literal(1),
  vault: id,
  epoch: z.number().int(),
  requester: id,
  at: z.number().int(),
  expires: z.number().int(),
  nonce: id,
  /** SHA-256 of the statement that sets the quorum; in a solo vault the genesis. */
  policy: hash32,
  act: guardedAct,
});
export type GuardedRequest = z.infer<typeof envelope>;

/** How long an approved request may wait for its execution: one sitting. */
const lifetime = 15 * 60 * 1000;

export interface RequestBlob {
  readonly blob: Uint8Array;
  readonly hash: Uint8Array;
}

/** Fixes an act for this vault, this principal and a quarter of an hour. */
export function writeRequest(vault: OpenVault, act: GuardedAct, now: number): RequestBlob {
  const request: GuardedRequest = {
    v: 1,
    vault: vault.vaultId,
    epoch: vault.epoch,
    requester: vault.principal.id,
    at: now,
    expires: now + lifetime,
    nonce: randomBytes(16),
    policy: vault.genesisFingerprint,
    act,
  };
  const blob = encodeCanonical(request);
  return { blob, hash: requestHash(blob, vault.vaultId) };
}

/** What an approval signs: SHA-256 of `strongroom/v1/request\0` ‖ vault id ‖ blob. */
export function requestHash(blob: Uint8Array, vaultId: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8('strongroom/v1/request\0'), vaultId, blob));
}

/** Reads a blob back. @throws `request-invalid` for what is not the canonical encoding of a request */
export function readRequest(blob: Uint8Array): GuardedRequest {
  try {
    return envelope.parse(decodeCanonical(blob));
  } catch (cause) {
    throw new StrongroomError('request-invalid', 'the request is not in its canonical form', { cause });
  }
}

/** @throws `refused` QUORUM-1 for a request of another vault, another policy, too late, or carried out before */
export function requireFresh(vault: OpenVault, request: GuardedRequest, hash: Uint8Array, now: number): void {
  const stale = (why: string) => new StrongroomError('refused', `the request ${why}`, { rule: 'QUORUM-1', nextStep: 'ask again' });
  if (!equalBytes(request.vault, vault.vaultId)) throw stale('is for another vault');
  if (request.epoch !== vault.epoch || !equalBytes(request.policy, vault.genesisFingerprint)) throw stale('was made under another policy');
  if (now > request.expires) throw stale('has expired');
  if (vault.get('request', requestRowId(hash)) !== undefined) throw stale('was carried out before');
}

/** The row of a request. */
export function requestRowId(hash: Uint8Array): Uint8Array {
  return hash.slice(0, 16);
}

