/** AES under a token key, one message at a time: GCM (SP 800-38D), and CBC for what others made long ago. */
import pkcs11 from 'pkcs11js';
import type { Mechanism } from 'pkcs11js';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { asBuffer, malformed } from '../cryptoki.ts';
import type { Host } from '../host.ts';
import { findKey } from '../keyObjects.ts';
import { aesGcm } from '../mechanisms.ts';
import type { TokenSession } from '../tokenSession.ts';

const tagBytes = 16;

function mechanismOf(request: { readonly iv: Uint8Array; readonly aad: Uint8Array }): Mechanism {
  return aesGcm(request.iv, request.aad);
}

function open(session: TokenSession, request: RequestOf<'decrypt'>): Uint8Array {
  session.cryptoki.call('C_DecryptInit', session.work, mechanismOf(request), findKey(session, 'secret', request.key));
  return session.cryptoki.fill('C_Decrypt', session.work, request.data, [request.data.length - tagBytes]);
}

/** SECURITY: what was sealed wrongly would be lost, and its owner would learn it when the original is gone: so it is opened once before it leaves. */
function assertOpens(session: TokenSession, request: RequestOf<'encrypt'>, sealed: Uint8Array): void {
  const opened = open(session, { ...request, data: sealed });
  const same = asBuffer(opened).equals(request.data);
  opened.fill(0); // SECURITY: it is the plaintext
  if (!same) throw malformed('C_Decrypt does not give back what C_Encrypt was given');
}

export function encrypt(request: RequestOf<'encrypt'>, host: Host): Promise<ReplyOf<'encrypt'>> {
  return host.onToken(request.token, (session) => {
    session.cryptoki.call('C_EncryptInit', session.work, mechanismOf(request), findKey(session, 'secret', request.key));
    const data = session.cryptoki.fill('C_Encrypt', session.work, request.data, [request.data.length + tagBytes]);
    assertOpens(session, request, data);
    return { data };
  });
}

export function decrypt(request: RequestOf<'decrypt'>, host: Host): Promise<ReplyOf<'decrypt'>> {
  return host.onToken(request.token, (session) => ({ data: open(session, request) }));
}

export function decryptCbc(request: RequestOf<'decryptCbc'>, host: Host): Promise<ReplyOf<'decryptCbc'>> {
  return host.onToken(request.token, (session) => {
    const mechanism = { mechanism: pkcs11.CKM_AES_CBC, parameter: asBuffer(request.iv) };
    session.cryptoki.call('C_DecryptInit', session.work, mechanism, findKey(session, 'secret', request.key));
    return { data: session.cryptoki.fill('C_Decrypt', session.work, request.data, [request.data.length]) };
  });
}
