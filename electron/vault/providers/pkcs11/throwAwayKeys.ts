/** Keys that nobody uses: what a token makes of them is looked at, and they are gone. */
import { p256 } from '@noble/curves/nist.js';
import type { ClearKey, PublicKey } from '../../../pkcs11-wire/keyShapes.ts';
import { randomBytes } from '../../crypto/random.ts';
import { writeSpki } from '../../crypto/spki.ts';

type Curved = Extract<ClearKey, { readonly curve: unknown }>['curve'];

export function throwAwayEc(): { readonly clear: Curved; readonly spki: Uint8Array } {
  const { secretKey: value, publicKey } = p256.keygen();
  const point = p256.Point.fromBytes(publicKey).toBytes(false);
  return { clear: { curve: 'ec-p256', value, point }, spki: writeSpki('ec-p256', point) };
}

/** Any odd number of the size serves as a modulus for a public operation whose result nobody opens. */
export function throwAwayRsa(): Extract<PublicKey, { readonly rsa: unknown }>['rsa'] {
  const modulus = randomBytes(256);
  modulus[0] = (modulus[0] ?? 0) | 0x80;
  modulus[255] = (modulus[255] ?? 0) | 1;
  return { modulus, exponent: Uint8Array.of(1, 0, 1) };
}
