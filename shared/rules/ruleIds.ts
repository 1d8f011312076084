/** Every rule that can refuse, by id. The id appears in code, error, log entry, test title and `test/CLAIMS.md`. */
export const rules = {
  'KEY-USE-PURPOSE': 'a key is used for its one purpose only',
  'KEY-USE-STATE': 'the state of a key version allows the operation (SP 800-57 Part 1 §7)',
  'KEY-USE-ORIGINATOR-PERIOD': 'nothing is protected after the end of the originator-usage period (SP 800-57 Part 1 §5.3.5)',
  'KEY-USE-RECIPIENT-PERIOD': 'nothing is processed after the end of the recipient-usage period (SP 800-57 Part 1 §5.3.5)',
  'KEY-USE-LIMIT': 'a key version is used no more often than its limit (SP 800-38D §8.3 for GCM)',
  'KEY-STATE-1': 'a state changes only along an edge of the state model (SP 800-57 Part 1 §7)',
  'KEY-STATE-2': 'a change of state that asks for a reason has one',
  'KEY-EXPORT-1': 'only a key version that was made exportable leaves its provider',
  'KEY-EXPORT-2': 'a wrapping key is at least as strong as the key that it wraps (SP 800-57 Part 2 §2.2)',
  'KEY-EXPORT-3': 'an effective strength below 112 bits is refused (SP 800-131A)',
  'KEY-EXPORT-4': 'a loss of strength on export is accepted by name',
  'KEY-EXPORT-5': 'the state of a key version allows its distribution',
  'KEY-WRAP-1': 'key and wrapping key are on the same provider',
  'KEY-IMPORT-1': 'what is imported fits the algorithm that was asked for',
  'KEY-NAME-1': 'a name of a key is given once',
  'KEY-GENERATE-1': 'the algorithm serves the purpose',
  'RECIPIENT-1': 'the fingerprint of a recipient is confirmed by the person',
  'RECIPIENT-2': 'a recipient key is an RSA public key for key transport of at least 112 bits (SP 800-56B, SP 800-131A)',
  'RECIPIENT-3': 'a certificate as recipient allows key encipherment and is in its time (RFC 5280 §4.2.1.3)',
  'QUORUM-1': 'a guarded operation runs only as approved, once',
  'QUORUM-2': 'an approval is a signature by an approval key over the hash of the request',
  'ROLE-1': 'the role of the principal allows the method',
  'TIME-1': 'time-based decisions need a clock that agrees with the log',
  'TOKEN-1': 'a module is loaded only as it was pinned (path, owner, SHA-256)',
} as const;

export type RuleId = keyof typeof rules;
