/**
 * What a token stores and what it enforces are two things: each attribute that forbids something is set on a throw-away key, read back, and
 * then gone against; the same is done with a key that allows it, so that a refusal for another reason is not taken for protection.
 */
import pkcs11 from 'pkcs11js';
import type { ITemplate } from 'graphene-pk11';
import type { KeyGuard } from '../../../shared/model/terms.ts';
import type { ClearKey } from '../../pkcs11-wire/keyShapes.ts';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { CkrError } from '../cryptoki.ts';
import type { AttributeName } from '../attributeReader.ts';
import type { Host } from '../host.ts';
import type { TokenSession } from '../tokenSession.ts';
import { createThrowAway } from './clearKey.ts';
import { wrapUnder, wrapUnderPublicKey } from './wrap.ts';

type GuardProbe = RequestOf<'probeGuards'>;
type Finding = ReplyOf<'probeGuards'>['findings'][number];

interface Trial {
  readonly guard: KeyGuard;
  readonly clear: ClearKey;
  readonly attribute: AttributeName;
  /** The template that forbids, and the one that allows. */
  readonly forbids: ITemplate;
  readonly allows: ITemplate;
  /** Goes against it. @returns false where nothing came of it */
  readonly misuse: (key: Buffer) => boolean;
}

/** What the work gave, or undefined where the module refused it. The work session ends with it, and the login stays: nobody is asked for a PIN again. */
function inSession<T>(session: TokenSession, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CkrError)) throw error;
    return undefined;
  } finally {
    session.closeWork();
  }
}

/** Whether a key of this template can be misused; undefined where the module does not make one. */
function misused(session: TokenSession, { clear, attribute, misuse }: Trial, template: ITemplate): { readonly stored: boolean | undefined; readonly works: boolean } | undefined {
  return inSession(session, () => {
    const key = createThrowAway(session, clear, template);
    const stored = session.attributes.flag(key, attribute);
    try {
      return { stored, works: misuse(key) };
    } catch (error) {
      if (!(error instanceof CkrError)) throw error;
      return { stored, works: false };
    }
  });
}

function findingOf(session: TokenSession, trial: Trial): Finding {
  const { guard, attribute, forbids, allows } = trial;
  const forbidden = misused(session, trial, forbids);
  if (forbidden === undefined) return { guard };
  const stored = { stored: forbidden.stored === forbids[attribute as keyof ITemplate] };
  if (forbidden.works) return { guard, ...stored, enforced: false };
  return misused(session, trial, allows)?.works === true ? { guard, ...stored, enforced: true } : { guard, ...stored };
}

function trialsOf(session: TokenSession, { mechanism, kek, key, publicKey, pair }: GuardProbe): readonly Trial[] {
  const clear: ClearKey = { secret: { keyType: 'aes', value: key } };
  const { cryptoki } = session;
  const leaves = (own: Buffer): boolean => {
    if (mechanism === undefined) return false;
    if (mechanism.startsWith('rsa-oaep')) return wrapUnderPublicKey(session, { mechanism }, publicKey, own).length > 0;
    const handle = createThrowAway(session, { secret: { keyType: 'aes', value: kek } }, { wrap: true });
    return wrapUnder(session, { mechanism, handle, modulusBytes: undefined, keyLengths: [key.length] }, own).length > 0;
  };
  const encrypts = (own: Buffer): boolean => {
    cryptoki.call('C_EncryptInit', session.work, { mechanism: pkcs11.CKM_AES_ECB }, own);
    return true;
  };
  const isLoosened = (own: Buffer): boolean => {
    cryptoki.call('C_SetAttributeValue', session.work, own, [{ type: pkcs11.CKA_EXTRACTABLE, value: true }]);
    return session.attributes.flag(own, 'extractable') === true;
  };
  const signs = (own: Buffer): boolean => {
    cryptoki.call('C_SignInit', session.work, { mechanism: pair !== undefined && 'rsa' in pair ? pkcs11.CKM_RSA_PKCS : pkcs11.CKM_ECDSA }, own);
    return cryptoki.call('C_Sign', session.work, Buffer.alloc(32, 1), Buffer.alloc(512)).length > 0;
  };
  return [
    { guard: 'extractable', clear, attribute: 'extractable', forbids: { extractable: false }, allows: { extractable: true }, misuse: leaves },
    { guard: 'sensitive', clear, attribute: 'sensitive', forbids: { sensitive: true }, allows: { sensitive: false }, misuse: (own) => session.attributes.equals(own, 'value', key) },
    { guard: 'usage', clear, attribute: 'encrypt', forbids: { encrypt: false, sign: true }, allows: { encrypt: true }, misuse: encrypts },
    { guard: 'wrap-with-trusted', clear, attribute: 'wrapWithTrusted', forbids: { extractable: true, wrapWithTrusted: true }, allows: { extractable: true, wrapWithTrusted: false }, misuse: leaves },
    { guard: 'fixed', clear, attribute: 'extractable', forbids: { extractable: false, modifiable: true }, allows: { extractable: true, modifiable: true }, misuse: isLoosened },
    ...(pair === undefined ? [] : [{ guard: 'always-authenticate', clear: pair, attribute: 'alwaysAuth', forbids: { sign: true, sensitive: true, alwaysAuth: true }, allows: { sign: true, sensitive: true, alwaysAuth: false }, misuse: signs } as const]),
  ];
}

export function probeGuards(request: GuardProbe, host: Host): Promise<ReplyOf<'probeGuards'>> {
  return host.onToken(request.token, (session) => ({ findings: trialsOf(session, request).map((trial) => findingOf(session, trial)) }));
}
