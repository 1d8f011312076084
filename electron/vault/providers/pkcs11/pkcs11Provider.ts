/** A key provider on one PKCS#11 token. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../../../shared/lifecycle/purposes.ts';
import type { Capabilities } from '../../../../shared/model/capabilities.ts';
import type { Algorithm } from '../../../../shared/model/terms.ts';
import type { KeyFacts } from '../../../pkcs11-wire/keyShapes.ts';
import type { MacMechanism } from '../../../pkcs11-wire/messages.ts';
import { toHex } from '../../crypto/bytes.ts';
import { randomBytes } from '../../crypto/random.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { verifySignature } from '../../crypto/verifySignature.ts';
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
import { notOpened } from '../notOpened.ts';
import { algorithmOf, describe, keyNameOf, nameOf } from './keyDescription.ts';
import type { NamedKey } from './keyDescription.ts';
import { TokenAdoption } from './tokenAdoption.ts';
import type { TokenClient } from './tokenClient.ts';
import { deriveOnToken, generateOnToken, shortestSealed, takeOntoToken, unwrapOnToken } from './tokenMaking.ts';
import { provenPublicKey, readObjects, shownPublicKey } from './tokenPairs.ts';
import { probeToken } from './tokenProfile.ts';
import type { TokenProfile } from './tokenProfile.ts';
import { oneFailure } from './tokenRefusal.ts';
import { signOnToken } from './tokenSigning.ts';
import { assertMayLeave, assertServes, assertTravels, foreignWrapper, ownWrapper, wrapByComputer, wrapOnToken, zerosBehind } from './tokenWrapping.ts';

/** The place of one token's profile. */
export interface TokenShelf {
  find(): TokenProfile | undefined;
  keep(profile: TokenProfile): void;
}

export class Pkcs11Provider implements KeyProvider {
  readonly kind = 'pkcs11';
  readonly adoption: TokenAdoption;
  readonly trials = { guards: async () => (await this.#known()).guards, again: async () => void (await this.#probe()) };
  readonly #token: TokenClient;
  readonly #shelf: TokenShelf | undefined;
  #profile: Promise<TokenProfile> | undefined;
  /** Public halves that were found or proved, by reference: a signature is verified with them before it leaves. */
  readonly #publicKeys = new Map<KeyRef, Uint8Array>();

  /** @param shelf where its profile is kept */
  constructor(token: TokenClient, shelf?: TokenShelf) {
    this.#token = token;
    this.#shelf = shelf;
    this.adoption = new TokenAdoption(token);
  }

  async capabilities(): Promise<Capabilities> {
    return (await this.#known()).capabilities;
  }

  /** What was found out about the token: kept from before, or tried now by keys that are thrown away. A trial that failed is made again. */
  #known(): Promise<TokenProfile> {
    this.#profile ??= Promise.resolve(this.#shelf?.find() ?? this.#probe()).catch((error: unknown) => {
      this.#profile = undefined;
      throw error;
    });
    return this.#profile;
  }

  async #probe(): Promise<TokenProfile> {
    const profile = await probeToken(this.#token);
    this.#shelf?.keep(profile);
    this.#profile = Promise.resolve(profile);
    return profile;
  }

  async generate(request: GenerateRequest): Promise<ProviderKey> {
    return await generateOnToken(this.#token, await this.#known(), request);
  }

  async take(request: TakeRequest): Promise<ProviderKey> {
    return await takeOntoToken(this.#token, await this.#known(), request);
  }

  async derive(request: DeriveRequest): Promise<ProviderKey> {
    return await deriveOnToken(this.#token, await this.#known(), await this.#named(request.from), request);
  }

  async find(ref: KeyRef): Promise<ProviderKey | undefined> {
    const key = await this.#find(keyNameOf(ref, this.#token.name));
    if (key === undefined) return undefined;
    return describe(this.#token.name, key, key.class === 'secret' ? undefined : await this.#shown(key));
  }

  /** With fewer questions where the private object or the one of the same CKA_ID tells. */
  async #shown(key: KeyFacts): Promise<Uint8Array | undefined> {
    const beside = key.id.length === 0 ? [] : (await this.#token.call('find', { class: 'public', id: key.id })).keys;
    return shownPublicKey(key, { keys: beside, certificates: [] }) ?? shownPublicKey(key, await readObjects(this.#token));
  }

  async #find({ name, class: cls }: NamedKey): Promise<KeyFacts | undefined> {
    const { keys } = await this.#token.call('find', { class: cls, ...name });
    const own = 'id' in name ? keys : keys.filter(({ id }) => id.length === 0);
    if (own.length > 1) throw new StrongroomError('token-ambiguous', `${own.length} ${cls} keys on the token share ${inWords(name)}`, { nextStep: 'give each a CKA_ID of its own: pkcs11-tool --set-id' });
    return own[0];
  }

  async #named(ref: KeyRef): Promise<KeyFacts> {
    const name = keyNameOf(ref, this.#token.name);
    const found = await this.#find(name);
    if (found === undefined) throw new StrongroomError('token-key-missing', `the token has no ${name.class} key with ${inWords(name.name)}`);
    return found;
  }

  async list(): Promise<readonly ProviderKey[]> {
    const objects = await readObjects(this.#token);
    return objects.keys.filter((key) => key.class !== 'public').map((key) => describe(this.#token.name, key, key.class === 'secret' ? undefined : shownPublicKey(key, objects)));
  }

  async sign(request: SignRequest): Promise<readonly SignResult[]> {
    const { name } = keyNameOf(request.ref, this.#token.name);
    return await signOnToken(this.#token, name, request, async (anew) => {
      if (request.publicKey !== undefined) return request.publicKey;
      if (anew) this.#publicKeys.delete(request.ref);
      return this.#publicKey(request.ref);
    });
  }

  /** @throws `token-cannot` where nothing tells the public half */
  async #publicKey(ref: KeyRef): Promise<Uint8Array> {
    const known = this.#publicKeys.get(ref);
    if (known !== undefined) return known;
    const key = await this.#named(ref);
    const found = (await this.#shown(key)) ?? (await provenPublicKey(this.#token, key, await readObjects(this.#token)));
    if (found === undefined) throw new StrongroomError('token-cannot', 'the token does not show the public half of the key', { field: 'ref', nextStep: 'write its public key or certificate to the token, with the same CKA_ID' });
    this.#publicKeys.set(ref, found);
    return found;
  }

  /** In software: a public key needs no token, and a module has no say in what is genuine. */
  async verify({ ref, mechanism, input, signature, saltLength }: VerifyRequest): Promise<boolean> {
    return verifySignature(await this.#publicKey(ref), mechanism, input, signature, saltLength === undefined ? {} : { saltLength }).valid;
  }

  async mac(request: MacRequest): Promise<Uint8Array> {
    const key = await this.#named(request.ref);
    const mechanism = macOf(key, request.algorithm);
    return (await this.#token.call('mac', { key: nameOf(key), mechanism, data: request.message })).mac;
  }

  async encrypt(request: EncryptRequest): Promise<Encrypted> {
    const iv = randomBytes(12); // SECURITY: random, never the caller's and never counted: a restored copy would repeat it (SP 800-38D §8.2.2)
    const { name } = keyNameOf(request.ref, this.#token.name);
    const { data } = await this.#token.call('encrypt', { key: name, iv, aad: request.aad, data: request.plaintext });
    return { iv, ciphertext: data };
  }

  async decrypt(request: DecryptRequest): Promise<SecretBytes> {
    const { name } = keyNameOf(request.ref, this.#token.name);
    if (request.ciphertext.length < shortestSealed) throw notOpened('decrypt-failed');
    try {
      const { data } = await this.#token.call('decrypt', { key: name, iv: request.iv, aad: request.aad, data: request.ciphertext });
      return SecretBytes.own(data);
    } catch (error) {
      throw oneFailure(error, 'decrypt-failed');
    }
  }

  async decryptCbc({ ref, iv, blocks }: CbcRequest): Promise<SecretBytes> {
    const { name } = keyNameOf(ref, this.#token.name);
    if (iv.length !== 16 || blocks.length === 0 || blocks.length % 16 !== 0) throw notOpened('decrypt-failed');
    try {
      return SecretBytes.own((await this.#token.call('decryptCbc', { key: name, iv, data: blocks })).data);
    } catch (error) {
      throw oneFailure(error, 'decrypt-failed');
    }
  }

  async wrap(request: WrapRequest): Promise<Uint8Array> {
    const key = await this.#named(request.ref);
    assertMayLeave(key);
    const profile = await this.#known();
    const { wrapper: by, format } = request;
    assertTravels(key, format, profile);
    const wrapper = 'publicKey' in by ? foreignWrapper(by.publicKey, format) : await this.#ownWrapper(by.ref, format);
    if (request.ephemeral === 'computer') return await wrapByComputer(this.#token, { key, wrapper, request, profile });
    if (key.class !== 'secret' && profile.pairs.zerosBehind) request.tell?.(zerosBehind);
    return await wrapOnToken(this.#token, { key, wrapper, request, profile });
  }

  async #ownWrapper(ref: KeyRef, format: WrapRequest['format']): Promise<ReturnType<typeof ownWrapper>> {
    const wrapper = await this.#named(ref);
    if (wrapper.class === 'secret') assertServes(wrapper, 'wrap');
    return ownWrapper(wrapper, format);
  }

  async unwrap(request: UnwrapRequest): Promise<ProviderKey> {
    const unwrapper = await this.#named(request.unwrapper);
    ownWrapper(unwrapper, request.format); // for its refusals
    assertServes(unwrapper, 'unwrap');
    return await unwrapOnToken(this.#token, await this.#known(), unwrapper, request);
  }

  /** A key and the public halves that are its own; certificates stay, unless they are named (`adoption.destroyWith`). */
  async destroy(ref: KeyRef): Promise<{ readonly objectsDestroyed: number; readonly absentAfter: boolean }> {
    this.#publicKeys.delete(ref);
    return await this.adoption.destroyWith(ref, [], undefined);
  }

  async close(): Promise<void> {
    await this.#token.logOut();
  }
}

function inWords(name: NamedKey['name']): string {
  return 'id' in name ? `the CKA_ID ${toHex(name.id)}` : `the label "${name.label}" and no CKA_ID`;
}

/** @throws `token-cannot` for a secret whose hash nothing tells, or a key of another kind */
function macOf(key: KeyFacts, known: Algorithm | undefined): MacMechanism {
  const algorithm = known ?? algorithmOf(key);
  if (key.keyType === 'aes') return 'aes-cmac';
  if (key.keyType === 'generic' && algorithm !== undefined && algorithmFacts[algorithm].family === 'hmac') return algorithm as MacMechanism;
  throw new StrongroomError('token-cannot', `the key "${key.label}" makes no MAC whose hash is known`, { field: 'ref' });
}

