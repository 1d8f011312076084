/** A file whose signature is looked at: which hash of it is wanted stands in the signature, so it may be read more than once, and must stay the same. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { equalBytes } from '../crypto/bytes.ts';
import type { HashName } from '../crypto/hashes.ts';
import type { Run } from '../door/run.ts';
import type { ReadGrant } from '../ports/fileGrants.ts';
import { signedInput } from './signedInput.ts';
import type { Reading } from './signedInput.ts';

export class HashedFile {
  readonly #grant: ReadGrant;
  readonly #run: Run;
  readonly #digests = new Map<HashName, Uint8Array>();
  #sha256: Uint8Array | undefined;

  constructor(grant: ReadGrant, run: Run) {
    this.#grant = grant;
    this.#run = run;
  }

  /** @throws `file-*`, `input-too-large`; `input-malformed` where the file is another than before */
  async input(reading: Reading): Promise<Uint8Array> {
    const { input, sha256 } = await signedInput(this.#grant, reading, this.#run);
    // SECURITY: what is said of the file is said of one file
    if (this.#sha256 !== undefined && !equalBytes(this.#sha256, sha256)) throw new StrongroomError('input-malformed', 'the file changed while it was read', { field: 'in', nextStep: 'try again once nobody writes to it' });
    this.#sha256 = sha256;
    return input;
  }

  async digest(hash: HashName): Promise<Uint8Array> {
    const known = this.#digests.get(hash) ?? (await this.input({ hash }));
    this.#digests.set(hash, known);
    return known;
  }

  async sha256(): Promise<Uint8Array> {
    return this.#sha256 ?? (await this.digest('sha256'));
  }
}
