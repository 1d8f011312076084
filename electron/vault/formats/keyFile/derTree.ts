/** DER written in one piece (X.690 §10): no part of a private key is copied on the way to its last place. */
import { fromHex } from '../../crypto/bytes.ts';
import { context, tags } from './derNode.ts';

/** Bytes as they stand, or a tag around parts. */
export type DerTree = Uint8Array | { readonly tag: number; readonly parts: readonly DerTree[] };

export const sequence = (...parts: readonly DerTree[]): DerTree => ({ tag: tags.sequence, parts });
export const octetString = (...parts: readonly DerTree[]): DerTree => ({ tag: tags.octetString, parts });
export const bitString = (...parts: readonly DerTree[]): DerTree => ({ tag: tags.bitString, parts: [Uint8Array.of(0), ...parts] });
export const tagged = (number: number, ...parts: readonly DerTree[]): DerTree => ({ tag: context(number, true), parts });
/** @param hex the content of the object identifier */
export const oid = (hex: string): DerTree => ({ tag: tags.oid, parts: [fromHex(hex)] });
export const nothing: DerTree = { tag: tags.null, parts: [] };

/** @param unsigned big-endian, without leading zeros */
export function integer(unsigned: Uint8Array): DerTree {
  const sign = unsigned.length === 0 || (unsigned[0] ?? 0) >= 0x80;
  return { tag: tags.integer, parts: sign ? [Uint8Array.of(0), unsigned] : [unsigned] };
}

function contentLength(tree: DerTree): number {
  return tree instanceof Uint8Array ? tree.length : tree.parts.reduce((sum, part) => sum + encodedLength(part), 0);
}

function encodedLength(tree: DerTree): number {
  return tree instanceof Uint8Array ? tree.length : 1 + lengthOctets(contentLength(tree)).length + contentLength(tree);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return length < 0x1_0000 ? [0x82, length >> 8, length & 0xff] : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
}

function write(tree: DerTree, out: Uint8Array, offset: number): number {
  if (tree instanceof Uint8Array) {
    out.set(tree, offset);
    return offset + tree.length;
  }
  const head = [tree.tag, ...lengthOctets(contentLength(tree))];
  out.set(head, offset);
  return tree.parts.reduce((at, part) => write(part, out, at), offset + head.length);
}

/** The caller owns the result, and wipes it where it is secret. */
export function encodeDer(tree: DerTree): Uint8Array {
  const out = new Uint8Array(encodedLength(tree));
  write(tree, out, 0);
  return out;
}
