/** The error codes that methods share, grouped by what they do. Each method declares the sum of its groups. */
import type { ErrorCode } from '../errors/errorCodes.ts';

/** Any method with a request. */
export const always = ['request-invalid'] as const satisfies readonly ErrorCode[];
/** Any method that needs an open vault. Time is checked wherever a state could depend on it. */
export const onOpenVault = [...always, 'locked', 'refused', 'vault-tampered', 'vault-read-only', 'disk-full', 'cancelled'] as const satisfies readonly ErrorCode[];
/** What may depend on the date. */
export const onTime = ['clock-untrusted', 'declined', 'confirmation-wrong', 'secret-unavailable'] as const satisfies readonly ErrorCode[];
/** What asks at the trusted prompt. */
export const onPrompt = ['declined', 'secret-unavailable', 'confirmation-wrong'] as const satisfies readonly ErrorCode[];
/** `vault-in-use`: the file is the open vault itself. */
export const onFileIn = ['vault-in-use', 'file-not-found', 'file-unreadable', 'input-malformed', 'input-too-large'] as const satisfies readonly ErrorCode[];
export const onFileOut = ['vault-in-use', 'file-exists', 'file-unwritable', 'disk-full'] as const satisfies readonly ErrorCode[];
export const onVaultFile = [
  'vault-not-found', 'vault-foreign', 'vault-newer', 'vault-truncated', 'vault-tampered', 'vault-in-use', 'vault-read-only', 'file-unreadable', 'disk-full',
] as const satisfies readonly ErrorCode[];
/** Opening one: a copy that departs from what this computer saw of its vault is asked about. */
export const onUnlock = [...onVaultFile, 'vault-rolled-back', 'vault-forked', 'wrong-passphrase'] as const satisfies readonly ErrorCode[];
/** Loading modules and looking for tokens. */
export const onModule = ['module-not-found', 'module-changed', 'module-load-failed', 'module-crashed', 'module-malformed', 'module-given-up', 'token-timeout'] as const satisfies readonly ErrorCode[];
/** Work with a key that may live on a token. */
export const onToken = [
  ...onModule, 'token-not-found', 'token-absent', 'token-ambiguous', 'token-cannot', 'token-refused', 'token-key-missing',
  'pin-wrong', 'pin-invalid', 'pin-locked', 'pin-final-try', 'declined', 'secret-unavailable',
] as const satisfies readonly ErrorCode[];
/** What waits for an approval: by the passphrase, or by the token that opened the vault. */
export const onApproval = [...onTime, 'wrong-passphrase', ...onToken] as const satisfies readonly ErrorCode[];
