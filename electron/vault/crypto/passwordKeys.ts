/** Keys from passwords as the files of others have them: PBKDF2 and scrypt (RFC 8018, RFC 7914), PKCS#12 (RFC 7292 appendix B), OpenSSL's MD5. For reading only. */
import { createHash, createHmac, pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { concatBytes } from './bytes.ts';
import { asNativeWork } from './nativeWork.ts';

/** Hashes of foreign files, which may be old; nothing of ours is made with the first two. */
export type ForeignHash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'sha512-256';

const derivePbkdf2 = promisify(pbkdf2);
const deriveScrypt = promisify<Uint8Array, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Uint8Array>(scrypt);

function owned(buffer: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(buffer);
  buffer.fill(0); // SECURITY: the library's copy is wiped
  return bytes;
}

/** PBKDF2, RFC 8018 §5.2. The caller has judged the count, and owns the result. */
export async function pbkdf2Key(prf: ForeignHash, password: Uint8Array, salt: Uint8Array, iterations: number, length: number): Promise<Uint8Array> {
  return owned(await asNativeWork(() => derivePbkdf2(password, salt, iterations, length, prf)));
}

export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** scrypt, RFC 7914. The caller has judged the cost, and owns the result. @throws Error for a cost that is none */
export async function scryptKey(password: Uint8Array, salt: Uint8Array, { n, r, p }: ScryptCost, length: number): Promise<Uint8Array> {
  const maxmem = 128 * (n * r + p * r + 64) + 1_048_576;
  return owned(await asNativeWork(() => deriveScrypt(password, salt, length, { N: n, r, p, maxmem })));
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
/** After so many hashes (about 20 ms) other work gets its turn. */
const slice = 10_000;

/** Bytes repeated to the next multiple of the hash's block. */
function repeated(bytes: Uint8Array, block: number): Uint8Array {
  return Uint8Array.from({ length: block * Math.ceil(bytes.length / block) }, (_, index) => bytes[index % bytes.length] ?? 0);
}

/** Adds `value` + 1 to each block of `sum`, modulo 2^(8 · block): RFC 7292 appendix B.2 step 6C. */
function addToBlocks(sum: Uint8Array, value: Uint8Array): void {
  for (let start = 0; start < sum.length; start += value.length) {
    let carry = 1;
    for (let index = value.length - 1; index >= 0; index--) {
      carry += (sum[start + index] ?? 0) + (value[index] ?? 0);
      sum[start + index] = carry & 0xff;
      carry >>= 8;
    }
  }
}

/** What the derived bytes are for: RFC 7292 appendix B.3. */
export const pkcs12Purposes = { key: 1, iv: 2, mac: 3 } as const;

/** RFC 7292 appendix B.2. @param password as BMPString, with or without its two zero bytes. The caller owns the result. */
export async function pkcs12Key(hash: ForeignHash, purpose: keyof typeof pkcs12Purposes, password: Uint8Array, salt: Uint8Array, iterations: number, length: number): Promise<Uint8Array> {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64;
  const diversifier = new Uint8Array(block).fill(pkcs12Purposes[purpose]);
  const input = concatBytes(repeated(salt, block), repeated(password, block));
  const key = new Uint8Array(length);
  for (let filled = 0; filled < length; ) {
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round++) {
      digest = createHash(hash).update(digest).digest();
      if (round % slice === 0) await turn();
    }
    const part = digest.subarray(0, length - filled);
    key.set(part, filled);
    filled += part.length;
    addToBlocks(input, repeated(digest, block).subarray(0, block));
    digest.fill(0); // SECURITY: part of the key
  }
  input.fill(0); // SECURITY: it holds the password
  return key;
}

/** EVP_BytesToKey of OpenSSL with MD5 and one round, the key of traditional PEM encryption. @param salt the first 8 bytes of the IV. The caller owns the result. */
export function traditionalPemKey(password: Uint8Array, salt: Uint8Array, length: number): Uint8Array {
  const key = new Uint8Array(length);
  let digest = new Uint8Array(0);
  for (let filled = 0; filled < length; ) {
    digest = new Uint8Array(createHash('md5').update(digest).update(password).update(salt).digest());
    key.set(digest.subarray(0, length - filled), filled);
    filled += digest.length;
  }
  digest.fill(0); // SECURITY: part of the key
  return key;
}

/** HMAC under a hash of a foreign file: the integrity of a PKCS#12. */
export function foreignHmac(hash: ForeignHash, key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac(hash, key).update(message).digest());
}
