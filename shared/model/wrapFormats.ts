/** What each wrapping is made of, told from its name: RSA-OAEP and its hash, an ephemeral key between, which keys it takes. */
import { oaepHashes } from './terms.ts';
import type { OaepHash, WrapFormat } from './terms.ts';

type TwoSteps = Extract<WrapFormat, `rsa-aes-kwp-${string}`>;

/** Private keys are longer than OAEP takes, and not multiples of eight bytes, which AES-KW wants. */
export const formatsOfPairs: readonly WrapFormat[] = ['aes-kwp', 'rsa-aes-kwp-sha256', 'rsa-aes-kwp-sha1'];

/** A key alone under RSA-OAEP (RFC 8017 §7.1), in the order of preference: SHA-1 last. */
export const oaepFormats = ['rsa-oaep-sha256', 'rsa-oaep-sha384', 'rsa-oaep-sha512', 'rsa-oaep-sha1'] as const satisfies readonly WrapFormat[];

/** RSA-OAEP, alone or before AES-KWP. */
export function isUnderRsa(format: WrapFormat): boolean {
  return format.startsWith('rsa-');
}

/** An ephemeral AES key under RSA-OAEP, and the key itself under it. */
export function isTwoSteps(format: WrapFormat): format is TwoSteps {
  return format.startsWith('rsa-aes-kwp-');
}

/** The hash of the OAEP in a format, or undefined where there is none. */
export function oaepHashOf(format: WrapFormat): OaepHash | undefined {
  return oaepHashes.find((hash) => isUnderRsa(format) && format.endsWith(`-${hash}`));
}

const hashBytes: Readonly<Record<OaepHash, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** RFC 8017 §7.1.1: the most bytes that OAEP takes under a modulus of so many bytes. */
export function oaepLimit(modulusBytes: number, hash: OaepHash): number {
  return modulusBytes - 2 * hashBytes[hash] - 2;
}

/** How a key travels under another. 0x210A means RFC 5649 to one module and PKCS#7 padding to the next, so it has a name of its own. */
export const wrapMechanisms = ['aes-kw-2109', 'aes-kwp-210b', 'aes-pad-210a', ...oaepFormats] as const;
