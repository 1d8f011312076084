/** Keys at work: files encrypted, signed and verified. */
import { z } from 'zod';
import { signatureMechanisms } from '../model/terms.ts';
import { nameSchema } from '../validation/name.ts';
import { onFileIn, onFileOut, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { keyField, versionField } from './keyMethods.ts';
import { batchLimit, field, grantSchema, hexSchema, method } from './method.ts';
import { hexView } from './views.ts';

const users = ['officer', 'operator'] as const;
const useErrors = [...onOpenVault, ...onTime, ...onToken, ...onFileIn, 'not-found'] as const;

const input = field(grantSchema, 'the file to read', { grant: 'read' });
const output = field(grantSchema, 'the file to write', { grant: 'write' });
const mechanism = field(z.enum(signatureMechanisms).optional(), 'the signature scheme; without it the one that goes with the key');
const encoding = field(z.enum(['der', 'p1363']).default('der'), 'of an ECDSA signature: DER, or r and s side by side');
const saltBytes = z.number().int().min(0).max(512).optional();
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
  'key.sign': method({
    summary: 'Sign files: one detached signature beside each',
    example: 'release app.tar --vault keys.strongroom --mechanism rsa-pkcs1-sha256',
    access: 'write',
    roles: users,
    fields: {
      key: keyField,
      files: field(z.array(grantSchema).min(1).max(batchLimit), 'the files', { positional: 'rest', grant: 'read' }),
      signatures: field(z.array(grantSchema).min(1).max(batchLimit).optional(), 'where each signature goes; without it FILE.sig', { grant: 'write', besides: { field: 'files', ending: '.sig' } }),
      mechanism,
      encoding,
      saltLength: field(saltBytes, 'bytes of the salt of RSA-PSS; without it as many as the hash has'),
    },
    reply: z.strictObject({
      key: z.string(),
      version: z.number().int(),
      mechanism: z.enum(signatureMechanisms),
      signed: z.number().int(),
      items: z.array(z.strictObject({ digest: hexView, sha256: hexView, ok: z.boolean(), error: z.string().optional(), signature: z.base64().optional() })),
      logEntry: z.number().int(),
    }),
    errors: [...useErrors, ...onFileOut],
  }),
  'key.verify': method({
    summary: 'Verify a detached signature of a file with the public half of a key',
    example: 'release --vault keys.strongroom --in app.tar --signature app.tar.sig --mechanism rsa-pkcs1-sha256',
    access: 'read',
    roles: ['officer', 'custodian', 'operator', 'auditor'],
    fields: { key: keyField, version: versionField, in: input, signature: field(grantSchema, 'the file with the signature', { grant: 'read' }), mechanism, encoding, saltLength: field(saltBytes, 'the only length of an RSA-PSS salt that is taken; without it any, and it is said') },
    reply: z.strictObject({
      valid: z.literal(true),
      key: z.string(),
      version: z.number().int(),
      state: z.string(),
      mechanism: z.enum(signatureMechanisms),
      /** Of RSA-PSS: the bytes of salt that were found. */
      saltLength: z.number().int().optional(),
      notes: z.array(z.string()),
    }),
    errors: [...useErrors, 'signature-invalid'],
  }),
} as const;
