/**
 * What a mechanism really does, tried with throw-away session keys whose bytes the core knows. A number in the mechanism list proves little:
 * 0x210A is RFC 5649 in one module and PKCS#7 padding in the next.
 */
import { KeyType, ObjectClass, Template } from 'graphene-pk11';
import type { ITemplate } from 'graphene-pk11';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { asBuffer, CkrError } from '../cryptoki.ts';
import { keyTypeNumber } from '../curves.ts';
import type { Host } from '../host.ts';
import { macMechanism, pairLengths, wrapMechanism } from '../mechanisms.ts';
import type { TokenSession } from '../tokenSession.ts';
import { createThrowAway } from './clearKey.ts';
import { deriveThrowAway } from './derive.ts';
import { makeAndDestroy, makeThrowAway, throwAway } from './generate.ts';
import { wrapUnder, wrapUnderPublicKey } from './wrap.ts';

/** A refusal is an answer; anything else is not. */
function attempt<T>(session: TokenSession, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CkrError)) throw error;
    session.recover(error);
    return undefined;
  }
}

type AesProbe = RequestOf<'probeAesWrap'>;

function kekOf(session: TokenSession, { kek }: AesProbe): Buffer {
  return createThrowAway(session, { secret: { keyType: 'aes', value: kek } }, { wrap: true, unwrap: true });
}

function lengthsOf({ key }: AesProbe): { readonly keyLengths: readonly number[] } {
  return { keyLengths: 'secret' in key ? [key.secret.value.length] : pairLengths };
}

function wrapOnce(session: TokenSession, request: AesProbe): Uint8Array {
  const handle = kekOf(session, request);
  const key = createThrowAway(session, request.key, {});
  return wrapUnder(session, { mechanism: request.mechanism, handle, modulusBytes: undefined, ...lengthsOf(request) }, key);
}

function openedAs({ key }: AesProbe): ITemplate {
  if ('secret' in key) return { class: ObjectClass.SECRET_KEY, keyType: KeyType.AES, ...throwAway };
  return { class: ObjectClass.PRIVATE_KEY, keyType: 'rsa' in key ? KeyType.RSA : keyTypeNumber(key.curve.curve), ...throwAway };
}

/** Opens what software wrapped, and wraps it again for comparison. */
function unwrapAndWrap(session: TokenSession, request: AesProbe): Uint8Array {
  const handle = kekOf(session, request);
  const template = Template.toPkcs11(openedAs(request));
  const key = session.cryptoki.call('C_UnwrapKey', session.work, wrapMechanism(request.mechanism), handle, asBuffer(request.wrapped), template);
  return wrapUnder(session, { mechanism: request.mechanism, handle, modulusBytes: undefined, ...lengthsOf(request) }, key);
}

export function probeAesWrap(request: AesProbe, host: Host): Promise<ReplyOf<'probeAesWrap'>> {
  return host.onToken(request.token, (session) => {
    const wrapped = attempt(session, () => wrapOnce(session, request));
    const rewrapped = attempt(session, () => unwrapAndWrap(session, request));
    session.closeWork(); // the throw-away keys go with it
    return { ...(wrapped === undefined ? {} : { wrapped }), ...(rewrapped === undefined ? {} : { rewrapped }) };
  });
}

export function probeOaepWrap(request: RequestOf<'probeOaepWrap'>, host: Host): Promise<ReplyOf<'probeOaepWrap'>> {
  return host.onToken(request.token, (session) => {
    const { mechanism, publicKey, key } = request;
    const wrapped = attempt(session, () => wrapUnderPublicKey(session, { mechanism }, publicKey, createThrowAway(session, { secret: { keyType: 'aes', value: key } }, {})));
    session.closeWork();
    return wrapped === undefined ? {} : { wrapped };
  });
}

/** Whether something can be made. It is gone before the answer. */
function made(session: TokenSession, work: () => unknown): { readonly made: boolean } {
  const answer = attempt(session, () => ({ result: work() }));
  session.closeWork();
  return { made: answer !== undefined };
}

export function probeMake(request: RequestOf<'probeMake'>, host: Host): Promise<ReplyOf<'probeMake'>> {
  return host.onToken(request.token, (session) => {
    const { what } = request;
    const inSession = made(session, () => makeThrowAway(session, what));
    return inSession.made || !('curve' in what) ? inSession : made(session, () => makeAndDestroy(session, what.curve));
  });
}

/** SoftHSM takes a short key for HMAC and refuses to use it. */
function createOnTrial(session: TokenSession, { clear, mac }: RequestOf<'probeCreate'>): void {
  const key = createThrowAway(session, clear, mac === undefined ? {} : { sign: true });
  if (mac === undefined) return;
  const { mechanism, bytes } = macMechanism(mac);
  session.cryptoki.call('C_SignInit', session.work, mechanism, key);
  session.cryptoki.fill('C_Sign', session.work, new Uint8Array(1), [bytes]);
}

export function probeCreate(request: RequestOf<'probeCreate'>, host: Host): Promise<ReplyOf<'probeCreate'>> {
  return host.onToken(request.token, (session) => made(session, () => createOnTrial(session, request)));
}

export function probeDerive(request: RequestOf<'probeDerive'>, host: Host): Promise<ReplyOf<'probeDerive'>> {
  return host.onToken(request.token, (session) => made(session, () => deriveThrowAway(session, request.curve, request)));
}
