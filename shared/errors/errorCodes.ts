/**
 * The closed union of error codes. Each code has the exit status that the command line gives for it
 * (0 done, 1 refused, 2 usage, 3 input, 4 locked or wrong secret, 5 token, 6 waiting for approvals, 70 internal).
 */
export const errorCodes = {
  // 1: a rule, a person or the state of a thing refused
  refused: 1,
  declined: 1,
  'confirmation-wrong': 1,
  'already-exists': 1,
  'signature-invalid': 1,
  'clock-untrusted': 1,
  cancelled: 1,
  // 2: the request itself is malformed
  'request-invalid': 2,
  // 3: what was given (file, name, blob) cannot be used
  'not-found': 3,
  'input-malformed': 3,
  'input-too-large': 3,
  'choice-needed': 3,
  'unwrap-failed': 3,
  'decrypt-failed': 3,
  'file-not-found': 3,
  'file-exists': 3,
  'file-unreadable': 3,
  'file-unwritable': 3,
  'disk-full': 3,
  'vault-not-found': 3,
  'vault-foreign': 3,
  'vault-newer': 3,
  'vault-truncated': 3,
  'vault-tampered': 3,
  'vault-rolled-back': 3,
  'vault-forked': 3,
  'vault-read-only': 3,
  'backup-invalid': 3,
  'log-invalid': 3,
  // 4: locked, here or elsewhere, or the secret is wrong
  locked: 4,
  'already-unlocked': 4,
  'vault-in-use': 4,
  'wrong-passphrase': 4,
  'wrong-file-password': 4,
  'secret-unavailable': 4,
  // 5: the token or its module
  'token-not-found': 5,
  'token-absent': 5,
  'token-ambiguous': 5,
  'token-cannot': 5,
  'token-refused': 5,
  'token-timeout': 5,
  'token-key-missing': 5,
  'pin-wrong': 5,
  'pin-invalid': 5,
  'pin-locked': 5,
  'pin-final-try': 5,
  'module-not-found': 5,
  'module-changed': 5,
  'module-load-failed': 5,
  'module-crashed': 5,
  'module-malformed': 5,
  'module-given-up': 5,
  // 6
  'approvals-outstanding': 6,
  // 70
  'core-gone': 70,
  internal: 70,
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** The exit status of a code, for the command line. */
export function exitStatus(code: ErrorCode): number {
  return errorCodes[code];
}
