/** A way in: how one principal's unlock key is made from his passphrase, and what it opens (FORMAT.md, "Ways in"). */
import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { concatBytes, utf8 } from '../crypto/bytes.ts';
import { decodeCanonical, encodeCanonical } from '../crypto/canonicalCbor.ts';
import { openEnvelope, sealEnvelope } from '../crypto/envelope.ts';
import { equalSecret, hkdf } from '../crypto/hashes.ts';
import { hkdfLabels } from '../crypto/hkdfLabels.ts';
import { argon2Floor, calibrateArgon2, passphraseKey, requireArgon2InBounds } from '../crypto/passphraseKey.ts';
import { randomBytes } from '../crypto/random.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';

/** A row of `access`. */
export interface WayIn {
  readonly id: Uint8Array;
  readonly principal: Uint8Array;
  /** Plain canonical CBOR: mode, Argon2id parameters, salt. The associated data of both parts. */
  readonly parameters: Uint8Array;
  readonly commitment: Uint8Array;
  /** X-Wing seed ‖ log seed. */
  readonly daily: Uint8Array;
  /** Approval seed. */
  readonly approval: Uint8Array;
}

/** The secret halves of a principal's keys. Whoever holds it wipes it. */
export interface IdentitySeeds {
  readonly encryption: Uint8Array;
  readonly log: Uint8Array;
  readonly approval: Uint8Array;
}

const parametersSchema = z.strictObject({
  mode: z.literal('passphrase'),
  memoryKiB: z.number().int(),
  passes: z.number().int(),
  lanes: z.number().int(),
  salt: z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === 32),
});

/** Epoch of the identity: it does not change with the epochs of the roots. */
const identityEpoch = 0;
/** In the place of a token's secret where the mode has none: lengths stay fixed. */
const noTokenSecret = new Uint8Array(32);

interface UnlockKey {
  readonly key: Uint8Array;
  readonly commitment: Uint8Array;
}

async function unlockKey(vaultId: Uint8Array, principal: Uint8Array, parameters: Uint8Array, passphrase: SecretBytes): Promise<UnlockKey> {
  const { mode, salt, ...argon2 } = readParameters(parameters);
  const typed = await passphraseKey(passphrase.expose(), salt, argon2);
  const material = concatBytes(typed, noTokenSecret);
  try {
    const context = concatBytes(utf8(`${mode}\0`), principal);
    return { key: hkdf(hkdfLabels.unlock, material, vaultId, context, 32), commitment: hkdf(hkdfLabels.unlockCommitment, material, vaultId, context, 32) };
  } finally {
    typed.fill(0); // SECURITY: the passphrase key is wiped once the unlock key is made
    material.fill(0); // SECURITY: and so is its copy
  }
}

/** @throws `vault-tampered` for parameters that this version does not write, or out of bounds */
function readParameters(parameters: Uint8Array): z.infer<typeof parametersSchema> {
  const read = safely(() => parametersSchema.parse(decodeCanonical(parameters)));
  if (read === undefined) throw new StrongroomError('vault-tampered', 'the unlock parameters were edited');
  requireArgon2InBounds(read);
  return read;
}

function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // the caller says what it means
  }
}

function partContext(vaultId: Uint8Array, principal: Uint8Array, parameters: Uint8Array, part: 'daily' | 'approval'): Uint8Array {
  return concatBytes(utf8(`strongroom/v1/access\0${part}\0`), vaultId, principal, parameters);
}

function partKey(unlock: Uint8Array, vaultId: Uint8Array, principal: Uint8Array, part: 'daily' | 'approval'): Uint8Array {
  return hkdf(part === 'daily' ? hkdfLabels.identityDaily : hkdfLabels.identityApproval, unlock, vaultId, principal, 32);
}

function sealPart(unlock: Uint8Array, way: Pick<WayIn, 'principal' | 'parameters'>, vaultId: Uint8Array, part: 'daily' | 'approval', secret: Uint8Array): Uint8Array {
  const key = partKey(unlock, vaultId, way.principal, part);
  try {
    return sealEnvelope(key, identityEpoch, partContext(vaultId, way.principal, way.parameters, part), secret);
  } finally {
    key.fill(0); // SECURITY: derived keys live as long as their one use
  }
}

function openPart(unlock: Uint8Array, way: WayIn, vaultId: Uint8Array, part: 'daily' | 'approval'): Uint8Array {
  const key = partKey(unlock, vaultId, way.principal, part);
  try {
    const opened = safely(() => openEnvelope(key, partContext(vaultId, way.principal, way.parameters, part), way[part]));
    if (opened === undefined) throw new StrongroomError('vault-tampered', 'the vault was changed by another program: a way in was edited');
    return opened;
  } finally {
    key.fill(0); // SECURITY: derived keys live as long as their one use
  }
}

/** Parameters come from code, never from a file. */
export async function makeWayIn(vaultId: Uint8Array, principal: Uint8Array, seeds: IdentitySeeds, passphrase: SecretBytes, cost: 'minimum' | 'calibrated'): Promise<WayIn> {
  const argon2 = cost === 'minimum' ? argon2Floor : await calibrateArgon2();
  const parameters = encodeCanonical({ mode: 'passphrase', ...argon2, salt: randomBytes(32) });
  const { key, commitment } = await unlockKey(vaultId, principal, parameters, passphrase);
  const daily = concatBytes(seeds.encryption, seeds.log);
  try {
    const way = { id: principal, principal, parameters };
    return { ...way, commitment, daily: sealPart(key, way, vaultId, 'daily', daily), approval: sealPart(key, way, vaultId, 'approval', seeds.approval) };
  } finally {
    key.fill(0); // SECURITY: the unlock key is not kept
    daily.fill(0); // SECURITY: nor the seeds in the clear
  }
}

export interface OpenedWay {
  readonly encryption: Uint8Array;
  readonly log: Uint8Array;
}

/** Lends the unlock key of a way in to `use`, or gives undefined where the passphrase is another. */
async function withUnlockKey<T>(vaultId: Uint8Array, way: WayIn, passphrase: SecretBytes, use: (key: Uint8Array) => T): Promise<T | undefined> {
  const { key, commitment } = await unlockKey(vaultId, way.principal, way.parameters, passphrase);
  try {
    if (!equalSecret(commitment, way.commitment)) return undefined; // SECURITY: a wrong key is told from an edited blob before anything is opened
    return use(key);
  } finally {
    key.fill(0); // SECURITY: the unlock key is not kept
  }
}

function openDaily(key: Uint8Array, vaultId: Uint8Array, way: WayIn): OpenedWay {
  const daily = openPart(key, way, vaultId, 'daily');
  return { encryption: daily.subarray(0, 32), log: daily.subarray(32) }; // SECURITY: views: whoever wipes both has wiped all
}

/** The daily keys, or undefined where the passphrase is not that of this way in. @throws `vault-tampered` */
export function openWayIn(vaultId: Uint8Array, way: WayIn, passphrase: SecretBytes): Promise<OpenedWay | undefined> {
  return withUnlockKey(vaultId, way, passphrase, (key) => openDaily(key, vaultId, way));
}

/** The seed of the approval key, for one act; the caller wipes it. @throws `wrong-passphrase`, `vault-tampered` */
export async function openApprovalSeed(vaultId: Uint8Array, way: WayIn, passphrase: SecretBytes): Promise<Uint8Array> {
  const seed = await withUnlockKey(vaultId, way, passphrase, (key) => openPart(key, way, vaultId, 'approval'));
  if (seed === undefined) throw wrongPassphrase();
  return seed;
}

/** All seeds, to be sealed anew; the caller wipes them. @throws `wrong-passphrase`, `vault-tampered` */
export async function openSeeds(vaultId: Uint8Array, way: WayIn, passphrase: SecretBytes): Promise<IdentitySeeds> {
  const seeds = await withUnlockKey(vaultId, way, passphrase, (key) => ({ approval: openPart(key, way, vaultId, 'approval'), ...openDaily(key, vaultId, way) }));
  if (seeds === undefined) throw wrongPassphrase();
  return seeds;
}

export function wipeSeeds(seeds: Partial<IdentitySeeds>): void {
  for (const seed of Object.values(seeds)) seed.fill(0); // SECURITY: a seed lives as long as its one use
}

export function wrongPassphrase(): StrongroomError {
  return new StrongroomError('wrong-passphrase', 'the passphrase is wrong', { nextStep: 'try again; capital letters and the keyboard layout count; where you are sure of it, the way in may have been edited: try a backup', retryable: true });
}
