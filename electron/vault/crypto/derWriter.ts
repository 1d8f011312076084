/** DER written in one piece (X.690 §10): no part of a private key is copied on the way to its last place. */
import { fromHex } from './bytes.ts';
import { context, derTags } from './derValue.ts';

/** Bytes as they stand, or a tag around parts. */
export type DerTree = Uint8Array | { readonly tag: number; readonly parts: readonly DerTree[] };

export const sequence = (...parts: readonly DerTree[]): DerTree => ({ tag: derTags.sequence, parts });
export const octetString = (...parts: readonly DerTree[]): DerTree => ({ tag: derTags.octetString, parts });
/** Whole octets, which no bit string of a key or a signature is short of. */
export const bitString = (...parts: readonly DerTree[]): DerTree => ({ tag: derTags.bitString, parts: [Uint8Array.of(0), ...parts] });
export const tagged = (number: number, ...parts: readonly DerTree[]): DerTree => ({ tag: context.constructed(number), parts });
/** @param hex the content of the object identifier */
export const oid = (hex: string): DerTree => ({ tag: derTags.oid, parts: [fromHex(hex)] });
export const nothing: DerTree = { tag: derTags.null, parts: [] };

/** @param unsigned big-endian; leading zeros are dropped */
export function integer(unsigned: Uint8Array): DerTree {
  const first = unsigned.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? new Uint8Array(0) : unsigned.subarray(first);
  return { tag: derTags.integer, parts: digits.length === 0 || (digits[0] ?? 0) >= 0x80 ? [Uint8Array.of(0), digits] : [digits] };
}

function contentLength(parts: readonly DerTree[]): number {
  return parts.reduce((sum, part) => sum + encodedLength(part), 0);
}

function encodedLength(tree: DerTree): number {
  if (tree instanceof Uint8Array) return tree.length;
  const length = contentLength(tree.parts);
  return 1 + lengthOctets(length).length + length;
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [0x80 + digits.length, ...digits];
}

function write(tree: DerTree, out: Uint8Array, offset: number): number {
  if (tree instanceof Uint8Array) {
    out.set(tree, offset);
    return offset + tree.length;
  }
  const head = [tree.tag, ...lengthOctets(contentLength(tree.parts))];
  out.set(head, offset);
  return tree.parts.reduce((at, part) => write(part, out, at), offset + head.length);
}

/** The caller owns the result, and wipes it where it is secret. */
export function encodeDer(tree: DerTree): Uint8Array {
  const out = new Uint8Array(encodedLength(tree));
  write(tree, out, 0);
  return out;
}

/** Parts as a list: a document may have more values than a call may have arguments. */
export function writeDerOf(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  return encodeDer({ tag, parts });
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
  return encodeDer(integer(number));
}

export function writeBitString(bytes: Uint8Array): Uint8Array {
  return encodeDer(bitString(bytes));
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
