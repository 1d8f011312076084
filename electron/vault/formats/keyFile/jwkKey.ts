/** JWK and JWK Set with private keys (RFC 7517): RSA, EC, OKP (RFC 8037), oct, and AKP for the seeds of ML-DSA and ML-KEM. */
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { concatBytes } from '../../crypto/bytes.ts';
import { ecPair } from '../../crypto/keyForms/ecKey.ts';
import { jwkMarks } from './jwkMarks.ts';
import { latticeOids, latticePair } from '../../crypto/keyForms/latticeKey.ts';
import { namedCurves } from '../../crypto/keyForms/namedCurves.ts';
import { octetCurves, octetPair } from '../../crypto/keyForms/octetKey.ts';
import type { ReadPair, ReadSecret } from '../../crypto/keyForms/readKey.ts';
import { rsaPair } from '../../crypto/keyForms/rsaKey.ts';
import { malformed } from '../../crypto/malformed.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { jwkThumbprint } from '../jwk.ts';
import { keyFileLimits } from './derivationCost.ts';
import { JwkMembers } from './jwkMembers.ts';
import { wipeEntries } from './keyFileEntry.ts';
import type { KeyFile, KeyFileEntry } from './keyFileEntry.ts';

const keptElsewhere = { nextStep: 'leave it with the program that made it' };

/** @throws `input-malformed` for text that is no JSON; nothing of it is repeated */
export function parseJson(text: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(text));
  } catch {
    throw malformed('the file begins like JSON and is none');
  }
}

function ecOf(jwk: JwkMembers): ReadPair {
  const curve = namedCurves.find(({ name }) => name === jwk.text('crv'));
  if (curve === undefined) throw malformed(`the "crv" of the JWK expected P-256, P-384 or P-521, got ${jwk.shown('crv')}`, keptElsewhere);
  const scalar = jwk.fixed('d', curve.size);
  try {
    if (jwk.has('x') !== jwk.has('y')) throw malformed('the JWK has one coordinate of its public key without the other');
    const publicPoint = jwk.has('x') ? concatBytes(Uint8Array.of(4), jwk.fixed('x', curve.size), jwk.fixed('y', curve.size)) : undefined;
    return ecPair({ curve, scalar, ...(publicPoint === undefined ? {} : { publicPoint }) });
  } finally {
    scalar.fill(0); // SECURITY: it is in the material now
  }
}

function octetsOfCurve(jwk: JwkMembers): ReadPair {
  const curve = octetCurves.find(({ name }) => name === jwk.text('crv'));
  if (curve === undefined) throw malformed(`the "crv" of the JWK expected Ed25519 or X25519, got ${jwk.shown('crv')}`, keptElsewhere);
  const seed = jwk.bytes('d');
  try {
    return octetPair(curve, seed, jwk.optionalBytes('x'));
  } finally {
    seed.fill(0); // SECURITY: it is in the material now
  }
}

function rsaOf(jwk: JwkMembers): ReadPair {
  if (jwk.has('oth')) throw malformed('the RSA key has more than two primes, which tokens and other programs do not take', { nextStep: 'make a new pair' });
  const names = ['p', 'q', 'dp', 'dq', 'qi'] as const;
  const there = names.filter((name) => jwk.has(name));
  // RFC 7518 §6.3.2: a producer that gives one of them gives all
  if (there.length > 0 && !(jwk.has('p') && jwk.has('q'))) throw malformed('the RSA key of the JWK has only some of its primes and CRT values');
  const optional = Object.fromEntries(there.map((name) => [name, jwk.bytes(name)]));
  const [n, e, d] = [jwk.bytes('n'), jwk.bytes('e'), jwk.bytes('d')];
  if (n[0] === 0) jwk.notes.push('n begins with a zero byte, which RFC 7518 does not have: dropped');
  try {
    return rsaPair({ n, e, d, ...optional });
  } finally {
    for (const part of [d, ...Object.values(optional)]) part.fill(0); // SECURITY: they are in the material now
  }
}

function secretOf(jwk: JwkMembers): ReadSecret {
  const bytes = jwk.bytes('k');
  return { kind: 'secret', bits: bytes.length * 8, material: SecretBytes.own(bytes), notes: [] };
}

function latticeOf(jwk: JwkMembers): ReadPair {
  const algorithm = Object.values(latticeOids).find((known) => known === jwk.text('alg')?.toLowerCase());
  if (algorithm === undefined) throw malformed(`the "alg" of the JWK expected ML-DSA-65 or ML-KEM-768, got ${jwk.shown('alg')}`, keptElsewhere);
  const seed = jwk.bytes('priv');
  const publicRaw = jwk.optionalBytes('pub');
  try {
    return latticePair(algorithm, { seed, ...(publicRaw === undefined ? {} : { publicRaw }) });
  } finally {
    seed.fill(0); // SECURITY: it is in the material now
  }
}

/** By `kty`: the member that only a private or secret key has, and its reader. */
const kinds: Readonly<Record<string, { readonly secret: string; readonly read: (jwk: JwkMembers) => ReadPair | ReadSecret }>> = {
  EC: { secret: 'd', read: ecOf },
  OKP: { secret: 'd', read: octetsOfCurve },
  RSA: { secret: 'd', read: rsaOf },
  oct: { secret: 'k', read: secretOf },
  AKP: { secret: 'priv', read: latticeOf },
};

/** @returns undefined for a public key */
function readOne(value: unknown, index: number): KeyFileEntry | undefined {
  const jwk = new JwkMembers(value);
  const kty = jwk.text('kty') ?? '';
  const kind = Object.hasOwn(kinds, kty) ? kinds[kty] : undefined;
  if (kind === undefined) throw malformed(`the "kty" of the JWK expected EC, OKP, RSA, oct or AKP, got ${jwk.shown('kty')}`, keptElsewhere);
  if (!jwk.has(kind.secret)) return undefined;
  const marks = jwkMarks(jwk, kty);
  const read = kind.read(jwk);
  const name = shortLine(jwk.text('kid') ?? '', 100) || `entry ${index + 1}`;
  return { ...read, name, notes: [...jwk.notes, ...marks, ...read.notes, ...(read.kind === 'pair' ? [`RFC 7638 thumbprint ${jwkThumbprint(read.publicKey)}`] : [])] };
}

function requireKey(value: unknown): readonly unknown[] {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'ciphertext')) throw malformed('the file is a JWE: a key that is encrypted to somebody', { nextStep: 'open it with the key that it is encrypted to' });
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, 'keys') ? (value as { readonly keys: unknown }).keys : [value];
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > keyFileLimits.entries) throw malformed(`the "keys" of the JWK Set expected 1 to ${keyFileLimits.entries} keys`);
  return keys;
}

/** @param text that begins with `{` @throws `input-malformed` */
export function readJwkFile(text: Uint8Array): KeyFile {
  const values = requireKey(parseJson(text));
  const entries: KeyFileEntry[] = [];
  try {
    values.forEach((value, index) => {
      const entry = readOne(value, index);
      if (entry !== undefined) entries.push(entry);
    });
  } catch (error) {
    wipeEntries(entries);
    throw error;
  }
  if (entries.length === 0) throw malformed('the JWK holds a public key only: expected a private or secret key');
  const left = values.length - entries.length;
  return { form: values.length === 1 ? 'JWK' : 'JWK Set', entries, notes: left === 0 ? [] : [`${left} public ${left === 1 ? 'key' : 'keys'} beside them: left out`] };
}
