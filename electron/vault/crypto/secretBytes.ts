/**
 * Secret bytes with one owner, who wipes them. Refuses to be printed, inspected or serialised.
 * Best effort: copies made by V8, OpenSSL, swap and hibernation are not wiped.
 */
const hidden = 'SecretBytes(hidden)';

export class SecretBytes {
  readonly #bytes: Uint8Array;
  #wiped = false;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Takes ownership of `bytes`: the caller no longer uses nor wipes them. */
  static own(bytes: Uint8Array): SecretBytes {
    return new SecretBytes(bytes);
  }

  /** Copies `bytes` and wipes the source. */
  static take(bytes: Uint8Array): SecretBytes {
    const copy = new Uint8Array(bytes); // never the shared pool of Buffer.from
    bytes.fill(0); // SECURITY: the source of a secret is wiped once it has an owner
    return new SecretBytes(copy);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The bytes themselves, borrowed: not kept, not wiped by the borrower. @throws Error after `wipe`. */
  expose(): Uint8Array {
    if (this.#wiped) throw new Error('secret bytes were wiped');
    return this.#bytes;
  }

  wipe(): void {
    this.#bytes.fill(0); // SECURITY: the owner wipes the secret
    this.#wiped = true;
  }

  /** Lends the bytes to `use` and wipes them afterwards, whatever happens. */
  async consume<T>(use: (bytes: Uint8Array) => T | Promise<T>): Promise<T> {
    try {
      return await use(this.expose());
    } finally {
      this.wipe();
    }
  }

  toString(): string {
    return hidden; // SECURITY: a secret never becomes a string by accident
  }

  toJSON(): string {
    return hidden; // SECURITY: nor JSON
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return hidden; // SECURITY: nor an inspection
  }
}
