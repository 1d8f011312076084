/** The thumbprint of RFC 7638 (RFC 8037 §2), made of the key itself, so that a file with shortened members gives the same one. */
import { sha256 } from '../../crypto/hashes.ts';
import { utf8 } from '../../crypto/bytes.ts';
import { toBase64 } from '../pem.ts';
import { derTags } from '../../crypto/derValue.ts';
import { algorithmOf, bitsOf, DerFields, onlyValue, unsignedFrom } from '../../crypto/derReader.ts';
import { ecPublicKeyOid } from './ecKey.ts';
import { curveOf } from './namedCurves.ts';
import { octetCurves } from './octetKey.ts';

export function base64url(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}

/** The required members in the order of their names, RFC 7638 §3.2. */
function members(spki: Uint8Array): Readonly<Record<string, string>> | undefined {
  const fields = new DerFields(onlyValue(spki), 'public key');
  const { oid, parameters } = algorithmOf(fields.take(derTags.sequence, 'algorithm'), 'algorithm');
  const bits = bitsOf(fields.take(derTags.bitString, 'subjectPublicKey'), 'subjectPublicKey');
  if (oid === '1.2.840.113549.1.1.1') {
    const numbers = new DerFields(onlyValue(bits), 'RSA public key');
    const n = base64url(unsignedFrom(numbers.any('modulus'), 'modulus'));
    return { e: base64url(unsignedFrom(numbers.any('publicExponent'), 'publicExponent')), kty: 'RSA', n };
  }
  if (oid === ecPublicKeyOid && parameters !== undefined) {
    const { name, size } = curveOf(parameters).curve;
    return { crv: name, kty: 'EC', x: base64url(bits.subarray(1, 1 + size)), y: base64url(bits.subarray(1 + size)) };
  }
  const curve = octetCurves.find((known) => known.oid === oid);
  return curve === undefined ? undefined : { crv: curve.name, kty: 'OKP', x: base64url(bits) };
}

/** @param spki in its one form @returns undefined for kinds that RFC 7638 has no members for */
export function jwkThumbprint(spki: Uint8Array): string | undefined {
  const required = members(spki);
  return required === undefined ? undefined : base64url(sha256(utf8(JSON.stringify(required))));
}
