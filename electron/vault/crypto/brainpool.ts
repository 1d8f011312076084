/** ECDSA with SHA-256 on brainpoolP256r1 (RFC 5639 §3.4), to verify what cards are certified with: BoringSSL does not have the curve. */
import { brainpoolP256r1 } from '@noble/curves/misc.js';

/** @param point uncompressed @param signature r and s side by side @returns false also for what is no point, or no signature */
export function verifyBrainpoolP256(point: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (point.length !== 65 || signature.length !== 64) return false;
  try {
    return brainpoolP256r1.verify(signature, message, point, { lowS: false });
  } catch {
    return false; // not on the curve
  }
}
