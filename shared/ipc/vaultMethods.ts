/** The vault file itself. */
import { z } from 'zod';
import { roles } from '../model/terms.ts';
import { nameSchema } from '../validation/name.ts';
import { always, onApproval, onFileOut, onOpenVault, onPrompt, onTime, onToken, onUnlock, onVaultFile } from './errorGroups.ts';
import { field, grantSchema, method } from './method.ts';
import { hexView, placeView, timeView, vaultView } from './views.ts';

export const costField = field(
  z.enum(['calibrated', 'minimum']).default('calibrated'),
  'what unlocking costs a guesser: `calibrated` to this machine (about a second), or the `minimum` of RFC 9106 (64 MiB, 3 passes)',
);

/** What a piece of work was. */
const interruptedWork = { act: z.string(), place: placeView, begun: timeView };

export const vaultMethods = {
  'vault.create': method({
    summary: 'Create a vault: one encrypted file, opened by a passphrase, with you as its first officer',
    example: '--vault keys.strongroom --person "Ada Officer"',
    access: 'write',
    roles,
    whileLocked: true,
    fields: {
      file: field(grantSchema, 'the new file', { grant: 'write', vaultFile: true }),
      person: field(nameSchema, 'your name, as the log will have it'),
      unlockCost: costField,
    },
    reply: vaultView,
    errors: [...always, 'already-unlocked', 'locked', 'cancelled', ...onPrompt, ...onFileOut],
  }),
  'vault.unlock': method({
    summary: 'Open a vault by its passphrase',
    example: '--vault keys.strongroom',
    access: 'read',
    roles,
    whileLocked: true,
    windowOnly: true,
    fields: {
      file: field(grantSchema, 'the vault file', { grant: 'read', vaultFile: true }),
      readOnly: field(z.boolean().optional(), 'open it read-only: nothing can be changed, and the opening leaves no trace'),
      with: field(z.enum(['passphrase', 'token', 'both']).optional(), 'the way in to take, where there are several; without it by passphrase, else by both, else by the token'),
      as: field(nameSchema.optional(), 'whom you claim to be; another name than the passphrase opens is refused'),
    },
    reply: vaultView,
    errors: [...always, 'already-unlocked', 'locked', 'refused', 'not-found', 'cancelled', ...onPrompt, ...onUnlock, ...onToken],
  }),
  'vault.look': method({
    summary: 'Look at a vault file without opening it: what its header says, which nothing vouches for yet',
    example: '--vault keys.strongroom',
    access: 'read',
    roles,
    whileLocked: true,
    windowOnly: true,
    fields: { file: field(grantSchema, 'the vault file', { grant: 'read', vaultFile: true }) },
    reply: z.strictObject({ vaultId: hexView, genesisFingerprint: hexView, formatVersion: z.number().int() }),
    errors: [...always, 'already-unlocked', ...onVaultFile],
  }),
  'vault.lock': method({
    summary: 'Lock the vault: wipe what it held in memory and release the file',
    example: '--vault keys.strongroom',
    access: 'read',
    roles,
    whileLocked: true,
    windowOnly: true,
    fields: {},
    reply: z.strictObject({ locked: z.literal(true) }),
    errors: always,
  }),
  'vault.info': method({
    summary: 'Show the vault: its genesis fingerprint, who you are, the head of its log, what the unlock found',
    example: '--vault keys.strongroom',
    access: 'read',
    roles,
    fields: {},
    reply: vaultView,
    errors: onOpenVault,
  }),
  'vault.passwd': method({
    summary: 'Change your passphrase',
    example: '--vault keys.strongroom --passphrase-file old.txt --new-passphrase-file new.txt',
    access: 'write',
    roles,
    fields: { unlockCost: costField },
    reply: z.strictObject({ logEntry: z.number().int(), note: z.string() }),
    errors: [...onOpenVault, ...onApproval],
  }),
  'vault.check': method({
    summary: 'Verify everything from the first entry: signatures, digests, every row and all key material',
    example: '--vault keys.strongroom',
    access: 'read',
    roles,
    fields: {},
    reply: z.strictObject({ entries: z.number().int(), rows: z.number().int(), logRoot: hexView, findings: z.array(z.string()) }),
    errors: [...onOpenVault, ...onTime],
  }),
  'vault.reconcile': method({
    summary: 'Settle work that was interrupted: every place is asked what became of it, a token with its PIN',
    example: '--vault keys.strongroom',
    access: 'write',
    roles: ['officer', 'operator'],
    fields: {},
    reply: z.strictObject({
      settled: z.array(z.strictObject({ ...interruptedWork, how: z.string() })),
      /** What could not be asked, and why. */
      waiting: z.array(z.strictObject({ ...interruptedWork, why: z.string() })),
    }),
    errors: [...onOpenVault, ...onToken],
  }),
} as const;
