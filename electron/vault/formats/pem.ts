/** Textual encodings, RFC 7468, as people send them: with a byte order mark, CRLF, and prose around the blocks. */
import { malformed } from '../crypto/malformed.ts';
import { fromBase64, toBase64 } from './base64.ts';

export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

/** The base64 of RFC 4648 §4, with white space. @throws `input-malformed` */
function base64(text: string): Uint8Array {
  const dense = text.replace(/\s/g, '');
  const bytes = fromBase64(dense);
  if (bytes === undefined) throw malformed('the file has a PEM block whose base64 is broken');
  return bytes;
}

/** All blocks of a text, in order. @throws `input-malformed` for a block that does not end */
export function readPem(text: string): readonly PemBlock[] {
  const begins = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----/g)];
  const ends = new Map<string, number>();
  return begins.map((begin) => {
    const label = begin[1] ?? '';
    const start = begin.index + begin[0].length;
    const known = ends.get(label) ?? -1;
    // SECURITY: a text that begins a thousand times and ends once is looked through once
    const end = known >= start ? known : text.indexOf(`-----END ${label}-----`, start);
    if (end === -1) throw malformed(`the file has a PEM block "${label}" that does not end`);
    ends.set(label, end);
    // A private key's text goes no further than its label.
    return { label, der: label.includes('PRIVATE KEY') ? new Uint8Array(0) : base64(text.slice(start, end)) };
  });
}

/** Lines of 64 characters between markers. */
export function writePem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
