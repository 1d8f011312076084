/**
 * What a mechanism really does, tried with throw-away session keys whose bytes the core knows. A number in the mechanism list proves little:
 * 0x210A is RFC 5649 in one module and PKCS#7 padding in the next.
 */
import { KeyType, ObjectClass, Template } from 'graphene-pk11';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { asBuffer, CkrError } from '../cryptoki.ts';
import type { Host } from '../host.ts';
import { wrapMechanism } from '../mechanisms.ts';
import type { TokenSession } from '../tokenSession.ts';
import { wrapUnder, wrapUnderPublicKey } from './wrap.ts';

const throwAway = { class: ObjectClass.SECRET_KEY, keyType: KeyType.AES, token: false, private: true, sensitive: false, extractable: true };

function createKey(session: TokenSession, value: Uint8Array, usage: { readonly wrap: boolean; readonly unwrap: boolean }): Buffer {
  const template = Template.toPkcs11({ ...throwAway, ...usage, value: asBuffer(value) });
  return session.cryptoki.call('C_CreateObject', session.work, template);
}

/** A refusal is an answer; anything else is not. */
function attempt(session: TokenSession, work: () => Uint8Array): Uint8Array | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CkrError)) throw error;
    session.recover(error);
    return undefined;
  }
}

function wrapOnce(session: TokenSession, request: RequestOf<'probeAesWrap'>): Uint8Array {
  const handle = createKey(session, request.kek, { wrap: true, unwrap: true });
  const key = createKey(session, request.key, { wrap: false, unwrap: false });
  return wrapUnder(session, request.mechanism, { handle, modulusBytes: undefined }, key);
}

/** Opens what software wrapped, and wraps it again for comparison. */
function unwrapAndWrap(session: TokenSession, request: RequestOf<'probeAesWrap'>): Uint8Array {
  const handle = createKey(session, request.kek, { wrap: true, unwrap: true });
  const template = Template.toPkcs11(throwAway);
  const key = session.cryptoki.call('C_UnwrapKey', session.work, wrapMechanism(request.mechanism), handle, asBuffer(request.wrapped), template);
  return wrapUnder(session, request.mechanism, { handle, modulusBytes: undefined }, key);
}

export function probeAesWrap(request: RequestOf<'probeAesWrap'>, host: Host): Promise<ReplyOf<'probeAesWrap'>> {
  return host.onToken(request.token, (session) => {
    const wrapped = attempt(session, () => wrapOnce(session, request));
    const rewrapped = attempt(session, () => unwrapAndWrap(session, request));
    session.closeWork(); // the throw-away keys go with it
    return { ...(wrapped === undefined ? {} : { wrapped }), ...(rewrapped === undefined ? {} : { rewrapped }) };
  });
}

export function probeOaepWrap(request: RequestOf<'probeOaepWrap'>, host: Host): Promise<ReplyOf<'probeOaepWrap'>> {
  return host.onToken(request.token, (session) => {
    const wrapped = attempt(session, () =>
      wrapUnderPublicKey(session, request.mechanism, request.publicKey, createKey(session, request.key, { wrap: false, unwrap: false })),
    );
    session.closeWork();
    return wrapped === undefined ? {} : { wrapped };
  });
}
