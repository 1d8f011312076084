/** Ways into a vault: by passphrase, by the recovery sheet; the identity that they open; and the epochs that make old ways worthless. */
import { z } from 'zod';
import { roles } from '../model/terms.ts';
import { nameSchema } from '../validation/name.ts';
import { always, onFileIn, onFileOut, onOpenVault, onPrompt, onToken, onUnlock } from './errorGroups.ts';
import { field, grantSchema, method } from './method.ts';
import { costField } from './vaultMethods.ts';
import { hexView, vaultView } from './views.ts';

export const wayModes = ['passphrase', 'recovery', 'token', 'both'] as const;

/** Software keys that whoever had the old roots could have opened. */
const rotateView = z.array(z.strictObject({ key: z.string(), version: z.number().int(), state: z.string() }));

/** The way that is open may take a token. */
const onPassphrase = [...onOpenVault, ...onPrompt, 'wrong-passphrase', ...onToken] as const;

export const waysMethods = {
  'vault.ways': method({
    summary: 'List the ways into the vault: by passphrase, by a token, by both together, by a recovery sheet',
    example: '--vault keys.strongroom',
    access: 'read',
    roles,
    fields: {},
    reply: z.strictObject({ ways: z.array(z.strictObject({ id: hexView, mode: z.enum(wayModes), open: z.boolean(), /** The label of the token that it takes. */ token: z.string().optional() })) }),
    errors: onOpenVault,
  }),
  'vault.addWay': method({
    summary: 'Add a way into the vault by a key that is made on a token: by the token alone, or by passphrase and token together',
    example: 'both officers --vault keys.strongroom',
    access: 'write',
    roles: ['officer'],
    fields: {
      mode: field(z.enum(['token', 'both']), '`token`: whoever has it and its PIN; `both`: the passphrase too', { positional: 'one' }),
      token: field(nameSchema, "the token's label or serial number", { positional: 'one' }),
    },
    reply: z.strictObject({ logEntry: z.number().int(), way: hexView, note: z.string() }),
    errors: onPassphrase,
  }),
  'vault.removeWay': method({
    summary: 'Remove a way into the vault; copies of the file from before still open by it',
    example: 'WAY --vault keys.strongroom',
    access: 'write',
    roles,
    fields: { way: field(hexView, 'its id, as `vault ways` has it', { positional: 'one' }) },
    reply: z.strictObject({ logEntry: z.number().int(), note: z.string() }),
    errors: [...onPassphrase, 'not-found'],
  }),
  'vault.recoverySheet': method({
    summary: 'Make a recovery sheet: a page to print, whose words open the vault when the passphrase is lost; it counts once its words were typed back',
    example: '--vault keys.strongroom --out sheet.html',
    access: 'write',
    roles,
    fields: { out: field(grantSchema, 'the page to print, HTML; delete it once it is printed', { grant: 'write' }) },
    reply: z.strictObject({ logEntry: z.number().int(), words: z.number().int(), note: z.string() }),
    errors: [...onPassphrase, ...onFileOut],
  }),
  'vault.recover': method({
    summary: 'Open a vault by the words of its recovery sheet: a new passphrase, new keys of yours, and a new epoch',
    example: '--vault keys.strongroom --recovery-words-file words.txt --new-passphrase-file new.txt',
    access: 'write',
    roles,
    whileLocked: true,
    fields: { file: field(grantSchema, 'the vault file', { grant: 'read', vaultFile: true }), unlockCost: costField },
    reply: z.strictObject({ vault: vaultView, rotate: rotateView, note: z.string() }),
    errors: [...always, 'already-unlocked', 'locked', 'not-found', 'cancelled', ...onPrompt, ...onUnlock],
  }),
  'vault.renew': method({
    summary: 'Begin a new epoch, where a passphrase or a copy may be in foreign hands: new passphrase, new keys of yours, everything sealed anew',
    example: '--vault keys.strongroom --new-passphrase-file new.txt',
    access: 'write',
    roles: ['officer'],
    fields: { unlockCost: costField },
    reply: z.strictObject({ epoch: z.number().int(), logEntry: z.number().int(), rotate: rotateView, waysRemoved: z.number().int(), note: z.string() }),
    errors: onPassphrase,
  }),
  'identity.export': method({
    summary: 'Export your identity: your keys of this vault, sealed under your passphrase, for another seat',
    example: '--vault keys.strongroom --out ada.strongroom-id',
    access: 'write',
    roles,
    fields: { out: field(grantSchema, 'the file to write', { grant: 'write' }) },
    reply: z.strictObject({ logEntry: z.number().int(), sha256: hexView, note: z.string() }),
    errors: [...onOpenVault, ...onFileOut],
  }),
  'identity.import': method({
    summary: 'Take your identity back in as the way in by passphrase: it must be of this vault, of this epoch\'s keys',
    example: 'ada.strongroom-id --vault keys.strongroom',
    access: 'write',
    roles,
    fields: { identity: field(grantSchema, 'the identity file', { grant: 'read', positional: 'one' }) },
    reply: z.strictObject({ logEntry: z.number().int(), note: z.string() }),
    errors: [...onPassphrase, ...onFileIn],
  }),
} as const;
