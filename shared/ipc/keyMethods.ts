/** The life of keys: made, shown, moved between states, rotated, destroyed. */
import { z } from 'zod';
import { algorithms, keyStates, providerKinds, purposes } from '../model/terms.ts';
import { nameSchema } from '../validation/name.ts';
import { onApproval, onFileOut, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { field, grantSchema, method } from './method.ts';
import { certificateView, copyView, distributionView, guardView, hexView, keyView, versionView } from './views.ts';

const everyone = ['officer', 'custodian', 'operator', 'auditor'] as const;
const officer = ['officer'] as const;

export const keyField = field(nameSchema, 'the key', { positional: 'one' });
const versionNumber = z.number().int().min(1).max(1_000_000).optional();
export const versionField = field(versionNumber, 'the version; without it the newest');
const days = z.number().int().min(1).max(36_500).optional();
const reason = z.string().trim().min(1).max(500);

/** What a new key is, for `generate`, `import` and `unwrap` alike. */
export const newKeyFields = {
  name: field(nameSchema, 'the name of the new key', { positional: 'one' }),
  purpose: field(z.enum(purposes), 'its one purpose'),
  algorithm: field(z.enum(algorithms), 'its algorithm'),
  exportable: field(z.boolean().optional(), 'let it be wrapped out of its place; without this it never leaves'),
  originatorDays: field(days, 'days in which it may protect (SP 800-57 suggests a period per purpose)'),
  recipientDays: field(days, 'days in which what it protected may be processed'),
  useLimit: field(z.number().int().min(1).max(2 ** 32).optional(), 'the most protections (encrypt, sign, wrap) by each version'),
} as const;

const keyReply = z.strictObject({ key: keyView, version: versionView, logEntry: z.number().int() });
const changeErrors = [...onOpenVault, ...onTime, 'not-found'] as const;

function stateMethod<const R extends z.ZodType>(summary: string, example: string, reasonSchema: R) {
  return method({
    summary,
    example,
    access: 'write',
    roles: officer,
    fields: { key: keyField, version: versionField, reason: field(reasonSchema, 'why; kept in the log') },
    reply: keyReply,
    errors: changeErrors,
  });
}

export const keyMethods = {
  'key.generate': method({
    summary: 'Generate a key, in the vault or on a token',
    example: 'payroll --vault keys.strongroom --purpose data-encryption --algorithm aes-256 --exportable',
    access: 'write',
    roles: officer,
    fields: {
      ...newKeyFields,
      place: field(z.string().min(1).max(200).default('software'), '`software` (this vault), or a token by label or serial number'),
      inactive: field(z.boolean().optional(), 'leave it in pre-activation until `key activate`'),
    },
    reply: keyReply,
    errors: [...changeErrors, ...onToken, 'already-exists'],
  }),
  'key.list': method({
    summary: 'List keys',
    example: '--vault keys.strongroom --state active',
    access: 'read',
    roles: everyone,
    fields: {
      state: field(z.enum(keyStates).optional(), 'only keys whose newest version is in this state'),
      purpose: field(z.enum(purposes).optional(), 'only keys of this purpose'),
      place: field(z.enum(providerKinds).optional(), 'only keys in the vault (`software`) or on tokens (`pkcs11`)'),
    },
    reply: z.strictObject({ keys: z.array(keyView) }),
    errors: onOpenVault,
  }),
  'key.show': method({
    summary: 'Show a key: its versions, states and clocks, who holds copies, what may be done now and why not',
    example: 'payroll --vault keys.strongroom',
    access: 'read',
    roles: everyone,
    fields: { key: keyField },
    reply: z.strictObject({
      key: keyView,
      versions: z.array(versionView),
      distributions: z.array(distributionView),
      /** The same key on other tokens. */
      copies: z.array(copyView),
      mayDo: z.array(z.strictObject({ act: z.string(), allowed: z.boolean(), why: z.string().optional() })),
      /** Of a key on a token that was tried: who sees to what its attributes forbid. */
      guards: z.array(guardView).optional(),
    }),
    errors: [...onOpenVault, 'not-found'],
  }),
  'key.public': method({
    summary: 'Write the public half of a pair: SPKI (PEM, DER), JWK or OpenSSH',
    example: 'release --vault keys.strongroom --format pem --out release.pem',
    access: 'read',
    roles: everyone,
    fields: {
      key: keyField,
      version: versionField,
      format: field(z.enum(['pem', 'der', 'jwk', 'openssh']).default('pem'), 'the form of the file'),
      out: field(grantSchema.optional(), 'the file to write; without it only shown', { grant: 'write' }),
    },
    reply: z.strictObject({ fingerprint: hexView, spki: hexView, text: z.string().optional() }),
    errors: [...onOpenVault, ...onFileOut, 'not-found'],
  }),
  'key.activate': stateMethod('Activate a version that waits in pre-activation', 'reserve --vault keys.strongroom', reason.optional()),
  'key.suspend': stateMethod('Suspend a version: it protects nothing until resumed', 'payroll --vault keys.strongroom --reason "audit of the host"', reason),
  'key.resume': stateMethod('Resume a suspended version', 'payroll --vault keys.strongroom --reason "host was clean"', reason),
  'key.deactivate': stateMethod('Deactivate a version for good: it only processes what it protected', 'payroll --vault keys.strongroom', reason.optional()),
  'key.compromise': method({
    summary: 'Declare a version compromised, and list what it touched',
    example: 'payroll --vault keys.strongroom --version 1 --reason "laptop stolen" --occurred 2026-11-20',
    access: 'write',
    roles: officer,
    fields: {
      key: keyField,
      version: versionField,
      reason: field(reason, 'what happened; kept in the log'),
      occurred: field(z.iso.date().optional(), 'the day since when it may have been known, in UTC'),
    },
    reply: z.strictObject({
      key: keyView,
      version: versionView,
      /** What this version touched: distributions, keys wrapped under it, signatures and encryptions since. */
      touched: z.array(z.string()),
      nextSteps: z.array(z.string()),
      logEntry: z.number().int(),
    }),
    errors: changeErrors,
  }),
  'key.rotate': method({
    summary: 'Rotate: a successor in the same place, the predecessor only processes; lists who holds the old one',
    example: 'payroll --vault keys.strongroom',
    access: 'write',
    roles: officer,
    fields: { key: keyField, reason: field(reason.optional(), 'why; kept in the log') },
    reply: z.strictObject({
      key: keyView,
      version: versionView,
      predecessor: versionView,
      /** Distributions of the predecessor: their holders need the successor. */
      holders: z.array(distributionView),
      /** Keys that the predecessor wrapped and that should be wrapped anew. */
      wrapped: z.array(distributionView),
      /** What a person should know of the successor. */
      notes: z.array(z.string()),
      logEntry: z.number().int(),
    }),
    errors: [...changeErrors, ...onToken],
  }),
  'key.destroy': method({
    summary: 'Destroy a version for good, and prove it: looked for again on the token, shredded in the vault',
    example: 'payroll --vault keys.strongroom --version 1 --reason "replaced" --confirm payroll',
    access: 'guarded',
    roles: officer,
    fields: { key: keyField, version: field(versionNumber, 'the version; needed where more than one lives'), reason: field(reason, 'why; kept in the log'), certificates: field(z.boolean().optional(), 'on a token: its certificates go too; without this they stay, without their private key'), copyOn: field(z.string().min(1).max(200).optional(), 'only the copy on this token, by label or serial number; the key stays where it lives') },
    reply: z.strictObject({ key: keyView, version: versionView, certificate: certificateView }),
    errors: [...changeErrors, ...onApproval, ...onToken],
  }),
} as const;
