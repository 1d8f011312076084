/** The CKR_ numbers that this program acts on; the sentences for people are the core's (`ckrMessages`). PKCS#11 v2.40 §3.6. */
export const ckr = {
  slotIdInvalid: 0x03,
  argumentsBad: 0x07,
  attributeSensitive: 0x11,
  attributeTypeInvalid: 0x12,
  attributeValueInvalid: 0x13,
  cantLock: 0x0a,
  deviceError: 0x30,
  deviceRemoved: 0x32,
  keyHandleInvalid: 0x60,
  mechanismInvalid: 0x70,
  mechanismParamInvalid: 0x71,
  objectHandleInvalid: 0x82,
  pinIncorrect: 0xa0,
  sessionClosed: 0xb0,
  sessionCount: 0xb1,
  sessionHandleInvalid: 0xb3,
  templateInconsistent: 0xd1,
  tokenNotPresent: 0xe0,
  tokenNotRecognized: 0xe1,
  userAlreadyLoggedIn: 0x100,
  userNotLoggedIn: 0x101,
  bufferTooSmall: 0x150,
  cryptokiNotInitialized: 0x190,
} as const;

/** After these nothing of the token's state can be believed: sessions, handles and login are gone. */
export const sessionIsDead: readonly number[] = [
  ckr.deviceError,
  ckr.deviceRemoved,
  ckr.sessionClosed,
  ckr.sessionHandleInvalid,
  ckr.tokenNotPresent,
  ckr.tokenNotRecognized,
  ckr.cryptokiNotInitialized,
  ckr.userNotLoggedIn,
];
