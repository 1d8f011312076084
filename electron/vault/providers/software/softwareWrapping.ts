/** Secret keys under other keys: AES-KW (RFC 3394), AES-KWP (RFC 5649), RSA-OAEP (RFC 8017 §7.1). */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../../../shared/lifecycle/purposes.ts';
import type { WrapFormat } from '../../../../shared/model/terms.ts';
import { aesKwpUnwrap, aesKwpWrap, aesKwUnwrap, aesKwWrap } from '../../crypto/aesKeyWrap.ts';
import { rsaOaepUnwrap, rsaOaepWrap } from '../../crypto/rsaPrivate.ts';
import type { OaepHash } from '../../crypto/rsaPrivate.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { notOpened } from '../notOpened.ts';
import type { MaterialFacts } from './materialStore.ts';

/** The hash of OAEP, or undefined for a format under a symmetric key. */
function oaepHash(format: WrapFormat): OaepHash | undefined {
  if (format === 'rsa-oaep-sha256') return 'sha256';
  return format === 'rsa-oaep-sha1' ? 'sha1' : undefined;
}

function misfit(format: WrapFormat): StrongroomError {
  return new StrongroomError('request-invalid', `"format" ${format} does not go with the wrapping key's type`, { field: 'format' });
}

/** @throws `request-invalid` where a key of ours and a format do not go together */
export function assertGoes(format: WrapFormat, { algorithm }: Pick<MaterialFacts, 'algorithm'>): void {
  if ((oaepHash(format) !== undefined) !== (algorithmFacts[algorithm].family === 'rsa')) throw misfit(format);
}

/** @param wrapper an RSA public key (SubjectPublicKeyInfo), or a secret AES key, borrowed @throws `request-invalid`, `input-malformed` */
export function wrapSecret(wrapper: Uint8Array | SecretBytes, format: WrapFormat, key: Uint8Array): Uint8Array {
  const hash = oaepHash(format);
  if (hash === undefined) {
    if (wrapper instanceof Uint8Array) throw misfit(format);
    return format === 'aes-kw' ? aesKwWrap(wrapper.expose(), key) : aesKwpWrap(wrapper.expose(), key);
  }
  if (!(wrapper instanceof Uint8Array)) throw misfit(format);
  try {
    return rsaOaepWrap(wrapper, hash, key);
  } catch (cause) {
    throw new StrongroomError('input-malformed', '"publicKey" expected a DER SubjectPublicKeyInfo with an RSA key', { field: 'publicKey', cause });
  }
}

/** @param opener an AES key, or an RSA private key in PKCS#8; borrowed @throws `unwrap-failed`, one text whatever failed inside */
export function unwrapSecret(opener: Uint8Array, format: WrapFormat, wrapped: Uint8Array): SecretBytes {
  const hash = oaepHash(format);
  try {
    if (hash !== undefined) return SecretBytes.own(rsaOaepUnwrap(opener, hash, wrapped));
    return SecretBytes.own(format === 'aes-kw' ? aesKwUnwrap(opener, wrapped) : aesKwpUnwrap(opener, wrapped));
  } catch {
    throw notOpened('unwrap-failed');
  }
}
