/** Keys under keys, inside the token. What may leave is the core's decision; the attributes were read before this call. */
import { KeyType, ObjectClass, Template } from 'graphene-pk11';
import type { ReplyOf, RequestOf, WrapMechanism } from '../../pkcs11-wire/messages.ts';
import { asBuffer, malformed } from '../cryptoki.ts';
import type { Host } from '../host.ts';
import { assertUnused, describeKey, findKey, templateOf } from '../keyObjects.ts';
import { wrapMechanism, wrappedSizes } from '../mechanisms.ts';
import type { TokenSession } from '../tokenSession.ts';

type PublicKey = RequestOf<'probeOaepWrap'>['publicKey'];

interface Wrapper {
  readonly handle: Buffer;
  /** Of an RSA key. */
  readonly modulusBytes: number | undefined;
}

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
  const keyBytes = session.attributes.number(key, 'valueLen');
  if (keyBytes === undefined || keyBytes > 64) throw malformed('an AES key without a length');
  const sizes = wrappedSizes(mechanism, keyBytes, wrapper.modulusBytes);
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

export function unwrap(request: RequestOf<'unwrap'>, host: Host): Promise<ReplyOf<'unwrap'>> {
  return host.onToken(request.token, (session) => {
    assertUnused(session, request.template.id, request.template.label);
    const unwrapper = findKey(session, request.unwrapper.class, request.unwrapper.id);
    const template = templateOf('secret', request.template, { keyType: KeyType.AES });
    const handle = session.cryptoki.call('C_UnwrapKey', session.work, wrapMechanism(request.mechanism), unwrapper, asBuffer(request.wrapped), template);
    return describeKey(session, 'secret', handle);
  });
}
