/** Keys under other keys: AES-KW (RFC 3394), AES-KWP (RFC 5649), RSA-OAEP (RFC 8017 §7.1), and an ephemeral AES-256 key under RSA-OAEP before AES-KWP (CKM_RSA_AES_KEY_WRAP). */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../../../shared/lifecycle/purposes.ts';
import type { WrapFormat } from '../../../../shared/model/terms.ts';
import { isTwoSteps, oaepHashOf } from '../../../../shared/model/wrapFormats.ts';
import { aesKwpUnwrap, aesKwpWrap, aesKwUnwrap, aesKwWrap } from '../../crypto/aesKeyWrap.ts';
import { concatBytes } from '../../crypto/bytes.ts';
import { randomBytes } from '../../crypto/random.ts';
import { rsaOaepUnwrap, rsaOaepWrap } from '../../crypto/rsaOaep.ts';
import type { OaepScheme } from '../../crypto/rsaOaep.ts';
import { rsaPrivateKeyBytes } from '../../crypto/rsaPrivate.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { notOpened } from '../notOpened.ts';
import type { OaepParameters } from '../provider.ts';
import type { MaterialFacts } from './materialStore.ts';

/** A format, and what RSA-OAEP does in it beyond its hash. */
export interface Wrapping {
  readonly format: WrapFormat;
  readonly oaep?: OaepParameters | undefined;
}

/** The scheme of OAEP, or undefined for a format under a symmetric key. */
function schemeOf({ format, oaep }: Wrapping): OaepScheme | undefined {
  const hash = oaepHashOf(format);
  return hash === undefined ? undefined : { hash, mgfHash: oaep?.mgfHash, label: oaep?.label };
}

function misfit(format: WrapFormat): StrongroomError {
  return new StrongroomError('request-invalid', `"format" ${format} does not go with the wrapping key's type`, { field: 'format' });
}

/** @throws `request-invalid` where a key of ours and a format do not go together */
export function assertGoes({ format }: Wrapping, { algorithm }: Pick<MaterialFacts, 'algorithm'>): void {
  if ((schemeOf({ format }) !== undefined) !== (algorithmFacts[algorithm].family === 'rsa')) throw misfit(format);
}

/** @param key borrowed @throws `request-invalid` for a length that does not go */
function wrapUnderAes(wrapper: Uint8Array, format: WrapFormat, key: Uint8Array): Uint8Array {
  try {
    return format === 'aes-kw' ? aesKwWrap(wrapper, key) : aesKwpWrap(wrapper, key);
  } catch (cause) {
    throw cause instanceof RangeError ? badLength(cause, format === 'aes-kw' ? 'use aes-kwp' : undefined) : cause;
  }
}

/** Said before anything is wrapped. */
function badLength(cause: RangeError, nextStep: string | undefined): StrongroomError {
  return new StrongroomError('request-invalid', cause.message, { field: 'format', cause, ...(nextStep === undefined ? {} : { nextStep }) });
}

function oaepWrap(spki: Uint8Array, scheme: OaepScheme, secret: Uint8Array): Uint8Array {
  try {
    return rsaOaepWrap(spki, scheme, secret);
  } catch (cause) {
    if (cause instanceof RangeError) throw badLength(cause, 'use rsa-aes-kwp-sha256, which takes any length');
    throw new StrongroomError('input-malformed', '"publicKey" expected a DER SubjectPublicKeyInfo with an RSA key', { field: 'publicKey', cause });
  }
}

function wrapToRsa(spki: Uint8Array, wrapping: Wrapping, scheme: OaepScheme, key: Uint8Array): Uint8Array {
  if (!isTwoSteps(wrapping.format)) return oaepWrap(spki, scheme, key);
  const ephemeral = randomBytes(32);
  try {
    return concatBytes(oaepWrap(spki, scheme, ephemeral), wrapUnderAes(ephemeral, 'aes-kwp', key));
  } finally {
    ephemeral.fill(0); // SECURITY: the key of this one wrap is wiped
  }
}

/** @param wrapper an RSA public key (SubjectPublicKeyInfo), or a secret AES key, borrowed @throws `request-invalid`, `input-malformed` */
export function wrapBytes(wrapper: Uint8Array | SecretBytes, wrapping: Wrapping, key: Uint8Array): Uint8Array {
  const scheme = schemeOf(wrapping);
  const toRsa = wrapper instanceof Uint8Array;
  if (scheme !== undefined && toRsa) return wrapToRsa(wrapper, wrapping, scheme, key);
  if (scheme !== undefined || toRsa) throw misfit(wrapping.format);
  return wrapUnderAes(wrapper.expose(), wrapping.format, key);
}

/** The least that RSA-AES-KWP can be: the wrapped AES key, and two blocks. @throws `input-malformed`, before any private operation */
function assertWhole({ format }: Wrapping, opener: Uint8Array, wrapped: Uint8Array): void {
  if (!isTwoSteps(format)) return;
  const least = rsaPrivateKeyBytes(opener) + 16;
  if (wrapped.length < least) throw new StrongroomError('input-malformed', `"wrapped" expected at least ${least} bytes under this key, got ${wrapped.length}`, { field: 'in', nextStep: 'the file was cut short: ask for it again' });
}

function openHybrid(opener: Uint8Array, scheme: OaepScheme, wrapped: Uint8Array): Uint8Array {
  const size = rsaPrivateKeyBytes(opener);
  const ephemeral = rsaOaepUnwrap(opener, scheme, wrapped.subarray(0, size));
  try {
    return aesKwpUnwrap(ephemeral, wrapped.subarray(size));
  } finally {
    ephemeral.fill(0); // SECURITY: the key of this one wrap is wiped
  }
}

function open(opener: Uint8Array, wrapping: Wrapping, wrapped: Uint8Array): Uint8Array {
  const scheme = schemeOf(wrapping);
  if (scheme === undefined) return wrapping.format === 'aes-kw' ? aesKwUnwrap(opener, wrapped) : aesKwpUnwrap(opener, wrapped);
  return isTwoSteps(wrapping.format) ? openHybrid(opener, scheme, wrapped) : rsaOaepUnwrap(opener, scheme, wrapped);
}

/** @param opener an AES key, or an RSA private key in PKCS#8; borrowed @throws `unwrap-failed`, one text whatever failed inside; `input-malformed` for what is too short to be one */
export function unwrapBytes(opener: Uint8Array, wrapping: Wrapping, wrapped: Uint8Array): SecretBytes {
  assertWhole(wrapping, opener, wrapped);
  try {
    return SecretBytes.own(open(opener, wrapping, wrapped));
  } catch {
    throw notOpened('unwrap-failed');
  }
}
