/** RSA private keys (RFC 8017 appendix A.1.2): every number is held against the others; p < q is mended, values that do not belong together are refused. */
import { DerFields, smallNumberOf, unsignedFrom } from '../derReader.ts';
import { derTags } from '../derValue.ts';
import type { DerValue } from '../derValue.ts';
import { malformed } from '../malformed.ts';
import { pairWorks } from '../pairProof.ts';
import { randomBytes } from '../random.ts';
import { rsaSpki } from '../rsaPublicNumbers.ts';
import { SecretBytes } from '../secretBytes.ts';
import { bitLength, bytesOf, greatestDivisor, inverse, modulo, numberOf, power } from './bigNumbers.ts';
import { rsaPkcs8 } from './privateKeyWriter.ts';
import type { PairAlgorithm, ReadPair } from './readKey.ts';

/** rsaEncryption, id-RSASSA-PSS and id-RSAES-OAEP: RFC 8017 appendix A.1, RFC 4055. */
export const rsaOids: Readonly<Record<string, string | undefined>> = {
  '1.2.840.113549.1.1.1': undefined,
  '1.2.840.113549.1.1.10': 'the key is marked for PSS signatures only (RFC 4055)',
  '1.2.840.113549.1.1.7': 'the key is marked for OAEP only (RFC 4055)',
};

/** Big-endian numbers; all from p on may be missing together, the last three also alone. */
export interface RsaParts {
  readonly n: Uint8Array;
  readonly e: Uint8Array;
  readonly d: Uint8Array;
  readonly p?: Uint8Array;
  readonly q?: Uint8Array;
  readonly dp?: Uint8Array;
  readonly dq?: Uint8Array;
  readonly qi?: Uint8Array;
}

interface RsaNumbers {
  readonly n: bigint;
  readonly e: bigint;
  readonly d: bigint;
  readonly p: bigint;
  readonly q: bigint;
}

export const keptRsa: Readonly<Record<number, PairAlgorithm>> = { 2048: 'rsa-2048', 3072: 'rsa-3072', 4096: 'rsa-4096' };
const apart = (what: string) => malformed(`the parts of the RSA key do not belong together: ${what}`, { nextStep: 'do not use this file: a key with wrong parts signs wrongly and can give itself away; ask its maker for it again' });

function pkcs8Of({ n, e, d, p, q }: RsaNumbers): Uint8Array {
  const numbers = [n, e, d, p, q, d % (p - 1n), d % (q - 1n), inverse(q, p) ?? 0n].map((number) => bytesOf(number));
  const pkcs8 = rsaPkcs8(numbers);
  for (const number of numbers) number.fill(0); // SECURITY: they are in the result now
  return pkcs8;
}

/** @throws `input-malformed` for sizes that no honest key has, before anything is computed with them */
function requireSize(n: bigint, e: bigint): number {
  const bits = bitLength(n);
  if (bits < 1024 || bits > 16_384) throw malformed(`the RSA key expected 1024 to 16384 bits, got ${bits}`, { nextStep: 'make a new pair' });
  if ((n & 1n) === 0n) throw apart('the modulus is even');
  if ((e & 1n) === 0n || e < 3n || bitLength(e) > 33) throw malformed(`the public exponent expected an odd number from 3 to 33 bits, got ${bitLength(e) > 64 ? `one of ${bitLength(e)} bits` : e}`, { nextStep: 'make a new pair' });
  return bits;
}

/** The primes from n, e and d: SP 800-56B Rev. 2 appendix C.1. @throws `input-malformed` where d is not the private exponent */
function primesFrom(n: bigint, e: bigint, d: bigint): { readonly p: bigint; readonly q: bigint } {
  let odd = e * d - 1n;
  if (odd <= 0n || (odd & 1n) === 1n) throw apart('d is not the private exponent of e');
  let twos = 0;
  for (; (odd & 1n) === 0n; odd >>= 1n) twos++;
  for (let tries = 0; tries < 100; tries++) {
    let value = power(modulo(numberOf(randomBytes(256)), n), odd, n);
    for (let step = 0; step < twos && value !== 1n && value !== n - 1n; step++) {
      const square = (value * value) % n;
      const factor = square === 1n ? greatestDivisor(value - 1n, n) : 1n;
      if (factor > 1n && factor < n) return { p: factor, q: n / factor };
      value = square;
    }
  }
  throw apart('d is not the private exponent of e');
}

/** @throws `input-malformed` where a number disagrees with the rest */
function requireConsistent({ n, e, d, p, q }: RsaNumbers, { dp, dq, qi }: RsaParts): void {
  if (p < 3n || q < 3n || p === q || p * q !== n) throw apart('the primes p and q do not multiply to the modulus');
  if (d <= 0n || d >= n || modulo(e * d, p - 1n) !== 1n || modulo(e * d, q - 1n) !== 1n) throw apart('d is not the private exponent of e');
  const crt = (dp === undefined || numberOf(dp) === d % (p - 1n)) && (dq === undefined || numberOf(dq) === d % (q - 1n)) && (qi === undefined || modulo(numberOf(qi) * q, p) === 1n);
  if (!crt) throw apart('the CRT values do not belong to p and q');
}

function notesOf({ e, p, q }: RsaNumbers, bits: number, computed: boolean): string[] {
  const notes: string[] = [];
  if (computed) notes.push('p and q were not in the file: computed from n, e and d');
  else if (p < q) notes.push('p is smaller than q: exchanged, with the CRT values made anew');
  if (e < 65_537n) notes.push(`public exponent ${e}: some tokens and recipients take 65537 only (SP 800-56B)`);
  if (keptRsa[bits] === undefined) notes.push(`${bits} bits: the vault keeps RSA of 2048, 3072 and 4096 bits`);
  return notes;
}

/** @throws `input-malformed` */
export function rsaPair(parts: RsaParts, oddities: readonly string[] = []): ReadPair {
  const [n, e, d] = [numberOf(parts.n), numberOf(parts.e), numberOf(parts.d)];
  const bits = requireSize(n, e);
  if (bitLength(d) > bits || [parts.p, parts.q, parts.dp, parts.dq, parts.qi].some((part) => (part?.length ?? 0) > 2049)) throw apart('a part is longer than the modulus');
  const computed = parts.p === undefined || parts.q === undefined;
  const primes = parts.p === undefined || parts.q === undefined ? primesFrom(n, e, d) : { p: numberOf(parts.p), q: numberOf(parts.q) };
  const given: RsaNumbers = { n, e, d, ...primes };
  requireConsistent(given, parts);
  const ordered = given.p < given.q ? { ...given, p: given.q, q: given.p } : given;
  const material = SecretBytes.own(pkcs8Of(ordered));
  const publicKey = rsaSpki({ modulus: bytesOf(n), exponent: bytesOf(e) });
  if (!pairWorks('rsa', material.expose(), publicKey)) {
    material.wipe();
    throw apart('what it signs does not verify');
  }
  return { kind: 'pair', algorithm: keptRsa[bits], description: `RSA of ${bits} bits`, material, publicKey, notes: [...oddities, ...notesOf(given, bits, computed)] };
}

const names = ['modulus', 'publicExponent', 'privateExponent', 'prime1', 'prime2', 'exponent1', 'exponent2', 'coefficient'];

/** The numbers of an RSAPrivateKey, RFC 8017 appendix A.1.2, as they stand. @throws `input-malformed` */
export function rsaPartsOf(node: DerValue): Required<RsaParts> {
  const fields = new DerFields(node, 'RSA private key');
  const version = smallNumberOf(fields.take(derTags.integer, 'version'), 'version');
  if (version !== 0) throw malformed(version === 1 ? 'the RSA key has more than two primes, which tokens and other programs do not take' : `the "version" of the RSA private key expected 0, got ${version}`, { nextStep: 'make a new pair' });
  const numbers = names.map((name) => unsignedFrom(fields.take(derTags.integer, name), name));
  fields.end();
  const [n, e, d, p, q, dp, dq, qi] = numbers as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return { n, e, d, p, q, dp, dq, qi };
}

/** @throws `input-malformed` */
export function readRsaPrivateKey(node: DerValue, oddities: readonly string[] = []): ReadPair {
  return rsaPair(rsaPartsOf(node), oddities);
}
