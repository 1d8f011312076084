/** The closed vocabularies of the product (design: words). SP 800-57 Part 1 Rev. 5, PKCS#11, KMIP. */
export const roles = ['officer', 'custodian', 'operator', 'auditor'] as const;
export type Role = (typeof roles)[number];

/** SP 800-57 Part 1 Rev. 5 §7. */
export const keyStates = ['pre-activation', 'active', 'suspended', 'deactivated', 'compromised', 'destroyed'] as const;
export type KeyState = (typeof keyStates)[number];

/** One purpose per key (SP 800-57 Part 1 Rev. 5 §5.2). */
export const purposes = ['data-encryption', 'key-wrapping', 'signature', 'key-transport'] as const;
export type Purpose = (typeof purposes)[number];

export const algorithms = ['aes-128', 'aes-192', 'aes-256', 'rsa-2048', 'rsa-3072', 'rsa-4096'] as const;
export type Algorithm = (typeof algorithms)[number];

export const operations = ['encrypt', 'decrypt', 'sign', 'verify', 'wrap', 'unwrap'] as const;
export type Operation = (typeof operations)[number];

/** How a key version came to be. */
export const origins = ['generated', 'imported'] as const;
export type Origin = (typeof origins)[number];

export const providerKinds = ['software', 'pkcs11'] as const;
export type ProviderKind = (typeof providerKinds)[number];

/** RSA signature schemes, RFC 8017 §8. The salt of PSS is as long as the hash. */
export const signatureMechanisms = ['rsa-pkcs1-sha256', 'rsa-pkcs1-sha384', 'rsa-pkcs1-sha512', 'rsa-pss-sha256', 'rsa-pss-sha384', 'rsa-pss-sha512'] as const;
export type SignatureMechanism = (typeof signatureMechanisms)[number];

/** How one key travels under another: RFC 3394, RFC 5649, RFC 8017 §7.1 (MGF1 with the same hash, empty label). */
export const wrapFormats = ['aes-kw', 'aes-kwp', 'rsa-oaep-sha256', 'rsa-oaep-sha1'] as const;
export type WrapFormat = (typeof wrapFormats)[number];
