/** Blocks of textual encodings (RFC 7468, RFC 1421) read as bytes: a private key never becomes a string. */
import { malformed } from '../../crypto/malformed.ts';
import { bytesToLatin1, requireBase64 } from './textBytes.ts';

export interface PrivatePemBlock {
  readonly label: string;
  /** Of RFC 1421 §4.4, say `DEK-Info`. */
  readonly headers: ReadonlyMap<string, string>;
  /** Owned by the caller, who wipes it. */
  readonly der: Uint8Array;
}

const mostBlocks = 256;

/** A view for searching: no copy. */
function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Headers stand before the first empty line, where the first line is one; longer ones go on in lines that begin with a space. */
function splitHeaders(body: Uint8Array): { readonly headers: ReadonlyMap<string, string>; readonly base64: Uint8Array } {
  const headers = new Map<string, string>();
  const colon = view(body).indexOf(':');
  if (colon === -1) return { headers, base64: body };
  const gap = [/* LF LF */ view(body).indexOf('\n\n', colon), view(body).indexOf('\n\r\n', colon)].filter((at) => at !== -1);
  if (gap.length === 0) throw malformed('the file has a PEM block whose headers do not end');
  const end = Math.min(...gap);
  for (const line of bytesToLatin1(body.subarray(0, Math.min(end, 2000))).replace(/\r?\n[ \t]+/g, '').split(/\r?\n/)) {
    const [name, value] = line.split(/:\s*/, 2);
    if (name !== undefined && value !== undefined) headers.set(name.trim(), value.trim());
  }
  return { headers, base64: body.subarray(end) };
}

/** All blocks in order. @throws `input-malformed` for one that does not end, or whose base64 is broken */
export function readPrivatePem(text: Uint8Array): readonly PrivatePemBlock[] {
  const searched = view(text);
  const blocks: PrivatePemBlock[] = [];
  for (let begin = searched.indexOf('-----BEGIN '); begin !== -1; ) {
    const label = /^-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(bytesToLatin1(text.subarray(begin, begin + 60)))?.[1];
    if (label === undefined) throw malformed('the file has a PEM block whose first line is broken');
    const start = begin + label.length + 16;
    const end = searched.indexOf(`-----END ${label}-----`, start);
    const next = searched.indexOf('-----BEGIN ', start);
    if (end === -1 || (next !== -1 && next < end)) throw malformed(`the file has a PEM block "${label}" that does not end`);
    const { headers, base64 } = splitHeaders(text.subarray(start, end));
    blocks.push({ label, headers, der: requireBase64(base64, `PEM block "${label}"`) });
    if (blocks.length > mostBlocks) throw malformed(`the file has more than ${mostBlocks} PEM blocks`);
    begin = next;
  }
  return blocks;
}

export function hasPem(text: Uint8Array): boolean {
  return view(text).includes('-----BEGIN ');
}
