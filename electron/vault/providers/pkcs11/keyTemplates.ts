/**
 * The attributes of a key by its purpose: sensitive, not extractable unless asked for, one purpose only. Every usage flag is given, since a
 * module's defaults would add some. WRAP never goes with DECRYPT: the two together take a wrapped key apart (Clulow, 2003).
 */
import type { KeyFlags } from '../../../pkcs11-wire/keyShapes.ts';
import { refusal } from '../../../../shared/errors/strongroomError.ts';
import { purposeFacts } from '../../../../shared/lifecycle/purposes.ts';
import type { Algorithm, Purpose } from '../../../../shared/model/terms.ts';

/** What can be said of a key in its template; the rest (local, alwaysSensitive…) the token says itself. */
const secretBase = {
  token: true,
  private: true,
  modifiable: false,
  sensitive: true,
  encrypt: false,
  decrypt: false,
  sign: false,
  verify: false,
  wrap: false,
  unwrap: false,
  derive: false,
} as const satisfies KeyFlags;
const privateBase = {
  token: true,
  private: true,
  modifiable: false,
  sensitive: true,
  decrypt: false,
  sign: false,
  unwrap: false,
  derive: false,
} as const satisfies KeyFlags;
const publicBase = { token: true, private: false, modifiable: false, encrypt: false, verify: false, wrap: false, derive: false } as const satisfies KeyFlags;

/** Purposes of secret keys. */
export const secretTemplates = {
  'data-encryption': { ...secretBase, encrypt: true, decrypt: true },
  'key-wrapping': { ...secretBase, wrap: true, unwrap: true },
  // A MAC is a signature to PKCS#11 (v2.40 §2.20, §2.10).
  mac: { ...secretBase, sign: true, verify: true },
} as const satisfies Partial<Record<Purpose, KeyFlags>>;

/** Purposes of pairs. A transport key unwraps and never decrypts. */
export const pairTemplates = {
  signature: { private: { ...privateBase, sign: true }, public: { ...publicBase, verify: true } },
  authentication: { private: { ...privateBase, sign: true }, public: { ...publicBase, verify: true } },
  'key-agreement': { private: { ...privateBase, derive: true }, public: { ...publicBase, derive: true } },
  'key-transport': { private: { ...privateBase, unwrap: true }, public: { ...publicBase, wrap: true } },
} as const satisfies Partial<Record<Purpose, { readonly private: KeyFlags; readonly public: KeyFlags }>>;

export type SecretPurpose = keyof typeof secretTemplates;
export type PairPurpose = keyof typeof pairTemplates;

/** @throws `refused` KEY-GENERATE-1 */
export function assertPurposeFits(purpose: Purpose, algorithm: Algorithm): void {
  if (!purposeFacts[purpose].algorithms.includes(algorithm)) throw refusal('KEY-GENERATE-1', `"algorithm" ${algorithm} does not serve "purpose" ${purpose}`);
}

export function isSecretPurpose(purpose: Purpose): purpose is SecretPurpose {
  return purpose in secretTemplates;
}

export function isPairPurpose(purpose: Purpose): purpose is PairPurpose {
  return purpose in pairTemplates;
}
