/** Keys that nobody uses: what a token makes of them is looked at, and they are gone. */
import type { ClearKey, PublicKey } from '../../../pkcs11-wire/keyShapes.ts';
import { ecPoint, newEcScalar } from '../../crypto/ecPrivate.ts';
import { ed25519PublicKey, newEd25519Seed } from '../../crypto/ed25519.ts';
import { ecPkcs8, octetPkcs8 } from '../../crypto/keyForms/privateKeyWriter.ts';
import { randomBytes } from '../../crypto/random.ts';
import { writeSpki } from '../../crypto/spki.ts';

type Curved = Extract<ClearKey, { readonly curve: unknown }>['curve'];

export interface ThrowAwayPair {
  readonly clear: Curved;
  readonly spki: Uint8Array;
  readonly pkcs8: Uint8Array;
}

export function throwAwayEc(): ThrowAwayPair {
  const value = newEcScalar('ec-p256');
  const point = ecPoint('ec-p256', value);
  return { clear: { curve: 'ec-p256', value, point }, spki: writeSpki('ec-p256', point), pkcs8: ecPkcs8('ec-p256', value, point) };
}

export function throwAwayEd25519(): ThrowAwayPair {
  const value = newEd25519Seed();
  const point = ed25519PublicKey(value);
  return { clear: { curve: 'ed25519', value, point }, spki: writeSpki('ed25519', point), pkcs8: octetPkcs8('ed25519', value) };
}

/** Any odd number of the size serves as a modulus for a public operation whose result nobody opens. */
export function throwAwayRsa(): Extract<PublicKey, { readonly rsa: unknown }>['rsa'] {
  const modulus = randomBytes(256);
  modulus[0] = (modulus[0] ?? 0) | 0x80;
  modulus[255] = (modulus[255] ?? 0) | 1;
  return { modulus, exponent: Uint8Array.of(1, 0, 1) };
}
