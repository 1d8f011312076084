/** The closed vocabularies of the product (design: words). SP 800-57 Part 1 Rev. 5, PKCS#11, KMIP. */
export const roles = ['officer', 'custodian', 'operator', 'auditor'] as const;
export type Role = (typeof roles)[number];

/** SP 800-57 Part 1 Rev. 5 §7. */
export const keyStates = ['pre-activation', 'active', 'suspended', 'deactivated', 'compromised', 'destroyed'] as const;
export type KeyState = (typeof keyStates)[number];

/** One purpose per key (SP 800-57 Part 1 Rev. 5 §5.2). */
export const purposes = ['data-encryption', 'key-wrapping', 'mac', 'signature', 'authentication', 'key-transport', 'key-agreement', 'key-derivation'] as const;
export type Purpose = (typeof purposes)[number];

/** Of a generic secret for HMAC, the hash it is used with belongs to the algorithm: one key, one hash. */
export const algorithms = [
  'aes-128', 'aes-192', 'aes-256',
  'hmac-sha256', 'hmac-sha384', 'hmac-sha512',
  'rsa-2048', 'rsa-3072', 'rsa-4096',
  'ec-p256', 'ec-p384', 'ec-p521',
  'ed25519', 'x25519',
  'ml-kem-768', 'ml-dsa-65',
] as const;
export type Algorithm = (typeof algorithms)[number];

export const operations = ['encrypt', 'decrypt', 'sign', 'verify', 'mac', 'wrap', 'unwrap', 'derive'] as const;
export type Operation = (typeof operations)[number];

/** How a key version came to be. */
/** `imported`: this computer saw its clear bytes; `unwrapped`: it came under another key; `adopted`: it was on the token already; `derived`: from another key. */
/** What may be tried on a token, as `token explain` takes it. */
export const tokenOperations = ['list', 'log-in', 'change-pin', 'unblock-pin', 'initialise', 'make-pair', 'make-secret', 'sign', 'mac', 'encrypt', 'decrypt', 'wrap', 'unwrap', 'derive', 'destroy'] as const;

export const origins = ['generated', 'imported', 'unwrapped', 'derived', 'adopted'] as const;
export type Origin = (typeof origins)[number];

/**
 * How two places prove that they hold the same key, by a fresh challenge: a signature that the recorded public key verifies, equal tags, what one
 * encrypted and the other opens, a key that is opened by the private half or agreed on with it. A wrapping key wraps itself: both give the same blob.
 */
export const copyProofs = ['signature', 'mac', 'encryption', 'wrapping', 'unwrapping', 'agreement'] as const;
export type CopyProof = (typeof copyProofs)[number];

export const providerKinds = ['software', 'pkcs11'] as const;
export type ProviderKind = (typeof providerKinds)[number];

/** RSA schemes of RFC 8017 §8 (PSS salts as long as the hash unless said), ECDSA (FIPS 186-5 §6), Ed25519 (RFC 8032), ML-DSA-65 (FIPS 204). The last two take the message itself. */
export const signatureMechanisms = [
  'rsa-pkcs1-sha256', 'rsa-pkcs1-sha384', 'rsa-pkcs1-sha512',
  'rsa-pss-sha256', 'rsa-pss-sha384', 'rsa-pss-sha512',
  'ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512',
  'ed25519', 'ml-dsa-65',
] as const;
export type SignatureMechanism = (typeof signatureMechanisms)[number];

/**
 * How one key travels under another: RFC 3394, RFC 5649, RFC 8017 §7.1 (MGF1 with the same hash and an empty label unless said), and an ephemeral
 * AES-256 key under RSA-OAEP before AES-KWP of the key (CKM_RSA_AES_KEY_WRAP, PKCS#11 v2.40 §2.1.21).
 */
export const wrapFormats = [
  'aes-kw', 'aes-kwp',
  'rsa-oaep-sha256', 'rsa-oaep-sha384', 'rsa-oaep-sha512', 'rsa-oaep-sha1',
  'rsa-aes-kwp-sha256', 'rsa-aes-kwp-sha1',
] as const;
export type WrapFormat = (typeof wrapFormats)[number];

export const oaepHashes = ['sha256', 'sha384', 'sha512', 'sha1'] as const;
export type OaepHash = (typeof oaepHashes)[number];

/**
 * How a key is derived from another. `hkdf`: RFC 5869 with the hash of the key. `ecdh-hkdf-sha256`: the shared secret (ECDH of SP 800-56A, X25519, or
 * ML-KEM decapsulated) through HKDF-SHA-256. `ecdh-x963-sha256`: ANSI X9.63 KDF, CKD_SHA256_KDF. `ecdh-raw`: the shared secret itself, CKD_NULL.
 */
export const derivations = ['hkdf', 'ecdh-hkdf-sha256', 'ecdh-x963-sha256', 'ecdh-raw'] as const;
export type Derivation = (typeof derivations)[number];

/**
 * The forms of a detached signature. `raw`: the signature alone. `cms`: RFC 5652 with the signer's certificate. `sshsig`: OpenSSH's PROTOCOL.sshsig.
 * `jws`: RFC 7515 appendix F.
 */
export const signatureFormats = ['raw', 'cms', 'sshsig', 'jws'] as const;
export type SignatureFormat = (typeof signatureFormats)[number];

/** What a certificate is asked for; the extensions of each: `electron/vault/formats/signing/requestTemplates.ts`. */
export const certificateTemplates = ['none', 'server', 'client', 'code-signing', 'email', 'document-signing', 'sub-ca', 'key-transport', 'key-agreement'] as const;
export type CertificateTemplate = (typeof certificateTemplates)[number];

/** What an attribute forbids: that a key leaves or is shown, serves another purpose, leaves under any key, is loosened, is used without its PIN each time. */
export const keyGuards = ['extractable', 'sensitive', 'usage', 'wrap-with-trusted', 'fixed', 'always-authenticate'] as const;
export type KeyGuard = (typeof keyGuards)[number];
