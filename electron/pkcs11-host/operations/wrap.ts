/** Keys under keys, inside the token. What may leave is the core's decision; the attributes were read before this call. */
import pkcs11 from 'pkcs11js';
import { KeyType, ObjectClass, Template } from 'graphene-pk11';
import type { ITemplate } from 'graphene-pk11';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { KeyTypeName } from '../../pkcs11-wire/keyShapes.ts';
import type { Oaep, ReplyOf, RequestOf, WrapMechanism } from '../../pkcs11-wire/messages.ts';
import { asBuffer, CkrError, sameTwice } from '../cryptoki.ts';
import { CKK_EC_EDWARDS, CKK_EC_MONTGOMERY } from '../curves.ts';
import type { Host } from '../host.ts';
import { describeKey, secretLength } from '../keyFacts.ts';
import { aesKeyLengths, assertUnused, attributesOf, findKey } from '../keyObjects.ts';
import { isOaep, pairLengths, wrapMechanism, wrappedSizes } from '../mechanisms.ts';
import type { TokenSession } from '../tokenSession.ts';

type PublicKey = RequestOf<'probeOaepWrap'>['publicKey'];

const sessionKey = { class: ObjectClass.SECRET_KEY, keyType: KeyType.AES, token: false, private: true } as const;

/** How one key goes under another. */
export interface Wrapping {
  readonly mechanism: WrapMechanism;
  readonly oaep?: Oaep | undefined;
  readonly handle: Buffer;
  /** Of an RSA key. */
  readonly modulusBytes: number | undefined;
  /** Bytes that the key may have where its token does not say it; else those of AES. */
  readonly keyLengths?: readonly number[];
}

/** Whatever a foreign blob may hold and AES-KW can wrap again. */
const anyLength: readonly number[] = Array.from({ length: 64 }, (_, index) => (index + 2) * 8);

/** Somebody's public key as a session object: it goes with the session. */
function importPublicKey(session: TokenSession, publicKey: PublicKey): Buffer {
  const template = Template.toPkcs11({
    class: ObjectClass.PUBLIC_KEY,
    keyType: KeyType.RSA,
    token: false,
    private: false,
    wrap: true,
    encrypt: false,
    verify: false,
    modulus: asBuffer(publicKey.modulus),
    publicExponent: asBuffer(publicKey.exponent),
  });
  return session.cryptoki.call('C_CreateObject', session.work, template);
}

/** @param key a secret key, or a private one, which travels as PKCS#8 and has no length of its own */
export function wrapUnder(session: TokenSession, by: Wrapping, key: Buffer): Uint8Array {
  const length = secretLength(session.attributes, key);
  const lengths = by.keyLengths ?? (length === undefined ? aesKeyLengths : [length]);
  const sizes = wrappedSizes(by.mechanism, lengths, by.modulusBytes);
  const mechanism = wrapMechanism(by.mechanism, by.oaep);
  return session.cryptoki.exactly('C_WrapKey', sizes, (out) => session.cryptoki.call('C_WrapKey', session.work, mechanism, by.handle, key, out));
}

export function wrapUnderPublicKey(session: TokenSession, by: Pick<Wrapping, 'mechanism' | 'oaep'>, publicKey: PublicKey, key: Buffer): Uint8Array {
  const handle = importPublicKey(session, publicKey);
  const wrapped = wrapUnder(session, { ...by, handle, modulusBytes: publicKey.modulus.length }, key);
  session.destroyThrowAway(handle);
  return wrapped;
}

type Subject = Pick<RequestOf<'wrap'>, 'class' | 'key'>;

/** The key that travels, and the lengths that it may have where it is no secret key. */
function subjectOf(session: TokenSession, { class: cls, key }: Subject): { readonly handle: Buffer; readonly lengths: Pick<Wrapping, 'keyLengths'> } {
  return { handle: findKey(session, cls, key), lengths: cls === 'private' ? { keyLengths: pairLengths } : {} };
}

export function wrap(request: RequestOf<'wrap'>, host: Host): Promise<ReplyOf<'wrap'>> {
  return host.onToken(request.token, (session) => {
    const { handle: key, lengths } = subjectOf(session, request);
    const { wrapper, mechanism, oaep } = request;
    if ('publicKey' in wrapper) return { wrapped: wrapUnderPublicKey(session, { mechanism, oaep }, wrapper.publicKey, key) };
    // RFC 3394 and RFC 5649 are functions of the two keys; OAEP above is one of chance too
    return { wrapped: sameTwice('C_WrapKey', () => wrapUnder(session, { mechanism, handle: findKey(session, 'secret', wrapper.key), modulusBytes: undefined, ...lengths }, key)) };
  });
}

/** SECURITY: the key that wraps leaves under the recipient's public key alone, and does nothing but wrap. */
function generateEphemeral(session: TokenSession, extractable: boolean): Buffer {
  const template = Template.toPkcs11({ ...sessionKey, valueLen: 32, sensitive: true, extractable, wrap: true, unwrap: false, encrypt: false, decrypt: false });
  return session.cryptoki.call('C_GenerateKey', session.work, { mechanism: pkcs11.CKM_AES_KEY_GEN }, template);
}

function createEphemeral(session: TokenSession, value: Uint8Array): Buffer {
  const template = Template.toPkcs11({ ...sessionKey, sensitive: true, extractable: false, wrap: true, unwrap: false, encrypt: false, decrypt: false, value: asBuffer(value) });
  return session.cryptoki.call('C_CreateObject', session.work, template);
}

export function wrapThrough(request: RequestOf<'wrapThrough'>, host: Host): Promise<ReplyOf<'wrapThrough'>> {
  return host.onToken(request.token, (session) => {
    const { ephemeral, mechanism } = request;
    const onPlace = 'place' in ephemeral;
    const handle = onPlace ? generateEphemeral(session, true) : createEphemeral(session, ephemeral.computer);
    try {
      const { handle: key, lengths } = subjectOf(session, request);
      const wrapped = sameTwice('C_WrapKey', () => wrapUnder(session, { mechanism, handle, modulusBytes: undefined, ...lengths }, key));
      return onPlace ? { wrapped, wrappedKey: wrapUnderPublicKey(session, ephemeral.place, ephemeral.place.publicKey, handle) } : { wrapped };
    } finally {
      session.closeWork(); // the ephemeral key goes with it
    }
  });
}

/**
 * The length of a key whose token does not say it: the same blob is opened once more, as a session key that may leave, and leaves under a session
 * key that never does. Only the length of the result is looked at.
 */
function measure(session: TokenSession, openAs: (template: ITemplate) => Buffer): number | undefined {
  try {
    const handle = generateEphemeral(session, false);
    const copy = openAs({ ...sessionKey, sensitive: true, extractable: true });
    return wrapUnder(session, { mechanism: 'aes-kw-2109', handle, modulusBytes: undefined, keyLengths: anyLength }, copy).length - 8;
  } catch (error) {
    if (error instanceof CkrError) return undefined;
    throw error;
  } finally {
    session.closeWork(); // both session keys go with it
  }
}

const keyTypeNumbers: Readonly<Record<Exclude<KeyTypeName, 'other'>, number>> = {
  aes: KeyType.AES,
  generic: KeyType.GENERIC_SECRET,
  rsa: KeyType.RSA,
  ec: KeyType.EC,
  edwards: CKK_EC_EDWARDS,
  montgomery: CKK_EC_MONTGOMERY,
};

type UnwrapRequest = RequestOf<'unwrap'>;

/** The key that opens the blob: the unwrapper itself, or the AES key that it opens first, for this session. */
function openerOf(session: TokenSession, { unwrapper, through, oaep }: UnwrapRequest): Buffer {
  const own = findKey(session, unwrapper.class, unwrapper.key);
  if (through === undefined) return own;
  const template = Template.toPkcs11({ ...sessionKey, sensitive: true, extractable: false, unwrap: true, wrap: false, encrypt: false, decrypt: false });
  return session.cryptoki.call('C_UnwrapKey', session.work, wrapMechanism(through.mechanism, oaep), own, asBuffer(through.wrapped), template);
}

function openBlob(session: TokenSession, request: UnwrapRequest, template: ITemplate): Buffer {
  const mechanism = wrapMechanism(request.mechanism, request.through === undefined ? request.oaep : undefined);
  return session.cryptoki.call('C_UnwrapKey', session.work, mechanism, openerOf(session, request), asBuffer(request.wrapped), Template.toPkcs11(template));
}

export function unwrap(request: UnwrapRequest, host: Host): Promise<ReplyOf<'unwrap'>> {
  return host.onToken(request.token, (session) => {
    const { template, keyType, through } = request;
    if (through !== undefined && !isOaep(through.mechanism)) throw new StrongroomError('request-invalid', '"through" expected RSA-OAEP');
    assertUnused(session, template.id, template.label);
    const openAs = (wanted: ITemplate) => openBlob(session, request, wanted);
    const cls = keyType === 'aes' || keyType === 'generic' ? 'secret' : 'private';
    try {
      const facts = describeKey(session, cls, openAs(attributesOf(cls, template, { keyType: keyTypeNumbers[keyType] })));
      const bytes = cls === 'secret' && facts.bits === undefined ? measure(session, openAs) : undefined;
      return bytes === undefined ? facts : { ...facts, bits: bytes * 8 };
    } finally {
      if (through !== undefined) session.closeWork(); // the AES key that opened it goes with it
    }
  });
}
