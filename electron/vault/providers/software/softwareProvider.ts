/** Keys in the vault itself: AES as raw bytes, RSA as PKCS#8, opened for one operation and wiped. */
import { setImmediate } from 'node:timers/promises';
import { refusal, StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { algorithmFacts, purposeFacts } from '../../../../shared/lifecycle/purposes.ts';
import { algorithms, signatureMechanisms, wrapFormats } from '../../../../shared/model/terms.ts';
import { aesGcmOpen, aesGcmSeal, gcmIvLength } from '../../crypto/aesGcm.ts';
import { fromHex, toHex } from '../../crypto/bytes.ts';
import { cmacKeyCheckValue } from '../../crypto/keyCheckValue.ts';
import { randomBytes } from '../../crypto/random.ts';
import { newRsaKey, rsaDigestSigner } from '../../crypto/rsaPrivate.ts';
import { verifyRsaDigest } from '../../crypto/rsaVerify.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { secretIdentity } from '../../crypto/secretIdentity.ts';
import { notOpened } from '../notOpened.ts';
import type {
  Capabilities,
  DecryptRequest,
  Encrypted,
  EncryptRequest,
  GenerateRequest,
  KeyProvider,
  KeyRef,
  ProviderKey,
  SignRequest,
  SignResult,
  UnwrapRequest,
  VerifyRequest,
  WrapRequest,
} from '../provider.ts';
import type { MaterialFacts, MaterialStore } from './materialStore.ts';
import { assertGoes, unwrapSecret, wrapSecret } from './softwareWrapping.ts';

const refPrefix = 'software:';
/** Signatures between two looks at what else is to be done. */
const slice = 16;

function idOf(ref: KeyRef): Uint8Array {
  if (!/^software:[0-9a-f]{32}$/.test(ref)) throw new StrongroomError('request-invalid', '"ref" expected software: and 32 hex digits', { field: 'ref' });
  return fromHex(ref.slice(refPrefix.length));
}

function describe({ id, label, algorithm, exportable, publicKey, kcv, secretId }: MaterialFacts): ProviderKey {
  return {
    ref: `${refPrefix}${toHex(id)}`,
    id,
    label,
    algorithm,
    kind: algorithmFacts[algorithm].kind,
    exportable,
    sensitive: true,
    ...(publicKey === undefined ? {} : { publicKey }),
    ...(kcv === undefined ? {} : { kcv }),
    ...(secretId === undefined ? {} : { secretId }),
  };
}

/** What is known of a secret key for good. A GCM key has no check value: CMAC under a GCM key would be a second use of it. */
function secretFacts({ id, label, algorithm, purpose, exportable }: GenerateRequest, key: Uint8Array): MaterialFacts {
  const kcv = purpose === 'key-wrapping' ? { kcv: { value: cmacKeyCheckValue(key), method: 'cmac' as const } } : {};
  return { id, label, algorithm, purpose, exportable, secretId: secretIdentity(key), ...kcv };
}

function assertFits({ purpose, algorithm }: Pick<GenerateRequest, 'purpose' | 'algorithm'>): void {
  if (!purposeFacts[purpose].algorithms.includes(algorithm)) throw refusal('KEY-GENERATE-1', `"algorithm" ${algorithm} does not serve ${purpose}`);
}

const ready = wrapFormats.filter((format) => ['aes-kw', 'aes-kwp', 'rsa-oaep-sha256', 'rsa-oaep-sha1'].includes(format));

function notHere(what: string): StrongroomError {
  return new StrongroomError('token-cannot', `the vault does not ${what} in this version`);
}

class SoftwareProvider implements KeyProvider {
  readonly kind = 'software';
  readonly #store: MaterialStore;

  constructor(store: MaterialStore) {
    this.#store = store;
  }

  async capabilities(): Promise<Capabilities> {
    return {
      algorithms: algorithms.filter((algorithm) => ['aes', 'rsa'].includes(algorithmFacts[algorithm].family)),
      signatureMechanisms: signatureMechanisms.filter((mechanism) => mechanism.startsWith('rsa-')),
      wrapFormats: ready,
      unwrapFormats: ready,
      aesGcm: true,
      aesCbc: false,
      macs: [],
      derivations: [],
      imports: [],
      wrapsPairs: false,
    };
  }

  async generate(request: GenerateRequest): Promise<ProviderKey> {
    assertFits(request);
    this.#assertFree(request);
    const { family, bits } = algorithmFacts[request.algorithm];
    if (family !== 'aes' && family !== 'rsa') throw notHere(`make ${request.algorithm} keys`);
    if (family === 'aes') return this.#keepSecret(request, SecretBytes.own(randomBytes(bits / 8)));
    const { privateKey, publicKey } = await newRsaKey(bits);
    const { id, label, algorithm, purpose, exportable } = request;
    const facts = { id, label, algorithm, purpose, exportable, publicKey };
    this.#store.stage(facts, SecretBytes.own(privateKey));
    return describe(facts);
  }

  #keepSecret(request: GenerateRequest, secret: SecretBytes): ProviderKey {
    const facts = secretFacts(request, secret.expose());
    this.#store.stage(facts, secret);
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

  #open(ref: KeyRef, purpose: MaterialFacts['purpose']): { readonly facts: MaterialFacts; readonly secret: SecretBytes } {
    const facts = this.#facts(ref);
    // SECURITY: the provider too holds a key to its one purpose: a transport key unwraps and never decrypts
    if (facts.purpose !== purpose) throw new StrongroomError('token-refused', `the key is for ${facts.purpose}, not for ${purpose}`, { field: 'ref' });
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

  async sign({ ref, mechanism, inputs }: SignRequest): Promise<readonly SignResult[]> {
    const { facts, secret } = this.#open(ref, 'signature');
    return await secret.consume(async (pkcs8) => {
      const sign = rsaDigestSigner(pkcs8, facts.publicKey ?? new Uint8Array(0));
      const results: SignResult[] = [];
      for (const digest of inputs) {
        results.push(oneOf(() => sign(mechanism, digest)));
        if (results.length % slice === 0) await setImmediate();
      }
      return results;
    });
  }

  async verify({ ref, mechanism, input, signature }: VerifyRequest): Promise<boolean> {
    const { publicKey } = this.#facts(ref);
    if (publicKey === undefined) throw new StrongroomError('token-cannot', 'a secret key verifies no signatures', { field: 'ref' });
    return verifyRsaDigest(publicKey, mechanism, input, signature);
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

  async wrap({ ref, wrapper, format }: WrapRequest): Promise<Uint8Array> {
    const facts = this.#facts(ref);
    // SECURITY: what was made to stay, stays
    if (!facts.exportable) throw refusal('KEY-EXPORT-1', `the key "${facts.label}" never leaves the vault: it was made without "exportable"`, 'rotate to a key that is made exportable, if the policy allows it');
    if (algorithmFacts[facts.algorithm].family !== 'aes') throw new StrongroomError('token-cannot', `the key "${facts.label}" is not an AES key: other keys do not leave in this version`, { field: 'ref' });
    const { secret } = this.#open(ref, facts.purpose);
    return await secret.consume((key) => this.#wrapUnder(wrapper, format, key));
  }

  #wrapUnder(wrapper: WrapRequest['wrapper'], format: WrapRequest['format'], key: Uint8Array): Uint8Array {
    if ('publicKey' in wrapper) return wrapSecret(wrapper.publicKey, format, key);
    const { secret, facts } = this.#openWrapper(wrapper.ref);
    try {
      return wrapSecret(facts.publicKey ?? secret, format, key);
    } finally {
      secret.wipe(); // SECURITY: the wrapping key is opened for this one wrap
    }
  }

  #openWrapper(ref: KeyRef) {
    const { purpose } = this.#facts(ref);
    return this.#open(ref, purpose === 'key-transport' ? 'key-transport' : 'key-wrapping');
  }

  async unwrap(request: UnwrapRequest): Promise<ProviderKey> {
    assertFits(request);
    if (algorithmFacts[request.algorithm].family !== 'aes') throw new StrongroomError('token-cannot', 'only AES keys are unwrapped in this version', { field: 'algorithm' });
    this.#assertFree(request);
    const { secret: opener, facts } = this.#openWrapper(request.unwrapper);
    assertGoes(request.format, facts);
    return await opener.consume((key) => {
      const secret = unwrapSecret(key, request.format, request.wrapped);
      if (secret.length * 8 === algorithmFacts[request.algorithm].bits) return this.#keepSecret(request, secret);
      secret.wipe();
      throw notOpened('unwrap-failed'); // a wrong length is a wrong blob, and says no more
    });
  }

  async mac(): Promise<Uint8Array> {
    throw notHere('make MACs');
  }

  async decryptCbc(): Promise<SecretBytes> {
    throw notHere('decrypt by AES-CBC');
  }

  async derive(): Promise<ProviderKey> {
    throw notHere('derive keys');
  }

  async take(): Promise<ProviderKey> {
    throw notHere('take clear keys');
  }

  async destroy(ref: KeyRef): Promise<{ readonly objectsDestroyed: number; readonly absentAfter: boolean }> {
    const { id } = this.#facts(ref);
    this.#store.stageRemoval(id);
    return { objectsDestroyed: 1, absentAfter: this.#store.facts(id) === undefined };
  }

  async close(): Promise<void> {}
}

/** One item of a batch: what fails, fails alone. */
function oneOf(sign: () => Uint8Array): SignResult {
  try {
    return { ok: true, signature: sign() };
  } catch (error) {
    const invalid = error instanceof RangeError ? new StrongroomError('request-invalid', error.message, { field: 'inputs', cause: error }) : error;
    return { ok: false, error: invalid };
  }
}

/** The provider over a store of material; new keys and removals are staged there for the caller's commit. */
export function makeSoftwareProvider(store: MaterialStore): KeyProvider {
  return new SoftwareProvider(store);
}
