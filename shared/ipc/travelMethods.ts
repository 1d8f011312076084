/** Keys that leave and come: wrapped to a recipient, under a key of this vault, or clear in somebody's file. */
import { z } from 'zod';
import { algorithms, oaepHashes, wrapFormats } from '../model/terms.ts';
import { oaepFormats } from '../model/wrapFormats.ts';
import { nameSchema } from '../validation/name.ts';
import { onApproval, onFileIn, onFileOut, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { keyField, newKeyFields, versionField } from './keyMethods.ts';
import { field, grantSchema, method } from './method.ts';
import { distributionView, hexView, keyView, versionView } from './views.ts';

const officer = ['officer'] as const;
const useErrors = [...onOpenVault, ...onTime, ...onToken, ...onFileIn, 'not-found'] as const;
const input = field(grantSchema, 'the file to read', { grant: 'read' });
const output = field(grantSchema, 'the file to write', { grant: 'write' });

const toRecipients = [...oaepFormats, 'rsa-aes-kwp-sha256', 'rsa-aes-kwp-sha1'] as const;
/** Shown at the prompt: without what turns a line, hides in it or begins another. */
const oaepLabel = z.string().min(1).max(200).regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'expected a line without invisible characters');
/** What RSA-OAEP does beyond its hash: part of the format, recorded, never guessed (RFC 8017 §7.1). */
const oaepFields = {
  mgfHash: field(z.enum(oaepHashes).optional(), 'the hash of MGF1, where it is not that of OAEP'),
  label: field(oaepLabel.optional(), 'the label of OAEP, as text; without it none'),
} as const;

const distributed = z.strictObject({ distribution: distributionView, version: versionView, sha256: hexView, logEntry: z.number().int() });
const came = { key: keyView, version: versionView, notes: z.array(z.string()), logEntry: z.number().int() } as const;

export const travelMethods = {
  'key.export': method({
    summary: 'Export a key, wrapped to a recipient by RSA-OAEP or RSA-AES-KWP; a token wraps its own keys itself',
    example: 'payroll --vault keys.strongroom --to bank --accept-strength 112 --out payroll.oaep --confirm payroll',
    access: 'guarded',
    roles: officer,
    fields: {
      key: keyField,
      version: versionField,
      to: field(nameSchema, 'the recipient'),
      format: field(z.enum(toRecipients).optional(), 'the wrapping; without it rsa-oaep-sha256 for a secret key, rsa-aes-kwp-sha256 for a private key; SHA-1 only where a token or a cloud insists'),
      ...oaepFields,
      ephemeralKey: field(z.enum(['place', 'computer']).default('place'), "where the ephemeral AES key of RSA-AES-KWP is made: in the key's own place, or on this computer, whose memory then holds it"),
      acceptStrength: field(z.number().int().optional(), "the effective strength in bits that you accept, where the recipient's key is weaker than yours"),
      out: output,
    },
    reply: distributed,
    errors: [...useErrors, ...onApproval, ...onFileOut],
  }),
  'key.wrap': method({
    summary: 'Wrap a key under a key-wrapping key in the same place, by AES-KW or AES-KWP',
    example: 'payroll --vault keys.strongroom --under kek --format aes-kwp --out payroll.kwp --confirm payroll',
    access: 'guarded',
    roles: officer,
    fields: {
      key: keyField,
      version: versionField,
      under: field(nameSchema, 'the key-wrapping key'),
      format: field(z.enum(['aes-kw', 'aes-kwp']).default('aes-kwp'), 'RFC 3394, or RFC 5649, which takes keys of any length'),
      out: output,
    },
    reply: distributed,
    errors: [...useErrors, ...onApproval, ...onFileOut],
  }),
  'key.unwrap': method({
    summary: 'Unwrap a key that came under a key-wrapping or key-transport key of this vault; it becomes a key here, never bytes',
    example: 'restored --vault keys.strongroom --purpose data-encryption --algorithm aes-256 --with kek --in payroll.kwp',
    access: 'write',
    roles: officer,
    fields: {
      ...newKeyFields,
      with: field(nameSchema, 'the key that opens it; the new key lives in the same place'),
      format: field(z.enum(wrapFormats).optional(), 'how it was wrapped; without it aes-kwp under a key-wrapping key, rsa-oaep-sha256 under a key-transport key'),
      ...oaepFields,
      in: input,
    },
    reply: z.strictObject(came),
    errors: [...useErrors, 'already-exists', 'unwrap-failed'],
  }),
  'key.import': method({
    summary: "Import a key from a clear or password-protected file: PKCS#8, SEC1, PKCS#1, PKCS#12, JWK, OpenSSH, raw or hex; this computer sees it, so rotate it soon",
    example: 'old-signer old-signer.pem --vault keys.strongroom --purpose signature',
    access: 'write',
    roles: officer,
    fields: {
      name: newKeyFields.name,
      file: field(grantSchema, 'the file with the key; it is not deleted', { positional: 'one', grant: 'read' }),
      purpose: newKeyFields.purpose,
      algorithm: field(z.enum(algorithms).optional(), 'its algorithm; needed for a generic secret, else only compared'),
      entry: field(z.string().min(1).max(300).optional(), 'which entry, where the file holds several: its name as the refusal lists it'),
      secretForm: field(z.enum(['hex', 'base64', 'raw']).optional(), 'how the bytes of a secret key stand in the file, where it could be read in more than one way'),
      place: field(z.string().min(1).max(200).default('software'), '`software` (this vault), or a token by label or serial number'),
      exportable: newKeyFields.exportable,
      originatorDays: newKeyFields.originatorDays,
      recipientDays: newKeyFields.recipientDays,
      useLimit: newKeyFields.useLimit,
    },
    reply: z.strictObject({ ...came, form: z.string(), advice: z.array(z.string()) }),
    errors: [...useErrors, 'already-exists', 'wrong-file-password', 'choice-needed'],
  }),
  'key.inspect': method({
    summary: 'Look at a key file before it is imported: what it holds, by which algorithm, with which fingerprint; nothing is stored',
    example: 'old-signer.p12 --vault keys.strongroom',
    access: 'read',
    roles: officer,
    fields: {
      file: field(grantSchema, 'the file with the key', { positional: 'one', grant: 'read' }),
      secretForm: field(z.enum(['hex', 'base64', 'raw']).optional(), 'how the bytes of a secret key stand in the file, where it could be read in more than one way'),
    },
    reply: z.strictObject({
      form: z.string(),
      notes: z.array(z.string()),
      entries: z.array(
        z.strictObject({
          name: z.string(),
          kind: z.enum(['pair', 'secret']),
          algorithm: z.enum(algorithms).optional(),
          bits: z.number().int().optional(),
          /** SHA-256 of the SubjectPublicKeyInfo of a pair. */
          fingerprint: hexView.optional(),
          /** CMAC over zeros, the first three bytes, of a secret of an AES length. */
          kcv: hexView.optional(),
          certificates: z.number().int(),
          notes: z.array(z.string()),
        }),
      ),
    }),
    errors: [...onOpenVault, ...onFileIn, 'declined', 'secret-unavailable', 'wrong-file-password', 'choice-needed'],
  }),
} as const;
