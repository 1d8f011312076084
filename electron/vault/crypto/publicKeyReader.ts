/** Public keys read by the crypto library: what they are, and their one SubjectPublicKeyInfo. */
import type { KeyObject } from 'node:crypto';
import { equalBytes } from './bytes.ts';
import { publicKeyObject } from './keyObjects.ts';

export interface PublicKeyFacts {
  /** `rsa`, `rsa-pss`, `ec`, `ed25519`… as the library names it. */
  readonly type: string;
  /** DER SubjectPublicKeyInfo, RFC 5280 §4.1.2.7. */
  readonly spki: Uint8Array;
  /** Of RSA keys. */
  readonly modulusBits: number;
  readonly exponent: bigint;
}

/** The one that was read last, by the library's own object of it. */
let lastRead: { readonly key: KeyObject; readonly facts: PublicKeyFacts } | undefined;

/** @param spki SubjectPublicKeyInfo @returns undefined for what is not exactly one */
export function readPublicKey(spki: Uint8Array): PublicKeyFacts | undefined {
  try {
    const key = publicKeyObject(spki);
    if (lastRead?.key === key) return { ...lastRead.facts, spki };
    // SECURITY: one key, one encoding: bytes behind or between would give one key two fingerprints
    if (!equalBytes(new Uint8Array(key.export({ format: 'der', type: 'spki' })), spki)) return undefined;
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    lastRead = { key, facts: { type: key.asymmetricKeyType ?? 'unknown', spki, modulusBits: modulusLength, exponent: publicExponent } };
    return lastRead.facts;
  } catch {
    return undefined; // the caller says what was expected
  }
}
