/**
 * EC private keys on P-256, P-384 and P-521: made, their public halves, ECDSA, ECDH. What the platform offers is taken (FIPS 186-5, SP 800-56A); it
 * signs messages only, so ECDSA over a bare digest comes from `@noble/curves`.
 */
import { createECDH } from 'node:crypto';
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import { curves } from './curves.ts';
import type { HashedMessage } from './hashedMessage.ts';
import { parsedOnce, privateKeyObject, publicKeyObject } from './keyObjects.ts';
import { randomBytes } from './random.ts';
import { fixedLength, coordinateBytes, writeSpki } from './spki.ts';
import type { CurveKind } from './spki.ts';
import { verifySignature } from './verifySignature.ts';

/** A curve with a private value; the names are those of RFC 5480 §2.1.1.1 as the platform writes them. */
function openCurve(kind: CurveKind) {
  if (kind === 'ec-p256') return createECDH('prime256v1');
  return kind === 'ec-p384' ? createECDH('secp384r1') : createECDH('secp521r1');
}

/** A private value of the full length; the caller owns it. */
export function newEcScalar(kind: CurveKind): Uint8Array {
  const curve = openCurve(kind);
  curve.generateKeys();
  const scalar = curve.getPrivateKey();
  try {
    return fixedLength(scalar, coordinateBytes[kind]);
  } finally {
    scalar.fill(0); // SECURITY: the library's copy is wiped
  }
}

/** The uncompressed public point. @throws RangeError for a private value that is not in 1 to n - 1 */
export function ecPoint(kind: CurveKind, scalar: Uint8Array): Uint8Array {
  const curve = openCurve(kind);
  try {
    curve.setPrivateKey(scalar);
  } catch {
    throw new RangeError('the private value is not in 1 to n - 1 of its curve');
  }
  return new Uint8Array(curve.getPublicKey());
}

/**
 * ECDSA (FIPS 186-5 §6.4), r and s at the full length of the curve. By the platform where the message went through this computer; over a bare digest
 * with nonces of RFC 6979 §3.6, hedged with fresh random bytes.
 * @param pkcs8 borrowed for as long as the signer is used
 */
export function ecdsaSigner(kind: CurveKind, pkcs8: Uint8Array, scalar: Uint8Array) {
  const spki = writeSpki(kind, ecPoint(kind, scalar));
  const privateKey = parsedOnce(privateKeyObject, pkcs8);
  const publicKey = parsedOnce(publicKeyObject, spki);
  return (mechanism: SignatureMechanism, digest: Uint8Array, given: HashedMessage | undefined): Uint8Array => {
    const message = given?.isOf(digest) === true ? given : undefined;
    const signature = message?.sign(privateKey()) ?? curves[kind].sign(digest, scalar, { prehash: false, lowS: false, extraEntropy: randomBytes(32) });
    // SECURITY: a faulty computation would give the private key away: what does not verify does not leave
    if (!(message?.verify(publicKey(), signature) ?? verifySignature(spki, mechanism, digest, signature).valid)) throw new Error('the signature does not verify');
    return signature;
  };
}

/** ECC CDH (SP 800-56A Rev. 3 §5.7.1.2): the x coordinate at its full length. The caller owns and wipes it. @throws Error for a point that is not on the curve */
export function ecdhSecret(kind: CurveKind, scalar: Uint8Array, peerPoint: Uint8Array): Uint8Array {
  const curve = openCurve(kind);
  curve.setPrivateKey(scalar);
  const shared = curve.computeSecret(peerPoint); // SECURITY: the library refuses what is not on the curve (SP 800-56A §5.6.2.3.3)
  try {
    return fixedLength(shared, coordinateBytes[kind]);
  } finally {
    shared.fill(0); // SECURITY: the library's copy is wiped
  }
}
