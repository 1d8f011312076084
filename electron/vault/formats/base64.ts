/** Base64 (RFC 4648 §4) and base64url without padding (§5, RFC 7515 §2): written, and read so that each text stands for other bytes. For keys see `keyFile/textBytes`. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** @returns undefined for other characters and lengths, white space, and bits that are not zero behind the last byte */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  return toBase64(bytes) === text ? bytes : undefined;
}

export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
}

/** @returns undefined for other characters, padding, and bits that are not zero behind the last byte */
export function fromBase64url(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Buffer.from(text, 'base64url'));
  return toBase64url(bytes) === text ? bytes : undefined;
}
