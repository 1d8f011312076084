/** What each purpose and algorithm may do, and the cryptoperiods that SP 800-57 Part 1 Rev. 5 §5.3.6 Table 1 suggests. */
import type { Algorithm, Operation, Purpose } from '../model/terms.ts';

/** Whether an operation applies protection or processes what was protected (SP 800-57 Part 1 §5.3.5). */
export const operationClass: Readonly<Record<Operation, 'protect' | 'process'>> = {
  encrypt: 'protect',
  sign: 'protect',
  wrap: 'protect',
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
const rsa = ['rsa-2048', 'rsa-3072', 'rsa-4096'] as const;

export const purposeFacts: Readonly<Record<Purpose, PurposeFacts>> = {
  'data-encryption': { operations: ['encrypt', 'decrypt'], algorithms: aes, originatorUsageDays: 730, recipientUsageDays: 1825, privateOnlyProtects: false },
  'key-wrapping': { operations: ['wrap', 'unwrap'], algorithms: aes, originatorUsageDays: 730, recipientUsageDays: 1825, privateOnlyProtects: false },
  signature: { operations: ['sign', 'verify'], algorithms: rsa, originatorUsageDays: 1095, recipientUsageDays: 3650, privateOnlyProtects: true },
  // A transport key unwraps and never decrypts: no way to a clear key.
  'key-transport': { operations: ['unwrap'], algorithms: rsa, originatorUsageDays: 730, recipientUsageDays: 730, privateOnlyProtects: false },
};

export interface AlgorithmFacts {
  readonly family: 'aes' | 'rsa';
  readonly bits: number;
  /** Security strength in bits, SP 800-57 Part 1 Rev. 5 §5.6.1 Table 2 (RSA-4096: interpolated). */
  readonly strength: number;
}

export const algorithmFacts: Readonly<Record<Algorithm, AlgorithmFacts>> = {
  'aes-128': { family: 'aes', bits: 128, strength: 128 },
  'aes-192': { family: 'aes', bits: 192, strength: 192 },
  'aes-256': { family: 'aes', bits: 256, strength: 256 },
  'rsa-2048': { family: 'rsa', bits: 2048, strength: 112 },
  'rsa-3072': { family: 'rsa', bits: 3072, strength: 128 },
  'rsa-4096': { family: 'rsa', bits: 4096, strength: 150 },
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
