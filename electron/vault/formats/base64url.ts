/** Base64url without padding, RFC 7515 §2: written, and read so that each text stands for other bytes. */
import { toBase64 } from './pem.ts';

export function toBase64url(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}

/** @returns undefined for other characters, padding, and bits that are not zero behind the last byte */
export function fromBase64url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
  return toBase64url(bytes) === text ? bytes : undefined;
}
