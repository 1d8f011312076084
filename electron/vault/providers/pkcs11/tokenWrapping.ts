/** Keys under keys on one token: which mechanism, whose key, and whether the key's own attributes let it leave. */
import { refusal, StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { WrapFormat } from '../../../../shared/model/terms.ts';
import { formatsOfPairs, isTwoSteps, isUnderRsa, oaepHashOf } from '../../../../shared/model/wrapFormats.ts';
import type { KeyFacts } from '../../../pkcs11-wire/keyShapes.ts';
import type { Oaep, RequestOf, WrapMechanism } from '../../../pkcs11-wire/messages.ts';
import { aesKwpUnwrap, aesKwpWrap } from '../../crypto/aesKeyWrap.ts';
import { withoutZeroPadding } from '../../crypto/pkcs8.ts';
import { randomBytes } from '../../crypto/random.ts';
import { rsaOaepWrap } from '../../crypto/rsaOaep.ts';
import { rsaPublicNumbers, rsaSpki } from '../../crypto/rsaPublicNumbers.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { concatBytes } from '../../crypto/bytes.ts';
import type { OaepParameters, WrapRequest } from '../provider.ts';
import { algorithmOf, nameOf } from './keyDescription.ts';
import type { TokenClient } from './tokenClient.ts';
import type { TokenProfile } from './tokenProfile.ts';

type RsaNumbers = RequestOf<'probeOaepWrap'>['publicKey'];

function oaepMechanism(format: WrapFormat): WrapMechanism | undefined {
  const hash = oaepHashOf(format);
  return hash === undefined ? undefined : `rsa-oaep-${hash}`;
}

export function wireOaep(oaep: OaepParameters | undefined): { readonly oaep?: Oaep } {
  return oaep === undefined ? {} : { oaep };
}

export interface Mechanisms {
  /** Of the last step: what the key itself goes under. */
  readonly last: WrapMechanism;
  /** Of an ephemeral AES key before it. */
  readonly first: WrapMechanism | undefined;
}

/** @throws `token-cannot` that says what the token does instead */
export function mechanismsFor({ capabilities, aesMechanisms }: TokenProfile, format: WrapFormat, power: 'wrap' | 'unwrap'): Mechanisms {
  const offered = power === 'wrap' ? capabilities.wrapFormats : capabilities.unwrapFormats;
  const last = isTwoSteps(format) ? aesMechanisms['aes-kwp'] : (oaepMechanism(format) ?? aesMechanisms[format]);
  if (last === undefined || !offered.includes(format)) {
    throw new StrongroomError('token-cannot', `the token does not ${power} with ${format}`, {
      field: 'format',
      nextStep: offered.length === 0 ? `the token has no way to ${power} keys` : `choose one of ${offered.join(', ')}`,
    });
  }
  return { last, first: isTwoSteps(format) ? oaepMechanism(format) : undefined };
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

/** @throws `token-cannot` where the key's own attributes do not have it wrap or unwrap */
export function assertServes({ label, flags }: KeyFacts, power: 'wrap' | 'unwrap'): void {
  if (flags[power] === true) return;
  throw new StrongroomError('token-cannot', `the key "${label}" does not ${power}: its attribute CKA_${power.toUpperCase()} is false`, { field: 'wrapper', nextStep: 'choose a key that was made for key-wrapping or key-transport' });
}

/** SECURITY: some modules fill a secret up with zeros before they wrap it, unasked: another key would come out elsewhere. RFC 3394 takes whole blocks of 8 bytes; how 0x210A fills up, it does not tell. */
function assertWholeBlocks({ label, bits = 0 }: KeyFacts, format: WrapFormat, { aesMechanisms }: TokenProfile): void {
  if (bits % 64 === 0 || (isUnderRsa(format) && !isTwoSteps(format))) return;
  if (format === 'aes-kw') throw new StrongroomError('request-invalid', `AES-KW takes a multiple of 8 bytes, at least 16, got ${bits / 8}: AES-KWP takes any`, { field: 'format', nextStep: 'use aes-kwp' });
  if (aesMechanisms['aes-kwp'] !== 'aes-pad-210a') return;
  throw new StrongroomError('token-cannot', `the token does not wrap the ${bits / 8} bytes of "${label}" as they are: it would put zeros behind them`, { field: 'format', nextStep: 'wrap it to an RSA key by RSA-OAEP, or make a key of a multiple of 8 bytes' });
}

/** A private key travels as PKCS#8, which OAEP has no room for and AES-KW no padding. @throws `request-invalid`, `token-cannot` */
export function assertTravels(key: KeyFacts, format: WrapFormat, profile: TokenProfile): void {
  if (key.class === 'secret') return assertWholeBlocks(key, format, profile);
  const { pairs } = profile;
  if (!formatsOfPairs.includes(format)) throw new StrongroomError('request-invalid', `"format" ${format} does not go with a private key`, { field: 'format', nextStep: 'choose aes-kwp, or rsa-aes-kwp-… for an RSA recipient' });
  const algorithm = algorithmOf(key);
  if (algorithm === undefined || !pairs.leave.includes(algorithm)) throw new StrongroomError('token-cannot', `the token does not wrap private keys of this kind: "${key.label}" stays on it`, { field: 'ref' });
}

/** What a token puts out that pads with zeros, in words for people. */
export const zerosBehind = 'the token put zeros behind the PKCS#8 before it wrapped it: this product takes them off again, but others may refuse the key';

/** A wrapping key of this token. @throws `request-invalid` where key and format do not go together */
export function ownWrapper(wrapper: KeyFacts, format: WrapFormat): RequestOf<'wrap'>['wrapper'] {
  if (isUnderRsa(format) !== (wrapper.keyType === 'rsa') || (!isUnderRsa(format) && wrapper.keyType !== 'aes'))
    throw new StrongroomError('request-invalid', `"format" ${format} does not go with the wrapping key's type`, { field: 'format' });
  if (!isUnderRsa(format)) return { key: nameOf(wrapper) };
  const { modulus, exponent } = wrapper;
  if (modulus === undefined || exponent === undefined)
    throw new StrongroomError('token-cannot', 'the token does not show the public half of the wrapping key', { field: 'wrapper' });
  return { publicKey: { modulus, exponent } };
}

/** Somebody's public key. @throws `request-invalid`, `input-malformed` */
export function foreignWrapper(spki: Uint8Array, format: WrapFormat): RequestOf<'wrap'>['wrapper'] {
  if (!isUnderRsa(format)) throw new StrongroomError('request-invalid', `"format" ${format} does not go with a public key`, { field: 'format' });
  try {
    return { publicKey: rsaPublicNumbers(spki) };
  } catch (error) {
    throw new StrongroomError('input-malformed', '"publicKey" expected a DER SubjectPublicKeyInfo with an RSA key', { field: 'publicKey', cause: error });
  }
}

interface Journey {
  readonly key: KeyFacts;
  readonly wrapper: RequestOf<'wrap'>['wrapper'];
  readonly request: WrapRequest;
  readonly profile: TokenProfile;
}

/** Wraps inside the token; in two steps where the format has two. @returns the blob as importers take it */
export async function wrapOnToken(token: TokenClient, { key, wrapper, request, profile }: Journey): Promise<Uint8Array> {
  const { last: mechanism, first } = mechanismsFor(profile, request.format, 'wrap');
  const subject = { class: key.class === 'secret' ? ('secret' as const) : ('private' as const), key: nameOf(key) };
  if (first === undefined) return (await token.call('wrap', { ...subject, wrapper, mechanism, ...wireOaep(request.oaep) })).wrapped;
  if (!('publicKey' in wrapper)) throw new StrongroomError('request-invalid', `"format" ${request.format} goes to an RSA key`, { field: 'format' });
  const ephemeral = { place: { publicKey: wrapper.publicKey, mechanism: first, ...wireOaep(request.oaep) } };
  const { wrapped, wrappedKey } = await token.call('wrapThrough', { ...subject, mechanism, ephemeral });
  if (wrappedKey === undefined) throw new StrongroomError('module-malformed', 'the ephemeral key did not come out');
  return concatBytes(wrappedKey, wrapped);
}

/**
 * The ephemeral key is this computer's, so that any hash of OAEP goes; asked for by name, since who reads this computer's memory reads the key.
 * @throws `token-cannot`
 */
export async function wrapByComputer(token: TokenClient, { key, wrapper, request, profile }: Journey): Promise<Uint8Array> {
  const mechanism = profile.aesMechanisms['aes-kwp'];
  const hash = oaepHashOf(request.format);
  if (hash === undefined || !isTwoSteps(request.format) || !('publicKey' in wrapper)) throw new StrongroomError('request-invalid', `"format" ${request.format} has no ephemeral key`, { field: 'ephemeral' });
  if (mechanism === undefined) throw new StrongroomError('token-cannot', 'the token does not wrap by AES-KWP', { field: 'format' });
  const subject = { class: key.class === 'secret' ? ('secret' as const) : ('private' as const), key: nameOf(key) };
  const spki = rsaSpki(wrapper.publicKey as RsaNumbers);
  return await SecretBytes.own(randomBytes(32)).consume(async (ephemeral) => {
    const sent = new Uint8Array(ephemeral); // the wire's copy, wiped here
    try {
      const { wrapped } = await token.call('wrapThrough', { ...subject, mechanism, ephemeral: { computer: sent } });
      return concatBytes(rsaOaepWrap(spki, { hash, ...request.oaep }, ephemeral), exactly(ephemeral, wrapped, key));
    } finally {
      sent.fill(0); // SECURITY: it opens the key
    }
  });
}

function openedAgain(ephemeral: Uint8Array, wrapped: Uint8Array): Uint8Array {
  try {
    return aesKwpUnwrap(ephemeral, wrapped);
  } catch (cause) {
    throw new StrongroomError('token-refused', 'what the token wrapped does not open with the key that it was wrapped under', { nextStep: 'do not hand this out', cause });
  }
}

function pkcs8Of(opened: Uint8Array): Uint8Array {
  try {
    return withoutZeroPadding(opened).value.whole;
  } catch (cause) {
    throw new StrongroomError('token-refused', 'the token wrapped what is no PKCS#8', { nextStep: 'do not hand this out', cause });
  }
}

/** Where the token puts zeros behind a PKCS#8, they are taken off again: this computer has the key that opens it in any case. */
function exactly(ephemeral: Uint8Array, wrapped: Uint8Array, key: KeyFacts): Uint8Array {
  if (key.class === 'secret') return wrapped;
  const opened = openedAgain(ephemeral, wrapped);
  try {
    return aesKwpWrap(ephemeral, pkcs8Of(opened));
  } finally {
    opened.fill(0); // SECURITY: the clear key was here for this long
  }
}
