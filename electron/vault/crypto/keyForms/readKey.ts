/** What is read of a private or secret key: recomputed, compared, and in the vault's own form (FORMAT.md). */
import type { SecretBytes } from '../secretBytes.ts';

/** Algorithms of pairs that the vault keeps. */
export type PairAlgorithm = 'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'ec-p256' | 'ec-p384' | 'ec-p521' | 'ed25519' | 'x25519' | 'ml-kem-768' | 'ml-dsa-65';

/** A pair that was recomputed, compared and used once. */
export interface ReadPair {
  readonly kind: 'pair';
  /** Undefined for sizes that the vault does not keep, say RSA of 1024 bits. */
  readonly algorithm: PairAlgorithm | undefined;
  /** What it is, for people: `RSA of 2560 bits`. */
  readonly description: string;
  /** PKCS#8 DER, or the seed of ML-DSA and ML-KEM. The caller owns and wipes it. */
  readonly material: SecretBytes;
  /** DER SubjectPublicKeyInfo, always computed. */
  readonly publicKey: Uint8Array;
  readonly notes: readonly string[];
}

/** Secret bytes: the caller says for which algorithm. */
export interface ReadSecret {
  readonly kind: 'secret';
  readonly bits: number;
  readonly material: SecretBytes;
  readonly notes: readonly string[];
}
