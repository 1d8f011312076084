/** What is used of the package `bcrypt-pbkdf`, which brings no types of its own. */
declare module 'bcrypt-pbkdf' {
  const bcryptPbkdf: {
    /** One bcrypt_hash of OpenBSD: two SHA-512 values in, 32 bytes out. */
    hash(sha2pass: Uint8Array, sha2salt: Uint8Array, out: Uint8Array): void;
  };
  export default bcryptPbkdf;
}
