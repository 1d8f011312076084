/**
 * All cryptography that is asked of the platform. Electron's `node:crypto` and WebCrypto are BoringSSL, plain Node's are OpenSSL: what stands here
 * is in both. What BoringSSL lacks (AES-KW in WebCrypto, `id-aes256-wrap`, CCM, OCB, SHA-3, BLAKE2, RIPEMD-160, Ed448, X448, secp256k1) would pass
 * every test here and fail in the shipped program; it comes from `@noble/*` instead. Names that only give types are not listed.
 */
export type Reasons = Readonly<Record<string, string>>;

/** What is imported from `node:crypto`. */
export const nodeCryptoNames: Reasons = {
  constants: 'numbers; the ones in use are in `paddings`',
  createCipheriv: 'EVP_CIPHER, with the ciphers in `algorithms`',
  createDecipheriv: 'EVP_CIPHER, with the ciphers in `algorithms`',
  createECDH: 'EC_KEY_generate_key, EC_POINT_mul, ECDH_compute_key on the curves in `algorithms`; the point is checked by EC_POINT_oct2point',
  createHash: 'EVP_MD, with the hashes in `algorithms`',
  createHmac: 'HMAC, with the hashes in `algorithms`',
  createPrivateKey: 'EVP_parse_private_key: RSA, EC on P-256, P-384 and P-521, Ed25519, X25519',
  createPublicKey: 'EVP_parse_public_key, the same kinds; what it does not know is refused as an unknown kind',
  createSign: 'EVP_DigestSignInit over SHA-2: ECDSA over a message in parts',
  createVerify: 'EVP_DigestVerifyInit over SHA-2: ECDSA over a message in parts',
  createSecretKey: 'bytes of a key, held for many HMACs',
  diffieHellman: 'EVP_PKEY_derive, X25519 only; both libraries refuse an all-zero result, and so do we',
  generateKeyPair: 'RSA_generate_key_ex, on a thread of its own',
  hkdfSync: 'HKDF (RFC 5869)',
  pbkdf2: 'PKCS5_PBKDF2_HMAC; Node\'s own test of it runs in Electron',
  privateDecrypt: 'EVP_PKEY_decrypt, with OAEP (EVP_PKEY_CTX_set_rsa_oaep_md, set0_rsa_oaep_label), and raw where hash and MGF hash differ',
  privateEncrypt: 'EVP_PKEY_sign without a digest: the raw and the PKCS#1 private operation',
  publicEncrypt: 'EVP_PKEY_encrypt, with OAEP, and raw for verifying and where hash and MGF hash differ',
  randomFillSync: 'RAND_bytes',
  scrypt: 'EVP_PBE_scrypt; Node\'s own test of it runs in Electron',
  sign: 'EVP_DigestSign: Ed25519, ECDSA',
  timingSafeEqual: 'CRYPTO_memcmp',
  verify: 'EVP_DigestVerify: Ed25519, ECDSA',
};

/** Hashes, ciphers, curves and kinds of key, by the names that the platform knows. */
export const algorithms: Reasons = {
  md5: 'traditional PEM encryption, for reading only',
  sha1: 'RSA-OAEP for a recipient that insists, and key files of others; never for a signature',
  sha224: 'key files of others, for reading only',
  sha256: 'FIPS 180-4',
  sha384: 'FIPS 180-4',
  sha512: 'FIPS 180-4',
  'sha512-256': 'key files of others, for reading only',
  'aes-128-gcm': 'SP 800-38D',
  'aes-192-gcm': 'SP 800-38D; EVP_aes_192_gcm is in BoringSSL, though Chromium\'s WebCrypto has no 192-bit keys',
  'aes-256-gcm': 'SP 800-38D',
  'aes-128-cbc': 'SP 800-38A; for reading only, what others made: data and key files',
  'aes-192-cbc': 'SP 800-38A; for reading only, what others made: data and key files',
  'aes-256-cbc': 'SP 800-38A; for reading only, what others made: data and key files',
  'aes-128-ctr': 'SP 800-38A; OpenSSH keys, for reading only',
  'aes-192-ctr': 'SP 800-38A; OpenSSH keys, for reading only',
  'aes-256-ctr': 'SP 800-38A; OpenSSH keys, for reading only',
  'des-ede3-cbc': 'SP 800-67; key files of others, for reading only: EVP_des_ede3_cbc is in BoringSSL, RC2 and DES alone are not relied on',
  prime256v1: 'P-256 by the name that both libraries know',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  rsa: 'RFC 8017',
};

/** Words of the product that the platform knows too, where they are not handed to it. */
export const ownWords: Reasons = {
  ed25519: 'an algorithm and a mechanism of ours; the platform is handed DER, and asked with the key alone',
  'ml-dsa-65': 'an algorithm of ours, from `@noble/post-quantum`: neither in Node 20 nor in BoringSSL\'s node:crypto',
  'ml-kem-768': 'an algorithm of ours, as above',
  'rsa-pss': 'how the names of our PSS mechanisms begin; as a kind of key BoringSSL does not have it',
  x25519: 'an algorithm of ours; the platform is handed DER',
  'P-256': '`crv` of RFC 7518; the platform is asked for prime256v1',
  'P-384': '`crv` of RFC 7518; the platform is asked for secp384r1',
  'P-521': '`crv` of RFC 7518; the platform is asked for secp521r1',
  Ed25519: '`crv` of RFC 8037',
  X25519: '`crv` of RFC 8037',
  DSA: 'named in a refusal: not kept',
  Ed448: 'named in a refusal: not kept',
  X448: 'named in a refusal: not kept',
  secp256k1: 'named in a refusal: not kept',
  brainpoolP256r1: 'named in a refusal: not kept',
  brainpoolP384r1: 'named in a refusal: not kept',
  brainpoolP512r1: 'named in a refusal: not kept',
  AES: 'how Java marks a secret key, for people',
};

/** Forms of keys. */
export const encodings: Reasons = {
  der: 'X.690',
  pkcs8: 'RFC 5958',
  spki: 'RFC 5280 §4.1.2.7',
};

export const paddings: Reasons = {
  RSA_NO_PADDING: 'the raw operation, under encodings that are checked or made here (RFC 8017 §9)',
  RSA_PKCS1_OAEP_PADDING: 'RFC 8017 §7.1',
  RSA_PKCS1_PADDING: 'RFC 8017 §8.2, for signatures only',
};

/** What libraries ask of WebCrypto, recorded while they run: method, then algorithm. */
export const webCrypto: Reasons = {
  getRandomValues: 'RAND_bytes: seeds of X-Wing encapsulation',
  'importKey HMAC/SHA-256': 'HPKE: HKDF-Extract (RFC 9180 §4)',
  'sign HMAC': 'HPKE: HKDF-Extract (RFC 9180 §4)',
  'importKey HKDF': 'HPKE: HKDF-Expand (RFC 9180 §4)',
  'deriveBits HKDF/SHA-256': 'HPKE: HKDF-Expand (RFC 9180 §4)',
  'importKey AES-GCM': 'HPKE: the AEAD, AES-256-GCM (RFC 9180 §7.3)',
  'encrypt AES-GCM': 'HPKE: the AEAD, AES-256-GCM (RFC 9180 §7.3)',
  'decrypt AES-GCM': 'HPKE: the AEAD, AES-256-GCM (RFC 9180 §7.3)',
};
