/** Trusted parties that keys may be wrapped to. */
import { z } from 'zod';
import { nameSchema } from '../validation/name.ts';
import { onFileIn, onOpenVault, onTime } from './errorGroups.ts';
import { field, grantSchema, method } from './method.ts';
import { distributionView, recipientView } from './views.ts';

const everyone = ['officer', 'custodian', 'operator', 'auditor'] as const;
const recipient = field(nameSchema, 'the recipient', { positional: 'one' });

export const recipientMethods = {
  'recipient.add': method({
    summary: 'Add a recipient by its public key or certificate (PEM, DER, PKCS#1, JWK, OpenSSH); you confirm its fingerprint',
    example: 'bank bank-public.pem --vault keys.strongroom --confirm-fingerprint HEX',
    access: 'write',
    roles: ['officer'],
    fields: {
      name: recipient,
      key: field(grantSchema, 'the file with the public key or certificate', { positional: 'one', grant: 'read' }),
      acceptExpired: field(z.boolean().optional(), 'take a certificate that has expired or is not yet valid'),
    },
    reply: recipientView,
    errors: [...onOpenVault, ...onTime, ...onFileIn, 'already-exists'],
  }),
  'recipient.list': method({
    summary: 'List recipients, with fingerprints and strengths',
    example: '--vault keys.strongroom',
    access: 'read',
    roles: everyone,
    fields: {},
    reply: z.strictObject({ recipients: z.array(recipientView) }),
    errors: onOpenVault,
  }),
  'recipient.remove': method({
    summary: 'Remove a recipient; what was distributed to it stays on record',
    example: 'bank --vault keys.strongroom --confirm bank',
    access: 'write',
    roles: ['officer'],
    fields: { name: recipient },
    reply: z.strictObject({ removed: z.string(), holds: z.array(distributionView) }),
    errors: [...onOpenVault, ...onTime, 'not-found'],
  }),
  'distribution.list': method({
    summary: 'List distributions: which version went to whom, in which format, when',
    example: '--vault keys.strongroom --key payroll',
    access: 'read',
    roles: everyone,
    fields: {
      key: field(nameSchema.optional(), 'only of this key'),
      recipient: field(nameSchema.optional(), 'only to this recipient'),
    },
    reply: z.strictObject({ distributions: z.array(distributionView) }),
    errors: [...onOpenVault, 'not-found'],
  }),
} as const;
