/**
 * The contract of the window: every method of the core, and the few of the window's host, in one table. The bridge has one function for each,
 * and the renderer reaches nothing else. What the host answers carries no secret and never the seal.
 */
import { z } from 'zod';
import type { ErrorCode } from '../errors/errorCodes.ts';
import type { ErrorInfo } from '../errors/strongroomError.ts';
import type { Contract, MethodName, Progress } from './contract.ts';
import { always, onPrompt } from './errorGroups.ts';
import { grantSchema } from './method.ts';

/** What a file is wanted for. The sentence at the prompt comes from here, never from the renderer. */
export const fileUses = {
  'open-vault': { access: 'read', sentence: 'Open a vault', verb: 'Open', ending: '' },
  'new-vault': { access: 'write', sentence: 'Create a vault: where should the file be', verb: 'Create', ending: '.strongroom' },
  'new-backup': { access: 'write', sentence: 'Where the backup goes: another disk is best', verb: 'Back up', ending: '.strongroom-backup' },
  backup: { access: 'read', sentence: 'A backup of a vault', verb: 'Choose', ending: '' },
  damaged: { access: 'read', sentence: 'A damaged vault: it stays as it is', verb: 'Choose', ending: '' },
  recipient: { access: 'read', sentence: "The recipient's public key or certificate", verb: 'Read', ending: '' },
  module: { access: 'read', sentence: "A PKCS#11 module: a shared library of the token's vendor", verb: 'Choose', ending: '' },
  encrypt: { access: 'read', sentence: 'A file to encrypt', verb: 'Choose', ending: '' },
  encrypted: { access: 'write', sentence: 'Where the encrypted file goes', verb: 'Write', ending: '' },
  decrypt: { access: 'read', sentence: 'A file to decrypt', verb: 'Choose', ending: '' },
  decrypted: { access: 'write', sentence: 'Where the decrypted file goes', verb: 'Write', ending: '' },
  sign: { access: 'read', sentence: 'A file to sign', verb: 'Choose', ending: '' },
  'sign-cms': { access: 'read', sentence: 'A file to sign', verb: 'Choose', ending: '' },
  'sign-jws': { access: 'read', sentence: 'A file to sign', verb: 'Choose', ending: '' },
  verify: { access: 'read', sentence: 'A file whose signature is verified', verb: 'Choose', ending: '' },
  signature: { access: 'read', sentence: 'The signature of the file', verb: 'Choose', ending: '' },
  'verifying-key': { access: 'read', sentence: "The signer's public key, certificate or allowed_signers file", verb: 'Choose', ending: '' },
  certificate: { access: 'read', sentence: 'The certificate that was issued for the key', verb: 'Attach', ending: '' },
  attestation: { access: 'read', sentence: 'The attestation of the key, with the certificate of its device', verb: 'Read', ending: '' },
  'certificate-request': { access: 'write', sentence: 'Where the certificate request goes', verb: 'Write', ending: '.csr' },
  'export-certificate': { access: 'write', sentence: 'Where the certificate and its chain go', verb: 'Write', ending: '.pem' },
  mac: { access: 'read', sentence: 'A file to make a tag of', verb: 'Choose', ending: '' },
  tag: { access: 'read', sentence: 'The tag of the file', verb: 'Choose', ending: '' },
  'new-tag': { access: 'write', sentence: 'Where the tag goes', verb: 'Write', ending: '.mac' },
  peer: { access: 'read', sentence: "The other party's public key, or what it encapsulated to yours", verb: 'Read', ending: '' },
  ciphertext: { access: 'write', sentence: 'Where the ciphertext for the other party goes', verb: 'Write', ending: '.kem' },
  'wrapped-key': { access: 'read', sentence: 'A file with a wrapped key', verb: 'Choose', ending: '' },
  'key-file': { access: 'read', sentence: 'A file with a clear or password-protected key', verb: 'Choose', ending: '' },
  'export-key': { access: 'write', sentence: 'Where the wrapped key goes', verb: 'Write', ending: '' },
  'export-public': { access: 'write', sentence: 'Where the public key goes', verb: 'Write', ending: '' },
  'export-log': { access: 'write', sentence: 'Where the exported log goes', verb: 'Write', ending: '' },
  'recovery-sheet': { access: 'write', sentence: 'Where the recovery sheet goes, to be printed and deleted', verb: 'Write', ending: '.html' },
  'export-identity': { access: 'write', sentence: 'Where your identity file goes', verb: 'Write', ending: '.strongroom-id' },
  identity: { access: 'read', sentence: 'An identity file', verb: 'Choose', ending: '' },
  'token-trace': { access: 'write', sentence: 'Where the call trace goes, for a support ticket', verb: 'Write', ending: '.txt' },
  log: { access: 'read', sentence: 'An exported log to verify', verb: 'Choose', ending: '' },
} as const satisfies Record<string, { access: 'read' | 'write'; sentence: string; verb: string; ending: string }>;
export type FileUse = keyof typeof fileUses;

/** Results that go beside what they were made of, without another question. */
export const besides = { sign: '.sig', 'sign-cms': '.p7s', 'sign-jws': '.jws', mac: '.mac', encrypt: '.sr', decrypt: '' } as const satisfies Partial<Record<FileUse, string>>;

const fileUse = z.enum(Object.keys(fileUses) as [FileUse, ...FileUse[]]);

export const chosenFileView = z.strictObject({
  grant: grantSchema,
  /** Its name, and the folder it is in: to be shown. */
  name: z.string(),
  folder: z.string(),
  /** Where the result goes, for uses that have a place for it; and whether a file is there already, which is never replaced unasked. */
  beside: z.strictObject({ grant: grantSchema, name: z.string(), there: z.boolean() }).optional(),
});
export type ChosenFile = z.infer<typeof chosenFileView>;

export const appearances = ['system', 'light', 'dark'] as const;
/** Minutes without input after which the vault locks. */
export const idleChoices = [1, 5, 15, 60] as const;
export const settingsView = z.strictObject({ appearance: z.enum(appearances), idleMinutes: z.union(idleChoices.map((minutes) => z.literal(minutes))), zone: z.enum(['local', 'utc']) });
export type Settings = z.infer<typeof settingsView>;

export const recentView = z.strictObject({ id: z.string(), name: z.string(), folder: z.string(), lastOpened: z.iso.datetime(), there: z.boolean() });

export const hostStateView = z.strictObject({
  host: z.enum(['chromium', 'electron']),
  /** What this host protects less than the shipped one, in a sentence; absent where nothing. */
  evaluation: z.string().optional(),
  version: z.string(),
  settings: settingsView,
  recent: z.array(recentView),
  /** Whether a seal was chosen; which one is not for this window. */
  sealed: z.boolean(),
  /** The vault that is open. */
  vault: z.strictObject({ name: z.string(), folder: z.string() }).optional(),
});
export type HostState = z.infer<typeof hostStateView>;

interface HostMethod<F extends z.ZodRawShape, R extends z.ZodType> {
  readonly request: z.ZodObject<F, z.core.$strict>;
  readonly reply: R;
  readonly errors: readonly ErrorCode[];
}

function hostMethod<F extends z.ZodRawShape, R extends z.ZodType>(fields: F, reply: R, errors: readonly ErrorCode[] = []): HostMethod<F, R> {
  return { request: z.strictObject(fields), reply, errors: [...always, ...errors] };
}

const nothing = z.strictObject({});

export const hostMethods = {
  /** What the window shows around the vault. */
  'host.state': hostMethod({}, hostStateView),
  /** A file by the system's dialog, or by a path typed into the trusted prompt. */
  'host.chooseFile': hostMethod({ use: fileUse, name: z.string().max(200).optional() }, chosenFileView, [...onPrompt, 'file-not-found', 'file-unreadable', 'file-exists', 'file-unwritable']),
  /** Another grant for the key file, or the verifying key, that was chosen last: a key file is looked at, then taken in, and a password may be typed wrong. */
  'host.grantAgain': hostMethod({ grant: grantSchema }, chosenFileView, ['not-found']),
  'host.openRecent': hostMethod({ id: z.string().max(64) }, chosenFileView, ['not-found']),
  'host.forgetRecent': hostMethod({ id: z.string().max(64) }, nothing, ['not-found']),
  /** A module that the product knows by name and that is on this machine. */
  'host.knownModule': hostMethod({ path: z.string().max(4096) }, chosenFileView, ['not-found']),
  'host.saveSettings': hostMethod({ settings: settingsView }, hostStateView),
  /** Asks for a seal at the prompt. */
  'host.chooseSeal': hostMethod({}, nothing, onPrompt),
  /** Somebody is at the window: the idle clock starts anew. */
  'host.active': hostMethod({}, nothing),
} as const;

export type HostMethods = typeof hostMethods;
export type HostMethodName = keyof HostMethods;
export type WindowMethodName = MethodName | HostMethodName;

export type WindowRequest<M extends WindowMethodName> = M extends MethodName ? z.input<Contract[M]['request']> : M extends HostMethodName ? z.input<HostMethods[M]['request']> : never;
export type WindowReply<M extends WindowMethodName> = M extends MethodName ? z.output<Contract[M]['reply']> : M extends HostMethodName ? z.output<HostMethods[M]['reply']> : never;
export type WindowAnswer<M extends WindowMethodName> = { readonly ok: true; readonly value: WindowReply<M> } | { readonly ok: false; readonly error: ErrorInfo };

/** Codes that any call from a window may be answered with, besides its own: the host refuses a flood, and says when the core is gone. */
export const windowErrors = ['refused', 'request-invalid', 'core-gone', 'cancelled'] as const satisfies readonly ErrorCode[];

export type WindowEvent =
  | { readonly kind: 'progress'; readonly call: string; readonly progress: Progress }
  | { readonly kind: 'locked'; readonly why: string }
  | { readonly kind: 'prompt'; readonly open: boolean }
  /** Tokens were plugged in or pulled, or say something else of themselves. */
  | { readonly kind: 'tokens'; readonly changes: WindowReply<'token.watch'>['changes'] }
  /** A vault was opened from outside the window: the gate begins with it. */
  | { readonly kind: 'recent' }
  | { readonly kind: 'core-gone' };

/** What the host puts into the window's page. */
export interface WindowBridge {
  /** One function per method. `call` names the call for progress and for its cancellation: any text of at most 64 characters. */
  readonly methods: { readonly [M in WindowMethodName]: (request: WindowRequest<M>, call: string) => Promise<WindowAnswer<M>> };
  cancel(call: string): void;
  onEvent(listener: (event: WindowEvent) => void): void;
  /** A grant for a file that a person dropped or chose: a `File` of the page. A file that the page made up has no place on the disk, and gets none. */
  grantDropped(file: unknown, use: FileUse): Promise<{ readonly ok: true; readonly value: ChosenFile } | { readonly ok: false; readonly error: ErrorInfo }>;
}
