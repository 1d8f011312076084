/** Keys agreed on by ECDH, inside the token (PKCS#11 v2.40 §2.3.11): the secret becomes a key there and never leaves. */
import { KeyType, ObjectClass, Template } from 'graphene-pk11';
import type { ITemplate } from 'graphene-pk11';
import type { Curve } from '../../pkcs11-wire/keyShapes.ts';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { ckr } from '../ckr.ts';
import { CkrError } from '../cryptoki.ts';
import { pointAttribute } from '../curves.ts';
import type { Host } from '../host.ts';
import { describeKey } from '../keyFacts.ts';
import { assertUnused, attributesOf, findKey } from '../keyObjects.ts';
import { ecdh } from '../mechanisms.ts';
import type { TokenSession } from '../tokenSession.ts';
import { makeThrowAway, throwAway } from './generate.ts';

type Agreement = Pick<RequestOf<'derive'>, 'kdf' | 'peer' | 'sharedInfo'>;

/** The peer's point goes out bare, as §2.3.10 prefers; a module that wants it as an OCTET STRING says so before it makes anything. */
function agree(session: TokenSession, from: Buffer, { kdf, peer, sharedInfo }: Agreement, template: ITemplate): Buffer {
  const derive = (point: Uint8Array) => session.cryptoki.call('C_DeriveKey', session.work, ecdh(kdf, point, sharedInfo), from, Template.toPkcs11(template));
  try {
    return derive(peer);
  } catch (error) {
    if (!(error instanceof CkrError && error.is(ckr.mechanismParamInvalid, ckr.argumentsBad))) throw error;
    return derive(pointAttribute(peer));
  }
}

function secretAttributes({ keyType, bytes }: Pick<RequestOf<'derive'>, 'keyType' | 'bytes'>): ITemplate {
  return { keyType: keyType === 'aes' ? KeyType.AES : KeyType.GENERIC_SECRET, valueLen: bytes };
}

export function derive(request: RequestOf<'derive'>, host: Host): Promise<ReplyOf<'derive'>> {
  return host.onToken(request.token, (session) => {
    assertUnused(session, request.template.id, request.template.label);
    const from = findKey(session, 'private', request.key);
    return describeKey(session, 'secret', agree(session, from, request, attributesOf('secret', request.template, secretAttributes(request))));
  });
}

/** With a throw-away pair of the curve. */
export function deriveThrowAway(session: TokenSession, curve: Curve, agreement: Agreement): Buffer {
  const { own } = makeThrowAway(session, { curve });
  return agree(session, own, agreement, { class: ObjectClass.SECRET_KEY, ...secretAttributes({ keyType: 'aes', bytes: 32 }), ...throwAway });
}
