/** Every HKDF label, in one table: no two uses of a key share one. */
export const hkdfLabels = {
  unlock: 'strongroom/v1/unlock',
  unlockCommitment: 'strongroom/v1/unlock-commitment',
  identityDaily: 'strongroom/v1/identity-daily',
  identityApproval: 'strongroom/v1/identity-approval',
  row: 'strongroom/v1/row',
  stateDigest: 'strongroom/v1/state-digest',
  materialWrap: 'strongroom/v1/material-wrap',
  filePayload: 'strongroom/v1/file-payload',
} as const;

export type HkdfLabel = (typeof hkdfLabels)[keyof typeof hkdfLabels];
