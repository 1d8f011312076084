/**
 * A message that went through a hash, with the means to make and verify one ECDSA signature over it. The platform takes messages and no digests,
 * so its states are fed beside the hash: its code is fast and runs in constant time, where JavaScript over a digest is neither.
 */
import { createSign, createVerify } from 'node:crypto';
import type { KeyObject, Sign, Verify } from 'node:crypto';
import { equalBytes } from './bytes.ts';
import { newHash } from './hashes.ts';
import type { HashName, RunningHash } from './hashes.ts';

/** r and s at fixed length, IEEE P1363. */
const dsaEncoding = 'ieee-p1363';

export class HashedMessage implements RunningHash {
  readonly #hash: RunningHash;
  #sign: Sign | undefined;
  #verify: Verify | undefined;
  #digest: Uint8Array | undefined;

  /** @param signsHere false where the key lies on a token: what signs nothing is not fed */
  constructor(name: HashName, signsHere: boolean) {
    this.#hash = newHash(name);
    this.#sign = signsHere ? createSign(name) : undefined;
    this.#verify = createVerify(name);
  }

  static of(name: HashName, message: Uint8Array): HashedMessage {
    const hashed = new HashedMessage(name, true);
    hashed.update(message);
    return hashed;
  }

  update(part: Uint8Array): void {
    this.#hash.update(part);
    this.#sign?.update(part);
    this.#verify?.update(part);
  }

  digest(): Uint8Array {
    this.#digest ??= this.#hash.digest();
    return this.#digest;
  }

  /** SECURITY: a state signs whatever went through it: whoever asks for a signature says over which digest, and gets no other. */
  isOf(digest: Uint8Array): boolean {
    return equalBytes(this.digest(), digest);
  }

  /** @param key of a curve; a batch parses it once @returns undefined the second time: a state signs once */
  sign(key: KeyObject): Uint8Array | undefined {
    const state = this.#sign;
    this.#sign = undefined;
    return state === undefined ? undefined : new Uint8Array(state.sign({ key, dsaEncoding }));
  }

  /** @returns undefined the second time: a state verifies once */
  verify(key: KeyObject, signature: Uint8Array): boolean | undefined {
    const state = this.#verify;
    this.#verify = undefined;
    try {
      return state?.verify({ key, dsaEncoding }, signature);
    } catch {
      return false; // what has not the length of r and s
    }
  }
}
