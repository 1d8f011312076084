/** A key provider on one PKCS#11 token. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../../../shared/lifecycle/purposes.ts';
import type { KeyFacts, KeyFlags, KeyTemplate } from '../../../pkcs11-wire/messages.ts';
import { toHex } from '../../crypto/bytes.ts';
import { randomBytes } from '../../crypto/random.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { verifyRsaDigest } from '../../crypto/rsaVerify.ts';
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
import { notOpened } from '../notOpened.ts';
import { describe, describeAll, keyNameOf } from './keyDescription.ts';
import type { KeyName, OwnClass } from './keyDescription.ts';
import { assertAsAsked } from './keyReadBack.ts';
import { assertPurposeFits, isPairPurpose, isSecretPurpose, pairTemplates, secretTemplates } from './keyTemplates.ts';
import type { PairPurpose, SecretPurpose } from './keyTemplates.ts';
import type { TokenClient } from './tokenClient.ts';
import { probeToken } from './tokenProfile.ts';
import type { TokenProfile } from './tokenProfile.ts';
import { errorOf, oneFailure } from './tokenRefusal.ts';
import { assertAesKey, assertMayLeave, foreignWrapper, mechanismFor, ownWrapper } from './tokenWrapping.ts';

/** The private or secret object of a key, and its public half. */
interface Found {
  readonly key: KeyFacts;
  readonly half: KeyFacts | undefined;
}

/** A GCM tag, or the shortest wrapped key (RFC 5649 §4.1): what is shorter was never sealed by anybody. */
const shortestSealed = 16;

function templateOf({ id, label }: GenerateRequest, flags: KeyFlags): KeyTemplate {
  return { id, label, flags };
}

function ownClass({ class: cls }: KeyFacts): OwnClass {
  return cls === 'secret' ? 'secret' : 'private';
}

function notOnToken(what: string): StrongroomError {
  return new StrongroomError('token-cannot', `the token does not ${what} in this version`, { nextStep: 'use a key in the vault' });
}

export class Pkcs11Provider implements KeyProvider {
  readonly kind = 'pkcs11';
  readonly #token: TokenClient;
  #profile: Promise<TokenProfile> | undefined;

  constructor(token: TokenClient) {
    this.#token = token;
  }

  async capabilities(): Promise<Capabilities> {
    return (await this.#known()).capabilities;
  }

  /** Probed at first sight. A probe that failed is tried again. */
  #known(): Promise<TokenProfile> {
    this.#profile ??= probeToken(this.#token).catch((error: unknown) => {
      this.#profile = undefined;
      throw error;
    });
    return this.#profile;
  }

  async generate(request: GenerateRequest): Promise<ProviderKey> {
    const { purpose, algorithm } = request;
    assertPurposeFits(purpose, algorithm);
    if (isSecretPurpose(purpose)) return await this.#generateSecret(request, purpose);
    if (isPairPurpose(purpose)) return await this.#generatePair(request, purpose);
    throw new StrongroomError('token-cannot', `"purpose" ${purpose} has no template`, { field: 'purpose' });
  }

  async #generateSecret(request: GenerateRequest, purpose: SecretPurpose): Promise<ProviderKey> {
    const { bits } = algorithmFacts[request.algorithm];
    const template = templateOf(request, { ...secretTemplates[purpose], extractable: request.exportable });
    const key = await this.#token.call('generateSecret', { bytes: (bits / 8) as 16 | 24 | 32, template });
    await this.#destroyIfUnlike(request.id, 'secret', () => assertAsAsked(template, key, bits));
    return describe(this.#token.name, key, undefined);
  }

  async #generatePair(request: GenerateRequest, purpose: PairPurpose): Promise<ProviderKey> {
    const { bits } = algorithmFacts[request.algorithm];
    const privateTemplate = templateOf(request, { ...pairTemplates[purpose].private, extractable: request.exportable });
    const publicTemplate = templateOf(request, pairTemplates[purpose].public);
    const { privateKey, publicKey } = await this.#token.call('generatePair', { bits: bits as 2048 | 3072 | 4096, privateTemplate, publicTemplate });
    await this.#destroyIfUnlike(request.id, 'private', () => {
      assertAsAsked(privateTemplate, privateKey, undefined);
      assertAsAsked(publicTemplate, publicKey, bits);
    });
    return describe(this.#token.name, privateKey, publicKey);
  }

  /** SECURITY: a key that is not what was asked for is not left behind under our name. */
  async #destroyIfUnlike(id: Uint8Array, cls: OwnClass, check: () => void): Promise<void> {
    try {
      check();
    } catch (error) {
      await this.#token.call('destroy', { id, class: cls });
      throw error;
    }
  }

  async find(ref: KeyRef): Promise<ProviderKey | undefined> {
    const found = await this.#find(keyNameOf(ref, this.#token.name));
    return found === undefined ? undefined : describe(this.#token.name, found.key, found.half);
  }

  async #find({ id, class: cls }: KeyName): Promise<Found | undefined> {
    const { keys } = await this.#token.call('find', { id });
    const own = keys.filter((key) => key.class === cls);
    if (own.length > 1) throw new StrongroomError('token-ambiguous', `${own.length} ${cls} keys on the token share the CKA_ID ${toHex(id)}`);
    return own[0] === undefined ? undefined : { key: own[0], half: keys.find((key) => key.class === 'public') };
  }

  async #required(name: KeyName): Promise<Found> {
    const found = await this.#find(name);
    if (found === undefined) throw new StrongroomError('token-key-missing', `the token has no ${name.class} key with the CKA_ID ${toHex(name.id)}`);
    return found;
  }

  #named(ref: KeyRef): Promise<Found> {
    return this.#required(keyNameOf(ref, this.#token.name));
  }

  async list(): Promise<readonly ProviderKey[]> {
    return describeAll(this.#token.name, (await this.#token.call('find', {})).keys);
  }

  async sign(request: SignRequest): Promise<readonly SignResult[]> {
    const { id } = keyNameOf(request.ref, this.#token.name);
    const { results } = await this.#token.call('sign', { id, mechanism: request.mechanism, digests: request.inputs });
    if (results.length !== request.inputs.length)
      throw new StrongroomError('module-malformed', `${request.inputs.length} signatures expected, got ${results.length}`);
    return results.map((result) => ('signature' in result ? { ok: true, signature: result.signature } : { ok: false, error: errorOf(result.failure) }));
  }

  /** In software: a public key needs no token, and a module has no say in what is genuine. */
  async verify(request: VerifyRequest): Promise<boolean> {
    const { key, half } = await this.#named(request.ref);
    const { publicKey } = describe(this.#token.name, key, half);
    if (publicKey === undefined) throw new StrongroomError('token-cannot', 'the token does not show the public half of the key', { field: 'ref' });
    return verifyRsaDigest(publicKey, request.mechanism, request.input, request.signature);
  }

  async encrypt(request: EncryptRequest): Promise<Encrypted> {
    const iv = randomBytes(12); // SECURITY: random, never the caller's and never counted: a restored copy would repeat it (SP 800-38D §8.2.2)
    const { id } = keyNameOf(request.ref, this.#token.name);
    const { data } = await this.#token.call('encrypt', { id, iv, aad: request.aad, data: request.plaintext });
    return { iv, ciphertext: data };
  }

  async decrypt(request: DecryptRequest): Promise<SecretBytes> {
    const { id } = keyNameOf(request.ref, this.#token.name);
    if (request.ciphertext.length < shortestSealed) throw notOpened('decrypt-failed');
    try {
      const { data } = await this.#token.call('decrypt', { id, iv: request.iv, aad: request.aad, data: request.ciphertext });
      return SecretBytes.own(data);
    } catch (error) {
      throw oneFailure(error, 'decrypt-failed');
    }
  }

  async wrap(request: WrapRequest): Promise<Uint8Array> {
    const { key } = await this.#named(request.ref);
    assertMayLeave(key);
    assertAesKey(key);
    const { wrapper: by, format } = request;
    const wrapper = 'publicKey' in by ? foreignWrapper(by.publicKey, format) : ownWrapper((await this.#named(by.ref)).key, format);
    const mechanism = mechanismFor(await this.#known(), format, 'wrap');
    return (await this.#token.call('wrap', { id: key.id, wrapper, mechanism })).wrapped;
  }

  async unwrap(request: UnwrapRequest): Promise<ProviderKey> {
    const { purpose, algorithm } = request;
    assertPurposeFits(purpose, algorithm);
    if (!isSecretPurpose(purpose)) throw new StrongroomError('token-cannot', 'only AES keys come onto a token in this version', { field: 'algorithm' });
    const { key: unwrapper } = await this.#named(request.unwrapper);
    ownWrapper(unwrapper, request.format); // for its refusals
    if (request.wrapped.length < shortestSealed) throw notOpened('unwrap-failed');
    const mechanism = mechanismFor(await this.#known(), request.format, 'unwrap');
    const template = templateOf(request, { ...secretTemplates[purpose], extractable: request.exportable });
    const by = { id: unwrapper.id, class: ownClass(unwrapper) };
    try {
      const key = await this.#token.call('unwrap', { unwrapper: by, mechanism, wrapped: request.wrapped, template });
      await this.#destroyIfUnlike(template.id, 'secret', () => {
        if (key.bits !== algorithmFacts[algorithm].bits) throw notOpened('unwrap-failed'); // a wrong length is a wrong blob, and says no more
        assertAsAsked(template, key, undefined);
      });
      return describe(this.#token.name, key, undefined);
    } catch (error) {
      throw oneFailure(error, 'unwrap-failed');
    }
  }

  async mac(): Promise<Uint8Array> {
    throw notOnToken('mac');
  }

  async decryptCbc(): Promise<SecretBytes> {
    throw notOnToken('decrypt by AES-CBC');
  }

  async derive(): Promise<ProviderKey> {
    throw notOnToken('derive keys');
  }

  async take(): Promise<ProviderKey> {
    throw notOnToken('take clear keys');
  }

  async destroy(ref: KeyRef): Promise<{ readonly objectsDestroyed: number; readonly absentAfter: boolean }> {
    const { key } = await this.#named(ref);
    const { destroyed, remaining } = await this.#token.call('destroy', { id: key.id, class: ownClass(key) });
    return { objectsDestroyed: destroyed, absentAfter: remaining === 0 };
  }

  async close(): Promise<void> {
    await this.#token.logOut();
  }
}
