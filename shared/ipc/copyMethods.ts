/** Keys that go from one token to another: planned, copied or moved with proof, a whole token cloned, and the day when a copy takes the place of what is lost. */
import { z } from 'zod';
import { algorithms, wrapFormats } from '../model/terms.ts';
import { nameSchema } from '../validation/name.ts';
import { onApproval, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { keyField } from './keyMethods.ts';
import { field, method } from './method.ts';
import { copyView, keyView, versionView } from './views.ts';

const officer = ['officer'] as const;
/** As many as a person can look through at the prompt. */
const mostKeys = 200;

const tokenName = z.string().min(1).max(200);
const keys = z.array(nameSchema).min(1).max(mostKeys);
const versionNumber = z.number().int().min(1).max(1_000_000).optional();

/** How keys travel between tokens, for plan, copy and clone alike. */
const travelFields = {
  transport: field(z.enum(['rsa-3072', 'rsa-4096']).default('rsa-3072'), 'the pair that the destination makes for this act alone, and that opens what travels'),
  ephemeralKey: field(z.enum(['place', 'computer']).default('place'), 'where a destination cannot open what is wrapped: `computer` lets the clear key pass through this computer, whose memory then holds it'),
} as const;
const acceptStrength = field(z.number().int().optional(), 'the effective strength in bits that you accept, where the transport pair is weaker than a key');

/** One version: how it would travel, or why it cannot. */
const plannedView = z.strictObject({
  key: z.string(),
  version: z.number().int(),
  algorithm: z.enum(algorithms),
  goes: z.boolean(),
  format: z.enum(wrapFormats).optional(),
  /** Security strength in bits of the key, and of what would travel. */
  ownStrength: z.number().int(),
  effectiveStrength: z.number().int().optional(),
  /** How it would be proved that both hold the same key. */
  proof: z.string().optional(),
  why: z.string().optional(),
  nextStep: z.string().optional(),
});

const leftView = z.strictObject({ what: z.string(), why: z.string() });
const copied = { copies: z.array(copyView), logEntry: z.number().int() } as const;
const errors = [...onOpenVault, ...onTime, ...onToken, 'not-found', 'already-exists'] as const;

export const copyMethods = {
  'key.planCopy': method({
    summary: 'Say, before anything is made, which keys can go to another token, how, and why the others cannot',
    example: '--from TOKEN --to BACKUP --vault keys.strongroom --pin-file pin.txt',
    access: 'read',
    roles: officer,
    fields: {
      keys: field(keys.optional(), 'the keys; without it all keys of this vault on the token of --from'),
      version: field(versionNumber, 'one version; without it all that live'),
      from: field(tokenName.optional(), 'a token, by label or serial number: all its keys'),
      to: field(tokenName, 'the token that is to hold copies, by label or serial number'),
      ...travelFields,
    },
    reply: z.strictObject({ versions: z.array(plannedView), left: z.array(leftView) }),
    errors: [...errors],
  }),
  'key.copy': method({
    summary: 'Copy keys to another token, wrapped from token to token, with proof that both hold the same; or move them',
    example: 'payroll --vault keys.strongroom --to BACKUP --accept-strength 128 --confirm payroll',
    access: 'guarded',
    roles: officer,
    fields: {
      keys: field(keys, 'the keys; all of them go, or none', { positional: 'rest' }),
      version: field(versionNumber, 'one version of one key; without it all that live'),
      to: field(tokenName, 'the token, by label or serial number'),
      move: field(z.boolean().optional(), "make the token the key's place, and destroy it where it was once the proof is there"),
      ...travelFields,
      acceptStrength,
    },
    reply: z.strictObject({ ...copied, moved: z.array(keyView), notes: z.array(z.string()) }),
    errors: [...errors, ...onApproval, 'unwrap-failed', 'decrypt-failed'],
  }),
  'token.clone': method({
    summary: 'Copy all keys of this vault on a token to another one, for the day when the first is lost; lists what could not be cloned, and why',
    example: 'TOKEN --vault keys.strongroom --to BACKUP --accept-strength 128 --confirm BACKUP',
    access: 'guarded',
    roles: officer,
    fields: {
      token: field(tokenName, 'the token, by label or serial number', { positional: 'one' }),
      to: field(tokenName, 'the token that is to hold copies, by label or serial number'),
      ...travelFields,
      acceptStrength,
    },
    reply: z.strictObject({ ...copied, left: z.array(leftView) }),
    errors: [...errors, ...onApproval],
  }),
  'key.promote': method({
    summary: "Make the token that holds a key's copies its place: for the day when the key's own token is lost",
    example: 'payroll --vault keys.strongroom --to BACKUP --pin-file pin.txt',
    access: 'write',
    roles: officer,
    fields: { key: keyField, to: field(tokenName, 'the token that holds the copies, by label or serial number') },
    reply: z.strictObject({ key: keyView, version: versionView, copies: z.array(copyView), logEntry: z.number().int() }),
    errors: [...errors],
  }),
} as const;
