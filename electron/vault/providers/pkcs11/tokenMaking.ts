/** Keys that come to be on a token: generated, taken in clear, agreed on, unwrapped. Each is read back, tried, and destroyed where it is unlike what was asked. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../../../shared/lifecycle/purposes.ts';
import type { Algorithm } from '../../../../shared/model/terms.ts';
import type { ClearKey, KeyFacts, KeyFlags, KeyTemplate, KeyTypeName, OwnClass } from '../../../pkcs11-wire/keyShapes.ts';
import { curves } from '../../../pkcs11-wire/keyShapes.ts';
import type { Curve } from '../../../pkcs11-wire/keyShapes.ts';
import type { MacMechanism, PairAlgorithm } from '../../../pkcs11-wire/messages.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { readPrivateKeyParts } from '../../crypto/privateKeyParts.ts';
import type { PrivateKeyParts } from '../../crypto/privateKeyParts.ts';
import { readPublicKey } from '../../crypto/publicKeyReader.ts';
import { randomBytes } from '../../crypto/random.ts';
import { rsaSpki } from '../../crypto/rsaPublicNumbers.ts';
import { coordinateBytes, isCurve, readSpki, writeSpki } from '../../crypto/spki.ts';
import { x25519Secret } from '../../crypto/x25519.ts';
import { notOpened } from '../notOpened.ts';
import type { DeriveRequest, GenerateRequest, ProviderKey, TakeRequest, UnwrapRequest } from '../provider.ts';
import { describe, nameOf, spkiOf, wirePublicKey } from './keyDescription.ts';
import { assertAsAsked } from './keyReadBack.ts';
import { familyFacts } from './moduleFamily.ts';
import { assertPurposeFits, isPairPurpose, isSecretPurpose, pairTemplates, secretTemplates } from './keyTemplates.ts';
import type { TokenClient } from './tokenClient.ts';
import { provenPublicKey } from './tokenPairs.ts';
import type { TokenProfile } from './tokenProfile.ts';
import { oneFailure, TokenRefusal } from './tokenRefusal.ts';
import { mechanismsFor, wireOaep } from './tokenWrapping.ts';

/** A GCM tag, or the shortest wrapped key (RFC 5649 §4.1): what is shorter was never sealed by anybody. */
export const shortestSealed = 16;

function cannot(what: string, offered: readonly string[], field: string): StrongroomError {
  return new StrongroomError('token-cannot', `the token does not ${what}`, { field, nextStep: offered.length === 0 ? 'use a key in the vault' : `choose one of ${offered.join(', ')}, or a key in the vault` });
}

/** The templates of a key for its purpose. @throws `refused` KEY-GENERATE-1, `token-cannot` */
function templatesOf({ id, label, purpose, algorithm, exportable }: GenerateRequest): { readonly own: KeyTemplate; readonly half?: KeyTemplate } {
  assertPurposeFits(purpose, algorithm);
  const of = (flags: KeyFlags): KeyTemplate => ({ id, label, flags });
  if (isSecretPurpose(purpose)) return { own: of({ ...secretTemplates[purpose], extractable: exportable }) };
  if (isPairPurpose(purpose)) return { own: of({ ...pairTemplates[purpose].private, extractable: exportable }), half: of(pairTemplates[purpose].public) };
  throw cannot(`serve for ${purpose}`, [], 'purpose');
}

/** SECURITY: a key that is not what was asked for is not left behind under our name. */
async function destroyIfUnlike(token: TokenClient, { id }: KeyTemplate, cls: OwnClass, check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    const { remaining } = await token.call('destroy', { key: { id }, class: cls, halves: cls === 'private' ? [{ id }] : [], certificates: [] });
    // SECURITY: a token may say that it destroyed it, and keep it: the intent then waits for what the token has
    if (remaining > 0) throw new StrongroomError('token-refused', 'the token made a key unlike what was asked, and keeps it although it was told to destroy it', { nextStep: 'look at the token with another program; `vault reconcile` asks it again', cause: error });
    throw error;
  }
}

function assertMakes({ capabilities }: TokenProfile, algorithm: Algorithm): void {
  if (!capabilities.algorithms.includes(algorithm)) throw cannot(`make ${algorithm} keys`, capabilities.algorithms, 'algorithm');
}

const secretType = (algorithm: Algorithm) => (algorithmFacts[algorithm].family === 'aes' ? ('aes' as const) : ('generic' as const));

export async function generateOnToken(token: TokenClient, profile: TokenProfile, request: GenerateRequest): Promise<ProviderKey> {
  const { own, half } = templatesOf(request);
  assertMakes(profile, request.algorithm);
  const { bits } = algorithmFacts[request.algorithm];
  if (half === undefined) {
    const key = await token.call('generateSecret', { keyType: secretType(request.algorithm), bytes: bits / 8, template: own });
    await destroyIfUnlike(token, own, 'secret', () => assertAsAsked(own, key, bits));
    return describe(token.name, key, undefined);
  }
  const wanted = { own, half };
  try {
    return await generatePairAs(token, request.algorithm, wanted);
  } catch (error) {
    const wider = request.purpose === 'key-agreement' ? undefined : withoutDecrypt(wanted);
    if (wider === undefined || !isOfTemplate(error, token)) throw error;
    return { ...(await generatePairAs(token, request.algorithm, wider)), notes: [decryptsToo] };
  }
}

interface PairTemplates {
  readonly own: KeyTemplate;
  readonly half: KeyTemplate;
}

/** CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT; tpm2-pkcs11 answers CKR_GENERAL_ERROR. */
const templateNumbers: readonly number[] = [0x12, 0x13, 0xd0, 0xd1];

/** SECURITY: only where the template is at fault is a key asked for that may do more. */
function isOfTemplate(error: unknown, { family }: TokenClient): boolean {
  return error instanceof TokenRefusal && [...templateNumbers, ...(family === 'tpm2' ? [0x05] : [])].includes(error.ckr);
}

const decryptsToo = 'the token makes no pair that does not decrypt as well: that this one does not is kept by this program alone';

/** A TPM refuses a template that forbids decryption, and takes one that does not speak of it. That a signature key does not decrypt is then for the core, which has no such operation. */
function withoutDecrypt({ own, half }: PairTemplates): PairTemplates | undefined {
  const { decrypt, ...ownFlags } = own.flags;
  const { encrypt, ...halfFlags } = half.flags;
  return decrypt === false && encrypt === false ? { own: { ...own, flags: ownFlags }, half: { ...half, flags: halfFlags } } : undefined;
}

async function generatePairAs(token: TokenClient, algorithm: Algorithm, { own, half }: PairTemplates): Promise<ProviderKey> {
  const { privateKey, publicKey } = await token.call('generatePair', { algorithm: algorithm as PairAlgorithm, privateTemplate: own, publicTemplate: half, ...(familyFacts(token.family).severalAtOnce === true ? { aside: true } : {}) });
  await destroyIfUnlike(token, own, 'private', () => {
    assertAsAsked(own, privateKey, undefined);
    assertAsAsked(half, publicKey, isOnCurve(algorithm) ? undefined : algorithmFacts[algorithm].bits);
    assertCurve(algorithm, publicKey);
    if (spkiOf(publicKey) === undefined) throw unlike('the public half', 'a key', 'something else');
  });
  return describe(token.name, privateKey, spkiOf(publicKey));
}

function isOnCurve(algorithm: Algorithm): algorithm is Curve {
  return (curves as readonly string[]).includes(algorithm);
}

function assertCurve(algorithm: Algorithm, { curve }: KeyFacts): void {
  if (isOnCurve(algorithm) && curve !== algorithm) throw unlike('the curve', algorithm, curve ?? 'unknown');
}

function unlike(what: string, asked: string, stored: string): StrongroomError {
  return new StrongroomError('token-refused', `the token made a key unlike what was asked: ${what} expected ${asked}, got ${stored}; the key was destroyed again`, { nextStep: 'use another token: this one does not keep to its word' });
}

function isOf(algorithm: Algorithm, parts: PrivateKeyParts): boolean {
  if ('curve' in parts) return parts.curve.curve === algorithm;
  const [first = 0] = parts.rsa.modulus;
  return algorithm === `rsa-${(parts.rsa.modulus.length - 1) * 8 + 32 - Math.clz32(first)}`;
}

function partsOf(algorithm: Algorithm, material: Uint8Array): PrivateKeyParts {
  try {
    return readPrivateKeyParts(material);
  } catch (cause) {
    throw new StrongroomError('input-malformed', `"material" expected a ${algorithm} key as PKCS#8`, { field: 'material', cause });
  }
}

/** What the wire calls a clear key, and its public half. Views into the material. @throws `input-malformed` */
function clearKeyOf(algorithm: Algorithm, material: Uint8Array): { readonly clear: ClearKey; readonly spki?: Uint8Array } {
  if (algorithmFacts[algorithm].kind === 'secret') return { clear: { secret: { keyType: secretType(algorithm), value: material } } };
  const parts = partsOf(algorithm, material);
  if (!isOf(algorithm, parts)) throw new StrongroomError('input-malformed', `"material" expected a ${algorithm} key, got another`, { field: 'material' });
  if ('rsa' in parts) return { clear: parts, spki: rsaSpki({ modulus: parts.rsa.modulus, exponent: parts.rsa.publicExponent }) };
  const { curve, value, point } = parts.curve;
  return { clear: { curve: { curve, value, point } }, spki: writeSpki(curve, point) };
}

/** A clear key onto the token: tried as a session object before anything is kept. The caller wipes the material. */
export async function takeOntoToken(token: TokenClient, profile: TokenProfile, request: TakeRequest): Promise<ProviderKey> {
  const { own, half } = templatesOf(request);
  const { imports } = profile.capabilities;
  if (!imports.includes(request.algorithm)) throw cannot(`take clear ${request.algorithm} keys`, imports, 'algorithm');
  const { clear, spki } = clearKeyOf(request.algorithm, request.material.expose());
  if (!('secret' in clear) && readPublicKey(spki ?? new Uint8Array(0)) === undefined) throw new StrongroomError('input-malformed', '"material" expected a key whose public half is on its curve', { field: 'material' });
  const mac = request.purpose === 'mac' ? { mac: secretType(request.algorithm) === 'aes' ? ('aes-cmac' as const) : (request.algorithm as MacMechanism) } : {};
  if (!(await token.call('probeCreate', { clear, ...mac })).made) throw cannot('take this key: it was tried, and refused; nothing was made', [], 'material');
  const key = await token.call('createKey', { clear, template: own });
  const cls = half === undefined ? 'secret' : 'private';
  const bits = 'secret' in clear ? clear.secret.value.length * 8 : undefined;
  await destroyIfUnlike(token, own, cls, async () => {
    assertAsAsked(own, key, key.bits === undefined ? undefined : bits); // openCryptoki tells no length of a key that it was given
    if (half !== undefined && spki !== undefined) await addPublicHalf(token, half, spki, key);
  });
  const known = bits === undefined ? key : { ...key, bits };
  return { ...describe(token.name, known, spki), algorithm: request.algorithm };
}

/** SECURITY: a key that came from elsewhere is used once before it is kept: one that is accepted at import and fails at its first use serves nobody. */
async function addPublicHalf(token: TokenClient, half: KeyTemplate, spki: Uint8Array, key: KeyFacts): Promise<void> {
  const made = await token.call('createPublic', { publicKey: wirePublicKey(spki), template: half });
  assertAsAsked(half, made, undefined);
  const stored = spkiOf(made);
  if (stored === undefined || !equalBytes(stored, spki)) throw unlike('the public half', 'the given one', 'another');
  const proven = key.flags.sign === true ? await provenPublicKey(token, key, { keys: [made], certificates: [] }) : spki;
  if (proven === undefined || !equalBytes(proven, spki)) throw unlike('the private half', 'that of its public half', 'another');
}

/** @throws `token-cannot`, `request-invalid`, `input-malformed` */
export async function deriveOnToken(token: TokenClient, profile: TokenProfile, from: KeyFacts, request: DeriveRequest): Promise<ProviderKey> {
  const { own, half } = templatesOf(request);
  if (half !== undefined) throw new StrongroomError('request-invalid', `"algorithm" expected one of a secret key, got ${request.algorithm}`, { field: 'algorithm' });
  const { derivation, algorithm, info } = request;
  const { derivations } = profile.capabilities;
  if (derivation === 'hkdf' || derivation === 'ecdh-hkdf-sha256' || !derivations.includes(derivation)) throw cannot(`derive by ${derivation}`, derivations, 'derivation');
  if (request.salt !== undefined) throw new StrongroomError('request-invalid', `"salt" does not go with ${derivation}`, { field: 'salt' });
  const { bits } = algorithmFacts[algorithm];
  const peer = peerOf(from, request);
  if (derivation === 'ecdh-raw') assertWholeSecret(from, bits, info);
  const shared = derivation === 'ecdh-raw' || info.length === 0 ? {} : { sharedInfo: info };
  const kdf = derivation === 'ecdh-raw' ? ('null' as const) : ('x963-sha256' as const);
  const key = await token.call('derive', { key: nameOf(from), kdf, peer, ...shared, keyType: secretType(algorithm), bytes: bits / 8, template: own });
  await destroyIfUnlike(token, own, 'secret', () => assertAsAsked(own, key, key.bits === undefined ? undefined : bits));
  return { ...describe(token.name, key, undefined), algorithm };
}

/** SECURITY: a point off the curve would give bits of the private key away (Biehl, Meyer, Müller 2000): not every module looks. */
function peerOf({ curve }: KeyFacts, { peer }: DeriveRequest): Uint8Array {
  const parts = peer === undefined ? undefined : readSpki(peer);
  if (peer === undefined || parts === undefined || readPublicKey(peer) === undefined) throw new StrongroomError('input-malformed', '"peer" expected a public key as SubjectPublicKeyInfo, on its curve', { field: 'peer' });
  if (curve === undefined || parts.kind !== curve) throw new StrongroomError('input-malformed', `"peer" expected a key on ${curve ?? 'the curve of ours'}, got ${parts.kind}`, { field: 'peer' });
  if (parts.kind === 'x25519') assertKeepsSecret(parts.raw);
  return parts.raw;
}

/** SECURITY: with a key of low order the secret is zero whatever the private key (RFC 7748 §6.1), and a secret that stays in the token cannot be looked at: so it is tried here, with a key that is thrown away. */
function assertKeepsSecret(peer: Uint8Array): void {
  try {
    x25519Secret(randomBytes(32), peer).fill(0);
  } catch (cause) {
    throw new StrongroomError('input-malformed', '"peer" is no point of its curve that keeps a secret', { field: 'peer', nextStep: 'ask the other party for the public key', cause });
  }
}

/** Modules cut a secret from its end, fill it up with zeros, or refuse: the whole of it is the only form that all agree on. */
function assertWholeSecret({ curve }: KeyFacts, bits: number, info: Uint8Array): void {
  if (info.length > 0) throw new StrongroomError('request-invalid', '"info" does not go with ecdh-raw', { field: 'info' });
  const bytes = curve !== undefined && isCurve(curve) ? coordinateBytes[curve] : 32;
  if (bits !== bytes * 8) throw new StrongroomError('request-invalid', `"algorithm" expected one of ${bytes * 8} bits: ecdh-raw gives the whole secret`, { field: 'algorithm', nextStep: 'choose ecdh-x963-sha256, or a key of that length' });
}

const pairTypes = { rsa: 'rsa', ec: 'ec', ed25519: 'edwards', x25519: 'montgomery' } as const satisfies Partial<Record<string, KeyTypeName>>;

/** @throws `token-cannot` for a pair whose public half nobody would learn */
function unwrappedType({ algorithm, purpose }: UnwrapRequest): Exclude<KeyTypeName, 'other'> {
  const { family, kind } = algorithmFacts[algorithm];
  if (kind === 'secret') return secretType(algorithm);
  const type = pairTypes[family as keyof typeof pairTypes] as (typeof pairTypes)[keyof typeof pairTypes] | undefined;
  const tells = family === 'rsa' || (family === 'ec' && (purpose === 'signature' || purpose === 'authentication'));
  if (type === undefined || !tells) throw cannot(`tell the public half of an unwrapped ${algorithm} key for ${purpose}`, [], 'algorithm');
  return type;
}

/** @throws `unwrap-failed`, one text whatever failed inside */
export async function unwrapOnToken(token: TokenClient, profile: TokenProfile, unwrapper: KeyFacts, request: UnwrapRequest): Promise<ProviderKey> {
  const { own, half } = templatesOf(request);
  const keyType = unwrappedType(request);
  if (request.wrapped.length < shortestSealed) throw notOpened('unwrap-failed');
  const { last: mechanism, first } = mechanismsFor(profile, request.format, 'unwrap');
  if (half !== undefined && !profile.pairs.come.includes(request.algorithm)) throw cannot(`take ${request.algorithm} keys wrapped`, profile.pairs.come, 'algorithm');
  const by = { key: nameOf(unwrapper), class: unwrapper.class === 'secret' ? ('secret' as const) : ('private' as const) };
  const cut = first === undefined ? 0 : Math.ceil((unwrapper.bits ?? 0) / 8);
  if (request.wrapped.length < cut + shortestSealed) throw tooShort(cut);
  const through = first === undefined ? {} : { through: { mechanism: first, wrapped: request.wrapped.slice(0, cut) } };
  try {
    const key = await token.call('unwrap', { unwrapper: by, mechanism, ...wireOaep(request.oaep), ...through, wrapped: request.wrapped.slice(cut), keyType, template: own });
    return await readBackUnwrapped(token, request, { own, half, key, measures: profile.aesMechanisms['aes-kw'] !== undefined });
  } catch (error) {
    throw oneFailure(error, 'unwrap-failed');
  }
}

/** Its length shows it, before anything is opened: no oracle. */
function tooShort(modulusBytes: number): StrongroomError {
  return new StrongroomError('input-malformed', `"wrapped" expected more than ${modulusBytes} bytes: an AES key under RSA, and the key under it`, { field: 'wrapped' });
}

interface Unwrapped {
  readonly own: KeyTemplate;
  readonly half: KeyTemplate | undefined;
  readonly key: KeyFacts;
  /** Whether the token has AES-KW, by which an untold length is measured: what cannot be measured all the same is a wrong blob. */
  readonly measures: boolean;
}

async function readBackUnwrapped(token: TokenClient, { algorithm }: UnwrapRequest, { own, half, key, measures }: Unwrapped): Promise<ProviderKey> {
  let publicKey: Uint8Array | undefined;
  await destroyIfUnlike(token, own, half === undefined ? 'secret' : 'private', async () => {
    if (half === undefined && key.bits === undefined && !measures) throw lengthUntold();
    const right = isOnCurve(algorithm) ? key.curve === algorithm : key.bits === algorithmFacts[algorithm].bits;
    if (!right) throw notOpened('unwrap-failed'); // a wrong length or curve is a wrong blob, and says no more
    assertAsAsked(own, key, undefined);
    if (half === undefined) return;
    publicKey = await orWrongBlob(provenPublicKey(token, key, { keys: [], certificates: [] }));
    if (publicKey === undefined) throw notOpened('unwrap-failed');
    await addPublicHalf(token, half, publicKey, key);
  });
  return { ...describe(token.name, key, publicKey), algorithm };
}

/** It was opened, and could be of any length: a short key under the name of a long one is not kept. */
function lengthUntold(): StrongroomError {
  return new StrongroomError('token-refused', 'the token does not tell how long a key is that it unwrapped, and has no AES-KW to measure it by: the key was destroyed again', { field: 'wrapped', nextStep: 'unwrap it in the vault, or on another token' });
}

/** What cannot sign was no key. */
async function orWrongBlob<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof TokenRefusal ? notOpened('unwrap-failed') : error;
  }
}
