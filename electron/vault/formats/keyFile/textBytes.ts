/** Text as bytes: marks of editors taken off, base64 and hex read without a string, since what is written in them may be a key. */
import { malformed } from '../../crypto/malformed.ts';

export function bytesToLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

export function latin1ToBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const isSpace = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** Without white space before and behind. A view. */
export function trimmed(bytes: Uint8Array): Uint8Array {
  let [start, end] = [0, bytes.length];
  while (start < end && isSpace(bytes[start] ?? 0)) start++;
  while (end > start && isSpace(bytes[end - 1] ?? 0)) end--;
  return bytes.subarray(start, end);
}

/** UTF-16 as Windows' shells write it; only for ASCII text. The caller wipes the result. @param low where in each pair the letter stands @param start behind a byte order mark */
function fromUtf16(bytes: Uint8Array, low: 0 | 1, start: 0 | 2): Uint8Array | undefined {
  const narrow = new Uint8Array((bytes.length - start) >> 1);
  for (let index = 0; index < narrow.length; index++) {
    if (bytes[start + 2 * index + 1 - low] !== 0) {
      narrow.fill(0); // SECURITY: a copy of what may be a key
      return undefined;
    }
    narrow[index] = bytes[start + 2 * index + low] ?? 0;
  }
  return narrow;
}

export interface FoundText {
  readonly text: Uint8Array;
  readonly notes: readonly string[];
}

const isText = (bytes: Uint8Array) => bytes.every((byte) => byte >= 0x20 || isSpace(byte)) && !bytes.includes(0x7f);

/** What editors and old copying programs leave behind a text: zero bytes, and the end mark of DOS. A view. */
function withoutEndMarks(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x1a)) end--;
  return bytes.subarray(0, end);
}

/** Which byte of each pair is the letter: by the byte order mark, or, without one, by every other byte being zero, which no key has by chance. */
function utf16Of(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length % 2 === 1 || bytes.length < 16) return undefined;
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return fromUtf16(bytes, 0, 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return fromUtf16(bytes, 1, 2);
  return fromUtf16(bytes, 0, 0) ?? fromUtf16(bytes, 1, 0);
}

/** @returns undefined for bytes that are no text */
export function textOf(bytes: Uint8Array): FoundText | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return isText(bytes.subarray(3)) ? { text: bytes.subarray(3), notes: ['byte order mark in front: dropped'] } : undefined;
  const wide = utf16Of(bytes);
  if (wide !== undefined) return isText(wide) ? { text: wide, notes: ['written in UTF-16: read as plain text'] } : undefined;
  const text = withoutEndMarks(bytes);
  if (text.length === 0 || !isText(text)) return undefined;
  return { text, notes: text.length < bytes.length ? ['end marks behind the text: dropped'] : [] };
}

/** RFC 4648 §4, and §5 with its two letters. */
function base64Value(byte: number): number {
  if (byte >= 0x41 && byte <= 0x5a) return byte - 0x41;
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x47;
  if (byte >= 0x30 && byte <= 0x39) return byte + 4;
  if (byte === 0x2b || byte === 0x2d) return 62;
  return byte === 0x2f || byte === 0x5f ? 63 : -1;
}

/** Base64 in either alphabet, with white space, with or without `=`. The caller wipes the result. @returns undefined for what is none */
export function base64Of(text: Uint8Array): Uint8Array | undefined {
  const room = new Uint8Array(Math.floor((text.length * 3) / 4));
  let [bits, count, letters, padding, length] = [0, 0, 0, 0, 0];
  for (const byte of text) {
    if (isSpace(byte)) continue;
    if (byte === 0x3d) {
      padding++;
      continue;
    }
    const value = base64Value(byte);
    if (value < 0 || padding > 0) return undefined;
    letters++;
    bits = ((bits << 6) | value) & 0xfff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      room[length++] = (bits >> count) & 0xff;
    }
  }
  const wanted = (4 - (letters % 4)) % 4;
  const good = letters > 0 && wanted < 3 && (padding === 0 || padding === wanted) && (bits & ((1 << count) - 1)) === 0;
  const exact = good ? room.slice(0, length) : undefined;
  room.fill(0); // SECURITY: a copy of what may be a key
  return exact;
}

/** Whole groups of four letters, as RFC 7468 §3 wants them: a letter that got lost is seen. @throws `input-malformed` */
export function requireBase64(text: Uint8Array, what: string): Uint8Array {
  const letters = text.reduce((count, byte) => (isSpace(byte) ? count : count + 1), 0);
  const bytes = letters % 4 === 0 ? base64Of(text) : undefined;
  if (bytes === undefined) throw malformed(`the base64 of the ${what} is broken`);
  return bytes;
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Hex digits with white space, `:` or `-` between, and `0x` in front. The caller wipes the result. @returns undefined for what is none */
export function hexOf(text: Uint8Array): Uint8Array | undefined {
  const start = text[0] === 0x30 && ((text[1] ?? 0) | 0x20) === 0x78 ? 2 : 0;
  const room = new Uint8Array(text.length >> 1);
  let digits = 0;
  let good = true;
  for (const byte of text.subarray(start)) {
    if (isSpace(byte) || byte === 0x3a || byte === 0x2d) continue;
    const value = hexValue(byte);
    good &&= value >= 0;
    if (digits % 2 === 0) room[digits >> 1] = value << 4;
    else room[digits >> 1] = (room[digits >> 1] ?? 0) | value;
    digits++;
  }
  const exact = good && digits > 0 && digits % 2 === 0 ? room.slice(0, digits / 2) : undefined;
  room.fill(0); // SECURITY: a copy of what may be a key
  return exact;
}
