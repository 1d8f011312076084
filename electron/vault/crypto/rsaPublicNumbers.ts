/** RSA public keys between their two forms: DER SubjectPublicKeyInfo (RFC 8017 appendix A.1.1) and the numbers that PKCS#11 knows. */
import { createPublicKey } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';

export interface RsaPublicNumbers {
  /** Big-endian, without leading zeros. */
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

function withoutLeadingZeros(number: Uint8Array): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array(0) : number.slice(first);
}

/** @throws Error for numbers that are no RSA public key */
export function rsaSpki({ modulus, exponent }: RsaPublicNumbers): Uint8Array {
  const base64url = (number: Uint8Array) => Buffer.from(withoutLeadingZeros(number)).toString('base64url');
  const jwk: JsonWebKey = { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) };
  return new Uint8Array(createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' }));
}

/** @throws Error for what is not an RSA public key */
export function rsaPublicNumbers(spki: Uint8Array): RsaPublicNumbers {
  const { kty, n, e } = createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' }).export({ format: 'jwk' });
  if (kty !== 'RSA' || n === undefined || e === undefined) throw new Error('"publicKey" expected RSA');
  return { modulus: new Uint8Array(Buffer.from(n, 'base64url')), exponent: new Uint8Array(Buffer.from(e, 'base64url')) };
}
