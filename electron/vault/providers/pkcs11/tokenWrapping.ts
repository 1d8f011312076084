/** Keys under keys on one token: which mechanism, whose key, and whether the key's own attributes let it leave. */
import { refusal, StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { WrapFormat } from '../../../../shared/model/terms.ts';
import type { KeyFacts, RequestOf, WrapMechanism } from '../../../pkcs11-wire/messages.ts';
import { rsaPublicNumbers } from '../../crypto/rsaPublicNumbers.ts';
import type { TokenProfile } from './tokenProfile.ts';

type WireWrapper = RequestOf<'wrap'>['wrapper'];

const isOaep = (format: WrapFormat): format is 'rsa-oaep-sha256' | 'rsa-oaep-sha1' => format.startsWith('rsa-oaep');

/** @throws `token-cannot` that says what the token does instead */
export function mechanismFor(profile: TokenProfile, format: WrapFormat, power: 'wrap' | 'unwrap'): WrapMechanism {
  const offered = power === 'wrap' ? profile.capabilities.wrapFormats : profile.capabilities.unwrapFormats;
  const mechanism = isOaep(format) ? format : profile.aesMechanisms[format];
  if (mechanism === undefined || !offered.includes(format)) {
    throw new StrongroomError('token-cannot', `the token does not ${power} with ${format}`, {
      field: 'format',
      nextStep: offered.length === 0 ? `the token has no way to ${power} keys` : `choose one of ${offered.join(', ')}`,
    });
  }
  return mechanism;
}

/** SECURITY: asked of the key before each wrap: some modules wrap what they themselves call unextractable. @throws `refused` KEY-EXPORT-1 */
export function assertMayLeave(key: KeyFacts): void {
  if (key.flags.extractable !== true) {
    throw refusal(
      'KEY-EXPORT-1',
      `the key "${key.label}" never leaves its token: its attribute CKA_EXTRACTABLE is false`,
      'rotate to a key that is made exportable, if the policy allows it',
    );
  }
  if (key.flags.wrapWithTrusted === true) {
    throw refusal(
      'KEY-EXPORT-1',
      `the key "${key.label}" leaves its token under keys that the token's SO trusts only: its attribute CKA_WRAP_WITH_TRUSTED is true`,
    );
  }
}

/** @throws `token-cannot` */
export function assertAesKey(key: KeyFacts): void {
  if (key.class === 'secret' && key.keyType === 'aes') return;
  throw new StrongroomError('token-cannot', `the key "${key.label}" is not an AES key: other keys do not leave a token in this version`, { field: 'ref' });
}

/** A wrapping key of this token. @throws `request-invalid` where key and format do not go together */
export function ownWrapper(wrapper: KeyFacts, format: WrapFormat): WireWrapper {
  if (isOaep(format) !== (wrapper.keyType === 'rsa'))
    throw new StrongroomError('request-invalid', `"format" ${format} does not go with the wrapping key's type`, { field: 'format' });
  if (!isOaep(format)) return { id: wrapper.id };
  const { modulus, exponent } = wrapper;
  if (modulus === undefined || exponent === undefined)
    throw new StrongroomError('token-cannot', 'the token does not show the public half of the wrapping key', { field: 'wrapper' });
  return { publicKey: { modulus, exponent } };
}

/** Somebody's public key. @throws `request-invalid`, `input-malformed` */
export function foreignWrapper(spki: Uint8Array, format: WrapFormat): WireWrapper {
  if (!isOaep(format)) throw new StrongroomError('request-invalid', `"format" ${format} does not go with a public key`, { field: 'format' });
  try {
    return { publicKey: rsaPublicNumbers(spki) };
  } catch (error) {
    throw new StrongroomError('input-malformed', '"publicKey" expected a DER SubjectPublicKeyInfo with an RSA key', { field: 'publicKey', cause: error });
  }
}
