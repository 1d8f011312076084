/** Data under keys: files encrypted and decrypted. */
import { z } from 'zod';
import { nameSchema } from '../validation/name.ts';
import { onFileIn, onFileOut, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { keyField } from './keyMethods.ts';
import { field, grantSchema, method } from './method.ts';
import { hexView } from './views.ts';

const users = ['officer', 'operator'] as const;
const useErrors = [...onOpenVault, ...onTime, ...onToken, ...onFileIn, 'not-found'] as const;

const input = field(grantSchema, 'the file to read', { grant: 'read' });
const output = field(grantSchema, 'the file to write', { grant: 'write' });
const acceptCompromised = field(nameSchema.optional(), 'the name of the key, to use a compromised version all the same');

export const keyUseMethods = {
  'key.encrypt': method({
    summary: 'Encrypt a file under an AES key',
    example: 'payroll --vault keys.strongroom --in wages.csv --out wages.csv.sr',
    access: 'write',
    roles: users,
    fields: { key: keyField, in: input, out: output },
    reply: z.strictObject({ key: z.string(), version: z.number().int(), bytesIn: z.number().int(), bytesOut: z.number().int(), sha256: hexView, logEntry: z.number().int() }),
    errors: [...useErrors, ...onFileOut],
  }),
  'key.decrypt': method({
    summary: 'Decrypt a file; which key and version it needs stands in its header',
    example: '--vault keys.strongroom --in wages.csv.sr --out wages.csv',
    access: 'write',
    roles: users,
    fields: { in: input, out: output, acceptCompromised },
    reply: z.strictObject({ key: z.string(), version: z.number().int(), bytesIn: z.number().int(), bytesOut: z.number().int(), logEntry: z.number().int() }),
    errors: [...useErrors, ...onFileOut, 'decrypt-failed'],
  }),
} as const;
