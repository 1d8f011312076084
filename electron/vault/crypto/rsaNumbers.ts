/** The numbers of an RSAPrivateKey (RFC 8017 appendix A.1.2), checked against each other. Copies as big integers are not wiped. */
import { derTags, readDer, readDerList, unsignedOf } from './derValue.ts';
import { writeDer, writeUnsigned } from './derWriter.ts';
import { fromHex, toHex } from './bytes.ts';

const names = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qinv'] as const;
export type RsaNumbers = Readonly<Record<(typeof names)[number], bigint>>;

function numberOf(content: Uint8Array): bigint | undefined {
  const digits = unsignedOf(content);
  return digits === undefined ? undefined : BigInt(`0x${toHex(digits)}`);
}

/** @returns undefined for what is not one; with more than two primes (version 1) it is none for us */
export function readRsaNumbers(der: Uint8Array): RsaNumbers | undefined {
  const values = readDerList(readDer(der, derTags.sequence) ?? new Uint8Array(0)) ?? [];
  if (values.length !== names.length + 1 || values.some(({ tag }) => tag !== derTags.integer)) return undefined;
  const [version, ...numbers] = values.map(({ content }) => numberOf(content));
  if (version !== 0n || numbers.some((number) => number === undefined)) return undefined;
  return Object.fromEntries(names.map((name, index) => [name, numbers[index] ?? 0n])) as RsaNumbers;
}

function integer(number: bigint): Uint8Array {
  const hex = number.toString(16);
  return writeUnsigned(fromHex(hex.length % 2 === 0 ? hex : `0${hex}`));
}

export function writeRsaNumbers(numbers: RsaNumbers): Uint8Array {
  return writeDer(derTags.sequence, integer(0n), ...names.map((name) => integer(numbers[name])));
}

/** RSAPublicKey, RFC 8017 appendix A.1.1. */
export function writeRsaPublic({ n, e }: RsaNumbers): Uint8Array {
  return writeDer(derTags.sequence, integer(n), integer(e));
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (a > 1n && b > 0n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
}

/** What does not fit, in words, or undefined where all do (RFC 8017 §3.2). The larger prime may come second. */
export function rsaFault({ n, e, d, p, q, dp, dq, qinv }: RsaNumbers): string | undefined {
  if (p <= 1n || q <= 1n || p === q || p * q !== n) return 'the parts do not belong together: the primes do not multiply to the modulus';
  if (e < 3n || (e & 1n) === 0n) return 'the public exponent is not an odd number from 3';
  if (d <= 0n || d >= n || (e * d) % (p - 1n) !== 1n || (e * d) % (q - 1n) !== 1n) return 'the parts do not belong together: the exponents do not undo each other';
  if (dp !== d % (p - 1n) || dq !== d % (q - 1n) || (q * qinv) % p !== 1n || qinv >= p) return 'the CRT values do not belong to p and q';
  return undefined;
}

/** With the larger prime first, as some libraries and cards want it. */
export function largerFirst(numbers: RsaNumbers): RsaNumbers {
  const { p, q, dp, dq } = numbers;
  return p > q ? numbers : { ...numbers, p: q, q: p, dp: dq, dq: dp, qinv: inverse(p, q) };
}

export function bitsOf(number: bigint): number {
  return number.toString(2).length;
}
