/** The vault beyond its one file: backups made, checked, drilled, restored, and what is saved of a damaged file. */
import { z } from 'zod';
import { roles } from '../model/terms.ts';
import { nameSchema } from '../validation/name.ts';
import { always, onFileIn, onFileOut, onOpenVault, onPrompt, onTime, onToken, onUnlock, onVaultFile } from './errorGroups.ts';
import { field, grantSchema, method } from './method.ts';
import { costField } from './vaultMethods.ts';
import { hexView, timeView, vaultView } from './views.ts';

const keepers = ['officer', 'custodian'] as const;
const count = z.number().int().min(0);

/** What a backup says of itself, once its vault has vouched for it. */
const backupView = z.strictObject({
  vaultId: hexView,
  genesisFingerprint: hexView,
  epoch: z.number().int(),
  /** The log as of the backup. */
  logEntries: count,
  logRoot: hexView,
  takenAt: timeView,
  bytes: count,
  /** Of the vault file in it. */
  sha256: hexView,
});

/** Opening a backup: its form, its passphrase, and all that an unlock and a check verify. */
const onBackupIn = ['backup-invalid', 'wrong-passphrase', 'not-found', 'cancelled', ...onPrompt, ...onFileIn, ...onToken] as const;

export const backupMethods = {
  'vault.backup': method({
    summary: 'Back the vault up: one sealed file, while the vault is open, read back and verified before it gets its name',
    example: '--vault keys.strongroom --out keys.strongroom-backup',
    access: 'write',
    roles: keepers,
    fields: {
      out: field(grantSchema, 'the backup to write; keep it on another disk', { grant: 'write' }),
      remindAfterDays: field(z.number().int().min(1).max(3650).default(30), 'days after which an unlock says that this backup is old'),
    },
    reply: z.strictObject({ backup: backupView, keys: count, remindAfterDays: z.number().int(), logEntry: z.number().int(), notInIt: z.array(z.string()) }),
    errors: [...onOpenVault, ...onTime, ...onFileOut],
  }),
  'vault.backupCheck': method({
    summary: 'Check a backup without restoring it: form, hash, passphrase, every signature, every row and all key material',
    example: 'keys.strongroom-backup',
    access: 'read',
    roles,
    whileLocked: true,
    fields: { backup: field(grantSchema, 'the backup', { grant: 'read', positional: 'one' }) },
    reply: z.strictObject({ backup: backupView, ageDays: count, keys: count, entries: count, rows: count, findings: z.array(z.string()) }),
    errors: [...always, ...onBackupIn],
  }),
  'vault.drill': method({
    summary: 'Rehearse a restore: open a backup in memory, compare it with this vault, time it, and record how it went',
    example: '--vault keys.strongroom --backup keys.strongroom-backup',
    access: 'write',
    roles: keepers,
    fields: { backup: field(grantSchema.optional(), 'the backup; without one a copy is taken now, which proves less: not the medium', { grant: 'read' }) },
    reply: z.strictObject({
      backup: backupView,
      milliseconds: count,
      ageDays: count,
      /** What was done since the backup, and would be lost by a restore. */
      lost: z.strictObject({ entries: count, keys: count, versions: count }),
      /** Key versions that were destroyed since, and would open again. */
      wouldComeBack: count,
      logEntry: z.number().int(),
      findings: z.array(z.string()),
    }),
    errors: [...onOpenVault, ...onTime, ...onBackupIn],
  }),
  'vault.restore': method({
    summary: 'Restore a backup as a new vault file, which begins a new epoch that names where its log was',
    example: 'keys.strongroom-backup --vault restored.strongroom',
    access: 'write',
    roles,
    whileLocked: true,
    fields: {
      backup: field(grantSchema, 'the backup', { grant: 'read', positional: 'one' }),
      file: field(grantSchema, 'the vault file to make; no file is overwritten', { grant: 'write', vaultFile: true }),
    },
    reply: z.strictObject({ backup: backupView, ageDays: count, epoch: z.number().int(), logEntry: z.number().int(), findings: z.array(z.string()), vault: vaultView }),
    errors: [...always, 'already-unlocked', 'locked', ...onBackupIn, ...onFileOut, ...onUnlock],
  }),
  'vault.salvage': method({
    summary: 'Save what still opens of a damaged vault into a new one, and name each loss; the damaged file stays as it is',
    example: 'damaged.strongroom --vault salvaged.strongroom',
    access: 'write',
    roles,
    whileLocked: true,
    fields: {
      damaged: field(grantSchema, 'the damaged vault file', { grant: 'read', positional: 'one' }),
      file: field(grantSchema, 'the new vault', { grant: 'write', vaultFile: true }),
      person: field(nameSchema.optional(), 'your name, as the new log will have it; without it as the damaged vault has it'),
      unlockCost: costField,
    },
    reply: z.strictObject({
      /** The vault that was damaged, as its header says. */
      from: z.strictObject({ vaultId: hexView, genesisFingerprint: hexView, logEntries: count, logEntriesRead: count, logRoot: hexView.optional() }),
      saved: z.strictObject({ keys: count, versions: count, materials: count, recipients: count, distributions: count, modules: count, tokens: count }),
      /** One line each. */
      losses: z.array(z.string()),
      findings: z.array(z.string()),
      vault: vaultView,
    }),
    errors: [...always, 'already-unlocked', 'locked', 'wrong-passphrase', 'not-found', 'cancelled', ...onPrompt, ...onFileIn, ...onFileOut, ...onVaultFile, ...onToken],
  }),
} as const;
