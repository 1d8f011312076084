/** Keys whose clear bytes the computer has, brought to the token; and public halves. The dispatcher wipes the request. */
import { KeyType, ObjectClass, Template } from 'graphene-pk11';
import type { ITemplate } from 'graphene-pk11';
import type { ClearKey, PublicKey } from '../../pkcs11-wire/keyShapes.ts';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { ckr } from '../ckr.ts';
import { asBuffer, CkrError } from '../cryptoki.ts';
import { CKK_EC_EDWARDS, curveParams, keyTypeNumber, pointAttribute } from '../curves.ts';
import type { Host } from '../host.ts';
import { describeKey } from '../keyFacts.ts';
import { assertUnused, attributesOf } from '../keyObjects.ts';
import type { TokenSession } from '../tokenSession.ts';
import { throwAway } from './generate.ts';

/** CKA_EC_POINT is not in it: of a private key the standard has none, and SoftHSM refuses the template. */
export function clearAttributes(clear: ClearKey): ITemplate {
  if ('secret' in clear) return { keyType: clear.secret.keyType === 'aes' ? KeyType.AES : KeyType.GENERIC_SECRET, value: asBuffer(clear.secret.value) };
  if ('curve' in clear) return { keyType: keyTypeNumber(clear.curve.curve), paramsECDSA: curveParams(clear.curve.curve), value: asBuffer(clear.curve.value) };
  const { modulus, publicExponent, privateExponent, prime1, prime2, exponent1, exponent2, coefficient } = clear.rsa;
  return {
    keyType: KeyType.RSA,
    modulus: asBuffer(modulus),
    publicExponent: asBuffer(publicExponent),
    privateExponent: asBuffer(privateExponent),
    prime1: asBuffer(prime1),
    prime2: asBuffer(prime2),
    exp1: asBuffer(exponent1),
    exp2: asBuffer(exponent2),
    coefficient: asBuffer(coefficient),
  };
}

export function publicAttributes(key: PublicKey): ITemplate {
  if ('rsa' in key) return { keyType: KeyType.RSA, modulus: asBuffer(key.rsa.modulus), publicExponent: asBuffer(key.rsa.exponent) };
  return { keyType: keyTypeNumber(key.curve.curve), paramsECDSA: curveParams(key.curve.curve), pointEC: pointAttribute(key.curve.point) };
}

/** X25519 by the key type of PKCS#11 v3.0, or as SoftHSM 2.6 has it: as an Edwards key. */
function createWith(session: TokenSession, attributes: ITemplate): Buffer {
  const create = (template: ITemplate) => session.cryptoki.call('C_CreateObject', session.work, Template.toPkcs11(template));
  try {
    return create(attributes);
  } catch (error) {
    const isMontgomery = attributes.keyType === keyTypeNumber('x25519');
    if (!isMontgomery || !(error instanceof CkrError && error.is(ckr.attributeValueInvalid, ckr.templateInconsistent, ckr.attributeTypeInvalid))) throw error;
    return create({ ...attributes, keyType: CKK_EC_EDWARDS });
  }
}

/** A clear key as a session object, which goes with the session. */
export function createThrowAway(session: TokenSession, clear: ClearKey, usage: ITemplate): Buffer {
  const cls = 'secret' in clear ? ObjectClass.SECRET_KEY : ObjectClass.PRIVATE_KEY;
  return session.throwAway(createWith(session, { class: cls, ...clearAttributes(clear), ...throwAway, ...usage }));
}

export function createKey(request: RequestOf<'createKey'>, host: Host): Promise<ReplyOf<'createKey'>> {
  return host.onToken(request.token, (session) => {
    const { clear, template } = request;
    assertUnused(session, template.id, template.label);
    const cls = 'secret' in clear ? 'secret' : 'private';
    return describeKey(session, cls, createWith(session, attributesOf(cls, template, clearAttributes(clear))));
  });
}

export function createPublic(request: RequestOf<'createPublic'>, host: Host): Promise<ReplyOf<'createPublic'>> {
  return host.onToken(request.token, (session) => {
    const handle = createWith(session, attributesOf('public', request.template, publicAttributes(request.publicKey)));
    return describeKey(session, 'public', handle);
  });
}
