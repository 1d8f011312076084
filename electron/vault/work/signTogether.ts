/** Many documents, one call of the key's place: each asks for its signature while it is made; when all that are still at it have asked, all are signed at once. */
import { setImmediate } from 'node:timers/promises';
import type { HashedMessage } from '../crypto/hashedMessage.ts';
import type { SignResult } from '../providers/provider.ts';

/** Documents between two looks at what else is to be done: a lock gets through while a thousand are made. */
const slice = 8;

/** What is signed, and for ECDSA the message that it is the digest of, where that went through here. */
export interface Signable {
  readonly input: Uint8Array;
  readonly message?: HashedMessage | undefined;
}

interface Asked extends Signable {
  resolve(signature: Uint8Array): void;
  reject(error: unknown): void;
}

export type SignAll = (inputs: readonly Signable[]) => Promise<readonly SignResult[]>;
export type AskSignature = (input: Uint8Array, message?: HashedMessage) => Promise<Uint8Array>;

class Gathering {
  readonly #signAll: SignAll;
  readonly #asked: Asked[] = [];
  /** How many have neither asked nor ended. */
  #awaited: number;
  /** Why the whole call failed. */
  failure: { readonly error: unknown } | undefined;

  constructor(count: number, signAll: SignAll) {
    this.#awaited = count;
    this.#signAll = signAll;
  }

  /** One of those awaited has asked, or will not. */
  async #oneLess(): Promise<void> {
    this.#awaited -= 1;
    if (this.#awaited > 0 || this.#asked.length === 0) return;
    try {
      const results = await this.#signAll(this.#asked);
      for (const [index, { resolve, reject }] of this.#asked.entries()) {
        const result = results[index];
        if (result?.ok === true) resolve(result.signature);
        else reject(result?.error);
        if (index % slice === slice - 1) await setImmediate();
      }
    } catch (error) {
      this.failure = { error };
      for (const { reject } of this.#asked) reject(error);
    }
  }

  /** Makes one document. A failure is its own. */
  async make(make: (ask: AskSignature) => Promise<Uint8Array>): Promise<SignResult> {
    let waiting = true;
    const ask: AskSignature = (input, message) =>
      new Promise((resolve, reject) => {
        if (!waiting) throw new Error('a document asks for one signature');
        waiting = false;
        this.#asked.push({ input, message, resolve, reject });
        void this.#oneLess();
      });
    try {
      return { ok: true, signature: await make(ask) };
    } catch (error) {
      return { ok: false, error };
    } finally {
      if (waiting) void this.#oneLess();
    }
  }
}

/**
 * @param make makes the document of one item, and asks for one signature
 * @returns the documents in the order of the items, or why one was not made
 * @throws what the call threw as a whole
 */
export async function signTogether<T>(items: readonly T[], signAll: SignAll, make: (item: T, ask: AskSignature) => Promise<Uint8Array>): Promise<readonly SignResult[]> {
  const gathering = new Gathering(items.length, signAll);
  const made: Promise<SignResult>[] = [];
  for (const item of items) {
    made.push(gathering.make((ask) => make(item, ask)));
    if (made.length % slice === 0) await setImmediate();
  }
  const results = await Promise.all(made);
  if (gathering.failure !== undefined) throw gathering.failure.error;
  return results;
}
