/** What a device says of a key that it holds: taken, verified against the vendors' roots, and kept. No network. */
import { z } from 'zod';
import { always, onFileIn, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { keyField, versionField } from './keyMethods.ts';
import { field, grantSchema, method } from './method.ts';
import { attestationView, hexView, keyView, versionView } from './views.ts';

const mostFiles = 8;

export const attestationMethods = {
  'key.attest': method({
    summary: 'Take the attestation of a key from its token, or from files; verify it without a network and keep it with the key',
    example: 'release --vault keys.strongroom',
    access: 'write',
    roles: ['officer'],
    fields: {
      key: keyField,
      files: field(z.array(grantSchema).min(1).max(mostFiles).optional(), "the attestation and the certificate of its device, where the token's module does not show them", { grant: 'read' }),
      version: versionField,
    },
    reply: z.strictObject({ key: keyView, version: versionView, attestation: attestationView, logEntry: z.number().int() }),
    errors: [...onOpenVault, ...onTime, ...onToken, ...onFileIn, 'not-found'],
  }),
  'attestation.verify': method({
    summary: "Verify a device's attestation of a key against the vendors' roots, without a network; needs no vault",
    example: 'attestation.pem device.pem --key release.pem --serial 12345678',
    access: 'read',
    roles: ['officer', 'custodian', 'operator', 'auditor'],
    whileLocked: true,
    fields: {
      files: field(z.array(grantSchema).min(1).max(mostFiles), 'the attestation, and the certificate of its device where that is another file', { positional: 'rest', grant: 'read' }),
      key: field(grantSchema.optional(), 'the public key, or a certificate of it, that must be attested', { grant: 'read' }),
      serial: field(z.string().min(1).max(40).optional(), 'the serial number that the device must have'),
      requireGenerated: field(z.boolean().optional(), 'end with an error unless it shows that the device generated the key: for scripts, which look at the exit status'),
    },
    reply: z.strictObject({
      ...attestationView.shape,
      /** SHA-256 of the SubjectPublicKeyInfo that is attested. */
      fingerprint: hexView.optional(),
    }),
    errors: [...always, ...onFileIn, 'refused'],
  }),
} as const;
