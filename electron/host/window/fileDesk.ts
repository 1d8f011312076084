/** Files that a person chose, and the grants that the window gets for them instead of their names. */
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { besides, fileUses } from '../../../shared/ipc/windowContract.ts';
import type { ChosenFile, FileUse } from '../../../shared/ipc/windowContract.ts';
import { batchLimit } from '../../../shared/ipc/method.ts';
import type { WorkerCore } from '../../vault/index.ts';

/** What was chosen. */
export interface Choice {
  readonly path: string;
  /** An existing file may be replaced. */
  readonly replace: boolean;
}

/** How a host lets a person choose a file: the system's dialog, or a path typed into the prompt. @throws `declined`, `secret-unavailable` */
export interface FileChooser {
  choose(use: FileUse, start: string): Promise<Choice>;
}

/** Names that the window proposes are for the last part of a path only. */
function harmlessName(name: string): string {
  return basename(name).replace(/[^\p{L}\p{N}._ -]/gu, '-').slice(0, 120);
}

/** A path as a person types it. */
export function typedPath(typed: string, folder: string): string {
  const home = typed === '~' || typed.startsWith('~/') ? join(homedir(), typed.slice(1)) : typed;
  return isAbsolute(home) ? resolve(home) : resolve(folder, home);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** What is wrong with a path for a use, or undefined. */
export function pathFault(path: string, use: FileUse, replace: boolean): string | undefined {
  const { access } = fileUses[use];
  if (isFolder(path)) return `it is a folder: ${path}`;
  if (access === 'read') return existsSync(path) ? undefined : `there is no such file: ${path}`;
  if (!isFolder(dirname(path))) return `there is no such folder: ${dirname(path)}`;
  if (!existsSync(path)) return undefined;
  if (use === 'new-vault') return `the file is there already, and a vault is never overwritten: ${path}`;
  return replace ? undefined : `the file is there already: ${path}`;
}

/** The path with the ending that its use has. */
export function withEnding(path: string, use: FileUse): string {
  const { ending } = fileUses[use];
  return path.endsWith(ending) ? path : `${path}${ending}`;
}

/** Where the result of a use goes: `app.tar` to `app.tar.sig`, `wages.csv.sr` to `wages.csv`. */
function besidePath(path: string, use: FileUse): string | undefined {
  if (use === 'decrypt') return path.endsWith(besides.encrypt) ? path.slice(0, -besides.encrypt.length) : `${path}.decrypted`;
  const endings: Partial<Record<FileUse, string>> = besides;
  return endings[use] === undefined ? undefined : `${path}${endings[use]}`;
}

/**
 * Uses whose file is read more than once, and how often at most. A key file is looked at, read in each way that its bytes can be read, each of its keys
 * is taken in, and a password may be typed wrong; somebody's public key verifies a batch.
 */
const readAgain: Readonly<Partial<Record<FileUse, number>>> = { 'key-file': 24, 'verifying-key': batchLimit };

export class FileDesk {
  readonly #core: Pick<WorkerCore, 'grant'>;
  readonly #chooser: FileChooser;
  #folder: string;
  /** The paths of vaults by their grants, until they are opened. */
  readonly #vaults = new Map<string, string>();
  /** The file that was chosen last for each use that reads it again, and the grants that were given for it. */
  readonly #chosen = new Map<FileUse, { readonly path: string; readonly grants: Set<string> }>();

  constructor(core: Pick<WorkerCore, 'grant'>, chooser: FileChooser, folder: string) {
    this.#core = core;
    this.#chooser = chooser;
    this.#folder = folder;
  }

  async choose(use: FileUse, name = ''): Promise<ChosenFile> {
    const start = join(this.#folder, harmlessName(name) || (use === 'new-vault' ? 'keys.strongroom' : ''));
    const { path, replace } = await this.#chooser.choose(use, name === '' && use !== 'new-vault' ? `${this.#folder}/` : start);
    this.#folder = dirname(path);
    return await this.grant(path, use, replace);
  }

  /** @throws `file-not-found`, `file-unreadable`… are the core's to say, when it opens the file */
  async grant(path: string, use: FileUse, replace: boolean): Promise<ChosenFile> {
    const { access } = fileUses[use];
    const grant = await this.#core.grant(access === 'read' ? { kind: 'read', path } : { kind: 'write', path, overwrite: replace });
    if (use === 'open-vault' || use === 'new-vault') this.#keep(grant, path);
    if (readAgain[use] !== undefined) this.#chosen.set(use, { path, grants: new Set([grant]) });
    const beside = besidePath(path, use);
    const shown = { grant, name: basename(path), folder: dirname(path) };
    if (beside === undefined) return shown;
    return { ...shown, beside: { grant: await this.#core.grant({ kind: 'write', path: beside, overwrite: false }), name: basename(beside), there: existsSync(beside) } };
  }

  #keep(grant: string, path: string): void {
    if (this.#vaults.size > 100) this.#vaults.clear();
    this.#vaults.set(grant, path);
  }

  /**
   * Another grant for the file that was chosen last for such a use.
   * SECURITY: a grant stays good for one use. Only this one file, which a person chose to be read as a key, only for who holds a grant of it, and only so often.
   * @throws `not-found`
   */
  async again(held: string): Promise<ChosenFile> {
    const [use, file] = [...this.#chosen].find(([, { grants }]) => grants.has(held)) ?? [];
    if (use === undefined || file === undefined || file.grants.size >= (readAgain[use] ?? 0)) throw new StrongroomError('not-found', 'the file is not at hand any more', { field: 'grant', nextStep: 'choose it again' });
    const grant = await this.#core.grant({ kind: 'read', path: file.path });
    file.grants.add(grant);
    return { grant, name: basename(file.path), folder: dirname(file.path) };
  }

  /** Nothing that was chosen is read again. */
  forgetChosen(): void {
    this.#chosen.clear();
  }

  /** The vault behind a grant that was given here. */
  vaultPath(grant: unknown): string | undefined {
    return typeof grant === 'string' ? this.#vaults.get(grant) : undefined;
  }

  /** A file that was dropped on the window: only a file that is on the disk has a path. @throws `request-invalid` */
  async dropped(path: string | undefined, use: FileUse): Promise<ChosenFile> {
    if (path === undefined || path === '' || fileUses[use].access !== 'read' || !isAbsolute(path)) throw new StrongroomError('request-invalid', '"file" expected one that was dropped from the disk, got something else', { field: 'file', nextStep: 'choose it instead' });
    this.#folder = dirname(path);
    return await this.grant(path, use, false);
  }
}
