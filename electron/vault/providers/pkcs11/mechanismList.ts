/** What a token says that it can do, read by number and flag. */
import type { ReplyOf } from '../../../pkcs11-wire/messages.ts';

export type Mechanisms = ReplyOf<'mechanisms'>['mechanisms'];

/** CKM_ numbers, PKCS#11 v2.40 and v3.0. */
export const ckm = {
  rsaPairGen: 0x0,
  rsaPkcs: 0x1,
  rsaOaep: 0x9,
  rsaPss: 0xd,
  sha256Hmac: 0x251,
  sha384Hmac: 0x261,
  sha512Hmac: 0x271,
  genericKeyGen: 0x350,
  ecPairGen: 0x1040,
  ecdsa: 0x1041,
  ecdh1Derive: 0x1050,
  edwardsPairGen: 0x1055,
  montgomeryPairGen: 0x1056,
  eddsa: 0x1057,
  aesKeyGen: 0x1080,
  aesCbc: 0x1082,
  aesGcm: 0x1087,
  aesCmac: 0x108a,
  aesWrap: 0x2109,
  aesWrapPad: 0x210a,
  aesWrapKwp: 0x210b,
} as const;

/** CKF_ flags of CK_MECHANISM_INFO. */
export const ckf = { encrypt: 0x100, decrypt: 0x200, sign: 0x800, generate: 0x8000, generatePair: 0x1_0000, wrap: 0x2_0000, unwrap: 0x4_0000, derive: 0x8_0000 } as const;

export function has(mechanisms: Mechanisms, type: number, ...flags: readonly number[]): boolean {
  const wanted = flags.reduce((all, flag) => all | flag, 0);
  return mechanisms.some((mechanism) => mechanism.type === type && (mechanism.flags & wanted) === wanted);
}
