/** Textual encodings, RFC 7468, as people send them: with a byte order mark, CRLF, and prose around the blocks. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';

export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

/** The base64 of RFC 4648 §4, with white space. @throws `input-malformed` */
function base64(text: string): Uint8Array {
  const dense = text.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(dense) || dense.length % 4 !== 0) throw new StrongroomError('input-malformed', 'the file has a PEM block whose base64 is broken', { nextStep: 'ask for the file again' });
  return Uint8Array.from(atob(dense), (character) => character.charCodeAt(0));
}

/** All blocks of a text, in order. @throws `input-malformed` for a block that does not end */
export function readPem(text: string): readonly PemBlock[] {
  const begins = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----/g)];
  return begins.map((begin) => {
    const label = begin[1] ?? '';
    const start = begin.index + begin[0].length;
    const end = text.indexOf(`-----END ${label}-----`, start);
    if (end === -1) throw new StrongroomError('input-malformed', `the file has a PEM block "${label}" that does not end`, { nextStep: 'ask for the file again' });
    // A private key's text goes no further than its label.
    return { label, der: label.includes('PRIVATE KEY') ? new Uint8Array(0) : base64(text.slice(start, end)) };
  });
}

/** Lines of 64 characters between markers. */
export function writePem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
