/** The log: read, verified, exported. */
import { z } from 'zod';
import { nameSchema } from '../validation/name.ts';
import { onFileIn, onFileOut, onOpenVault } from './errorGroups.ts';
import { field, grantSchema, method } from './method.ts';
import { entryView, hexView, timeView } from './views.ts';

const everyone = ['officer', 'custodian', 'operator', 'auditor'] as const;

export const auditMethods = {
  'audit.list': method({
    summary: 'List log entries, oldest first',
    example: '--vault keys.strongroom --from 0 --limit 20',
    access: 'read',
    roles: everyone,
    fields: {
      from: field(z.number().int().min(0).default(0), 'the first entry'),
      key: field(nameSchema.optional(), 'only entries about this key'),
      limit: field(z.number().int().min(1).max(10_000).default(1000), 'the most entries'),
    },
    reply: z.strictObject({ entries: z.array(entryView), size: z.number().int() }),
    errors: [...onOpenVault, 'not-found'],
  }),
  'audit.proof': method({
    summary: 'Prove that an entry is in the log: its leaf, the hashes beside its way to the root, the root',
    example: '0 --vault keys.strongroom',
    access: 'read',
    roles: everyone,
    fields: { entry: field(z.number().int().min(0), 'the number of the entry', { positional: 'one' }) },
    reply: z.strictObject({
      entry: entryView,
      /** Leaves of the tree that the proof is for. */
      size: z.number().int(),
      root: hexView,
      /** RFC 6962 §2.1.1, from the leaf upwards. */
      path: z.array(hexView),
    }),
    errors: [...onOpenVault, 'not-found'],
  }),
  'audit.verify': method({
    summary: 'Verify the log of the open vault, or an exported log without a vault',
    example: '--log log.jsonl --genesis HEX',
    access: 'read',
    roles: everyone,
    whileLocked: true,
    fields: {
      log: field(grantSchema.optional(), 'an exported log; without it the log of the vault', { grant: 'read' }),
      genesis: field(z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits').optional(), 'the genesis fingerprint, known from outside the export'),
    },
    reply: z.strictObject({
      vaultId: hexView,
      genesisFingerprint: hexView,
      entries: z.number().int(),
      root: hexView,
      first: timeView,
      last: timeView,
      /** Exactly what is proved, and what is not. */
      statement: z.string(),
      findings: z.array(z.string()),
    }),
    errors: [...onOpenVault, ...onFileIn, 'log-invalid'],
  }),
  'audit.export': method({
    summary: 'Export the log as JSON Lines, to be verified by anyone without the vault',
    example: '--vault keys.strongroom --out log.jsonl',
    access: 'read',
    roles: everyone,
    fields: { out: field(grantSchema, 'the file to write', { grant: 'write' }) },
    reply: z.strictObject({ entries: z.number().int(), root: hexView, genesisFingerprint: hexView, sha256: hexView }),
    errors: [...onOpenVault, ...onFileOut],
  }),
} as const;
