/** What a person gives once for one piece of work that opens a vault more than once: a passphrase, a token's secret. */
import { toHex } from '../crypto/bytes.ts';
import { SecretBytes } from '../crypto/secretBytes.ts';
import type { TokenSecretSource } from '../unlock/vaultFile.ts';
import { tokenSecretSource } from './tokenSecret.ts';
import type { Ports } from './workbench.ts';

export class GivenSecrets {
  readonly #kept = new Map<string, SecretBytes>();
  readonly #ports: Ports;
  readonly #sentence: string;
  #ended = false;
  /** Milliseconds that were spent at the prompt for the passphrase. */
  waited = 0;

  constructor(ports: Ports, sentence: string) {
    this.#ports = ports;
    this.#sentence = sentence;
  }

  /** A copy, which the taker wipes; asked for the first time only. */
  readonly passphrase = (): Promise<SecretBytes> => this.#once('passphrase', () => this.#ask());

  readonly tokenSecret: TokenSecretSource = (part) => this.#once(toHex(part.ciphertext), () => tokenSecretSource(this.#ports)(part));

  /** The passphrase, borrowed, where one was asked for. */
  get given(): SecretBytes | undefined {
    return this.#kept.get('passphrase');
  }

  async #ask(): Promise<SecretBytes> {
    const start = performance.now();
    const passphrase = await this.#ports.prompt.passphrase({ why: 'unlock', sentence: this.#sentence });
    this.waited += performance.now() - start;
    return passphrase;
  }

  async #once(name: string, ask: () => Promise<SecretBytes>): Promise<SecretBytes> {
    if (this.#ended) return await ask();
    const kept = this.#kept.get(name) ?? (await ask());
    this.#kept.set(name, kept);
    return SecretBytes.own(new Uint8Array(kept.expose()));
  }

  /** Lends itself to a piece of work. What asks after its end asks the person. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.#ended = true;
      for (const secret of this.#kept.values()) secret.wipe(); // SECURITY: kept for this one piece of work
      this.#kept.clear();
    }
  }
}
