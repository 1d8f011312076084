/** What the files of others may cost: said before the work, since a small file can ask for 2^31 rounds. Honest high counts pass. */
import { malformed } from '../../crypto/malformed.ts';

export const keyFileLimits = {
  /** Bytes of a file. */
  bytes: 1_048_576,
  /** Rounds of PBKDF2 or of PKCS#12 for one key; files of today have up to 2.5 million. */
  iterations: 10_000_000,
  /** The same for all keys of a file together. */
  iterationsOfFile: 20_000_000,
  /** Memory of scrypt in bytes. */
  scryptMemory: 268_435_456,
  /** N · r · p of scrypt. */
  scryptWork: 33_554_432,
  /** Rounds of bcrypt; `ssh-keygen -a` is 24 by default. */
  bcryptRounds: 1024,
  /** Entries of a file. */
  entries: 256,
} as const;

const tooDear = (what: string, limit: string) => malformed(`the file asks for ${what}: at most ${limit}`, { nextStep: 'such a count is none of an honest program; ask for a file with fewer rounds' });

/** The rounds of one file, counted before they are made. */
export class DerivationCost {
  #iterations = 0;

  /** @throws `input-malformed` over a limit */
  rounds(iterations: number): void {
    if (iterations < 1) throw malformed('the file asks for 0 rounds of key derivation: at least 1');
    this.#iterations += iterations;
    // SECURITY: cost is judged before work
    if (iterations > keyFileLimits.iterations) throw tooDear(`${iterations} rounds of key derivation`, `${keyFileLimits.iterations} are made`);
    if (this.#iterations > keyFileLimits.iterationsOfFile) throw tooDear(`${this.#iterations} rounds of key derivation in all`, `${keyFileLimits.iterationsOfFile} are made`);
  }

  /** @throws `input-malformed` over a limit */
  scrypt({ n, r, p }: { readonly n: number; readonly r: number; readonly p: number }): void {
    if (n < 2 || !Number.isInteger(Math.log2(n)) || r < 1 || p < 1) throw malformed(`the scrypt cost expected N a power of 2, r and p from 1, got N ${n}, r ${r}, p ${p}`);
    const memory = 128 * n * r;
    // SECURITY: cost is judged before work
    if (memory > keyFileLimits.scryptMemory) throw tooDear(`${Math.ceil(memory / 1_048_576)} MiB of memory for scrypt`, `${keyFileLimits.scryptMemory / 1_048_576} MiB`);
    if (n * r * p > keyFileLimits.scryptWork) throw tooDear(`scrypt of N ${n}, r ${r}, p ${p}`, `N · r · p of ${keyFileLimits.scryptWork}`);
  }

  /** @throws `input-malformed` over the limit */
  bcrypt(rounds: number): void {
    if (rounds < 1) throw malformed('the file asks for 0 rounds of bcrypt: at least 1');
    // SECURITY: cost is judged before work
    if (rounds > keyFileLimits.bcryptRounds) throw tooDear(`${rounds} rounds of bcrypt`, `${keyFileLimits.bcryptRounds} are made`);
  }
}
