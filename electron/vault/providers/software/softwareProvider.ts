/** Keys in the vault itself, in the forms of FORMAT.md: opened for one operation and wiped. */
import { refusal, StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { algorithmFacts, provingPurposes } from '../../../../shared/lifecycle/purposes.ts';
import type { Capabilities } from '../../../../shared/model/capabilities.ts';
import { algorithms, derivations, signatureMechanisms, wrapFormats } from '../../../../shared/model/terms.ts';
import type { Purpose } from '../../../../shared/model/terms.ts';
import { aesGcmOpen, aesGcmSeal, gcmIvLength } from '../../crypto/aesGcm.ts';
import { aesCmac } from '../../crypto/aesMac.ts';
import { fromHex, toHex } from '../../crypto/bytes.ts';
import { aesCbcOpen } from '../../crypto/foreignCiphers.ts';
import { hmac } from '../../crypto/hashes.ts';
import type { HashName } from '../../crypto/hashes.ts';
import { readMaterial, readPkcs8, writePkcs8 } from '../../crypto/pkcs8.ts';
import { randomBytes } from '../../crypto/random.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { verifySignature } from '../../crypto/verifySignature.ts';
import { notAKey, notOpened } from '../notOpened.ts';
import type {
  CbcRequest,
  DecryptRequest,
  DeriveRequest,
  Encrypted,
  EncryptRequest,
  GenerateRequest,
  KeyProvider,
  KeyRef,
  MacRequest,
  ProviderKey,
  SignRequest,
  SignResult,
  TakeRequest,
  UnwrapRequest,
  VerifyRequest,
  WrapRequest,
} from '../provider.ts';
import type { MaterialFacts, MaterialStore } from './materialStore.ts';
import { deriveSecret } from './softwareDerivation.ts';
import { assertFits, describeKey, foreignPair, foreignSecret, malformed, newKey, secretKey, secretLengthFits } from './softwareKeys.ts';
import type { NewKey } from './softwareKeys.ts';
import { assertMechanism, signAll } from './softwareSigning.ts';
import { assertGoes, unwrapBytes, wrapBytes } from './softwareWrapping.ts';

const refPrefix = 'software:';

function idOf(ref: KeyRef): Uint8Array {
  if (!/^software:[0-9a-f]{32}$/.test(ref)) throw new StrongroomError('request-invalid', '"ref" expected software: and 32 hex digits', { field: 'ref' });
  return fromHex(ref.slice(refPrefix.length));
}

function describe(facts: MaterialFacts): ProviderKey {
  return describeKey(facts, `${refPrefix}${toHex(facts.id)}`);
}

const pairs = algorithms.filter((algorithm) => algorithmFacts[algorithm].kind === 'pair');

const everything: Capabilities = {
  algorithms,
  signatureMechanisms,
  wrapFormats,
  unwrapFormats: wrapFormats,
  aesGcm: true,
  aesCbc: true,
  macs: algorithms.filter((algorithm) => algorithmFacts[algorithm].kind === 'secret'),
  derivations,
  imports: algorithms,
  wrapsPairs: pairs,
  unwrapsPairs: pairs,
};

/** A key for one operation: what is known of it, and its material, which the operation wipes. */
interface Opened {
  readonly facts: MaterialFacts;
  readonly secret: SecretBytes;
}

class SoftwareProvider implements KeyProvider {
  readonly kind = 'software';
  readonly #store: MaterialStore;

  constructor(store: MaterialStore) {
    this.#store = store;
  }

  async capabilities(): Promise<Capabilities> {
    return everything;
  }

  async generate(request: GenerateRequest): Promise<ProviderKey> {
    assertFits(request);
    this.#assertFree(request);
    return this.#keep(await newKey(request));
  }

  #keep({ facts, material }: NewKey): ProviderKey {
    this.#store.stage(facts, material);
    return describe(facts);
  }

  #assertFree({ id, label }: GenerateRequest): void {
    for (const other of this.#store.ids()) {
      const facts = this.#store.facts(other);
      if (toHex(other) === toHex(id) || facts?.label === label) throw new StrongroomError('already-exists', `a key with this id or the label "${label}" is there already`, { field: 'label', nextStep: 'choose another name' });
    }
  }

  #facts(ref: KeyRef): MaterialFacts {
    const facts = this.#store.facts(idOf(ref));
    if (facts === undefined) throw new StrongroomError('token-key-missing', `the vault holds no key ${ref}`, { nextStep: 'see `key list`' });
    return facts;
  }

  #open(ref: KeyRef, ...purposes: readonly Purpose[]): Opened {
    const facts = this.#facts(ref);
    // SECURITY: the provider too holds a key to its one purpose: a transport key unwraps and never decrypts
    if (!purposes.includes(facts.purpose)) throw new StrongroomError('token-refused', `the key is for ${facts.purpose}, not for ${purposes[0]}`, { field: 'ref' });
    const secret = this.#store.open(facts.id);
    if (secret === undefined) throw new StrongroomError('token-key-missing', `the vault holds no material of the key ${ref}`);
    return { facts, secret };
  }

  async find(ref: KeyRef): Promise<ProviderKey | undefined> {
    const facts = this.#store.facts(idOf(ref));
    return facts === undefined ? undefined : describe(facts);
  }

  async list(): Promise<readonly ProviderKey[]> {
    return [...this.#store.ids()].flatMap((id) => this.#store.facts(id) ?? []).map(describe);
  }

  async sign(request: SignRequest): Promise<readonly SignResult[]> {
    const { facts, secret } = this.#open(request.ref, 'signature', 'authentication', ...(request.proof === true ? provingPurposes : []));
    return await secret.consume((material) => {
      assertMechanism(facts, request);
      return signAll(facts, material, request);
    });
  }

  async verify({ ref, mechanism, input, signature, saltLength }: VerifyRequest): Promise<boolean> {
    const { publicKey } = this.#facts(ref);
    if (publicKey === undefined) throw new StrongroomError('token-cannot', 'a secret key verifies no signatures', { field: 'ref' });
    return verifySignature(publicKey, mechanism, input, signature, saltLength === undefined ? {} : { saltLength }).valid;
  }

  async mac({ ref, message }: MacRequest): Promise<Uint8Array> {
    const { facts, secret } = this.#open(ref, 'mac');
    const isAes = algorithmFacts[facts.algorithm].family === 'aes';
    return await secret.consume((key) => (isAes ? aesCmac(key, message) : hmac(facts.algorithm.slice(5) as HashName, key, message)));
  }

  async encrypt({ ref, plaintext, aad }: EncryptRequest): Promise<Encrypted> {
    const { secret } = this.#open(ref, 'data-encryption');
    const iv = randomBytes(gcmIvLength); // SECURITY: random, never the caller's and never counted: a restored copy would repeat it (SP 800-38D §8.2.2)
    return await secret.consume((key) => ({ iv, ciphertext: aesGcmSeal(key, iv, aad, plaintext) }));
  }

  async decrypt({ ref, iv, aad, ciphertext }: DecryptRequest): Promise<SecretBytes> {
    const { secret } = this.#open(ref, 'data-encryption');
    return await secret.consume((key) => {
      try {
        return SecretBytes.own(aesGcmOpen(key, iv, aad, ciphertext));
      } catch {
        throw notOpened('decrypt-failed');
      }
    });
  }

  async decryptCbc({ ref, iv, blocks }: CbcRequest): Promise<SecretBytes> {
    const { secret } = this.#open(ref, 'data-encryption');
    return await secret.consume((key) => {
      try {
        return SecretBytes.own(aesCbcOpen(key, iv, blocks));
      } catch {
        throw notOpened('decrypt-failed');
      }
    });
  }

  async wrap({ ref, wrapper, ...wrapping }: WrapRequest): Promise<Uint8Array> {
    const facts = this.#facts(ref);
    // SECURITY: what was made to stay, stays
    if (!facts.exportable) throw refusal('KEY-EXPORT-1', `the key "${facts.label}" never leaves the vault: it was made without "exportable"`, 'rotate to a key that is made exportable, if the policy allows it');
    const { secret } = this.#open(ref, facts.purpose);
    return await secret.consume((material) => {
      const key = algorithmFacts[facts.algorithm].kind === 'pair' ? writePkcs8(facts.algorithm, material) : new Uint8Array(material);
      try {
        return this.#wrapUnder(wrapper, wrapping, key);
      } finally {
        key.fill(0); // SECURITY: the form that travelled is wiped
      }
    });
  }

  #wrapUnder(wrapper: WrapRequest['wrapper'], wrapping: Pick<WrapRequest, 'format' | 'oaep'>, key: Uint8Array): Uint8Array {
    if ('publicKey' in wrapper) return wrapBytes(wrapper.publicKey, wrapping, key);
    const { secret, facts } = this.#openWrapper(wrapper.ref);
    try {
      return wrapBytes(facts.publicKey ?? secret, wrapping, key);
    } finally {
      secret.wipe(); // SECURITY: the wrapping key is opened for this one wrap
    }
  }

  #openWrapper(ref: KeyRef): Opened {
    return this.#open(ref, 'key-wrapping', 'key-transport');
  }

  async unwrap(request: UnwrapRequest): Promise<ProviderKey> {
    assertFits(request);
    this.#assertFree(request);
    const { secret: opener, facts } = this.#openWrapper(request.unwrapper);
    return await opener.consume(async (key) => {
      assertGoes(request, facts);
      const bytes = unwrapBytes(key, request, request.wrapped);
      return this.#keep(await this.#unwrapped(request, bytes));
    });
  }

  /** What came out: a pair as PKCS#8, whose faults are said once its wrapping has proved whole; a secret key of a length that fits. */
  async #unwrapped(request: UnwrapRequest, bytes: SecretBytes): Promise<NewKey> {
    if (algorithmFacts[request.algorithm].kind === 'pair') return await bytes.consume((der) => foreignPair(request, () => readPkcs8(der), notAKey));
    if (secretLengthFits(request.algorithm, bytes.length)) return secretKey(request, bytes);
    bytes.wipe();
    throw notOpened('unwrap-failed'); // a wrong length is a wrong blob, and says no more
  }

  async derive(request: DeriveRequest): Promise<ProviderKey> {
    const { facts, secret } = this.#open(request.from, 'key-derivation', 'key-agreement');
    return await secret.consume((material) => {
      assertFits(request);
      this.#assertFree(request);
      return this.#keep(secretKey(request, deriveSecret(facts, material, request)));
    });
  }

  async take(request: TakeRequest): Promise<ProviderKey> {
    assertFits(request);
    this.#assertFree(request);
    const { algorithm, material } = request;
    if (algorithmFacts[algorithm].kind === 'secret') return this.#keep(foreignSecret(request, material));
    return this.#keep(foreignPair(request, () => readMaterial(algorithm, material.expose()), malformed));
  }

  async destroy(ref: KeyRef): Promise<{ readonly objectsDestroyed: number; readonly absentAfter: boolean }> {
    const { id } = this.#facts(ref);
    this.#store.stageRemoval(id);
    return { objectsDestroyed: 1, absentAfter: this.#store.facts(id) === undefined };
  }

  async close(): Promise<void> {}
}

/** The provider over a store of material; new keys and removals are staged there for the caller's commit. */
export function makeSoftwareProvider(store: MaterialStore): KeyProvider {
  return new SoftwareProvider(store);
}
