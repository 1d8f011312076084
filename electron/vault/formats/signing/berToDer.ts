/** BER (X.690 §8) made DER: definite, shortest lengths and strings in one piece. Programs that stream write CMS with indefinite lengths. */
import { derTags, writeDer, writeDerOf } from '../../crypto/der.ts';
import { damaged } from './derReader.ts';

/** No honest document nests deeper: a certificate in CMS has about twelve levels. */
const deepest = 40;

interface Normal {
  readonly der: Uint8Array;
  readonly end: number;
}

interface Header {
  readonly tag: number;
  readonly start: number;
  /** Undefined: indefinite (§8.1.3.6). */
  readonly end: number | undefined;
}

function headerAt(bytes: Uint8Array, offset: number, limit: number, document: string): Header {
  const [tag, first] = [bytes[offset], bytes[offset + 1]];
  if (offset + 2 > limit || tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw damaged(document, 'it ends too early, or is not ASN.1');
  if (first === 0x80) {
    if ((tag & 0x20) === 0) throw damaged(document, 'a primitive value has no length');
    return { tag, start: offset + 2, end: undefined };
  }
  const digits = first < 0x80 ? 0 : first - 0x80;
  const start = offset + 2 + digits;
  const length = digits === 0 ? first : bytes.subarray(offset + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  if (digits > 4 || start + length > limit) throw damaged(document, 'a length goes past its end');
  return { tag, start, end: start + length };
}

/** The values inside, up to `end` or to the two zero bytes. */
function inside(bytes: Uint8Array, header: Header, limit: number, depth: number, document: string): { readonly parts: readonly Uint8Array[]; readonly end: number } {
  const parts: Uint8Array[] = [];
  let offset = header.start;
  const last = header.end ?? limit;
  for (;;) {
    if (header.end === undefined && bytes[offset] === 0 && bytes[offset + 1] === 0 && offset + 2 <= limit) return { parts, end: offset + 2 };
    if (header.end !== undefined && offset === last) return { parts, end: last };
    const value = normal(bytes, offset, last, depth + 1, document);
    parts.push(value.der);
    offset = value.end;
  }
}

/** The content of primitive strings that make up a constructed one (§8.7.3). */
function joined(parts: readonly Uint8Array[], document: string): Uint8Array[] {
  return parts.map((part) => {
    const { tag, start } = headerAt(part, 0, part.length, document);
    if (tag !== derTags.octetString) throw damaged(document, 'an octet string has pieces of another kind');
    return part.subarray(start);
  });
}

function normal(bytes: Uint8Array, offset: number, limit: number, depth: number, document: string): Normal {
  if (depth > deepest) throw damaged(document, `it nests deeper than ${deepest} levels`);
  const header = headerAt(bytes, offset, limit, document);
  if ((header.tag & 0x20) === 0) return { der: writeDer(header.tag, bytes.subarray(header.start, header.end)), end: header.end ?? limit };
  const { parts, end } = inside(bytes, header, limit, depth, document);
  return header.tag === 0x24 ? { der: writeDerOf(derTags.octetString, joined(parts, document)), end } : { der: writeDerOf(header.tag, parts), end };
}

/** @throws `input-malformed` for what is not exactly one value, or nests too deep */
export function berToDer(bytes: Uint8Array, document: string): Uint8Array {
  const { der, end } = normal(bytes, 0, bytes.length, 0, document);
  if (end !== bytes.length) throw damaged(document, 'something stands behind it');
  return der;
}
