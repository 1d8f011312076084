/**
 * Numbers of keys, as integers of any size. Only for keys that are read once from a file: the arithmetic takes a time that depends on the numbers, and
 * what it holds is not wiped, which a process of its own user could see in any case.
 */

/** @param bytes big-endian */
export function numberOf(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const odd = bytes.length % 8;
  let value = 0n;
  for (let index = 0; index < odd; index++) value = (value << 8n) | BigInt(bytes[index] ?? 0);
  for (let index = odd; index < bytes.length; index += 8) value = (value << 64n) | view.getBigUint64(index);
  return value;
}

/** Big-endian. @param length of the result; without it, without leading zeros */
export function bytesOf(value: bigint, length = Math.ceil(bitLength(value) / 8)): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let index = length - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(16).length * 4 - Math.clz32(Number.parseInt(value.toString(16)[0] ?? '0', 16)) + 28;
}

/** From 0 to `modulus` - 1. */
export function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = modulo(base, modulus);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** @returns undefined where there is no inverse */
export function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [a, b, x, y] = [modulo(value, modulus), modulus, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y];
  }
  return a === 1n ? modulo(x, modulus) : undefined;
}

export function greatestDivisor(first: bigint, second: bigint): bigint {
  let [a, b] = [first, second];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** Whether a number up to 751 divides it, as SP 800-89 §5.3.3 asks: a modulus that was damaged, or was never one. */
export function hasSmallFactor(modulus: bigint): boolean {
  if (modulus % 2n === 0n) return true;
  for (let factor = 3n; factor <= 751n; factor += 2n) if (modulus % factor === 0n) return true;
  return false;
}
