/** The identity of a secret key in records and comparisons: HMAC-SHA-256 under the key itself, cut to 16 bytes. Tells equal keys from others, and nothing else. */
import { utf8 } from './bytes.ts';
import { hmacSha256 } from './hashes.ts';

export function secretIdentity(key: Uint8Array): Uint8Array {
  return hmacSha256(key, utf8('strongroom/v1/secret-identity')).slice(0, 16);
}
