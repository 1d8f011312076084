/**
 * Which public key belongs to a private one. By the numbers where the token shows them, by a CKA_ID that both have, and where neither tells, by
 * a signature: an empty CKA_ID pairs nothing.
 */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SignatureMechanism } from '../../../../shared/model/terms.ts';
import type { KeyFacts } from '../../../pkcs11-wire/keyShapes.ts';
import type { ReplyOf } from '../../../pkcs11-wire/messages.ts';
import { equalBytes, toHex } from '../../crypto/bytes.ts';
import { certificatePublicKey } from '../../crypto/certificatePublicKey.ts';
import { hash } from '../../crypto/hashes.ts';
import { randomBytes } from '../../crypto/random.ts';
import { recoverEcPublicKeys } from '../../crypto/recoverEcPublicKey.ts';
import { rsaPublicNumbers } from '../../crypto/rsaPublicNumbers.ts';
import { readSpki } from '../../crypto/spki.ts';
import type { PublicKeyKind } from '../../crypto/spki.ts';
import { verifySignature } from '../../crypto/verifySignature.ts';
import { nameOf, spkiOf } from './keyDescription.ts';
import type { TokenClient } from './tokenClient.ts';

export type Certificate = ReplyOf<'certificates'>['certificates'][number];

/** What lies on a token: key objects, and certificates with their public keys. */
export interface TokenObjects {
  readonly keys: readonly KeyFacts[];
  readonly certificates: readonly (Certificate & { readonly spki: Uint8Array | undefined })[];
}

export async function readObjects(token: TokenClient): Promise<TokenObjects> {
  const { keys } = await token.call('find', {});
  const { certificates } = await token.call('certificates', {});
  return { keys, certificates: certificates.map((one) => ({ ...one, spki: certificatePublicKey(one.der) })) };
}

/** Public keys that could be of a private key, each once: of its public objects and of certificates, those with its CKA_ID first. */
function candidates(key: KeyFacts, { keys, certificates }: TokenObjects): readonly Uint8Array[] {
  const all = [
    ...keys.filter((other) => other.class === 'public').map((half) => ({ id: half.id, spki: spkiOf(half) })),
    ...certificates.map(({ id, spki }) => ({ id, spki })),
  ].flatMap(({ id, spki }) => (spki !== undefined && couldBe(key, spki) ? [{ spki, sameId: id.length > 0 && equalBytes(id, key.id) }] : []));
  const sorted = [...all.filter(({ sameId }) => sameId), ...all.filter(({ sameId }) => !sameId)];
  return [...new Map(sorted.map(({ spki }) => [toHex(spki), spki])).values()];
}

interface Half {
  readonly kind: PublicKeyKind | undefined;
  readonly modulus: Uint8Array | undefined;
}

/** Read once for each: all private keys of a token are held against it. */
const halves = new WeakMap<Uint8Array, Half>();

function halfOf(spki: Uint8Array): Half {
  const known = halves.get(spki);
  if (known !== undefined) return known;
  const kind = readSpki(spki)?.kind;
  const half = { kind, modulus: kind === 'rsa' ? rsaPublicNumbers(spki).modulus : undefined };
  halves.set(spki, half);
  return half;
}

/** The same curve, or the same modulus where the private key shows it. */
function couldBe({ keyType, curve, modulus }: KeyFacts, spki: Uint8Array): boolean {
  const half = halfOf(spki);
  if (keyType !== 'rsa') return half.kind !== undefined && half.kind === curve;
  return half.kind === 'rsa' && (modulus === undefined || (half.modulus !== undefined && equalBytes(half.modulus, modulus)));
}

/** What the token shows without a use of the key: RSA by its numbers, the others by the CKA_ID. */
export function shownPublicKey(key: KeyFacts, objects: TokenObjects): Uint8Array | undefined {
  const own = spkiOf(key);
  if (own !== undefined) return own;
  if (key.keyType === 'rsa') return key.modulus === undefined ? undefined : candidates(key, objects)[0];
  const named = [...objects.keys.filter((other) => other.class === 'public' && sameId(other, key)).map(spkiOf), ...objects.certificates.filter((one) => sameId(one, key)).map(({ spki }) => spki)];
  return named.find((spki) => spki !== undefined && couldBe(key, spki));
}

export function sameId(one: { readonly id: Uint8Array }, other: { readonly id: Uint8Array }): boolean {
  return one.id.length > 0 && equalBytes(one.id, other.id);
}

/** The mechanism by which a key proves itself, or undefined where it does not sign. */
function provingMechanism({ keyType, curve, flags }: KeyFacts): SignatureMechanism | undefined {
  if (flags.sign !== true) return undefined;
  if (keyType === 'rsa') return 'rsa-pkcs1-sha256';
  if (curve === 'ed25519') return 'ed25519';
  return keyType === 'ec' && curve !== undefined ? 'ecdsa-sha256' : undefined;
}

/** Whether a signature can show which public half is a key's own. */
export function provesItself(key: KeyFacts): boolean {
  return provingMechanism(key) !== undefined;
}

interface Proof {
  readonly mechanism: SignatureMechanism;
  readonly input: Uint8Array;
  readonly signature: Uint8Array;
}

async function signOnce(token: TokenClient, key: KeyFacts, mechanism: SignatureMechanism): Promise<Proof> {
  const input = hash('sha256', new TextEncoder().encode('strongroom/v1/which public key is mine'), randomBytes(32));
  const { results, asksPin } = await token.call('sign', { key: nameOf(key), mechanism, inputs: [input] });
  if (asksPin === true) throw new StrongroomError('token-cannot', `the key "${key.label}" asks for the PIN before each use, and the token does not show its public half`, { nextStep: 'write its public key or certificate to the token, with the same CKA_ID' });
  const [result] = results;
  if (result === undefined || !('signature' in result)) throw result === undefined ? new StrongroomError('module-malformed', 'no signature') : token.errorOf(result.failure, 'sign');
  return { mechanism, input, signature: result.signature };
}

function verifies(spki: Uint8Array, { mechanism, input, signature }: Proof): boolean {
  return verifySignature(spki, mechanism, input, signature).valid;
}

/**
 * The public key of a private one, proved by a signature where the key signs; without one on the token an ECDSA key gives its own away
 * (SEC 1 §4.1.6), by two signatures that agree on one.
 * @returns undefined where nothing tells
 */
export async function provenPublicKey(token: TokenClient, key: KeyFacts, objects: TokenObjects): Promise<Uint8Array | undefined> {
  const mechanism = provingMechanism(key);
  if (mechanism === undefined) return shownPublicKey(key, objects);
  const own = spkiOf(key);
  const proof = await signOnce(token, key, mechanism);
  const found = [...(own === undefined ? [] : [own]), ...candidates(key, objects)].find((spki) => verifies(spki, proof));
  if (found !== undefined || mechanism !== 'ecdsa-sha256' || key.keyType !== 'ec') return found;
  const second = await signOnce(token, key, mechanism);
  const curve = key.curve;
  if (curve !== 'ec-p256' && curve !== 'ec-p384' && curve !== 'ec-p521') return undefined;
  const both = recoverEcPublicKeys(curve, proof.input, proof.signature).filter((spki) => verifies(spki, second));
  return both.length === 1 ? both[0] : undefined;
}

/** The objects that belong to a pair and are not its private key: halves and certificates of its public key. */
export function companions(publicKey: Uint8Array | undefined, { keys, certificates }: TokenObjects): { readonly halves: readonly KeyFacts[]; readonly certificates: TokenObjects['certificates'] } {
  if (publicKey === undefined) return { halves: [], certificates: [] };
  const same = (spki: Uint8Array | undefined) => spki !== undefined && equalBytes(spki, publicKey);
  return { halves: keys.filter((key) => key.class === 'public' && same(spkiOf(key))), certificates: certificates.filter(({ spki }) => same(spki)) };
}
