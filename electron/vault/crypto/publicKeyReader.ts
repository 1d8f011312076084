/** Public keys read by the crypto library: what they are, and their one SubjectPublicKeyInfo. */
import { createPublicKey } from 'node:crypto';
import { concatBytes, equalBytes, fromHex } from './bytes.ts';

export interface PublicKeyFacts {
  /** `rsa`, `rsa-pss`, `ec`, `ed25519`… as the library names it. */
  readonly type: string;
  /** DER SubjectPublicKeyInfo, RFC 5280 §4.1.2.7. */
  readonly spki: Uint8Array;
  /** Of RSA keys. */
  readonly modulusBits: number;
  readonly exponent: bigint;
}

/** rsaEncryption with its NULL, RFC 8017 appendix A.1. */
const rsaAlgorithm = fromHex('300d06092a864886f70d0101010500');

/** A DER value: tag, length (X.690 §10.1), content. */
function der(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...size), content);
}

/** An RSAPublicKey of RFC 8017 appendix A.1.1 in its SubjectPublicKeyInfo, unread. */
export function spkiOfPkcs1(pkcs1: Uint8Array): Uint8Array {
  return der(0x30, concatBytes(rsaAlgorithm, der(0x03, concatBytes(Uint8Array.of(0), pkcs1))));
}

/** @param spki SubjectPublicKeyInfo @returns undefined for what is not exactly one */
export function readPublicKey(spki: Uint8Array): PublicKeyFacts | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki.buffer, spki.byteOffset, spki.length), format: 'der', type: 'spki' });
    // SECURITY: one key, one encoding: bytes behind or between would give one key two fingerprints
    if (!equalBytes(new Uint8Array(key.export({ format: 'der', type: 'spki' })), spki)) return undefined;
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    return { type: key.asymmetricKeyType ?? 'unknown', spki, modulusBits: modulusLength, exponent: publicExponent };
  } catch {
    return undefined; // the caller says what was expected
  }
}
