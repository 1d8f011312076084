/** Keys under keys, inside the token. What may leave is the core's decision; the attributes were read before this call. */
import pkcs11 from 'pkcs11js';
import { KeyType, ObjectClass, Template } from 'graphene-pk11';
import type { ITemplate } from 'graphene-pk11';
import type { ReplyOf, RequestOf, WrapMechanism } from '../../pkcs11-wire/messages.ts';
import { asBuffer, CkrError } from '../cryptoki.ts';
import type { Host } from '../host.ts';
import { aesKeyLength, aesKeyLengths, assertUnused, attributesOf, describeKey, findKey } from '../keyObjects.ts';
import { wrapMechanism, wrappedSizes } from '../mechanisms.ts';
import type { TokenSession } from '../tokenSession.ts';

type PublicKey = RequestOf<'probeOaepWrap'>['publicKey'];

const sessionKey = { class: ObjectClass.SECRET_KEY, keyType: KeyType.AES, token: false, private: true } as const;

interface Wrapper {
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

export function wrapUnder(session: TokenSession, mechanism: WrapMechanism, wrapper: Wrapper, key: Buffer): Uint8Array {
  const length = aesKeyLength(session.attributes, key);
  const lengths = length === undefined ? (wrapper.keyLengths ?? aesKeyLengths) : [length];
  const sizes = wrappedSizes(mechanism, lengths, wrapper.modulusBytes);
  return session.cryptoki.exactly('C_WrapKey', sizes, (out) =>
    session.cryptoki.call('C_WrapKey', session.work, wrapMechanism(mechanism), wrapper.handle, key, out),
  );
}

export function wrapUnderPublicKey(session: TokenSession, mechanism: WrapMechanism, publicKey: PublicKey, key: Buffer): Uint8Array {
  const handle = importPublicKey(session, publicKey);
  const wrapped = wrapUnder(session, mechanism, { handle, modulusBytes: publicKey.modulus.length }, key);
  session.cryptoki.call('C_DestroyObject', session.work, handle);
  return wrapped;
}

export function wrap(request: RequestOf<'wrap'>, host: Host): Promise<ReplyOf<'wrap'>> {
  return host.onToken(request.token, (session) => {
    const key = findKey(session, 'secret', request.id);
    if ('publicKey' in request.wrapper) return { wrapped: wrapUnderPublicKey(session, request.mechanism, request.wrapper.publicKey, key) };
    const handle = findKey(session, 'secret', request.wrapper.id);
    return { wrapped: wrapUnder(session, request.mechanism, { handle, modulusBytes: undefined }, key) };
  });
}

/**
 * The length of a key whose token does not say it: the same blob is opened once more, as a session key that may leave, and leaves under a session
 * key that never does. Only the length of the result is looked at.
 */
function measure(session: TokenSession, openAs: (template: ITemplate) => Buffer): number | undefined {
  try {
    const generated = Template.toPkcs11({ ...sessionKey, valueLen: 32, sensitive: true, extractable: false, wrap: true });
    const handle = session.cryptoki.call('C_GenerateKey', session.work, { mechanism: pkcs11.CKM_AES_KEY_GEN }, generated);
    const copy = openAs({ ...sessionKey, sensitive: true, extractable: true });
    return wrapUnder(session, 'aes-kw-2109', { handle, modulusBytes: undefined, keyLengths: anyLength }, copy).length - 8;
  } catch (error) {
    if (error instanceof CkrError) return undefined;
    throw error;
  } finally {
    session.closeWork(); // both session keys go with it
  }
}

export function unwrap(request: RequestOf<'unwrap'>, host: Host): Promise<ReplyOf<'unwrap'>> {
  return host.onToken(request.token, (session) => {
    assertUnused(session, request.template.id, request.template.label);
    const openAs = (template: ITemplate) => {
      const unwrapper = findKey(session, request.unwrapper.class, request.unwrapper.id);
      return session.cryptoki.call(
        'C_UnwrapKey',
        session.work,
        wrapMechanism(request.mechanism),
        unwrapper,
        asBuffer(request.wrapped),
        Template.toPkcs11(template),
      );
    };
    const facts = describeKey(session, 'secret', openAs(attributesOf('secret', request.template, { keyType: KeyType.AES })));
    const bytes = facts.bits === undefined ? measure(session, openAs) : undefined;
    return bytes === undefined ? facts : { ...facts, bits: bytes * 8 };
  });
}
