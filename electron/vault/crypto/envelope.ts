/**
 * The sealed blob: suite (1 byte) ‖ epoch (4, big-endian) ‖ nonce (24) ‖ ciphertext and tag.
 * Suite 1 is XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a random nonce. Suite, epoch and the
 * caller's context are the associated data.
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concatBytes, uint32 } from './bytes.ts';
import { randomBytes } from './random.ts';

export const suite1 = 1;
const nonceLength = 24;
const headLength = 5;
const tagLength = 16;

/** Bytes that sealing adds. */
export const envelopeOverhead = headLength + nonceLength + tagLength;

/** @param key 32 bytes, the caller's */
export function sealEnvelope(key: Uint8Array, epoch: number, context: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const head = concatBytes(Uint8Array.of(suite1), uint32(epoch));
  const nonce = randomBytes(nonceLength); // SECURITY: random, never counted: a restored copy would repeat a counter
  const aad = concatBytes(head, context);
  return concatBytes(head, nonce, xchacha20poly1305(key, nonce, aad).encrypt(plaintext));
}

/** The epoch that a blob names, before it is authenticated. @throws Error for a blob that cannot be one */
export function envelopeEpoch(blob: Uint8Array): number {
  if (blob.length < envelopeOverhead) throw new Error('sealed blob is too short');
  if (blob[0] !== suite1) throw new Error('sealed blob has an unknown suite');
  return new DataView(blob.buffer, blob.byteOffset).getUint32(1);
}

/** @throws Error where the blob is not one, or was sealed by another key, or for another context */
export function openEnvelope(key: Uint8Array, context: Uint8Array, blob: Uint8Array): Uint8Array {
  envelopeEpoch(blob);
  const nonce = blob.subarray(headLength, headLength + nonceLength);
  const aad = concatBytes(blob.subarray(0, headLength), context);
  return xchacha20poly1305(key, nonce, aad).decrypt(blob.subarray(headLength + nonceLength));
}
