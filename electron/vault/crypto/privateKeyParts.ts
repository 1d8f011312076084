/** Private keys in the vault's own form taken apart: into the numbers that a token is given, or the secret that a computation takes. Views into the given bytes. */
import { onlyValue } from './derReader.ts';
import { ed25519PublicKey } from './ed25519.ts';
import { ecPartsOf, ecPublicKeyOid } from './keyForms/ecKey.ts';
import { octetCurves } from './keyForms/octetKey.ts';
import { keyInfoOf } from './keyForms/privateKeyInfo.ts';
import { rsaPartsOf } from './keyForms/rsaKey.ts';
import type { CurveKind } from './spki.ts';
import { x25519PublicKey } from './x25519.ts';

/** RFC 8017 §3.2, in the order of its appendix A.1.2. Big-endian, without leading zeros. */
export type RsaPrivateNumbers = Readonly<Record<'modulus' | 'publicExponent' | 'privateExponent' | 'prime1' | 'prime2' | 'exponent1' | 'exponent2' | 'coefficient', Uint8Array>>;

export type PrivateKeyParts = { readonly rsa: RsaPrivateNumbers } | { readonly curve: { readonly curve: CurveKind | 'ed25519' | 'x25519'; readonly value: Uint8Array; readonly point: Uint8Array } };

/** @param pkcs8 borrowed @throws `input-malformed` for what is no RSA, EC, Ed25519 or X25519 key in its plain form */
export function readPrivateKeyParts(pkcs8: Uint8Array): PrivateKeyParts {
  const { algorithm, content } = keyInfoOf(onlyValue(pkcs8));
  const key = onlyValue(content);
  const octets = octetCurves.find(({ oid }) => oid === algorithm.oid);
  if (octets !== undefined) return { curve: { curve: octets.algorithm, value: key.content, point: octets.algorithm === 'ed25519' ? ed25519PublicKey(key.content) : x25519PublicKey(key.content) } };
  if (algorithm.oid !== ecPublicKeyOid) {
    const { n, e, d, p, q, dp, dq, qi } = rsaPartsOf(key);
    return { rsa: { modulus: n, publicExponent: e, privateExponent: d, prime1: p, prime2: q, exponent1: dp, exponent2: dq, coefficient: qi } };
  }
  const { curve, scalar, publicPoint = new Uint8Array(0) } = ecPartsOf(key, algorithm.parameters);
  return { curve: { curve: curve.algorithm, value: scalar, point: publicPoint } };
}

/** The 32 bytes or the private number inside material of the vault's form, borrowed. */
export function secretPartOf(material: Uint8Array): Uint8Array {
  const { algorithm, content } = keyInfoOf(onlyValue(material));
  return algorithm.oid === ecPublicKeyOid ? ecPartsOf(onlyValue(content), algorithm.parameters).scalar : onlyValue(content).content;
}
