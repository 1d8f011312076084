/** A way in: how one principal's unlock key is made from his passphrase, and what it opens (FORMAT.md, "Ways in"). */
import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { concatBytes, utf8 } from '../crypto/bytes.ts';
import { decodeCanonical, encodeCanonical } from '../crypto/canonicalCbor.ts';
import { openEnvelope, sealEnvelope } from '../crypto/envelope.ts';
import { equalSecret, hkdf, sha256 } from '../crypto/hashes.ts';
import { hkdfLabels } from '../crypto/hkdfLabels.ts';
import { argon2Floor, calibrateArgon2, passphraseKey, requireArgon2InBounds } from '../crypto/passphraseKey.ts';
import type { Argon2Parameters } from '../crypto/passphraseKey.ts';
import { randomBytes } from '../crypto/random.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';

/** `recovery`: by the words of the recovery sheet instead of a passphrase; `both`: by passphrase and token together. */
export type WayMode = 'passphrase' | 'recovery' | 'token' | 'both';

/** What a person and his token give for a way in; borrowed. Which are needed is the mode's. */
export interface WaySecrets {
  readonly passphrase?: SecretBytes | undefined;
  /** 32 bytes. */
  readonly token?: SecretBytes | undefined;
}

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

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const salt = bytes.refine((value) => value.length === 32);
const argon2Fields = { memoryKiB: z.number().int(), passes: z.number().int(), lanes: z.number().int() };

/** Where a token's secret is: which key of which token opens which box, and the module as it was pinned. Nothing vouches for it before the vault is open. */
const tokenPart = z.strictObject({
  modulePath: z.string().max(4096),
  moduleSha256: bytes.refine((value) => value.length === 32),
  ownerUid: z.number().int().optional(),
  parameters: z.string().max(4096).optional(),
  label: z.string().max(64),
  serial: z.string().max(64),
  manufacturer: z.string().max(64),
  ref: z.string().max(512),
  iv: bytes.refine((value) => value.length <= 16),
  ciphertext: bytes.refine((value) => value.length <= 64),
});
export type TokenPart = z.infer<typeof tokenPart>;

const parametersSchema = z.discriminatedUnion('mode', [
  /** `fixed`: the least was asked for, and is not raised at an unlock. */
  z.strictObject({ mode: z.literal('passphrase'), ...argon2Fields, salt, fixed: z.literal(true).optional() }),
  z.strictObject({ mode: z.literal('recovery'), ...argon2Fields, salt }),
  z.strictObject({ mode: z.literal('token'), salt, token: tokenPart }),
  z.strictObject({ mode: z.literal('both'), ...argon2Fields, salt, token: tokenPart }),
]);

/** Epoch of the identity: it does not change with the epochs of the roots. */
const identityEpoch = 0;
/** In the place of what the mode does not take: lengths stay fixed. */
const nothing = new Uint8Array(32);

interface UnlockKey {
  readonly key: Uint8Array;
  readonly commitment: Uint8Array;
}

function required(secret: SecretBytes | undefined, what: string): Uint8Array {
  if (secret === undefined) throw new StrongroomError('secret-unavailable', `this way in takes ${what}, and none was given`, { nextStep: 'open the vault in another of its ways, or give it' });
  return secret.expose();
}

async function unlockKey(vaultId: Uint8Array, principal: Uint8Array, encoded: Uint8Array, secrets: WaySecrets): Promise<UnlockKey> {
  const parameters = readParameters(encoded);
  const typed = parameters.mode === 'token' ? nothing.slice() : await passphraseKey(required(secrets.passphrase, 'a passphrase'), parameters.salt, parameters);
  const held = 'token' in parameters ? required(secrets.token, "a token's secret") : nothing;
  if (held.length !== nothing.length) throw new StrongroomError('vault-tampered', "the vault was changed by another program: a token's secret has another length");
  const material = concatBytes(typed, held);
  try {
    const context = concatBytes(utf8(`${parameters.mode}\0`), principal);
    return { key: hkdf(hkdfLabels.unlock, material, vaultId, context, 32), commitment: hkdf(hkdfLabels.unlockCommitment, material, vaultId, context, 32) };
  } finally {
    typed.fill(0); // SECURITY: the passphrase key is wiped once the unlock key is made
    material.fill(0); // SECURITY: and so is its copy
  }
}

/** How a way in is gone. @throws `vault-tampered` */
export function modeOf({ parameters }: WayIn): WayMode {
  return readParameters(parameters).mode;
}

/** The parameters of a way by passphrase that may be raised at an unlock. @throws `vault-tampered` */
export function raisableCost({ parameters }: WayIn): Argon2Parameters | undefined {
  const read = readParameters(parameters);
  return read.mode === 'passphrase' && read.fixed !== true ? read : undefined;
}

/** The token of a way in that takes one. @throws `vault-tampered` */
export function tokenOf({ parameters }: WayIn): TokenPart | undefined {
  const read = readParameters(parameters);
  return 'token' in read ? read.token : undefined;
}

/** @throws `vault-tampered` for parameters that this version does not write, or out of bounds */
function readParameters(parameters: Uint8Array): z.infer<typeof parametersSchema> {
  const read = safely(() => parametersSchema.parse(decodeCanonical(parameters)));
  if (read === undefined) throw new StrongroomError('vault-tampered', 'the unlock parameters were edited');
  if (read.mode !== 'token') requireArgon2InBounds(read);
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

/** What a new way in is for. */
export interface NewWay {
  readonly vaultId: Uint8Array;
  readonly principal: Uint8Array;
  readonly mode: WayMode;
  /** What a guesser pays: words of a sheet cannot be guessed, and need no more than the least. */
  readonly cost: 'minimum' | 'calibrated' | Argon2Parameters;
  /** For `token` and `both`. */
  readonly token?: TokenPart;
}

/** One row for each mode of a person's, so that a new one takes the place of the old. */
function wayId(principal: Uint8Array, mode: WayMode): Uint8Array {
  return mode === 'passphrase' ? principal : sha256(utf8(`strongroom/v1/way\0${mode}\0`), principal).slice(0, 16);
}

async function argon2Of(cost: NewWay['cost']): Promise<Argon2Parameters> {
  if (cost === 'minimum') return argon2Floor;
  return cost === 'calibrated' ? await calibrateArgon2() : cost;
}

/** Parameters come from code, never from a file. */
export async function makeWayIn({ vaultId, principal, mode, cost, token }: NewWay, seeds: IdentitySeeds, secrets: WaySecrets): Promise<WayIn> {
  const argon2 = mode === 'token' ? {} : await argon2Of(cost);
  const fixed = mode === 'passphrase' && cost === 'minimum' ? { fixed: true } : {};
  const parameters = encodeCanonical({ mode, ...argon2, ...fixed, salt: randomBytes(32), ...(token === undefined ? {} : { token }) });
  const { key, commitment } = await unlockKey(vaultId, principal, parameters, secrets);
  const daily = concatBytes(seeds.encryption, seeds.log);
  try {
    const way = { id: wayId(principal, mode), principal, parameters };
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

/** Lends the unlock key of a way in to `use`, or gives undefined where the secrets are others. */
async function withUnlockKey<T>(vaultId: Uint8Array, way: WayIn, secrets: WaySecrets, use: (key: Uint8Array) => T): Promise<T | undefined> {
  const { key, commitment } = await unlockKey(vaultId, way.principal, way.parameters, secrets);
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

/** The daily keys, or undefined where the secrets are not those of this way in. @throws `vault-tampered` */
export function openWayIn(vaultId: Uint8Array, way: WayIn, secrets: WaySecrets): Promise<OpenedWay | undefined> {
  return withUnlockKey(vaultId, way, secrets, (key) => openDaily(key, vaultId, way));
}

/** The seed of the approval key, for one act; the caller wipes it. @throws `wrong-passphrase`, `vault-tampered` */
export async function openApprovalSeed(vaultId: Uint8Array, way: WayIn, secrets: WaySecrets): Promise<Uint8Array> {
  const seed = await withUnlockKey(vaultId, way, secrets, (key) => openPart(key, way, vaultId, 'approval'));
  if (seed === undefined) throw wrongPassphrase();
  return seed;
}

/** All seeds, to be sealed anew; the caller wipes them. @throws `wrong-passphrase`, `vault-tampered` */
export async function openSeeds(vaultId: Uint8Array, way: WayIn, secrets: WaySecrets): Promise<IdentitySeeds> {
  const seeds = await withUnlockKey(vaultId, way, secrets, (key) => ({ approval: openPart(key, way, vaultId, 'approval'), ...openDaily(key, vaultId, way) }));
  if (seeds === undefined) throw wrongPassphrase();
  return seeds;
}

export function wipeSeeds(seeds: Partial<IdentitySeeds>): void {
  for (const seed of Object.values(seeds)) seed.fill(0); // SECURITY: a seed lives as long as its one use
}

export function wrongPassphrase(): StrongroomError {
  return new StrongroomError('wrong-passphrase', 'the passphrase is wrong', { nextStep: 'try again; capital letters and the keyboard layout count; where you are sure of it, the way in may have been edited: try a backup', retryable: true });
}
