/** The public keys that an ECDSA signature could be of: SEC 1 §4.1.6. A token that shows no public half gives it away by signing. */
import { curves } from './curves.ts';
import { writeSpki } from './spki.ts';
import type { CurveKind } from './spki.ts';

/** @param signature P1363 @returns SubjectPublicKeyInfo of each, two as a rule */
export function recoverEcPublicKeys(kind: CurveKind, digest: Uint8Array, signature: Uint8Array): readonly Uint8Array[] {
  const curve = curves[kind];
  return [0, 1, 2, 3].flatMap((bit) => {
    try {
      const point = curve.Signature.fromBytes(signature, 'compact').addRecoveryBit(bit).recoverPublicKey(digest);
      return [writeSpki(kind, point.toBytes(false))];
    } catch {
      return []; // no point has this coordinate
    }
  });
}
