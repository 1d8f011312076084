/** The grants that a host has given out: a path that a person chose becomes an opaque id, good for one use. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { toHex } from '../crypto/bytes.ts';
import { randomBytes } from '../crypto/random.ts';
import type { FileGrants, ReadGrant, WriteGrant } from './fileGrants.ts';

/** Beyond any batch that waits to be carried out: files and the places of their results. */
const keptAtMost = 10_000;

export class FileGrantTable implements FileGrants {
  readonly #grants = new Map<string, ReadGrant | WriteGrant>();

  read(path: string): string {
    return this.#give({ kind: 'read', path });
  }

  write(path: string, overwrite: boolean): string {
    return this.#give({ kind: 'write', path, overwrite });
  }

  #give(grant: ReadGrant | WriteGrant): string {
    const id = toHex(randomBytes(16)); // SECURITY: nobody guesses an id who was not given it
    this.#grants.set(id, grant);
    const [oldest] = this.#grants.keys();
    if (this.#grants.size > keptAtMost && oldest !== undefined) this.#grants.delete(oldest); // SECURITY: a window that asks for ever does not fill the memory
    return id;
  }

  redeemRead(id: string): ReadGrant {
    const grant = this.#take(id);
    if (grant.kind !== 'read') throw new StrongroomError('request-invalid', 'the file was given for writing, not for reading');
    return grant;
  }

  redeemWrite(id: string): WriteGrant {
    const grant = this.#take(id);
    if (grant.kind !== 'write') throw new StrongroomError('request-invalid', 'the file was given for reading, not for writing');
    return grant;
  }

  /** SECURITY: a grant is good for one use. */
  #take(id: string): ReadGrant | WriteGrant {
    const grant = this.#grants.get(id);
    this.#grants.delete(id);
    if (grant === undefined) throw new StrongroomError('request-invalid', 'the file was not given, or was used before');
    return grant;
  }
}
