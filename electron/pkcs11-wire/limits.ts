/** The sizes that both sides of the wire hold each other to. PROTOCOL.md gives the reasons. */

/** Version of the protocol; a frame of another version is refused. */
export const wireVersion = 2;

/** Bytes of one frame. */
export const maxFrameBytes = 16 * 1024 * 1024;

/** Bytes of one plaintext or ciphertext. */
export const maxDataBytes = 4 * 1024 * 1024;

/** Inputs of one batch: digests, or messages that together are no longer than one plaintext. */
export const maxBatch = 1000;

/** Slots that are believed of one module, and keys of one token. */
export const maxSlots = 256;
export const maxKeys = 10_000;
export const maxMechanisms = 1024;

/** Bytes of a CKA_ID, of a CKA_LABEL as UTF-8, of a PIN, of a signature or a wrapped key. */
export const maxIdBytes = 1024;
export const maxLabelBytes = 4096;
export const maxPinBytes = 255;
export const maxSignatureBytes = 1024;
export const maxWrappedBytes = 8192;

/** Bytes of an RSA modulus (16,384 bits), and of a public exponent, which is below it. */
export const maxModulusBytes = 2048;

/** Bytes of a public point: an uncompressed one of P-521 has 133. */
export const maxPointBytes = 133;

/** Bytes of a generic secret. */
export const maxSecretBytes = 512;

/** Certificates that are read of one token, and bytes of one. */
export const maxCertificates = 400;
export const maxCertificateBytes = 32_768;
