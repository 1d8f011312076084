/** Public keys as JWK: RSA and EC (RFC 7518 §6), Ed25519 and X25519 (RFC 8037), ML-DSA and ML-KEM as key type AKP; and their thumbprints (RFC 7638). */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { namedCurves } from '../crypto/keyForms/namedCurves.ts';
import { octetCurves } from '../crypto/keyForms/octetKey.ts';
import { rsaPublicNumbers } from '../crypto/rsaPublicNumbers.ts';
import { coordinateBytes, isCurve, readSpki } from '../crypto/spki.ts';
import { toBase64url } from './base64.ts';

/** The members that make the key, in the order of RFC 7638 §3.2, which a thumbprint hashes. */
export type PublicJwk = Readonly<Record<string, string>>;

const crv: Readonly<Record<string, string>> = Object.fromEntries([...namedCurves, ...octetCurves].map(({ algorithm, name }) => [algorithm, name]));

/** Coordinates stand at the length of the curve (RFC 7518 §6.2.1.2). @throws `input-malformed` for a kind without a JWK */
export function publicJwk(spki: Uint8Array): PublicJwk {
  const key = readSpki(spki);
  if (key === undefined || key.kind === 'rsa-pss') throw new StrongroomError('input-malformed', 'the public key is of a kind that has no JWK', { nextStep: 'take pem or der' });
  const { kind, raw } = key;
  if (isCurve(kind)) {
    const length = coordinateBytes[kind];
    return { crv: crv[kind] ?? '', kty: 'EC', x: toBase64url(raw.subarray(1, 1 + length)), y: toBase64url(raw.subarray(1 + length)) };
  }
  if (kind === 'ed25519' || kind === 'x25519') return { crv: crv[kind] ?? '', kty: 'OKP', x: toBase64url(raw) };
  if (kind === 'ml-dsa-65' || kind === 'ml-kem-768') return { alg: kind.toUpperCase(), kty: 'AKP', pub: toBase64url(raw) };
  const { modulus, exponent } = rsaPublicNumbers(spki);
  return { e: toBase64url(exponent), kty: 'RSA', n: toBase64url(modulus) };
}

/** RFC 7638: SHA-256 of the members in their order, without white space. */
export function jwkThumbprint(spki: Uint8Array): string {
  return toBase64url(sha256(utf8(JSON.stringify(publicJwk(spki)))));
}
