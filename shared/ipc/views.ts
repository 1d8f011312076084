/** What replies are made of. Times are ISO 8601 in UTC, bytes are lower-case hex. No view holds a secret. */
import { z } from 'zod';
import { algorithms, copyProofs, keyGuards, keyStates, origins, providerKinds, purposes, roles, wrapFormats } from '../model/terms.ts';
import { attestationVerdicts } from '../model/attestation.ts';

export const hexView = z.string().regex(/^([0-9a-f]{2})*$/);
export const timeView = z.iso.datetime();

export const placeView = z.strictObject({
  kind: z.enum(providerKinds),
  /** `software`, or the label of the token. */
  name: z.string(),
  serial: z.string().optional(),
});

export const principalView = z.strictObject({ id: hexView, name: z.string(), role: z.enum(roles) });

export const vaultView = z.strictObject({
  vaultId: hexView,
  genesisFingerprint: hexView,
  epoch: z.number().int(),
  formatVersion: z.number().int(),
  principal: principalView,
  /** One person: the same person asks and approves. */
  solo: z.boolean(),
  logEntries: z.number().int(),
  logRoot: hexView,
  keys: z.number().int(),
  /** Opened read-only: nothing can be changed, and this opening leaves no trace. */
  readOnly: z.boolean(),
  /** Whether the clock of this machine agrees with the newest entry of the log; else a sentence that says how not (rule TIME-1). */
  clock: z.strictObject({ agrees: z.boolean(), sentence: z.string().optional() }),
  /** Pieces of work that were interrupted and wait to be settled. */
  interrupted: z.number().int(),
  /** The newest backup that this vault wrote, and the days after which an unlock says that it is old. */
  newestBackup: z.strictObject({ takenAt: timeView, logEntries: z.number().int(), remindAfterDays: z.number().int() }).optional(),
  /** What this computer's memory of the vault proves about the file; absent where it proves nothing. */
  seenBefore: z.string().optional(),
  /** What the unlock found that a person should know. */
  findings: z.array(z.string()),
});

export const stateChangeView = z.strictObject({ state: z.enum(keyStates), at: timeView, reason: z.string().optional() });

/** The certificate of a key. What cannot be read of it is left out, and `notes` says so. */
export const attachedCertificateView = z.strictObject({
  subject: z.string().optional(),
  issuer: z.string().optional(),
  serial: hexView.optional(),
  notBefore: timeView.optional(),
  notAfter: timeView.optional(),
  /** Key usages and extended key usages by their names in RFC 5280; none where it restricts nothing. */
  usages: z.array(z.string()),
  /** SHA-256 of the certificate. */
  fingerprint: hexView,
  /** How many certificates are kept: its own and those above it. */
  chain: z.number().int(),
  /** Expired, not yet valid, damaged: what should be known before it is used. */
  notes: z.array(z.string()),
});

/** What a device says of a key that it holds. */
export const attestationView = z.strictObject({
  verdict: z.enum(attestationVerdicts),
  /** Why, in a sentence without its full stop. */
  reason: z.string(),
  /** What the device says besides, where it is believed. */
  facts: z.array(z.string()),
  /** Names of certificates, from the attestation up to its root. */
  path: z.array(z.string()),
  /** What was not looked at, in words. */
  notChecked: z.array(z.string()),
  /** Of what a vault keeps: where it came from, and when it was verified. */
  from: z.enum(['token', 'files']).optional(),
  at: timeView.optional(),
});

export const versionView = z.strictObject({
  id: hexView,
  number: z.number().int(),
  state: z.enum(keyStates),
  ref: z.string(),
  origin: z.enum(origins),
  /** SHA-256 of the SubjectPublicKeyInfo of a pair. */
  fingerprint: hexView.optional(),
  kcv: z.strictObject({ value: hexView, method: z.enum(['cmac', 'ecb']) }).optional(),
  /** Of a secret key: HMAC-SHA-256 under the key over a fixed text, 16 bytes. The same wherever the same key is: two parties compare it. */
  identity: hexView.optional(),
  /** Of a generic secret, whose length its algorithm leaves open. */
  bits: z.number().int().optional(),
  /** What was odd about a key that came from elsewhere. */
  notes: z.array(z.string()).optional(),
  originatorUsageEnd: timeView.optional(),
  recipientUsageEnd: timeView.optional(),
  useLimit: z.number().int().optional(),
  protections: z.number().int(),
  processings: z.number().int(),
  lastUsed: timeView.optional(),
  predecessor: z.number().int().optional(),
  occurred: timeView.optional(),
  certificate: attachedCertificateView.optional(),
  /** Of a key on a token: whether its birth there is shown. */
  attestation: attestationView.optional(),
  history: z.array(stateChangeView),
});

export const keyView = z.strictObject({
  id: hexView,
  name: z.string(),
  purpose: z.enum(purposes),
  algorithm: z.enum(algorithms),
  place: placeView,
  exportable: z.boolean(),
  /** Number and state of the newest version. */
  version: z.number().int(),
  state: z.enum(keyStates),
  /** What ends next, and when. */
  nextDue: z.strictObject({ what: z.enum(['originator-usage period', 'recipient-usage period']), at: timeView }).optional(),
  lastUsed: timeView.optional(),
  /** Of a key on a token: whether the birth of its newest version there is shown. */
  attestation: z.enum(attestationVerdicts).optional(),
});

export const distributionView = z.strictObject({
  id: hexView,
  key: z.string(),
  version: z.number().int(),
  to: z.strictObject({ kind: z.enum(['recipient', 'key']), name: z.string(), fingerprint: hexView }),
  format: z.enum(wrapFormats),
  /** What else belongs to the format: hash, MGF1 and label of OAEP, the encoding of a private key, where an ephemeral key was made. */
  parameters: z.array(z.string()),
  at: timeView,
  /** Security strength in bits of what travels. */
  effectiveStrength: z.number().int(),
  /** Recorded today, opened by a later quantum computer. */
  harvestable: z.boolean(),
  sha256: hexView,
  receipt: z.enum(['outstanding', 'here']),
  /** What is odd about the blob, for those who open it. */
  notes: z.array(z.string()),
});

/** The same key on another token. */
export const copyView = z.strictObject({
  id: hexView,
  key: z.string(),
  version: z.number().int(),
  place: placeView,
  ref: z.string(),
  /** `held`: as far as this vault knows; `destroyed`: looked for, and gone. */
  state: z.enum(['held', 'destroyed']),
  /** How it was proved to be the same key. */
  proof: z.enum(copyProofs),
  at: timeView,
  /** How it travelled there; left out where the key moved away from there. */
  format: z.enum(wrapFormats).optional(),
  parameters: z.array(z.string()),
  /** Security strength in bits of what travelled. */
  effectiveStrength: z.number().int().optional(),
  destroyedAt: timeView.optional(),
  logEntry: z.number().int(),
});

export const recipientView = z.strictObject({
  id: hexView,
  name: z.string(),
  fingerprint: hexView,
  /** `rsa-3072`, `ec-p256`. */
  algorithm: z.string(),
  /** Zero for a key that is not RSA. */
  modulusBits: z.number().int(),
  /** Security strength in bits, SP 800-57 Part 1 Table 2. */
  strength: z.number().int(),
  form: z.string(),
  certificate: z.strictObject({ subject: z.string(), issuer: z.string(), notBefore: timeView, notAfter: timeView }).optional(),
  notes: z.array(z.string()),
  confirmedAt: timeView,
  confirmedBy: z.string(),
});

/** A public key or certificate on a token that belongs to a pair. */
export const companionView = z.strictObject({ kind: z.enum(['public-key', 'certificate']), label: z.string(), id: hexView, fingerprint: hexView });

export const moduleView = z.strictObject({
  path: z.string(),
  name: z.string(),
  sha256: hexView,
  /** `pinned`: added to this vault and unchanged; `changed`, `missing`: added, but not as it was; `known`: on this machine, not added. */
  status: z.enum(['pinned', 'changed', 'missing', 'known']),
  /** What it failed by since its last success, and whether it was given up. */
  trouble: z.string().optional(),
});

/** What an attribute forbids, whether the token keeps it, and whether it sees to it; without either it could not be tried. */
export const guardView = z.strictObject({
  guard: z.enum(keyGuards),
  attribute: z.string(),
  words: z.string(),
  stored: z.boolean().optional(),
  enforced: z.boolean().optional(),
  guardedBy: z.enum(['token and Strongroom', 'token', 'Strongroom', 'nobody', 'not known']),
});

export const tokenView = z.strictObject({
  label: z.string(),
  serial: z.string(),
  manufacturer: z.string(),
  model: z.string(),
  modulePath: z.string(),
  slot: z.number().int(),
  /** What the token says of itself, in words. */
  condition: z.array(z.string()),
  initialized: z.boolean(),
  present: z.boolean(),
});

export const entryView = z.strictObject({
  seq: z.number().int(),
  time: timeView,
  kind: z.string(),
  signer: hexView,
  epoch: z.number().int(),
  leaf: hexView,
  body: z.record(z.string(), z.unknown()),
  personal: z.record(z.string(), z.string()),
  approvals: z.number().int(),
});

export const certificateView = z.strictObject({
  key: z.string(),
  version: z.number().int(),
  ref: z.string(),
  destroyedAt: timeView,
  /** How many objects of the key the provider listed before, how many went, how many it lists after. */
  objectsBefore: z.number().int(),
  objectsDestroyed: z.number().int(),
  objectsAfter: z.number().int(),
  /** The code that an attempted use failed with afterwards. */
  attemptedUse: z.string(),
  /** One line on what destruction means in this place. */
  meaning: z.string(),
  /** Copies on other tokens that were destroyed with it. */
  copiesDestroyed: z.array(z.string()),
  /** Copies that this vault knows of; each is outstanding until someone shows that it is gone. */
  knownCopies: z.array(z.string()),
  logEntry: z.number().int(),
  logRoot: hexView,
});
