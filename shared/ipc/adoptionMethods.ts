/** Keys that others made on a token, taken into the inventory. */
import { z } from 'zod';
import { purposes } from '../model/terms.ts';
import { onOpenVault, onTime, onToken } from './errorGroups.ts';
import { newKeyFields } from './keyMethods.ts';
import { field, method } from './method.ts';
import { nameSchema } from '../validation/name.ts';
import { companionView, keyView, versionView } from './views.ts';

export const adoptionMethods = {
  'key.adopt': method({
    summary: 'Take a key into this vault that another program made on a token: it stays there, and is used, rotated and destroyed from here',
    example: 'their-key --token TOKEN --vault keys.strongroom --name payroll-signer --purpose signature --pin-file pin.txt',
    access: 'write',
    roles: ['officer'],
    fields: {
      key: field(z.string().min(1).max(4096), 'the key: its pkcs11 URI (RFC 7512), its CKA_ID in hex, or its label', { positional: 'one' }),
      token: field(z.string().min(1).max(200).optional(), 'the token, by label or serial number, where the URI does not say it'),
      name: field(nameSchema, 'what this vault calls it'),
      purpose: field(z.enum(purposes), 'its one purpose: its attributes must allow it'),
      originatorDays: newKeyFields.originatorDays,
      recipientDays: newKeyFields.recipientDays,
      useLimit: newKeyFields.useLimit,
      inactive: field(z.boolean().optional(), 'leave it in pre-activation until `key activate`'),
    },
    reply: z.strictObject({
      key: keyView,
      version: versionView,
      /** What is unsafe about its attributes; kept with the version. */
      notes: z.array(z.string()),
      companions: z.array(companionView),
      logEntry: z.number().int(),
    }),
    errors: [...onOpenVault, ...onTime, ...onToken, 'not-found', 'already-exists'],
  }),
} as const;
