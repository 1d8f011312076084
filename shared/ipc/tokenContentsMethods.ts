/** What is on a token against what should be: compared when it is back, expected while it is away. */
import { z } from 'zod';
import { algorithms, keyStates } from '../model/terms.ts';
import { onOpenVault, onTime, onToken } from './errorGroups.ts';
import { field, method } from './method.ts';
import { hexView, tokenView } from './views.ts';

const everyone = ['officer', 'custodian', 'operator', 'auditor'] as const;
const token = field(z.string().min(1).max(200), 'the token, by label or serial number', { positional: 'one' });

export const tokenChangeView = z.strictObject({
  what: z.enum(['plugged', 'pulled', 'changed', 'failing', 'answering']),
  modulePath: z.string(),
  label: z.string(),
  serial: z.string(),
  /** It holds keys of this vault, or was compared before. */
  remembered: z.boolean(),
  /** In a sentence. */
  words: z.string(),
});

export const tokenContentsMethods = {
  'token.compare': method({
    summary: 'Compare what is on a token with what should be: each key that is missing, new, changed or another is named and logged',
    example: 'TOKEN --vault keys.strongroom --pin-file pin.txt',
    access: 'write',
    roles: ['officer', 'operator'],
    fields: {
      token,
      accept: field(z.boolean().optional(), 'keep what is there now of keys that are not of this vault as what should be there'),
    },
    reply: z.strictObject({
      token: tokenView,
      /** When it was compared before; without it this is the first time, and nothing is new. */
      before: z.iso.datetime().optional(),
      keys: z.number().int(),
      differences: z.array(
        z.strictObject({
          kind: z.enum(['missing', 'extra', 'changed', 'other-key']),
          ref: z.string(),
          label: z.string(),
          /** CKA_ID. */
          id: hexView,
          fingerprint: hexView.optional(),
          /** As `NAME version N`, where it is a key of this vault. */
          knownAs: z.string().optional(),
          words: z.string(),
          nextStep: z.string(),
        }),
      ),
      /** What is there now is what will be expected; of keys of this vault their records always are. */
      kept: z.boolean(),
      logEntry: z.number().int(),
    }),
    errors: [...onOpenVault, ...onTime, ...onToken],
  }),
  'token.expected': method({
    summary: 'Show what should be on a token, also while it is not plugged in',
    example: 'TOKEN --vault keys.strongroom',
    access: 'read',
    roles: everyone,
    fields: { token },
    reply: z.strictObject({
      token: tokenView,
      lastSeen: z.iso.datetime().optional(),
      lastCompared: z.iso.datetime().optional(),
      keys: z.array(z.strictObject({ name: z.string(), version: z.number().int(), algorithm: z.enum(algorithms), state: z.enum(keyStates), ref: z.string(), fingerprint: hexView.optional() })),
      /** Keys that are not of this vault, as they were when it was last compared. */
      others: z.array(z.strictObject({ label: z.string(), id: hexView, kind: z.enum(['secret', 'pair']), algorithm: z.enum(algorithms).optional(), fingerprint: hexView.optional() })),
    }),
    errors: [...onOpenVault, ...onToken, 'not-found'],
  }),
  'token.forget': method({
    summary: 'Forget a token that will not come back: no key of this vault may live on it but compromised or destroyed ones',
    example: 'TOKEN --vault keys.strongroom',
    access: 'write',
    roles: ['officer'],
    fields: { token },
    reply: z.strictObject({ label: z.string(), serial: z.string(), logEntry: z.number().int() }),
    errors: [...onOpenVault, ...onToken, 'not-found'],
  }),
  'token.watch': method({
    summary: 'Wait until a token is plugged in or pulled, or changes its state, and say which',
    example: '--vault keys.strongroom --seconds 1',
    access: 'read',
    roles: everyone,
    fields: {
      since: field(z.string().regex(/^[0-9a-f]{64}$/, 'expected the state that an earlier call answered').optional(), 'the state that an earlier call answered; without it the present one is the beginning'),
      seconds: field(z.number().int().min(0).max(60).default(10), 'how long to wait'),
    },
    reply: z.strictObject({
      /** For the next call. */
      state: hexView,
      changes: z.array(tokenChangeView),
    }),
    errors: [...onOpenVault, ...onToken],
  }),
} as const;
