/**
 * DER and the BER of PKCS#12 (X.690), read as views on the bytes of the file: a private key is not copied into objects that nobody wipes, and every
 * length, depth and trailing byte is judged here.
 */
import { concatBytes, toHex } from '../../crypto/bytes.ts';
import { malformed } from './keyFileEntry.ts';

/** Identifier octets, X.690 §8.1.2. */
export const tags = { integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, oid: 0x06, bmpString: 0x1e, sequence: 0x30, set: 0x31 } as const;
/** A context tag: `[0]` primitive is 0x80, constructed 0xa0. */
export const context = (number: number, constructed: boolean): number => (constructed ? 0xa0 : 0x80) + number;

export interface DerNode {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly encoded: Uint8Array;
}

/** Deeper than any key file: PKCS#12 has about ten. */
const deepest = 24;
/** More than any honest file has side by side. */
const mostNodes = 4096;

function broken(why: string): Error {
  return malformed(`the file has broken ASN.1: ${why}`);
}

/** Definite lengths of up to four bytes; undefined is the indefinite form of BER. */
function lengthAt(bytes: Uint8Array, offset: number): { readonly length: number | undefined; readonly start: number } {
  const first = bytes[offset];
  if (first === undefined) throw broken('it ends inside a length');
  if (first < 0x80) return { length: first, start: offset + 1 };
  const count = first & 0x7f;
  if (count === 0) return { length: undefined, start: offset + 1 };
  if (count > 4 || offset + count >= bytes.length) throw broken('a length is too long');
  const length = bytes.subarray(offset + 1, offset + 1 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  return { length, start: offset + 1 + count };
}

/** Where the end-of-contents octets of an indefinite value stand, X.690 §8.1.5. */
function endOfContents(bytes: Uint8Array, start: number, depth: number): number {
  let offset = start;
  for (let count = 0; count < mostNodes; count++) {
    if (bytes[offset] === 0 && bytes[offset + 1] === 0) return offset;
    offset += nodeAt(bytes, offset, depth + 1).encoded.length;
  }
  throw broken('it has too many parts');
}

function nodeAt(bytes: Uint8Array, offset: number, depth: number): DerNode {
  if (depth > deepest) throw broken(`it is nested deeper than ${deepest} levels`);
  const tag = bytes[offset];
  if (tag === undefined) throw broken('a part is missing');
  if ((tag & 0x1f) === 0x1f) throw broken('it has a tag of several bytes');
  const { length, start } = lengthAt(bytes, offset + 1);
  if (length === undefined && (tag & 0x20) === 0) throw broken('a primitive value has no length');
  const end = length === undefined ? endOfContents(bytes, start, depth) : start + length;
  if (end > bytes.length) throw broken(`a part expected ${end - start} bytes, got ${bytes.length - start}`);
  return { tag, content: bytes.subarray(start, end), encoded: bytes.subarray(offset, length === undefined ? end + 2 : end) };
}

/** The first value of bytes; others may follow. @throws `input-malformed` */
export function firstNode(bytes: Uint8Array): DerNode {
  return nodeAt(bytes, 0, 0);
}

/** The one value that bytes are. @throws `input-malformed` also for what follows it */
export function onlyNode(bytes: Uint8Array): DerNode {
  const node = firstNode(bytes);
  if (node.encoded.length !== bytes.length) throw broken(`${bytes.length - node.encoded.length} bytes follow its end`);
  return node;
}

/** @throws `input-malformed` */
export function childrenOf({ content }: DerNode): readonly DerNode[] {
  const children: DerNode[] = [];
  for (let offset = 0; offset < content.length; ) {
    if (children.length === mostNodes) throw broken('it has too many parts');
    const child = nodeAt(content, offset, 0);
    children.push(child);
    offset += child.encoded.length;
  }
  return children;
}

/** The fields of a SEQUENCE, taken one after the other. */
export class DerFields {
  readonly #nodes: readonly DerNode[];
  readonly #what: string;
  #next = 0;

  /** @param what names the structure in refusals */
  constructor(node: DerNode, what: string, tag: number = tags.sequence) {
    if (node.tag !== tag) throw malformed(`the ${what} expected the ASN.1 tag ${hex(tag)}, got ${hex(node.tag)}`);
    this.#nodes = childrenOf(node);
    this.#what = what;
  }

  peek(): DerNode | undefined {
    return this.#nodes[this.#next];
  }

  take(tag: number, name: string): DerNode {
    const node = this.#nodes[this.#next];
    if (node?.tag !== tag) throw malformed(`the "${name}" of the ${this.#what} expected the ASN.1 tag ${hex(tag)}, got ${node === undefined ? 'nothing' : hex(node.tag)}`);
    this.#next++;
    return node;
  }

  any(name: string): DerNode {
    const node = this.#nodes[this.#next++];
    if (node === undefined) throw malformed(`the "${name}" of the ${this.#what} is missing`);
    return node;
  }

  optional(tag: number): DerNode | undefined {
    const node = this.#nodes[this.#next];
    if (node?.tag !== tag) return undefined;
    this.#next++;
    return node;
  }

  /** @throws `input-malformed` where something is left */
  end(): void {
    if (this.#next !== this.#nodes.length) throw malformed(`the ${this.#what} has ${this.#nodes.length - this.#next} parts more than expected`);
  }
}

function hex(tag: number): string {
  return `0x${toHex(Uint8Array.of(tag))}`;
}

/** An INTEGER that is not negative, big-endian without leading zeros (zero is empty). @throws `input-malformed` */
export function unsignedOf({ tag, content }: DerNode, name: string): Uint8Array {
  if (tag !== tags.integer || content.length === 0) throw malformed(`the "${name}" expected an integer`);
  if ((content[0] ?? 0) >= 0x80) throw malformed(`the "${name}" expected a number from 0, got a negative one`);
  const first = content.findIndex((byte) => byte !== 0);
  return first === -1 ? content.subarray(content.length) : content.subarray(first);
}

/** A small number: versions, counts, lengths. @throws `input-malformed` for one above 2^48 */
export function smallNumberOf(node: DerNode, name: string): number {
  const bytes = unsignedOf(node, name);
  if (bytes.length > 6) throw malformed(`the "${name}" expected a number below 2^48, got one of ${bytes.length} bytes`);
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** An object identifier in its dotted form. @throws `input-malformed` */
export function oidOf({ tag, content }: DerNode): string {
  if (tag !== tags.oid || content.length === 0 || content.length > 32 || (content.at(-1) ?? 0) >= 0x80) throw broken('an object identifier expected 1 to 32 bytes');
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

/** The bytes of an OCTET STRING, also in the pieces of BER (X.690 §8.7.3). @param tag `[0]` where it is tagged implicitly */
export function octetsOf(node: DerNode, name: string, tag: number = tags.octetString, depth = 0): Uint8Array {
  if (node.tag === tag) return node.content;
  if (node.tag !== (tag | 0x20) || depth > 3) throw malformed(`the "${name}" expected an octet string`);
  return concatBytes(...childrenOf(node).map((piece) => octetsOf(piece, name, tags.octetString, depth + 1)));
}

/** The whole bytes of a BIT STRING. @throws `input-malformed` for one with unused bits */
export function bitsOf({ content }: DerNode, name: string): Uint8Array {
  if (content[0] !== 0) throw malformed(`the "${name}" expected a bit string of whole bytes`);
  return content.subarray(1);
}

export interface AlgorithmIdentifier {
  readonly oid: string;
  readonly parameters: DerNode | undefined;
}

/** RFC 5280 §4.1.1.2. @throws `input-malformed` */
export function algorithmOf(node: DerNode, name: string): AlgorithmIdentifier {
  const fields = new DerFields(node, name);
  const oid = oidOf(fields.take(tags.oid, 'algorithm'));
  const parameters = fields.peek() === undefined ? undefined : fields.any('parameters');
  fields.end();
  return { oid, parameters };
}

/** NULL, or nothing at all: both are written for algorithms without parameters. */
export function isAbsent(parameters: DerNode | undefined): boolean {
  return parameters === undefined || (parameters.tag === tags.null && parameters.content.length === 0);
}
