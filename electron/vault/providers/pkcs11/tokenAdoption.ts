/** Keys that others made on a token: looked at, proved, and destroyed with exactly what belongs to them. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { KeyFacts } from '../../../pkcs11-wire/keyShapes.ts';
import type { AdoptionPower, Companion, FoundKey, KeyRef, LoneCertificate, Survey } from '../provider.ts';
import { describe, keyNameOf, nameOf, sameName, spkiOf } from './keyDescription.ts';
import { purposesOf, warningsOf } from './keySafety.ts';
import type { TokenClient } from './tokenClient.ts';
import { companions, provenPublicKey, provesItself, readObjects, sameId, shownPublicKey } from './tokenPairs.ts';
import type { TokenObjects } from './tokenPairs.ts';

function companionsOf(publicKey: Uint8Array | undefined, objects: TokenObjects): readonly Companion[] {
  const { halves, certificates } = companions(publicKey, objects);
  return [
    ...halves.map((half) => ({ kind: 'public-key' as const, label: half.label, id: half.id, spki: publicKey ?? new Uint8Array(0) })),
    ...certificates.map(({ label, id, der }) => ({ kind: 'certificate' as const, label, id, spki: publicKey ?? new Uint8Array(0), der })),
  ];
}

/** SECURITY: the half that was proved goes before the one that shares the CKA_ID, which may be of another key. */
function publicHalf(key: KeyFacts, proved: Uint8Array | undefined, objects: TokenObjects): Uint8Array | undefined {
  if (key.class === 'secret') return undefined;
  return proved ?? shownPublicKey(key, objects);
}

/** Halves that go with a private key: of its public key, and named so that each is one object. */
function halvesOf(key: KeyFacts, publicKey: Uint8Array | undefined, objects: TokenObjects): readonly KeyFacts[] {
  const own = companions(publicKey, objects).halves;
  // A half that shows no numbers is known by the CKA_ID alone. SECURITY: one of another kind or curve shows none either, and is another's
  const mute = objects.keys.filter((other) => other.class === 'public' && sameId(other, key) && spkiOf(other) === undefined && other.keyType === key.keyType && other.curve === key.curve);
  return [...own, ...mute];
}

export class TokenAdoption implements AdoptionPower {
  readonly #token: TokenClient;

  constructor(token: TokenClient) {
    this.#token = token;
  }

  #view(key: KeyFacts, publicKey: Uint8Array | undefined, objects: TokenObjects): FoundKey {
    const described = describe(this.#token.name, key, publicKey);
    const same = objects.keys.filter((other) => other.class === key.class && sameName(nameOf(other), nameOf(key)));
    const shared = same.length > 1 ? [`${same.length} keys share its ${key.id.length > 0 ? 'CKA_ID' : 'label, and have no CKA_ID'}: none of them can be named alone`] : [];
    return { ...described, warnings: [...shared, ...warningsOf(key)], purposes: purposesOf(key), companions: companionsOf(publicKey, objects) };
  }

  async survey(): Promise<Survey> {
    const objects = await readObjects(this.#token);
    const keys = objects.keys.filter((key) => key.class !== 'public').map((key) => this.#view(key, key.class === 'secret' ? undefined : shownPublicKey(key, objects), objects));
    return { keys, loneCertificates: this.#loneCertificates(objects) };
  }

  async certificates(): Promise<readonly Uint8Array[]> {
    const { certificates } = await this.#token.call('certificates', {});
    return certificates.map(({ der }) => der);
  }

  #loneCertificates(objects: TokenObjects): readonly LoneCertificate[] {
    const own = objects.keys.filter((key) => key.class === 'private').flatMap((key) => companions(shownPublicKey(key, objects), objects).certificates);
    return objects.certificates.flatMap((one) => (own.includes(one) || one.spki === undefined ? [] : [{ label: one.label, id: one.id, spki: one.spki }]));
  }

  #only(ref: KeyRef, objects: TokenObjects): KeyFacts {
    const { name, class: cls } = keyNameOf(ref, this.#token.name);
    const same = objects.keys.filter((key) => key.class === cls && sameName(nameOf(key), name));
    const [key] = same;
    if (key === undefined) throw new StrongroomError('token-key-missing', `the token has no such ${cls} key`);
    if (same.length > 1) throw new StrongroomError('token-ambiguous', `${same.length} ${cls} keys on the token share this name`, { nextStep: 'give each a CKA_ID of its own: pkcs11-tool --set-id' });
    return key;
  }

  async prove(ref: KeyRef): Promise<FoundKey> {
    const objects = await readObjects(this.#token);
    const key = this.#only(ref, objects);
    if (key.class === 'secret') return this.#view(key, undefined, objects);
    const publicKey = await provenPublicKey(this.#token, key, objects);
    if (publicKey === undefined) {
      throw new StrongroomError('token-cannot', `nothing on the token tells the public half of the key "${key.label}"`, { nextStep: 'write its public key or certificate to the token, with the same CKA_ID' });
    }
    const unproved = provesItself(key) || key.keyType === 'rsa' ? [] : ['its public half was found by its CKA_ID alone: this key signs nothing, so nothing proves that the two belong together'];
    return { ...this.#view(key, publicKey, objects), notes: unproved };
  }

  async companionsOf(ref: KeyRef, publicKey: Uint8Array | undefined): Promise<readonly Companion[]> {
    const objects = await readObjects(this.#token);
    return companionsOf(publicHalf(this.#only(ref, objects), publicKey, objects), objects);
  }

  async destroyWith(ref: KeyRef, certificates: readonly Uint8Array[], publicKey: Uint8Array | undefined): Promise<{ readonly objectsDestroyed: number; readonly absentAfter: boolean }> {
    const objects = await readObjects(this.#token);
    const key = this.#only(ref, objects);
    const halves = key.class === 'secret' ? [] : halvesOf(key, publicHalf(key, publicKey, objects), objects);
    const cls = key.class === 'secret' ? ('secret' as const) : ('private' as const);
    const { destroyed, remaining } = await this.#token.call('destroy', { key: nameOf(key), class: cls, halves: halves.map(nameOf), certificates: [...certificates] });
    return { objectsDestroyed: destroyed, absentAfter: remaining === 0 };
  }
}
