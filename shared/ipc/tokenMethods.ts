/** PKCS#11 modules and the tokens behind them. */
import { z } from 'zod';
import { algorithms, purposes, signatureMechanisms, wrapFormats } from '../model/terms.ts';
import { nameFault, utf8Length } from '../validation/name.ts';
import { always, onApproval, onFileIn, onModule, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { field, grantSchema, method } from './method.ts';
import { companionView, guardView, hexView, moduleView, tokenView } from './views.ts';

const everyone = ['officer', 'custodian', 'operator', 'auditor'] as const;
/** CK_TOKEN_INFO.label has 32 bytes, PKCS#11 v2.40 §3.3. */
/** CK_TOKEN_INFO has 32 bytes for it: a longer one would be cut, maybe inside a letter. */
const label = z.string().superRefine((text, context) => {
  const bytes = utf8Length(text);
  const fault = bytes > 32 ? `has ${bytes} bytes of UTF-8, a token takes at most 32` : nameFault(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: `the label ${fault}` });
});
/** The reserved string of C_Initialize, PKCS#11 v2.40 §5.4; shown at the prompt, so without what turns a line. */
const parameters = z.string().min(1).max(4096).regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, 'expected a line without control characters');
const askedAttribute = z.strictObject({ attribute: z.string(), value: z.boolean(), words: z.string() });
const token = field(z.string().min(1).max(200), 'the token, by label or serial number', { positional: 'one' });

export const tokenMethods = {
  'token.modules': method({
    summary: 'List PKCS#11 modules: those added to this vault, and others known on this machine',
    example: '--vault keys.strongroom',
    access: 'read',
    roles: everyone,
    fields: {},
    reply: z.strictObject({ modules: z.array(moduleView), isolation: z.string() }),
    errors: onOpenVault,
  }),
  'token.add': method({
    summary: 'Add a PKCS#11 module, pinned by path, owner and SHA-256; again after an update of its package, to pin it anew',
    example: 'MODULE.so --vault keys.strongroom --confirm MODULE.so',
    access: 'guarded',
    roles: ['officer'],
    fields: {
      module: field(grantSchema, 'the module: a shared library of the token\'s vendor', { positional: 'one', grant: 'read' }),
      parameters: field(parameters.optional(), "what the module wants to be told when it starts; NSS: configdir='sql:/FOLDER' certPrefix='' keyPrefix='' secmod='secmod.db' flags= dbTokenDescription='LABEL'"),
    },
    reply: z.strictObject({ module: moduleView, tokens: z.array(tokenView) }),
    errors: [...onOpenVault, ...onApproval, ...onFileIn, ...onToken],
  }),
  'token.restart': method({
    summary: 'Start a module anew that failed again and again: without a pause, also where it was given up; keys and tokens stay as they are',
    example: 'MODULE.so --vault keys.strongroom',
    access: 'read',
    roles: everyone,
    fields: { module: field(z.string().min(1).max(4096), 'the added module, by file name or path', { positional: 'one' }) },
    reply: z.strictObject({ module: moduleView, tokens: z.array(tokenView) }),
    errors: [...onOpenVault, ...onModule, 'token-absent', 'token-refused', 'token-cannot'],
  }),
  'token.list': method({
    summary: 'List tokens: those present now, and those that hold keys of this vault and are not plugged in',
    example: '--vault keys.strongroom',
    access: 'read',
    roles: everyone,
    fields: {},
    reply: z.strictObject({
      tokens: z.array(tokenView),
      failures: z.array(z.strictObject({ modulePath: z.string(), message: z.string(), nextStep: z.string().optional() })),
    }),
    errors: [...onOpenVault, ...onToken],
  }),
  'token.info': method({
    summary: 'Show what a token is and what it can do, and the keys on it that this vault knows or does not',
    example: 'TOKEN --vault keys.strongroom --pin-file pin.txt',
    access: 'read',
    roles: everyone,
    fields: { token },
    reply: z.strictObject({
      token: tokenView,
      algorithms: z.array(z.enum(algorithms)),
      signatureMechanisms: z.array(z.enum(signatureMechanisms)),
      wrapFormats: z.array(z.enum(wrapFormats)),
      unwrapFormats: z.array(z.enum(wrapFormats)),
      encryptsFiles: z.boolean(),
      guards: z.array(guardView),
      keys: z.array(
        z.strictObject({
          ref: z.string(),
          label: z.string(),
          kind: z.enum(['secret', 'pair']),
          /** CKA_ID. */
          id: hexView,
          /** Left out where it is none of ours. */
          algorithm: z.enum(algorithms).optional(),
          /** SHA-256 of the public half, where the token shows it. */
          fingerprint: hexView.optional(),
          exportable: z.boolean(),
          /** What its attributes allow, by their CKA_ names. */
          attributes: z.array(z.string()),
          /** What is unsafe about them. */
          warnings: z.array(z.string()),
          /** Purposes for which it could be adopted. */
          purposes: z.array(z.enum(purposes)),
          /** Public keys and certificates that are its own. */
          companions: z.array(companionView),
          /** As `NAME version N`, where it is a key of this vault. */
          knownAs: z.string().optional(),
        }),
      ),
      /** Certificates whose private key is not on the token. */
      orphans: z.array(z.strictObject({ label: z.string(), id: hexView, fingerprint: hexView, note: z.string() })),
      /** Keys of this vault that should be there and are not. */
      missing: z.array(z.string()),
    }),
    errors: [...onOpenVault, ...onTime, ...onToken],
  }),
  'token.probe': method({
    summary: 'Try what a token can do, and what it enforces of what it stores, with keys that are thrown away; kept per model and firmware',
    example: 'TOKEN --vault keys.strongroom --pin-file pin.txt',
    access: 'write',
    roles: ['officer', 'operator'],
    fields: { token },
    reply: z.strictObject({
      model: z.string(),
      firmware: z.string(),
      /** Left out where the vault can only be read. */
      keptAt: z.iso.datetime().optional(),
      algorithms: z.array(z.enum(algorithms)),
      signatureMechanisms: z.array(z.enum(signatureMechanisms)),
      wrapFormats: z.array(z.enum(wrapFormats)),
      unwrapFormats: z.array(z.enum(wrapFormats)),
      encryptsFiles: z.boolean(),
      takesClearKeys: z.array(z.enum(algorithms)),
      guards: z.array(guardView),
    }),
    errors: [...onOpenVault, ...onTime, ...onToken],
  }),
  'token.template': method({
    summary: 'Show the attributes that a token is asked for when it makes a key for a purpose; what it stored is held against them',
    example: '--purpose signature',
    access: 'read',
    roles: everyone,
    whileLocked: true,
    fields: {
      purpose: field(z.enum(purposes), 'what the key is for'),
      exportable: field(z.boolean().optional(), 'it may leave, wrapped'),
    },
    reply: z.strictObject({
      /** Of the secret key, or the private half. */
      key: z.array(askedAttribute),
      publicHalf: z.array(askedAttribute).optional(),
    }),
    errors: [...always, 'refused'],
  }),
  'token.init': method({
    summary: 'Initialise a token in an empty slot, or wipe one: sets its label, SO PIN and user PIN',
    example: 'MODULE.so --vault keys.strongroom --slot 0 --label officers --so-pin-file so.txt --new-pin-file pin.txt --confirm officers',
    access: 'guarded',
    roles: ['officer'],
    fields: {
      module: field(z.string().min(1).max(4096), 'the added module, by file name or path', { positional: 'one' }),
      slot: field(z.number().int().min(0), 'the slot, as `token list` and the module number it'),
      label: field(label, 'the new label'),
    },
    reply: z.strictObject({ token: tokenView }),
    errors: [...onOpenVault, ...onApproval, ...onToken, 'not-found'],
  }),
} as const;

