/** A result file: written beside a temporary name, synced, and renamed only when all is well. An existing file is not overwritten unasked. */
import { accessSync, constants, existsSync } from 'node:fs';
import { link, open, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { toHex } from '../crypto/bytes.ts';
import { randomBytes } from '../crypto/random.ts';
import { requireNotOpenHere } from '../store/database.ts';
import type { WriteGrant } from '../ports/fileGrants.ts';
import type { OutputRecord } from '../records/records.ts';

function exists(path: string): StrongroomError {
  return new StrongroomError('file-exists', `the file is there already: ${path}`, { nextStep: 'name another file, or ask for it to be overwritten (on the command line: --overwrite)' });
}

const unwritableCodes = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR'];

/** What a disk without hard links says: FAT, exFAT, some network folders. */
export const withoutLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

function unwritable(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (!unwritableCodes.includes(code)) return cause;
  return new StrongroomError('file-unwritable', `cannot write ${path} (${code})`, { nextStep: 'check the folder, its owner and permissions', cause });
}

/** SECURITY: made from the result's own name and random bytes, never stored whole: a record can lead to no file but one of ours. */
export function temporaryName({ path, mark }: Pick<OutputRecord, 'path' | 'mark'>): string {
  return join(dirname(path), `.${basename(path).slice(0, 100)}.${toHex(mark)}.tmp`);
}

export class OutputFile {
  /** What an intent remembers of it. */
  readonly name: Omit<OutputRecord, 'made'>;
  readonly #temporary: string;
  #handle: FileHandle | undefined;

  private constructor({ path, overwrite }: WriteGrant) {
    this.name = { path: resolve(path), mark: randomBytes(6), overwrite }; // found again from another working folder too
    this.#temporary = temporaryName(this.name);
  }

  /** Chooses the temporary name; nothing is made yet. @throws `file-exists`, `file-unwritable` */
  static plan(grant: WriteGrant): OutputFile {
    if (!grant.overwrite && existsSync(grant.path)) throw exists(grant.path);
    requireNotOpenHere(grant.path);
    try {
      accessSync(dirname(grant.path), constants.W_OK);
    } catch (error) {
      throw unwritable(grant.path, error);
    }
    return new OutputFile(grant);
  }

  /** @throws `file-unwritable` */
  async begin(): Promise<void> {
    try {
      // SECURITY: readable by this user alone; `wx` follows no link that was laid in the way
      this.#handle = await open(this.#temporary, 'wx', 0o600);
    } catch (error) {
      throw unwritable(this.name.path, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      const { bytesWritten } = await this.#open().write(bytes, offset);
      offset += bytesWritten;
    }
  }

  /** The bytes are on the disk, under the temporary name. */
  async sync(): Promise<void> {
    await this.#open().sync();
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /** Gives the file its name. @throws `file-exists` where somebody made one meanwhile */
  async publish(): Promise<void> {
    if (this.name.overwrite) return await rename(this.#temporary, this.name.path);
    try {
      await this.#nameIt();
    } catch (error) {
      await this.#discardTemporary();
      throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? exists(this.name.path) : unwritable(this.name.path, error);
    }
  }

  /** A link fails where the name is taken, unlike a rename. Where the disk has no links, as many sticks, the name is taken first and then replaced. */
  async #nameIt(): Promise<void> {
    try {
      await link(this.#temporary, this.name.path);
      await unlink(this.#temporary);
    } catch (error) {
      if (!withoutLinks.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await (await open(this.name.path, 'wx', 0o600)).close();
      await rename(this.#temporary, this.name.path).catch(async (failed: unknown) => {
        await unlink(this.name.path); // the name was taken by us, with nothing under it
        throw failed;
      });
    }
  }

  /** Removes what was written so far. Does nothing once published. */
  async discard(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    await this.#discardTemporary();
  }

  async #discardTemporary(): Promise<void> {
    await unlink(this.#temporary).catch(() => undefined); // it was renamed, or never made
  }

  #open(): FileHandle {
    if (this.#handle === undefined) throw new Error('the file is closed');
    return this.#handle;
  }
}

/** Takes back a file that was published. */
export async function removeOutput({ path }: WriteGrant): Promise<void> {
  await unlink(path).catch(() => undefined); // whoever removed it first did the same
}

/** Lets `work` write and sync, outside of any intent; then the file gets its name, or is removed where the work failed. */
export async function withOutput<T>(grant: WriteGrant, work: (output: OutputFile) => Promise<T>): Promise<T> {
  const output = OutputFile.plan(grant);
  try {
    await output.begin();
    const result = await work(output);
    await output.publish();
    return result;
  } finally {
    await output.discard();
  }
}
