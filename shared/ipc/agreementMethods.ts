/** New keys from other keys: derived, agreed on with another party, encapsulated to one. What comes out is a key of this vault, never bytes. */
import { z } from 'zod';
import { derivations } from '../model/terms.ts';
import { nameSchema } from '../validation/name.ts';
import { onFileIn, onFileOut, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { newKeyFields } from './keyMethods.ts';
import { field, grantSchema, hexSchema, method } from './method.ts';
import { hexView, keyView, versionView } from './views.ts';

const officer = ['officer'] as const;
const errors = [...onOpenVault, ...onTime, ...onToken, ...onFileIn, 'not-found', 'already-exists'] as const;

const info = field(z.string().max(1024).optional(), 'a text that binds the new key to its use: both parties give the same');
const salt = field(hexSchema(1024).optional(), 'a salt for HKDF in hex; without it none');

export const agreementMethods = {
  'key.derive': method({
    summary: 'Derive a new key from a key-derivation key (HKDF), or agree on one with the public key of another party',
    example: 'session --vault keys.strongroom --purpose data-encryption --algorithm aes-256 --from agreement --peer partner.pem --info "files 2027"',
    access: 'write',
    roles: officer,
    fields: {
      ...newKeyFields,
      from: field(nameSchema, 'the key that is derived from; the new key lives in the same place'),
      peer: field(grantSchema.optional(), "the other party's public key (PEM, DER, JWK, OpenSSH, certificate), or what it encapsulated to our ML-KEM key", { grant: 'read' }),
      derivation: field(z.enum(derivations).optional(), 'how; without it HKDF'),
      info,
      salt,
    },
    reply: z.strictObject({ key: keyView, version: versionView, derivation: z.enum(derivations), logEntry: z.number().int() }),
    errors,
  }),
  'key.encapsulate': method({
    summary: "Agree on a new key with the owner of an ML-KEM-768 public key: he derives the same one from the ciphertext",
    example: 'session --vault keys.strongroom --purpose data-encryption --algorithm aes-256 --to partner.pem --ciphertext session.kem --info "files 2027"',
    access: 'write',
    roles: officer,
    fields: {
      ...newKeyFields,
      to: field(grantSchema, "the other party's ML-KEM-768 public key (PEM, DER)", { grant: 'read' }),
      ciphertext: field(grantSchema, 'where the ciphertext for the other party goes', { grant: 'write' }),
      place: field(z.string().min(1).max(200).default('software'), '`software` (this vault), or a token by label or serial number'),
      info,
      salt,
    },
    reply: z.strictObject({ key: keyView, version: versionView, sha256: hexView, logEntry: z.number().int() }),
    errors: [...errors, ...onFileOut],
  }),
} as const;
