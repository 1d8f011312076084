/** PKCS#8 (RFC 5208) in the one form that the vault keeps and that others read, written in one piece. Parts are borrowed; the caller owns and wipes the result. */
import { context } from '../derValue.ts';
import { bitString, encodeDer, integer, octetString, sequence, tagged } from '../derWriter.ts';
import type { DerTree } from '../derWriter.ts';
import { identifierOf } from '../spki.ts';
import type { CurveKind, PublicKeyKind } from '../spki.ts';

const zero = integer(new Uint8Array(0));

function privateKeyInfo(kind: PublicKeyKind, key: DerTree): Uint8Array {
  return encodeDer(sequence(zero, identifierOf(kind), octetString(key)));
}

/** RSAPrivateKey, RFC 8017 appendix A.1.2. @param numbers n, e, d, p, q, dP, dQ and qInv, big-endian */
export function rsaPkcs8(numbers: readonly Uint8Array[]): Uint8Array {
  return privateKeyInfo('rsa', sequence(zero, ...numbers.map(integer)));
}

/** ECPrivateKey, RFC 5915 §3: the curve by its name, the public point inside. @param scalar of the full length */
export function ecPkcs8(kind: CurveKind, scalar: Uint8Array, point: Uint8Array): Uint8Array {
  return privateKeyInfo(kind, sequence(integer(Uint8Array.of(1)), octetString(scalar), tagged(1, bitString(point))));
}

/** CurvePrivateKey, RFC 8410 §7: the 48 bytes of version 1. */
export function octetPkcs8(kind: 'ed25519' | 'x25519', secret: Uint8Array): Uint8Array {
  return privateKeyInfo(kind, octetString(secret));
}

/** The seed alone, of RFC 9881 §6 and RFC 9935 §6. */
export function latticePkcs8(kind: 'ml-dsa-65' | 'ml-kem-768', seed: Uint8Array): Uint8Array {
  return privateKeyInfo(kind, { tag: context.primitive(0), parts: [seed] });
}
