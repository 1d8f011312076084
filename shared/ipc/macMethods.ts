/** Message authentication codes: tags made and verified. */
import { z } from 'zod';
import { nameSchema } from '../validation/name.ts';
import { onFileIn, onFileOut, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { keyField, versionField } from './keyMethods.ts';
import { batchLimit, field, grantSchema, hexSchema, method } from './method.ts';
import { hexView } from './views.ts';

const users = ['officer', 'operator'] as const;
const errors = [...onOpenVault, ...onTime, ...onToken, ...onFileIn, 'not-found'] as const;

export const macMethods = {
  'key.mac': method({
    summary: 'Make a tag of each file: HMAC with the hash of the key, or AES-CMAC; files of at most 4 MiB',
    example: 'settlement orders.csv --vault keys.strongroom',
    access: 'write',
    roles: users,
    fields: {
      key: keyField,
      files: field(z.array(grantSchema).min(1).max(batchLimit), 'the files', { positional: 'rest', grant: 'read' }),
      tags: field(z.array(grantSchema).min(1).max(batchLimit).optional(), 'where each tag goes, as bytes; without it they are answered in hex', { grant: 'write' }),
    },
    reply: z.strictObject({
      key: z.string(),
      version: z.number().int(),
      algorithm: z.string(),
      made: z.number().int(),
      items: z.array(z.strictObject({ sha256: hexView, ok: z.boolean(), error: z.string().optional(), tag: hexView.optional() })),
      logEntry: z.number().int(),
    }),
    errors: [...errors, ...onFileOut],
  }),
  'key.verifyMac': method({
    summary: 'Verify the tag of a file; without a version every one that may still verify is tried, the newest first',
    example: 'settlement --vault keys.strongroom --in orders.csv --tag-file orders.csv.mac',
    access: 'write',
    roles: users,
    fields: {
      key: keyField,
      version: { ...versionField, help: 'the version; without it each that may still verify' },
      in: field(grantSchema, 'the file', { grant: 'read' }),
      tag: field(hexSchema(64).optional(), 'the tag in hex'),
      tagFile: field(grantSchema.optional(), 'the file with the tag', { grant: 'read' }),
      acceptCompromised: field(nameSchema.optional(), 'the name of the key, to use a compromised version all the same'),
    },
    reply: z.strictObject({ valid: z.literal(true), key: z.string(), version: z.number().int(), state: z.string(), logEntry: z.number().int() }),
    errors: [...errors, 'signature-invalid'],
  }),
} as const;
