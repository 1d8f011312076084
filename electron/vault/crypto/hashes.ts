/** SHA-2, HMAC and HKDF. Present in OpenSSL and BoringSSL alike. */
import { createHash, createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { HkdfLabel } from './hkdfLabels.ts';
import { concatBytes, utf8 } from './bytes.ts';

export type HashName = 'sha256' | 'sha384' | 'sha512';

/** SHA-1 is for RSA-OAEP alone, where a token or a cloud insists. */
export type AnyHashName = HashName | 'sha1';

/** Bytes of a hash. */
export const hashLengths: Readonly<Record<AnyHashName, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

export function hash(name: AnyHashName, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHash(name);
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}

/** A hash of bytes that come in parts. */
export interface RunningHash {
  update(part: Uint8Array): void;
  digest(): Uint8Array;
}

export function newHash(name: HashName): RunningHash {
  const state = createHash(name);
  return { update: (part) => void state.update(part), digest: () => new Uint8Array(state.digest()) };
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return hash('sha256', ...parts);
}

export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return hmac('sha256', key, ...parts);
}

/** HMAC (RFC 2104, FIPS 198-1). */
export function hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHmac(name, key);
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}

/** HMAC under one key, many times: the platform takes the key once. Its copy goes with this function, not by a wipe. */
export function hmacSha256Under(key: Uint8Array): (...parts: readonly Uint8Array[]) => Uint8Array {
  const held = createSecretKey(key);
  return (...parts) => {
    const state = createHmac('sha256', held);
    for (const part of parts) state.update(part);
    return new Uint8Array(state.digest());
  };
}

/** HKDF (RFC 5869) for keys of people's own: what binds the result is theirs to say. At most 255 hashes long. The caller owns the result. */
export function hkdfFor(name: HashName, key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync(name, key, salt, info, length));
}

/** HKDF-SHA-256 (RFC 5869). `info` is the label of the table, a zero byte, and the context. The caller owns the result. */
export function hkdf(label: HkdfLabel, key: Uint8Array, salt: Uint8Array, context: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, concatBytes(utf8(label), Uint8Array.of(0), context), length));
}

/** Constant-time comparison of secrets and authenticators of the same length. */
export function equalSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b); // SECURITY: no early exit on the first byte that differs
}
