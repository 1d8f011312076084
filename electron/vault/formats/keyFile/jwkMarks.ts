/** What a JWK says it is for (`alg`, `use`): held against the key itself, since one that contradicts it was put together wrongly. */
import { malformed } from '../../crypto/malformed.ts';
import type { JwkMembers } from './jwkMembers.ts';

interface Demand {
  readonly kty: readonly string[];
  readonly crv?: readonly string[];
  /** Of an `oct` key; the least, for HMAC. */
  readonly bytes?: number;
  readonly least?: true;
}

const aes = (bits: number): Demand => ({ kty: ['oct'], bytes: bits / 8 });

/** RFC 7518 §3.1, §4.1 and §5.1; RFC 8037 §3.1; the names of RFC 9864. Undefined for a name that is not known here. */
function demandOf(alg: string): Demand | undefined {
  const curve = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521', ES256K: 'secp256k1' }[alg];
  if (curve !== undefined) return { kty: ['EC'], crv: [curve] };
  if (/^(RS|PS)(256|384|512)$/.test(alg) || /^RSA(1_5|-OAEP(-256|-384|-512)?)$/.test(alg)) return { kty: ['RSA'] };
  if (alg === 'EdDSA') return { kty: ['OKP'], crv: ['Ed25519', 'Ed448'] };
  if (alg === 'Ed25519' || alg === 'Ed448') return { kty: ['OKP'], crv: [alg] };
  if (/^ECDH-ES(\+A(128|192|256)KW)?$/.test(alg)) return { kty: ['EC', 'OKP'], crv: ['P-256', 'P-384', 'P-521', 'X25519', 'X448'] };
  const hmac = /^HS(256|384|512)$/.exec(alg)?.[1];
  if (hmac !== undefined) return { kty: ['oct'], bytes: Number(hmac) / 8, least: true };
  // Encryption and MAC side by side: twice the length in the name (RFC 7518 §5.2.2.1).
  const cbc = /^A(?:128|192|256)CBC-HS(256|384|512)$/.exec(alg)?.[1];
  if (cbc !== undefined) return aes(Number(cbc));
  const length = /^A(128|192|256)(?:GCM|KW|GCMKW)$/.exec(alg)?.[1];
  return length === undefined ? undefined : aes(Number(length));
}

function fits({ kty, crv, bytes, least }: Demand, jwk: JwkMembers, found: string): boolean {
  if (!kty.includes(found) || (crv !== undefined && !crv.includes(jwk.text('crv') ?? ''))) return false;
  if (bytes === undefined || !jwk.has('k')) return true;
  const secret = jwk.bytes('k');
  const { length } = secret;
  secret.fill(0); // SECURITY: only its length was asked for
  return least === true ? length > 0 : length === bytes;
}

/** @returns notes for the person @throws `input-malformed` where `alg` is not one for this key */
export function jwkMarks(jwk: JwkMembers, kty: string): readonly string[] {
  const alg = jwk.text('alg');
  const demand = alg === undefined ? undefined : demandOf(alg);
  if (demand !== undefined && !fits(demand, jwk, kty)) throw malformed(`the "alg" of the JWK is ${jwk.shown('alg')}, which does not go with its key (${[kty, ...(jwk.has('crv') ? [jwk.shown('crv')] : [])].join(' ')})`, { nextStep: 'ask the maker of the file which of the two is right' });
  return [...(alg === undefined || kty === 'AKP' ? [] : [`marked for ${jwk.shown('alg')}`]), ...(jwk.has('use') ? [`marked for use ${jwk.shown('use')}`] : [])];
}
