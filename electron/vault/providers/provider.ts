/**
 * Where key versions live: one small interface, the same for the software store and for a PKCS#11 token.
 * A provider does what it is told to a key; whether that may be done is decided before, in `rules/`.
 * One contract suite runs against every implementation (`test/contract/providerSuite.ts`).
 */
import type { Capabilities } from '../../../shared/model/capabilities.ts';
import type { Algorithm, Derivation, KeyGuard, OaepHash, ProviderKind, Purpose, SignatureMechanism, WrapFormat } from '../../../shared/model/terms.ts';
import type { HashedMessage } from '../crypto/hashedMessage.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';

/** A key reference: `software:<id hex>` or an RFC 7512 `pkcs11:` URI with token, serial, id and type. */
export type KeyRef = string;

export interface GenerateRequest {
  /** 16 random bytes, chosen before the intent is committed; the CKA_ID on a token. */
  readonly id: Uint8Array;
  /** For people and for other programs: the CKA_LABEL on a token. NFC, at most 64 bytes of UTF-8. */
  readonly label: string;
  readonly algorithm: Algorithm;
  readonly purpose: Purpose;
  /** False: the key can never be wrapped out of its provider. */
  readonly exportable: boolean;
}

/** A key as its provider describes it. Never holds secret bytes. */
export interface ProviderKey {
  readonly ref: KeyRef;
  readonly id: Uint8Array;
  readonly label: string;
  readonly algorithm: Algorithm | undefined;
  readonly kind: 'secret' | 'pair';
  readonly exportable: boolean;
  readonly sensitive: boolean;
  /** DER SubjectPublicKeyInfo of a pair, where the provider has the public half. */
  readonly publicKey?: Uint8Array;
  /** Key check value for people, and how it was made. Never the ECB method for a GCM key. */
  readonly kcv?: { readonly value: Uint8Array; readonly method: 'cmac' | 'ecb' };
  /** HMAC-SHA-256(key, label) cut to 16 bytes, where the provider can make it (software). */
  readonly secretId?: Uint8Array;
  /** Of a generic secret, whose length is not fixed by its algorithm. */
  readonly bits?: number;
  /** What was odd about it when it came, for people. */
  readonly notes?: readonly string[];
  /** Certificates of its own that lie beside it, as DER. */
  readonly certificates?: readonly Uint8Array[];
  /** Of a token's key: what its attributes allow (CKA_ENCRYPT…) and where it comes from, by their names in lower case. */
  readonly attributes?: readonly string[];
}

export interface SignRequest {
  readonly ref: KeyRef;
  readonly mechanism: SignatureMechanism;
  /** Hashes made by the core (SHA-256/384/512 as the mechanism says), or the messages themselves (Ed25519, ML-DSA), at most 4 MiB together; 1 to 1,000 of them. */
  readonly inputs: readonly Uint8Array[];
  /** Beside each digest for ECDSA, where the message went through this computer: the platform's own means to sign and verify it. */
  readonly messages?: readonly (HashedMessage | undefined)[];
  /** Bytes of the PSS salt; as long as the hash without it. */
  readonly saltLength?: number;
  /** The public half as the vault recorded it: no signature by another key leaves. Without it the place's own word is taken. */
  readonly publicKey?: Uint8Array | undefined;
  /**
   * The signature goes into a request for a certificate of this very key: also a key for transport or agreement may then sign, once and for this
   * (SP 800-57 Part 1 Rev. 5 §5.2). Only the software store knows of it: a token's key signs as its attributes allow.
   */
  readonly proof?: true;
}

/** One item of a batch: finished items are kept when another fails. ECDSA signatures are r and s of the curve's length (IEEE P1363). */
export type SignResult = { readonly ok: true; readonly signature: Uint8Array } | { readonly ok: false; readonly error: unknown };

export interface VerifyRequest {
  readonly ref: KeyRef;
  readonly mechanism: SignatureMechanism;
  readonly input: Uint8Array;
  readonly signature: Uint8Array;
  readonly saltLength?: number;
}

/** The message is at most 4 MiB: a token takes it in one piece. */
export interface MacRequest {
  readonly ref: KeyRef;
  /** What the vault knows the key as: a token knows a generic secret, and its hash by its length alone. */
  readonly algorithm?: Algorithm;
  readonly message: Uint8Array;
}

/** AES-CBC without padding (SP 800-38A §6.2): whole blocks, at most 4 MiB. */
export interface CbcRequest {
  readonly ref: KeyRef;
  readonly iv: Uint8Array;
  readonly blocks: Uint8Array;
}

export interface DeriveRequest extends GenerateRequest {
  /** The key of this provider that is derived from. */
  readonly from: KeyRef;
  readonly derivation: Derivation;
  /** Of HKDF; none is zeros (RFC 5869 §2.2). */
  readonly salt?: Uint8Array;
  /** Binds the new key to its use: HKDF's info, X9.63's SharedInfo. */
  readonly info: Uint8Array;
  /** The other party's public key (SubjectPublicKeyInfo), or what it encapsulated to an ML-KEM key. */
  readonly peer?: Uint8Array;
}

/** A key whose clear bytes this computer has: the form that the vault keeps (FORMAT.md). The caller owns and wipes it. */
export interface TakeRequest extends GenerateRequest {
  readonly material: SecretBytes;
}

/** What RSA-OAEP does beyond its hash (RFC 8017 §7.1): part of the format, and never guessed. */
export interface OaepParameters {
  readonly mgfHash?: OaepHash;
  readonly label?: Uint8Array;
}

export interface EncryptRequest {
  readonly ref: KeyRef;
  readonly plaintext: Uint8Array;
  readonly aad: Uint8Array;
}

/** AES-GCM: a random 96-bit IV made by the provider, a 128-bit tag behind the ciphertext. SP 800-38D. */
export interface Encrypted {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export interface DecryptRequest extends Encrypted {
  readonly ref: KeyRef;
  readonly aad: Uint8Array;
}

/** The key that wraps: one of this provider, or somebody's RSA public key. */
export type Wrapper = { readonly ref: KeyRef } | { readonly publicKey: Uint8Array };

export interface WrapRequest {
  readonly ref: KeyRef;
  readonly wrapper: Wrapper;
  readonly format: WrapFormat;
  readonly oaep?: OaepParameters;
  /** Where the ephemeral AES key of RSA-AES-KWP is made. On this computer, who reads its memory reads the key: asked for by name. */
  readonly ephemeral?: 'place' | 'computer';
  /** Told what is odd about the result, for people and the record. */
  readonly tell?: (note: string) => void;
}

export interface UnwrapRequest extends GenerateRequest {
  readonly wrapped: Uint8Array;
  /** Which key of this provider opens it. */
  readonly unwrapper: KeyRef;
  readonly format: WrapFormat;
  readonly oaep?: OaepParameters;
}

/** Objects on a token that go when a key is destroyed, or stay and say so. */
export interface Companion {
  readonly kind: 'public-key' | 'certificate';
  readonly label: string;
  readonly id: Uint8Array;
  /** Of its public key. */
  readonly spki: Uint8Array;
  /** Of a certificate, DER. */
  readonly der?: Uint8Array;
}

/** A certificate whose private key is not on its token. */
export type LoneCertificate = Pick<Companion, 'label' | 'id' | 'spki'>;

/** A key that is on a token, whoever made it, as it is looked at before it is adopted. */
export interface FoundKey extends ProviderKey {
  /** What is unsafe about its attributes, for people. */
  readonly warnings: readonly string[];
  /** Purposes that its attributes allow. */
  readonly purposes: readonly Purpose[];
  readonly companions: readonly Companion[];
}

export interface Survey {
  readonly keys: readonly FoundKey[];
  /** Certificates of keys that are not there. */
  readonly loneCertificates: readonly LoneCertificate[];
}

/** What only a place has where others make keys too. */
export interface AdoptionPower {
  /** Every key on it, read once. No key is used for it: a public half that only a signature would tell is left out. */
  survey(): Promise<Survey>;
  /** Every certificate on it, DER: among them what the token attests of its keys. */
  certificates(): Promise<readonly Uint8Array[]>;
  /**
   * One key, with the public half that is proved to be its own: by a signature, where it signs.
   * @throws `token-key-missing`, `token-cannot` where nothing tells its public half
   */
  prove(ref: KeyRef): Promise<FoundKey>;
  /** What lies beside a key and is its own. @param publicKey its public half as it was proved; without it what the token shows of a pair */
  companionsOf(ref: KeyRef, publicKey: Uint8Array | undefined): Promise<readonly Companion[]>;
  /** Destroys a key, the public halves that are its own, and certificates named by their DER. @param publicKey as for `companionsOf` @returns how many objects went */
  destroyWith(ref: KeyRef, certificates: readonly Uint8Array[], publicKey: Uint8Array | undefined): Promise<{ readonly objectsDestroyed: number; readonly absentAfter: boolean }>;
}

/** What an attribute forbids, whether the token keeps it, and whether it sees to it: left out where it could not be tried: the token makes no such key, or refuses what would be allowed too. */
export interface GuardFinding {
  readonly guard: KeyGuard;
  readonly stored?: boolean | undefined;
  readonly enforced?: boolean | undefined;
}

/** What only a token has: it was tried, and may enforce less than it stores. */
export interface TrialPower {
  guards(): Promise<readonly GuardFinding[]>;
  /** Tries it anew: another configuration may do more, or less. */
  again(): Promise<void>;
}

/**
 * Errors of every method: `token-key-missing` (no such key), `token-cannot` (the provider lacks the power),
 * the other `token-*`, `pin-*` and `module-*` codes (PKCS#11 only).
 */
export interface KeyProvider {
  readonly kind: ProviderKind;
  readonly adoption?: AdoptionPower;
  readonly trials?: TrialPower;
  capabilities(): Promise<Capabilities>;
  /** @throws `already-exists` where the id or the label is taken. */
  generate(request: GenerateRequest): Promise<ProviderKey>;
  /** The key and its description, or undefined where the provider has it no longer. */
  find(ref: KeyRef): Promise<ProviderKey | undefined>;
  list(): Promise<readonly ProviderKey[]>;
  /** Signs each input. Rejects only where the whole call failed (the child is gone). */
  sign(request: SignRequest): Promise<readonly SignResult[]>;
  verify(request: VerifyRequest): Promise<boolean>;
  /** HMAC (RFC 2104, FIPS 198-1) with the hash of the key's algorithm, or CMAC (SP 800-38B) of 16 bytes. */
  mac(request: MacRequest): Promise<Uint8Array>;
  encrypt(request: EncryptRequest): Promise<Encrypted>;
  /** @throws `decrypt-failed`, one text whatever failed. The caller owns and wipes the plaintext. */
  decrypt(request: DecryptRequest): Promise<SecretBytes>;
  /** Blocks as they come out: what the padding is worth is for the core, which says one thing whatever is wrong. */
  decryptCbc(request: CbcRequest): Promise<SecretBytes>;
  /** @throws `refused` KEY-EXPORT-1 naming the attribute (CKA_EXTRACTABLE) of a key that may not leave. */
  wrap(request: WrapRequest): Promise<Uint8Array>;
  /** @throws `unwrap-failed`, one text whatever failed inside (design: cryptography rules). */
  unwrap(request: UnwrapRequest): Promise<ProviderKey>;
  /** @throws `input-malformed` for a peer's key of another kind or off the curve */
  derive(request: DeriveRequest): Promise<ProviderKey>;
  /** @throws `token-cannot` before anything is made where the place takes no such key */
  take(request: TakeRequest): Promise<ProviderKey>;
  /** Destroys exactly one key (both halves of a pair) and proves it by looking again. @returns how many objects went. */
  destroy(ref: KeyRef): Promise<{ readonly objectsDestroyed: number; readonly absentAfter: boolean }>;
  close(): Promise<void>;
}
