/** The PINs of tokens, and what to make of a module's refusals. */
import { z } from 'zod';
import { tokenOperations } from '../model/terms.ts';
import { onFileOut, onOpenVault, onPrompt, onToken } from './errorGroups.ts';
import { field, grantSchema, method } from './method.ts';
import { tokenView } from './views.ts';

const everyone = ['officer', 'custodian', 'operator', 'auditor'] as const;
const token = field(z.string().min(1).max(200), 'the token, by label or serial number', { positional: 'one' });
const user = field(z.enum(['user', 'so']).default('user'), 'whose PIN: that of the user, or of the SO (security officer)');
const changed = z.strictObject({ token: tokenView, logEntry: z.number().int() });
const onPins = [...onOpenVault, ...onToken, ...onPrompt] as const;

export const tokenPinMethods = {
  'token.checkPin': method({
    summary: "Log in to a token as its user or its SO, and out again: proves a PIN, and shows the token's flags after it",
    example: 'TOKEN --vault keys.strongroom --pin-file pin.txt',
    access: 'read',
    roles: everyone,
    fields: { token, user },
    reply: z.strictObject({ token: tokenView }),
    errors: onPins,
  }),
  'token.changePin': method({
    summary: "Change a token's PIN, of its user or of its SO",
    example: 'TOKEN --vault keys.strongroom --pin-file pin.txt --new-pin-file new-pin.txt',
    access: 'write',
    roles: ['officer', 'operator'],
    fields: { token, user },
    reply: changed,
    errors: onPins,
  }),
  'token.unblockPin': method({
    summary: 'Let the SO of a token give its user a new PIN, also where the old one is locked',
    example: 'TOKEN --vault keys.strongroom --so-pin-file so.txt --new-pin-file pin.txt',
    access: 'write',
    roles: ['officer'],
    fields: { token },
    reply: changed,
    errors: onPins,
  }),
  'token.explain': method({
    summary: 'Explain a CKR_ number: what it means for an operation and a module, and what to do next',
    example: 'CKR_PIN_LOCKED --operation log-in --module libykcs11.so',
    access: 'read',
    roles: everyone,
    whileLocked: true,
    fields: {
      code: field(z.string().min(1).max(60), 'the number, as 0xa4 or 164, or its name', { positional: 'one' }),
      operation: field(z.enum(tokenOperations).optional(), 'what was tried'),
      module: field(z.string().min(1).max(4096).optional(), 'the module, by the name of its file'),
    },
    reply: z.strictObject({
      number: z.string(),
      name: z.string(),
      meaning: z.string(),
      nextStep: z.string().optional(),
      /** The product's own code for it. */
      error: z.string(),
      /** What the module is known as, and when wrong PINs lock there. */
      module: z.string().optional(),
      wrongPins: z.string().optional(),
    }),
    errors: ['request-invalid'],
  }),
  'token.trace': method({
    summary: 'Save the last calls of a module for a support ticket: functions, mechanisms, sizes, results and times; no data, no PIN, no label',
    example: 'TOKEN --vault keys.strongroom --out trace.txt',
    access: 'read',
    roles: everyone,
    fields: {
      token: field(z.string().min(1).max(4096), 'the token, by label or serial number, or the module, by file name or path', { positional: 'one' }),
      out: field(grantSchema, 'the file to write', { grant: 'write' }),
    },
    reply: z.strictObject({ module: z.string(), calls: z.number().int() }),
    errors: [...onOpenVault, ...onToken, ...onFileOut],
  }),
} as const;
