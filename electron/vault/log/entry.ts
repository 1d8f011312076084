/** One entry of the log: its canonical bytes, its signature, its leaf, and its personal fields as salted commitments (FORMAT.md, "Entries"). */
import { z } from 'zod';
import { concatBytes, equalBytes, utf8 } from '../crypto/bytes.ts';
import { decodeCanonical, encodeCanonical } from '../crypto/canonicalCbor.ts';
import { sha256 } from '../crypto/hashes.ts';
import { randomBytes } from '../crypto/random.ts';
import { entryKinds } from '../unlock/openVault.ts';
import type { CborMap, LogEntry } from '../unlock/openVault.ts';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const sized = (length: number) => bytes.refine((value) => value.length === length);

export const approvalSchema = z.strictObject({ principal: sized(16), requestHash: sized(32), signature: sized(64) });

export const entrySchema = z.strictObject({
  v: z.literal(1),
  seq: z.number().int().min(0),
  kind: z.enum(entryKinds),
  time: z.number().int().min(0),
  body: z.custom<CborMap>((value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)),
  /** HMAC over the state digest after the change. */
  stateDigest: sized(32),
  rootBefore: sized(32),
  epoch: z.number().int().min(1),
  signer: sized(16),
  approvals: z.array(approvalSchema),
  /** Field to salted commitment. */
  personal: z.record(z.string(), sized(32)),
});
export type Entry = z.infer<typeof entrySchema>;

/** What stands beside an entry so that a personal field can be read; without it the entry still verifies. */
export type Openings = Readonly<Record<string, { readonly salt: Uint8Array; readonly text: string }>>;

/** An entry with all that its leaf is made of. */
export interface SignedEntry {
  readonly salt: Uint8Array;
  readonly encoded: Uint8Array;
  readonly signature: Uint8Array;
  readonly openings: Openings;
}

/** What the actor's log key signs. */
export function entryMessage(vaultId: Uint8Array, encoded: Uint8Array): Uint8Array {
  return concatBytes(utf8('strongroom/v1/entry\0'), vaultId, encoded);
}

/** RFC 6962 leaf, with a salt so that a partial export cannot be guessed from its neighbours. */
export function leafOf({ salt, encoded, signature }: SignedEntry): Uint8Array {
  return sha256(Uint8Array.of(0), salt, encoded, signature);
}

function commitment(salt: Uint8Array, text: string): Uint8Array {
  return sha256(utf8('strongroom/v1/personal\0'), salt, utf8(text));
}

/** Commitments for the entry, openings to be kept beside it. */
export function commitPersonal(fields: Readonly<Record<string, string>>): { readonly personal: Record<string, Uint8Array>; readonly openings: Openings } {
  const openings = Object.fromEntries(Object.entries(fields).map(([field, text]) => [field, { salt: randomBytes(32), text }]));
  const personal = Object.fromEntries(Object.entries(openings).map(([field, { salt, text }]) => [field, commitment(salt, text)]));
  return { personal, openings };
}

export function signEntry(vaultId: Uint8Array, entry: Entry, openings: Openings, sign: (message: Uint8Array) => Uint8Array): SignedEntry {
  const encoded = encodeCanonical(entry);
  return { salt: randomBytes(32), encoded, signature: sign(entryMessage(vaultId, encoded)), openings };
}

/** @throws Error for what is not the canonical encoding of an entry, or an opening that does not fit its commitment */
export function readEntry({ encoded, openings }: SignedEntry): Entry {
  const entry = entrySchema.parse(decodeCanonical(encoded));
  for (const [field, { salt, text }] of Object.entries(openings)) {
    const committed = entry.personal[field];
    if (committed === undefined || !equalBytes(committed, commitment(salt, text))) throw new Error(`the personal field "${field}" does not fit its commitment`);
  }
  return entry;
}

export function toLogEntry(entry: Entry, signed: SignedEntry): LogEntry {
  const { seq, kind, time, epoch, signer, body, approvals } = entry;
  const personal = Object.fromEntries(Object.entries(signed.openings).map(([field, { text }]) => [field, text]));
  return { seq, kind, time, epoch, signer, body, approvals, personal, leaf: leafOf(signed) };
}

/** The genesis fingerprint: SHA-256 over the signed genesis. It names the vault. */
export function genesisFingerprint({ encoded, signature }: SignedEntry): Uint8Array {
  return sha256(utf8('strongroom/v1/genesis\0'), encoded, signature);
}
