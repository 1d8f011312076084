/** DER (X.690 §10): values written, and read so that each has one spelling only. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With its tag and length. */
  readonly whole: Uint8Array;
}

export const derTags = { integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, oid: 0x06, sequence: 0x30, set: 0x31 } as const;

/** Parts as a list: a document may have more values than a call may have arguments. */
export function writeDerOf(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  const head = length < 0x80 ? [tag, length] : [tag, 0x80 + digits.length, ...digits];
  const der = new Uint8Array(head.length + length);
  der.set(head);
  let offset = head.length;
  for (const part of parts) {
    der.set(part, offset);
    offset += part.length;
  }
  return der;
}

export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return writeDerOf(tag, parts);
}

/** SET OF in the order of X.690 §11.6. */
export function writeSetOf(tag: number, values: readonly Uint8Array[]): Uint8Array {
  return writeDerOf(tag, values.toSorted((a, b) => Buffer.compare(a, b)));
}

/** @param number big-endian and unsigned */
export function writeUnsigned(number: Uint8Array): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Uint8Array.of(0) : number.subarray(first);
  return writeDer(derTags.integer, (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0), digits);
}

/** @param bytes whole octets, which no bit string of a key or a signature is short of */
export function writeBitString(bytes: Uint8Array): Uint8Array {
  return writeDer(derTags.bitString, Uint8Array.of(0), bytes);
}

/** @param dotted `1.2.840…` */
export function writeOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const arcs = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(128 + (left % 128));
    return digits;
  });
  return writeDer(derTags.oid, Uint8Array.from(arcs));
}

/** The length at `offset`, minimal as §10.1 wants it. @returns undefined for any other */
function lengthAt(bytes: Uint8Array, offset: number): { readonly length: number; readonly start: number } | undefined {
  const first = bytes[offset];
  if (first === undefined || first === 0x80 || first > 0x84) return undefined;
  if (first < 0x80) return { length: first, start: offset + 1 };
  const start = offset + 1 + (first - 0x80);
  if (start > bytes.length) return undefined;
  const length = bytes.subarray(offset + 1, start).reduce((sum, byte) => sum * 256 + byte, 0);
  const minimal = length >= 0x80 && bytes[offset + 1] !== 0;
  return minimal ? { length, start } : undefined;
}

/** The value that begins at `offset`. @returns undefined for what is not DER, or has a tag of several bytes */
export function readDerAt(bytes: Uint8Array, offset: number): DerValue | undefined {
  const tag = bytes[offset];
  const size = lengthAt(bytes, offset + 1);
  if (tag === undefined || (tag & 0x1f) === 0x1f || size === undefined || size.start + size.length > bytes.length) return undefined;
  const end = size.start + size.length;
  return { tag, content: bytes.subarray(size.start, end), whole: bytes.subarray(offset, end) };
}

/** Exactly one value and nothing behind it. */
export function readDer(bytes: Uint8Array, tag: number): Uint8Array | undefined {
  const value = readDerAt(bytes, 0);
  return value?.tag === tag && value.whole.length === bytes.length ? value.content : undefined;
}

/** The values of a SEQUENCE or SET, given its content. */
export function readDerList(content: Uint8Array): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  for (let offset = 0; offset < content.length; ) {
    const value = readDerAt(content, offset);
    if (value === undefined) return undefined;
    values.push(value);
    offset += value.whole.length;
  }
  return values;
}

/** The number of an INTEGER's content without its sign byte. @returns undefined for a negative or padded one (§8.3.2) */
export function unsignedOf(content: Uint8Array): Uint8Array | undefined {
  const [first, second = 0] = content;
  if (first === undefined || first >= 0x80 || (first === 0 && content.length > 1 && second < 0x80)) return undefined;
  return first === 0 && content.length > 1 ? content.subarray(1) : content;
}

/** The content of an OBJECT IDENTIFIER in dots. @returns undefined where it ends within an arc */
export function oidText(content: Uint8Array): string | undefined {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first] = arcs;
  if (first === undefined || (content.at(-1) ?? 0x80) >= 0x80 || arcs.some((value) => !Number.isSafeInteger(value))) return undefined;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...arcs.slice(1)].join('.');
}
