/**
 * One value of DER (X.690 §10), or of the BER (§8) that programs write in PKCS#12 and CMS: tag, length and content, as views on the bytes that hold it, so
 * that no key is copied. Every length is judged here, and nowhere else.
 */
export const derTags = { boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, oid: 0x06, bmpString: 0x1e, sequence: 0x30, set: 0x31 } as const;
/** Context-specific tags, X.690 §8.1.2: primitive and constructed. */
export const context = { primitive: (number: number) => 0x80 + number, constructed: (number: number) => 0xa0 + number } as const;

/** DER has one spelling of everything. BER has also longer lengths, indefinite ones, and strings in pieces. */
export type DerRules = 'der' | 'ber';

export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With its tag and length. */
  readonly whole: Uint8Array;
  /** By which it was read, and what is in it is. */
  readonly rules: DerRules;
}

/** Deeper than any honest file: PKCS#12 has about ten levels, a certificate in CMS about twelve. */
export const deepest = 40;
/** Side by side: more than a file has of the sizes that are taken. */
const mostValues = 1_000_000;

/** What is wrong, in words. */
export type DerFault = string;

interface Length {
  /** Undefined: indefinite, X.690 §8.1.3.6. */
  readonly length: number | undefined;
  readonly start: number;
}

/** Up to four bytes, and the shortest form where the rules are DER's (§10.1). */
function lengthAt(bytes: Uint8Array, offset: number, rules: DerRules): Length | DerFault {
  const first = bytes[offset];
  if (first === undefined) return 'it ends inside a length';
  if (first < 0x80) return { length: first, start: offset + 1 };
  const count = first & 0x7f;
  if (count === 0) return rules === 'ber' ? { length: undefined, start: offset + 1 } : 'a part has no length';
  if (count > 4 || offset + count >= bytes.length) return 'a length is too long';
  const length = bytes.subarray(offset + 1, offset + 1 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  if (rules === 'der' && (length < 0x80 || bytes[offset + 1] === 0)) return 'a length is written longer than it is';
  return { length, start: offset + 1 + count };
}

/** Where the end-of-contents octets of an indefinite value stand, X.690 §8.1.5. */
function endOfContents(bytes: Uint8Array, start: number, depth: number): number | DerFault {
  let offset = start;
  for (let count = 0; count < mostValues; count++) {
    if (bytes[offset] === 0 && bytes[offset + 1] === 0) return offset;
    const value = valueAt(bytes, offset, 'ber', depth + 1);
    if (typeof value === 'string') return value;
    offset += value.whole.length;
  }
  return 'it has too many parts';
}

/** The value that begins at `offset`. @returns what is wrong, where it is none */
export function valueAt(bytes: Uint8Array, offset: number, rules: DerRules, depth = 0): DerValue | DerFault {
  if (depth > deepest) return `it is nested deeper than ${deepest} levels`;
  const tag = bytes[offset];
  if (tag === undefined) return 'a part is missing';
  if ((tag & 0x1f) === 0x1f) return 'it has a tag of several bytes';
  const size = lengthAt(bytes, offset + 1, rules);
  if (typeof size === 'string') return size;
  const { length, start } = size;
  if (length === undefined && (tag & 0x20) === 0) return 'a primitive value has no length';
  const end = length === undefined ? endOfContents(bytes, start, depth) : start + length;
  if (typeof end === 'string') return end;
  if (end > bytes.length) return `a part expected ${end - start} bytes, got ${bytes.length - start}`;
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(offset, length === undefined ? end + 2 : end), rules };
}

/** Values side by side. @returns what is wrong, where they are none */
export function valuesIn(content: Uint8Array, rules: DerRules): readonly DerValue[] | DerFault {
  const values: DerValue[] = [];
  for (let offset = 0; offset < content.length; ) {
    if (values.length === mostValues) return 'it has too many parts';
    const value = valueAt(content, offset, rules);
    if (typeof value === 'string') return value;
    values.push(value);
    offset += value.whole.length;
  }
  return values;
}

/** Exactly one value and nothing behind it, in DER. @returns its content */
export function readDer(bytes: Uint8Array, tag: number): Uint8Array | undefined {
  const value = valueAt(bytes, 0, 'der');
  return typeof value !== 'string' && value.tag === tag && value.whole.length === bytes.length ? value.content : undefined;
}

/** The values of a SEQUENCE or SET in DER, given its content. */
export function readDerList(content: Uint8Array): readonly DerValue[] | undefined {
  const values = valuesIn(content, 'der');
  return typeof values === 'string' ? undefined : values;
}

/** The number of an INTEGER's content without its sign byte. @returns undefined for a negative or padded one (§8.3.2) */
export function unsignedOf(content: Uint8Array): Uint8Array | undefined {
  const [first, second = 0] = content;
  if (first === undefined || first >= 0x80 || (first === 0 && content.length > 1 && second < 0x80)) return undefined;
  return first === 0 && content.length > 1 ? content.subarray(1) : content;
}

/** The content of an OBJECT IDENTIFIER in dots. @returns undefined where it is empty, long, or ends within an arc */
export function oidText(content: Uint8Array): string | undefined {
  if (content.length === 0 || content.length > 64 || (content.at(-1) ?? 0) >= 0x80) return undefined;
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of content) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first = 0n, ...rest] = arcs;
  const root = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}
