/** Deterministic CBOR, RFC 8949 §4.2.1: one value, one encoding; anything else is refused on reading. */
import { decode, encode } from 'cborg';
import { rfc8949EncodeOptions } from 'cborg';
import { equalBytes } from './bytes.ts';

/** Encodes maps with string keys, arrays, strings, byte strings, integers and booleans. Fields that are undefined are left out. */
export function encodeCanonical(value: unknown): Uint8Array {
  return encode(value, { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true });
}

/** @throws Error for what is not the one deterministic encoding of its value (caller turns it into its own code). */
export function decodeCanonical(bytes: Uint8Array): unknown {
  const value: unknown = decode(bytes, { strict: true, allowIndefinite: false, allowUndefined: false, allowNaN: false, allowInfinity: false, rejectDuplicateMapKeys: true });
  // SECURITY: a second encoding of the same value would be a second hash of the same statement
  if (!equalBytes(encodeCanonical(value), bytes)) throw new Error('cbor is not deterministic');
  return value;
}
