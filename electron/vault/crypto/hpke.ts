/**
 * HPKE (RFC 9180), base mode: X-Wing (ML-KEM-768 + X25519), HKDF-SHA-256, AES-256-GCM.
 * What is sealed here may be kept for years, so it must outlive the quantum change.
 */
import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { concatBytes } from './bytes.ts';

const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** Lengths in bytes (draft-connolly-cfrg-xwing-kem-09 §5). */
export const xWing = { seed: 32, publicKey: 1216, encapsulated: 1120 } as const;

const exact = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** The X-Wing public key of a 32-byte seed. */
export async function xWingPublicKey(seed: Uint8Array): Promise<Uint8Array> {
  const pair = await suite.kem.deriveKeyPair(exact(seed));
  return new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey));
}

/** Seals to a public key. @returns encapsulated key (1,120 bytes) ‖ ciphertext and tag */
export async function hpkeSeal(publicKey: Uint8Array, info: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(exact(publicKey));
  const sealed = await suite.seal({ recipientPublicKey, info: exact(info) }, exact(plaintext));
  return concatBytes(new Uint8Array(sealed.enc), new Uint8Array(sealed.ct));
}

/** Opens with the seed of the recipient. @throws Error where it was sealed to another key or for another `info` */
export async function hpkeOpen(seed: Uint8Array, info: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
  const recipientKey = (await suite.kem.deriveKeyPair(exact(seed))).privateKey;
  const enc = exact(sealed.subarray(0, xWing.encapsulated));
  return new Uint8Array(await suite.open({ recipientKey, info: exact(info), enc }, exact(sealed.subarray(xWing.encapsulated))));
}
