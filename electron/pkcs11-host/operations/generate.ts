/** New keys: secret ones and pairs, kept on the token or thrown away with the session. */
import pkcs11 from 'pkcs11js';
import type { KeyPair } from 'pkcs11js';
import { KeyType, ObjectClass, Template } from 'graphene-pk11';
import type { ITemplate } from 'graphene-pk11';
import type { Curve } from '../../pkcs11-wire/keyShapes.ts';
import type { PairAlgorithm, ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { ckr } from '../ckr.ts';
import { CkrError, malformed } from '../cryptoki.ts';
import { CKK_EC_EDWARDS, CKM_EC_EDWARDS_KEY_PAIR_GEN, CKM_EC_MONTGOMERY_KEY_PAIR_GEN, curveParams, fieldBytes, isWeierstrass, keyTypeNumber } from '../curves.ts';
import type { Host } from '../host.ts';
import { describeKey } from '../keyFacts.ts';
import { assertUnused, templateOf } from '../keyObjects.ts';
import type { TokenSession } from '../tokenSession.ts';

/** F4, as everybody uses it (SP 800-56B §6.2: odd, above 2^16). */
const publicExponent = Buffer.from([1, 0, 1]);

/** The mechanism and template of a new secret key. */
function secretGeneration(keyType: 'aes' | 'generic', length: number): { readonly mechanism: number; readonly attributes: ITemplate } {
  const [mechanism, type] = keyType === 'aes' ? [pkcs11.CKM_AES_KEY_GEN, KeyType.AES] : [pkcs11.CKM_GENERIC_SECRET_KEY_GEN, KeyType.GENERIC_SECRET];
  return { mechanism, attributes: { keyType: type, valueLen: length } };
}

export function generateSecret(request: RequestOf<'generateSecret'>, host: Host): Promise<ReplyOf<'generateSecret'>> {
  return host.onToken(request.token, (session) => {
    assertUnused(session, request.template.id, request.template.label);
    const { mechanism, attributes } = secretGeneration(request.keyType, request.bytes);
    const handle = session.cryptoki.call('C_GenerateKey', session.work, { mechanism }, templateOf('secret', request.template, attributes));
    return describeKey(session, 'secret', handle);
  });
}

interface PairKind {
  readonly mechanism: number;
  readonly keyType: number;
  readonly publicAttributes: ITemplate;
}

const curveMechanism = (curve: Curve) => {
  if (isWeierstrass(curve)) return pkcs11.CKM_EC_KEY_PAIR_GEN;
  return curve === 'ed25519' ? CKM_EC_EDWARDS_KEY_PAIR_GEN : CKM_EC_MONTGOMERY_KEY_PAIR_GEN;
};

/** The ways to make a pair, the standard's first. SoftHSM 2.6 makes X25519 as an Edwards key, before PKCS#11 v3.0 had a name for it. */
function pairKinds(algorithm: PairAlgorithm): readonly PairKind[] {
  if (algorithm === 'rsa-2048' || algorithm === 'rsa-3072' || algorithm === 'rsa-4096') {
    const publicAttributes = { modulusBits: Number(algorithm.slice('rsa-'.length)), publicExponent };
    return [{ mechanism: pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, keyType: KeyType.RSA, publicAttributes }];
  }
  const publicAttributes = { paramsECDSA: curveParams(algorithm) };
  const standard = { mechanism: curveMechanism(algorithm), keyType: keyTypeNumber(algorithm), publicAttributes };
  return algorithm === 'x25519' ? [standard, { mechanism: CKM_EC_EDWARDS_KEY_PAIR_GEN, keyType: CKK_EC_EDWARDS, publicAttributes }] : [standard];
}

/** Tries each way; another is tried only where the module has no such mechanism, before anything was made. */
function firstKind<T>(algorithm: PairAlgorithm, make: (kind: PairKind) => T): T {
  const kinds = pairKinds(algorithm);
  const [last] = kinds.slice(-1);
  for (const kind of kinds) {
    try {
      return make(kind);
    } catch (error) {
      if (kind === last || !(error instanceof CkrError && error.is(ckr.mechanismInvalid))) throw error;
    }
  }
  throw malformed('no way to make the pair');
}

type WireTemplate = ReturnType<typeof templateOf>;
type PairRequest = RequestOf<'generatePair'>;

function templatesOf({ publicTemplate, privateTemplate }: PairRequest, { keyType, publicAttributes }: PairKind): readonly [publicHalf: WireTemplate, privateHalf: WireTemplate] {
  return [templateOf('public', publicTemplate, { keyType, ...publicAttributes }), templateOf('private', privateTemplate, { keyType })];
}

function describePair(session: TokenSession, pair: KeyPair): ReplyOf<'generatePair'> {
  return { privateKey: describeKey(session, 'private', pair.privateKey), publicKey: describeKey(session, 'public', pair.publicKey) };
}

/** Others are answered meanwhile. RSA alone takes so long, and is made in one way. */
async function generateAside(session: TokenSession, request: PairRequest, own: Buffer): Promise<ReplyOf<'generatePair'>> {
  try {
    const [kind] = pairKinds(request.algorithm);
    if (kind === undefined) throw malformed('no way to make the pair');
    return describePair(session, await session.cryptoki.generatePairAside(own, { mechanism: kind.mechanism }, ...templatesOf(request, kind)));
  } finally {
    session.closeAside(own);
  }
}

function generateNow(session: TokenSession, request: PairRequest): ReplyOf<'generatePair'> {
  const pair = firstKind(request.algorithm, (kind) => session.cryptoki.call('C_GenerateKeyPair', session.work, { mechanism: kind.mechanism }, ...templatesOf(request, kind)));
  return describePair(session, pair);
}

/** Whether this one runs beside others: asked for by the core, and not against the module's word. */
export function runsAside({ aside, algorithm }: PairRequest, { locks }: Host): boolean {
  return aside === true && locks && algorithm.startsWith('rsa-');
}

export function generatePair(request: PairRequest, host: Host): Promise<ReplyOf<'generatePair'>> {
  const { id, label } = request.privateTemplate;
  if (!runsAside(request, host)) {
    return host.onToken(request.token, (session) => {
      assertUnused(session, id, label);
      return generateNow(session, request);
    });
  }
  return host.aside(request.token, async (session) => {
    assertUnused(session, id, label);
    const own = session.openAside();
    return own === undefined ? generateNow(session, request) : await generateAside(session, request, own);
  });
}

/** For what is thrown away: in the session, and gone with it. */
export const throwAway = { token: false, private: true, sensitive: false, extractable: true } as const;

export function makeThrowAway(session: TokenSession, what: RequestOf<'probeMake'>['what']): { readonly own: Buffer; readonly half?: Buffer } {
  if ('secret' in what) {
    const { mechanism, attributes } = secretGeneration(what.secret.keyType, what.secret.bytes);
    const template = Template.toPkcs11({ class: ObjectClass.SECRET_KEY, ...attributes, ...throwAway });
    return { own: session.throwAway(session.cryptoki.call('C_GenerateKey', session.work, { mechanism }, template)) };
  }
  const usage = what.curve === 'x25519' ? { derive: true } : { sign: true, derive: isWeierstrass(what.curve) };
  const pair = firstKind(what.curve, ({ mechanism, keyType, publicAttributes }) => {
    const publicTemplate = Template.toPkcs11({ class: ObjectClass.PUBLIC_KEY, keyType, token: false, private: false, ...publicAttributes });
    const privateTemplate = Template.toPkcs11({ class: ObjectClass.PRIVATE_KEY, keyType, ...throwAway, ...usage });
    return session.cryptoki.call('C_GenerateKeyPair', session.work, { mechanism }, publicTemplate, privateTemplate);
  });
  return { own: session.throwAway(pair.privateKey), half: session.throwAway(pair.publicKey) };
}

const trial = 'strongroom trial';

/** To its end: a key that an operation was begun with may not be destroyed. */
function signOnTrial(session: TokenSession, curve: Curve, key: Buffer): void {
  session.cryptoki.call('C_SignInit', session.work, { mechanism: pkcs11.CKM_ECDSA }, key);
  session.cryptoki.fill('C_Sign', session.work, new Uint8Array(32), [2 * fieldBytes(curve)]);
}

/** SECURITY: a handle that lies is of another object, which is not destroyed for it. */
function destroyTrial(session: TokenSession, object: Buffer): void {
  if (!session.attributes.equals(object, 'id', Buffer.from(trial))) throw malformed('the handle of a new key is of another one');
  session.cryptoki.call('C_DestroyObject', session.work, object);
}

/**
 * A pair as it would be kept, and destroyed at once: a TPM makes none for a session.
 * SECURITY: under a CKA_ID of 16 bytes, which no card takes for one of its slots, whose key would be overwritten.
 */
export function makeAndDestroy(session: TokenSession, curve: Curve): void {
  const common = { token: true, id: Buffer.from(trial), label: trial };
  const usage = isWeierstrass(curve) || curve === 'ed25519' ? { sign: true, derive: false } : { sign: false, derive: true };
  const pair = firstKind(curve, ({ mechanism, keyType, publicAttributes }) => {
    const publicTemplate = Template.toPkcs11({ class: ObjectClass.PUBLIC_KEY, keyType, private: false, ...common, ...publicAttributes });
    const privateTemplate = Template.toPkcs11({ class: ObjectClass.PRIVATE_KEY, keyType, private: true, sensitive: true, extractable: false, ...common, ...usage });
    return session.cryptoki.call('C_GenerateKeyPair', session.work, { mechanism }, publicTemplate, privateTemplate);
  });
  try {
    // tpm2-pkcs11 1.9 makes P-521 pairs, and cannot read them when they are to sign.
    if (isWeierstrass(curve)) signOnTrial(session, curve, pair.privateKey);
  } finally {
    for (const object of [pair.privateKey, pair.publicKey]) destroyTrial(session, object);
  }
}
