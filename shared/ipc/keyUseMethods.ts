/** Data under keys: files encrypted and decrypted. */
import { z } from 'zod';
import { nameSchema } from '../validation/name.ts';
import { onFileIn, onFileOut, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { keyField, versionField } from './keyMethods.ts';
import { field, grantSchema, hexSchema, method } from './method.ts';
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
    fields: { in: input, out: output, with: field(nameSchema.optional(), 'the key to try instead, where another vault encrypted the file under the same key (agreed, or handed over)'), acceptCompromised },
    reply: z.strictObject({ key: z.string(), version: z.number().int(), bytesIn: z.number().int(), bytesOut: z.number().int(), logEntry: z.number().int() }),
    errors: [...useErrors, ...onFileOut, 'decrypt-failed'],
  }),
  'key.decryptCbc': method({
    summary: 'Decrypt a file that another program made by AES-CBC; nothing proves that it was not changed, and nothing is encrypted so',
    example: 'archive --vault keys.strongroom --in old.bin --out old.txt --iv 000102030405060708090a0b0c0d0e0f',
    access: 'write',
    roles: users,
    fields: {
      key: keyField,
      version: versionField,
      in: input,
      out: output,
      iv: field(hexSchema(16).optional(), 'the initialization vector in hex; without it the first 16 bytes of the file'),
      padding: field(z.enum(['pkcs7', 'none']).default('pkcs7'), 'what fills the last block: PKCS#7, or nothing'),
      acceptCompromised,
    },
    reply: z.strictObject({ key: z.string(), version: z.number().int(), bytesIn: z.number().int(), bytesOut: z.number().int(), logEntry: z.number().int() }),
    errors: [...useErrors, ...onFileOut, 'decrypt-failed'],
  }),
} as const;
