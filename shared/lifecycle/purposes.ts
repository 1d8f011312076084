/** What each purpose and algorithm may do, and the cryptoperiods that SP 800-57 Part 1 Rev. 5 §5.3.6 Table 1 suggests. */
import { signatureMechanisms } from '../model/terms.ts';
import type { Algorithm, Derivation, Operation, Purpose, SignatureMechanism } from '../model/terms.ts';

/** Whether an operation applies protection or processes what was protected (SP 800-57 Part 1 §5.3.5). */
export const operationClass: Readonly<Record<Operation, 'protect' | 'process'>> = {
  encrypt: 'protect',
  sign: 'protect',
  mac: 'protect',
  wrap: 'protect',
  derive: 'protect',
  decrypt: 'process',
  verify: 'process',
  unwrap: 'process',
};

export interface PurposeFacts {
  readonly operations: readonly Operation[];
  readonly algorithms: readonly Algorithm[];
  /** Suggested originator-usage period in days, Table 1. */
  readonly originatorUsageDays: number;
  /** Suggested recipient-usage period in days from activation, Table 1 (≤ originator-usage period + 3 years). */
  readonly recipientUsageDays: number;
  /** A key that only protects cannot rest in `deactivated`: its private half is destroyed, its public half deactivated. */
  readonly privateOnlyProtects: boolean;
}

const aes = ['aes-128', 'aes-192', 'aes-256'] as const;
const hmac = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const;
const rsa = ['rsa-2048', 'rsa-3072', 'rsa-4096'] as const;
const ec = ['ec-p256', 'ec-p384', 'ec-p521'] as const;
const signing = [...rsa, ...ec, 'ed25519', 'ml-dsa-65'] as const;

export const purposeFacts: Readonly<Record<Purpose, PurposeFacts>> = {
  'data-encryption': { operations: ['encrypt', 'decrypt'], algorithms: aes, originatorUsageDays: 730, recipientUsageDays: 1825, privateOnlyProtects: false },
  'key-wrapping': { operations: ['wrap', 'unwrap'], algorithms: aes, originatorUsageDays: 730, recipientUsageDays: 1825, privateOnlyProtects: false },
  // AES as a MAC key is CMAC (SP 800-38B).
  mac: { operations: ['mac', 'verify'], algorithms: [...hmac, ...aes], originatorUsageDays: 730, recipientUsageDays: 1825, privateOnlyProtects: false },
  signature: { operations: ['sign', 'verify'], algorithms: signing, originatorUsageDays: 1095, recipientUsageDays: 3650, privateOnlyProtects: true },
  authentication: { operations: ['sign', 'verify'], algorithms: signing, originatorUsageDays: 730, recipientUsageDays: 730, privateOnlyProtects: true },
  // A transport key unwraps and never decrypts: no way to a clear key.
  'key-transport': { operations: ['unwrap'], algorithms: rsa, originatorUsageDays: 730, recipientUsageDays: 730, privateOnlyProtects: false },
  'key-agreement': { operations: ['derive'], algorithms: [...ec, 'x25519', 'ml-kem-768'], originatorUsageDays: 730, recipientUsageDays: 730, privateOnlyProtects: false },
  'key-derivation': { operations: ['derive'], algorithms: hmac, originatorUsageDays: 365, recipientUsageDays: 365, privateOnlyProtects: false },
};

export interface AlgorithmFacts {
  readonly family: AlgorithmFamily;
  readonly kind: 'secret' | 'pair';
  /** Of the key, the modulus, the curve's field. Of a generic secret: what is generated; an imported one may be longer or shorter. */
  readonly bits: number;
  /** Security strength in bits, SP 800-57 Part 1 Rev. 5 §5.6.1 Tables 2 and 3 (RSA-4096: interpolated; ML-*: FIPS 203 and 204, category 3). */
  readonly strength: number;
}

export type AlgorithmFamily = 'aes' | 'hmac' | 'rsa' | 'ec' | 'ed25519' | 'x25519' | 'ml-kem' | 'ml-dsa';

export const algorithmFacts: Readonly<Record<Algorithm, AlgorithmFacts>> = {
  'aes-128': { family: 'aes', kind: 'secret', bits: 128, strength: 128 },
  'aes-192': { family: 'aes', kind: 'secret', bits: 192, strength: 192 },
  'aes-256': { family: 'aes', kind: 'secret', bits: 256, strength: 256 },
  'hmac-sha256': { family: 'hmac', kind: 'secret', bits: 256, strength: 256 },
  'hmac-sha384': { family: 'hmac', kind: 'secret', bits: 384, strength: 256 },
  'hmac-sha512': { family: 'hmac', kind: 'secret', bits: 512, strength: 256 },
  'rsa-2048': { family: 'rsa', kind: 'pair', bits: 2048, strength: 112 },
  'rsa-3072': { family: 'rsa', kind: 'pair', bits: 3072, strength: 128 },
  'rsa-4096': { family: 'rsa', kind: 'pair', bits: 4096, strength: 150 },
  'ec-p256': { family: 'ec', kind: 'pair', bits: 256, strength: 128 },
  'ec-p384': { family: 'ec', kind: 'pair', bits: 384, strength: 192 },
  'ec-p521': { family: 'ec', kind: 'pair', bits: 521, strength: 256 },
  ed25519: { family: 'ed25519', kind: 'pair', bits: 255, strength: 128 },
  x25519: { family: 'x25519', kind: 'pair', bits: 255, strength: 128 },
  'ml-kem-768': { family: 'ml-kem', kind: 'pair', bits: 768, strength: 192 },
  'ml-dsa-65': { family: 'ml-dsa', kind: 'pair', bits: 65, strength: 192 },
};

/** The strength of an RSA modulus of any length, by the steps of SP 800-57 Part 1 Table 2. */
export function rsaStrength(modulusBits: number): number {
  if (modulusBits >= 15360) return 256;
  if (modulusBits >= 7680) return 192;
  if (modulusBits >= 4096) return 150;
  if (modulusBits >= 3072) return 128;
  if (modulusBits >= 2048) return 112;
  return modulusBits >= 1024 ? 80 : 0;
}

/** The most protections that one key version may apply: GCM with random nonces, SP 800-38D §8.3. */
export const gcmInvocationLimit = 2 ** 32;

/** The least bits of a generic secret that comes from elsewhere: SP 800-131A Rev. 2 §10. */
export const leastSecretBits = 112;

/** The mechanisms that a key of an algorithm can sign by, the one that is proposed first. ECDSA is proposed with the hash of the curve's strength. */
export function mechanismsOf(algorithm: Algorithm): readonly SignatureMechanism[] {
  const { family } = algorithmFacts[algorithm];
  if (family === 'rsa') return ['rsa-pss-sha256', ...signatureMechanisms.filter((mechanism) => mechanism.startsWith('rsa-') && mechanism !== 'rsa-pss-sha256')];
  if (family === 'ec') return ecdsaBy[algorithm as keyof typeof ecdsaBy];
  return signatureMechanisms.filter((mechanism) => mechanism === algorithm);
}

const ecdsaBy = {
  'ec-p256': ['ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'],
  'ec-p384': ['ecdsa-sha384', 'ecdsa-sha256', 'ecdsa-sha512'],
  'ec-p521': ['ecdsa-sha512', 'ecdsa-sha256', 'ecdsa-sha384'],
} as const satisfies Partial<Record<Algorithm, readonly SignatureMechanism[]>>;

/** The ways by which a key of an algorithm derives others; what it can do in its place, the provider says. */
export function derivationsOf(algorithm: Algorithm): readonly Derivation[] {
  const { family } = algorithmFacts[algorithm];
  if (family === 'hmac') return ['hkdf'];
  if (family === 'ml-kem') return ['ecdh-hkdf-sha256'];
  return family === 'ec' || family === 'x25519' ? ['ecdh-hkdf-sha256', 'ecdh-x963-sha256', 'ecdh-raw'] : [];
}

/** Purposes whose keys sign nothing but the request for their own certificate, as proof that who asks has the private key (SP 800-57 Part 1 Rev. 5 §5.2). */
export const provingPurposes: readonly Purpose[] = ['key-transport', 'key-agreement'];
