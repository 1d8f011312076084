/** Signatures: files signed and verified in the forms that the field's own tools read, and the certificates that go with them. */
import { z } from 'zod';
import { certificateTemplates, signatureFormats, signatureMechanisms } from '../model/terms.ts';
import { always, onFileIn, onFileOut, onOpenVault, onTime, onToken } from './errorGroups.ts';
import { keyField, versionField } from './keyMethods.ts';
import { batchLimit, field, grantSchema, method } from './method.ts';
import { attachedCertificateView, hexView, keyView, timeView, versionView } from './views.ts';

const everyone = ['officer', 'custodian', 'operator', 'auditor'] as const;
const users = ['officer', 'operator'] as const;
const officer = ['officer'] as const;
const useErrors = [...onOpenVault, ...onTime, ...onToken, ...onFileIn, 'not-found'] as const;

const input = field(grantSchema, 'the file to read', { grant: 'read' });
const signature = field(grantSchema, 'the file with the signature', { grant: 'read' });
const mechanism = field(z.enum(signatureMechanisms).optional(), 'the signature scheme; without it the one that goes with the key and the form');
const encoding = field(z.enum(['der', 'p1363']).default('der'), 'of a raw ECDSA signature: DER, or r and s side by side');
const saltBytes = z.number().int().min(0).max(512).optional();
const namespaceText = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'expected 1 to 255 printable ASCII characters').optional();
const formatText = z.enum(signatureFormats);


/** How a signature is looked at, with whose key it may be. */
const looking = {
  in: input,
  signature,
  format: field(formatText.optional(), 'the form of the signature; without it as the file shows'),
  mechanism,
  encoding,
  saltLength: field(saltBytes, 'the only length of an RSA-PSS salt that is taken; without it any, and it is said'),
  namespace: field(namespaceText, 'of an SSH signature: what it must be for; without it file'),
} as const;

/** What was found to be so of a valid signature, and what was not looked at. */
const found = {
  valid: z.literal(true),
  format: formatText,
  mechanism: z.enum(signatureMechanisms),
  /** Of RSA-PSS: the bytes of salt that were found. */
  saltLength: z.number().int().optional(),
  namespace: z.string().optional(),
  /** As the signer claims. */
  claimedTime: timeView.optional(),
  /** The certificate inside a CMS signature. */
  certificate: attachedCertificateView.optional(),
  /** SHA-256 of the file. */
  sha256: hexView,
  checked: z.array(z.string()),
  notChecked: z.array(z.string()),
  notes: z.array(z.string()),
} as const;

const dayOrTime = z.union([z.iso.date(), z.iso.datetime()]).optional();
const template = field(z.enum(certificateTemplates).default('none'), 'what the certificate is asked for');

export const signingMethods = {
  'key.sign': method({
    summary: 'Sign files: one detached signature beside each, raw, as CMS, for OpenSSH or as JWS',
    example: 'release app.tar --vault keys.strongroom --mechanism rsa-pkcs1-sha256',
    access: 'write',
    roles: users,
    fields: {
      key: keyField,
      files: field(z.array(grantSchema).min(1).max(batchLimit), 'the files', { positional: 'rest', grant: 'read' }),
      signatures: field(z.array(grantSchema).min(1).max(batchLimit).optional(), 'where each signature goes; without it FILE.sig, FILE.p7s for cms, FILE.jws for jws', {
        grant: 'write',
        besides: { field: 'files', ending: '.sig', by: { field: 'format', endings: { cms: '.p7s', jws: '.jws' } } },
      }),
      format: field(formatText.default('raw'), 'the form of the signature; cms needs a certificate (`key attach-certificate`)'),
      mechanism,
      encoding,
      saltLength: field(saltBytes, 'bytes of the salt of RSA-PSS in a raw signature; without it as many as the hash has'),
      namespace: field(namespaceText, 'of an SSH signature: what it is for; without it file'),
      hash: field(z.enum(['sha256', 'sha512']).optional(), 'of an SSH signature: the hash of the file; without it sha512'),
      unencoded: field(z.boolean().optional(), 'of a JWS: sign the file as it is (RFC 7797), not in base64url'),
      acceptExpired: field(z.boolean().optional(), 'of CMS: sign although the certificate is out of its time; kept in the log'),
    },
    reply: z.strictObject({
      key: z.string(),
      version: z.number().int(),
      format: formatText,
      mechanism: z.enum(signatureMechanisms),
      signed: z.number().int(),
      items: z.array(z.strictObject({ digest: hexView, sha256: hexView, ok: z.boolean(), error: z.string().optional(), signature: z.base64().optional() })),
      logEntry: z.number().int(),
    }),
    errors: [...useErrors, ...onFileOut, 'signature-invalid'],
  }),
  'key.verify': method({
    summary: 'Verify a detached signature of a file with the public half of a key; says what was checked and what was not',
    example: 'release --vault keys.strongroom --in app.tar --signature app.tar.sig --mechanism rsa-pkcs1-sha256',
    access: 'read',
    roles: everyone,
    fields: { key: keyField, version: versionField, ...looking },
    reply: z.strictObject({ ...found, key: z.string(), version: z.number().int(), state: z.string() }),
    errors: [...useErrors, 'signature-invalid'],
  }),
  'signature.verify': method({
    summary: "Verify a detached signature with somebody's public key, certificate or allowed_signers file; needs no vault",
    example: '--in app.tar --signature app.tar.sig --by release.pem --mechanism rsa-pkcs1-sha256',
    access: 'read',
    roles: everyone,
    whileLocked: true,
    fields: {
      ...looking,
      by: field(grantSchema.optional(), 'a public key, a certificate or an allowed_signers file; without it the key inside the signature, for which nobody vouches', { grant: 'read' }),
      identity: field(z.string().min(1).max(255).optional(), 'who must have signed, by allowed_signers'),
      acceptUnvouched: field(z.boolean().optional(), 'without "by": take the key that came inside the signature, which anybody could have made'),
    },
    reply: z.strictObject({
      ...found,
      /** Whether the key that signed is one that was given. */
      vouched: z.boolean(),
      /** SHA-256 of the SubjectPublicKeyInfo that it verifies with. */
      fingerprint: hexView,
      /** As OpenSSH shows it. */
      sshFingerprint: z.string().optional(),
      /** What `by` was. */
      by: z.string().optional(),
      /** Of allowed_signers: the patterns of the lines that allow the key. */
      principals: z.array(z.string()).optional(),
    }),
    errors: [...always, ...onFileIn, 'signature-invalid', 'choice-needed', 'cancelled'],
  }),
  'key.signatures': method({
    summary: 'List the signatures that a key made, as the log has them: when, by which version, of what',
    example: 'release --vault keys.strongroom --since 2026-01-01',
    access: 'read',
    roles: everyone,
    fields: {
      key: keyField,
      since: field(dayOrTime, 'only from this day or instant on, in UTC'),
      until: field(dayOrTime, 'only up to this day (all of it) or instant, in UTC'),
      limit: field(z.number().int().min(1).max(100_000).default(10_000), 'the most signatures'),
    },
    reply: z.strictObject({
      key: z.string(),
      signatures: z.array(
        z.strictObject({
          time: timeView,
          version: z.number().int(),
          act: z.enum(['key.sign', 'key.requestCertificate']),
          format: z.string(),
          mechanism: z.enum(signatureMechanisms),
          /** Of what was signed; absent where work was interrupted, or refused by its place as a whole. */
          sha256: hexView.optional(),
          /** `unknown`: the work was interrupted. */
          made: z.enum(['yes', 'no', 'unknown']),
          /** Files of work that has no result for each. */
          files: z.number().int().optional(),
          logEntry: z.number().int(),
        }),
      ),
      /** There are more than `limit`. */
      more: z.boolean(),
    }),
    errors: [...onOpenVault, 'not-found'],
  }),
  'key.requestCertificate': method({
    summary: 'Make a certificate request (PKCS#10), signed by the key where it lives',
    example: 'release --vault keys.strongroom --subject "CN=Release,O=Example,C=DE" --template code-signing --out release.csr',
    access: 'write',
    roles: officer,
    fields: {
      key: keyField,
      version: versionField,
      subject: field(z.string().max(1000).default(''), 'the name, as CN=name,O=organisation,C=DE (RFC 4514)'),
      san: field(z.array(z.string().min(1).max(500)).max(100).optional(), 'other names: dns:NAME, ip:ADDRESS, email:ADDRESS, uri:URI'),
      template,
      mechanism,
      form: field(z.enum(['pem', 'der']).default('pem'), 'the form of the file'),
      out: field(grantSchema.optional(), 'the file to write; without it only shown', { grant: 'write' }),
    },
    reply: z.strictObject({
      key: z.string(),
      version: z.number().int(),
      mechanism: z.enum(signatureMechanisms),
      /** SHA-256 of the SubjectPublicKeyInfo. */
      fingerprint: hexView,
      /** SHA-256 of the request, DER. */
      sha256: hexView,
      text: z.string().optional(),
      logEntry: z.number().int(),
    }),
    errors: [...useErrors, ...onFileOut, 'signature-invalid'],
  }),
  'key.attachCertificate': method({
    summary: 'Attach the certificate that was issued for a key, with its chain: PEM, DER or PKCS#7',
    example: 'release release.crt --vault keys.strongroom',
    access: 'write',
    roles: officer,
    fields: { key: keyField, file: field(grantSchema, 'the file with the certificate', { positional: 'one', grant: 'read' }), version: versionField },
    reply: z.strictObject({
      key: keyView,
      version: versionView,
      certificate: attachedCertificateView,
      /** SHA-256 of the certificate that was there before. */
      replaced: hexView.optional(),
      logEntry: z.number().int(),
    }),
    errors: [...onOpenVault, ...onTime, ...onFileIn, 'not-found'],
  }),
  'key.certificate': method({
    summary: 'Write the certificate of a key and its chain as PEM',
    example: 'release --vault keys.strongroom --out release-chain.pem',
    access: 'read',
    roles: everyone,
    fields: { key: keyField, version: versionField, out: field(grantSchema.optional(), 'the file to write; without it only shown', { grant: 'write' }) },
    reply: z.strictObject({ certificate: attachedCertificateView, text: z.string() }),
    errors: [...onOpenVault, ...onFileOut, 'not-found'],
  }),
} as const;
