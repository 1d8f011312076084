/** The SQLite file: checks that need no passphrase, the pragmas, the exclusive lock, and what SQLite's errors mean. The only importer of the driver. */
import Database from 'better-sqlite3';
import { accessSync, closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readSync, realpathSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { applicationId, formatVersion } from './formatVersion.ts';
import { firstSchema } from './migrations/0001-first.ts';

export type Connection = Database.Database;
export type Statement = Database.Statement<unknown[]>;

/** The pragmas of every connection, and what each must read back as. */
const pragmas: readonly (readonly [name: string, value: string, reads: string | number])[] = [
  ['journal_mode', 'DELETE', 'delete'],
  ['synchronous', 'EXTRA', 3], // SECURITY: a commit is on the disk, its journal's end too, before an answer leaves
  ['secure_delete', 'ON', 1], // SECURITY: what is deleted is overwritten in the file: crypto-shredding
  ['temp_store', 'MEMORY', 2], // SECURITY: no row in a temporary file
  ['trusted_schema', 'OFF', 0], // SECURITY: a doctored schema runs nothing
  ['cell_size_check', 'ON', 1],
  ['foreign_keys', 'ON', 1],
];

function applyPragmas(connection: Connection): void {
  connection.pragma('locking_mode = EXCLUSIVE'); // SECURITY: nobody else reads or writes the file while it is open
  connection.pragma('mmap_size = 0');
  for (const [name, value, reads] of pragmas) {
    connection.pragma(`${name} = ${value}`);
    const got = connection.pragma(name, { simple: true });
    if (got !== reads) throw new Error(`pragma ${name} reads ${String(got)}`);
  }
}

/** SQLite's own codes in ours. Anything else is passed on. @param path of an open vault */
function fromSqlite(error: unknown, path: string | undefined): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const { code } = error;
  if (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED') return inUse(error);
  if (code === 'SQLITE_FULL' || code.startsWith('SQLITE_IOERR'))
    return new StrongroomError('disk-full', 'the disk is full or failed; nothing was changed', { nextStep: 'make room, or check the disk, and try again', retryable: true, cause: error });
  if (code === 'SQLITE_READONLY_ROLLBACK') return new StrongroomError('vault-read-only', 'a commit was interrupted, and is undone only by an opening that may write', { nextStep: 'open the vault once without read-only', cause: error });
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM' || code.startsWith('SQLITE_CANTOPEN')) return path === undefined || existsSync(path) ? readOnly(error) : gone(path, error);
  if (code.startsWith('SQLITE_NOTADB')) return foreign(error);
  if (code.startsWith('SQLITE_CORRUPT')) return new StrongroomError('vault-tampered', `the file was damaged or edited: ${error.message}`, { nextStep: 'restore a backup, or salvage what still opens; keep this file for an inquiry', cause: error });
  return error;
}

/** Runs SQL, and says what went wrong in our codes. */
export function inSqlite<T>(work: () => T, path?: string): T {
  try {
    return work();
  } catch (error) {
    throw fromSqlite(error, path);
  }
}

function inUse(cause: unknown): StrongroomError {
  return new StrongroomError('vault-in-use', 'another program has the vault open', { nextStep: 'lock it there, then try again', retryable: true, cause });
}
function readOnly(cause?: unknown): StrongroomError {
  return new StrongroomError('vault-read-only', 'the vault file or its folder cannot be written by this user', { nextStep: 'check owner and permissions of the file and its folder', cause });
}
function gone(path: string, cause: unknown): StrongroomError {
  return new StrongroomError('vault-read-only', `the vault file is not there any more, or its disk was removed; nothing was changed: ${path}`, { nextStep: 'put the disk back; then lock the vault and open it again', cause });
}
function foreign(cause?: unknown): StrongroomError {
  return new StrongroomError('vault-foreign', 'the file is not a Strongroom vault', { nextStep: 'check the name of the file', cause });
}

function readHead(path: string): { readonly head: DataView; readonly size: number } {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw new StrongroomError('file-unreadable', `cannot read ${path}`, { nextStep: 'check its owner and permissions', cause });
  }
  try {
    const bytes = new Uint8Array(100);
    readSync(descriptor, bytes, 0, 100, 0);
    return { head: new DataView(bytes.buffer), size: fstatSync(descriptor).size };
  } finally {
    closeSync(descriptor);
  }
}

/** A commit is under way, or was interrupted. An open vault has an empty one too. */
export function hasJournal(path: string): boolean {
  return existsSync(`${path}-journal`);
}

/** The file format's header, https://sqlite.org/fileformat2.html §1.3: page size at 16, pages at 28, user version at 60, application id at 68. */
function checkHead(head: DataView, size: number, journal: () => boolean): void {
  const magic = new TextDecoder('latin1').decode(new Uint8Array(head.buffer, 0, 16));
  if (size === 0) throw new StrongroomError('vault-truncated', 'the file is empty', { nextStep: 'restore a backup' });
  if (magic !== 'SQLite format 3\0' || head.getUint32(68) !== applicationId) throw foreign();
  const version = head.getUint32(60);
  if (version > formatVersion)
    throw new StrongroomError('vault-newer', `the vault has format ${version}, this program knows up to ${formatVersion}; the file is untouched`, { nextStep: 'use a newer Strongroom' });
  if (version === 0) throw foreign();
  const pageSize = head.getUint16(16) === 1 ? 65_536 : head.getUint16(16);
  const expected = pageSize * head.getUint32(28);
  // A journal beside the file is a commit that was interrupted: SQLite puts the file right first.
  if (size < expected && !journal())
    throw new StrongroomError('vault-truncated', `the vault file was cut short: ${expected} bytes expected, got ${size}`, { nextStep: 'restore a backup, or salvage what still opens' });
}

function statOf(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new StrongroomError('file-unreadable', `cannot look at ${path}`, { nextStep: 'check its name, and the permissions of its folder', cause });
  }
}

function checkPlace(path: string): void {
  const stat = statOf(path);
  if (stat === undefined) throw new StrongroomError('vault-not-found', `there is no vault at ${path}`, { nextStep: 'check the name, or create one with `vault create`' });
  if (!stat.isFile()) throw new StrongroomError('file-unreadable', `expected a file, got something else: ${path}`);
}

/** The file, and its folder for the journal. */
function checkWritable(path: string): void {
  const cause = writeFault(path);
  if (cause !== undefined) throw readOnly(cause);
}

function writeFault(path: string): unknown {
  try {
    accessSync(path, constants.W_OK);
    accessSync(dirname(realpathSync(path)), constants.W_OK);
    return undefined;
  } catch (cause) {
    return cause;
  }
}

/** A vault that is there, and that nothing can be written to where it lies: on a disk that is mounted read-only, or in somebody else's folder. */
export function canOnlyBeRead(path: string): boolean {
  return existsSync(path) && writeFault(path) !== undefined;
}

/** An empty vault of this version in memory, made by SQLite itself. */
function inModel<T>(look: (model: Connection) => T): T {
  const model = new Database(':memory:');
  try {
    for (const sql of firstSchema) model.exec(sql);
    return look(model);
  } finally {
    model.close();
  }
}

/** The rows of sqlite_schema that this version writes. */
function ownSchema(): readonly SchemaRow[] {
  return inModel(schemaOf);
}

/** The file of a vault with nothing in it. */
export function emptyVaultBytes(): Uint8Array {
  return inModel(bytesOf);
}

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly sql: string | null;
}

function schemaOf(connection: Connection): readonly SchemaRow[] {
  return connection.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all() as SchemaRow[];
}

function tampered(what: string): StrongroomError {
  return new StrongroomError('vault-tampered', `the vault was changed by another program: ${what}`, { nextStep: 'do not use it; keep the file for an inquiry, and restore a backup or salvage what still opens' });
}

/** SECURITY: tables, indexes, views and triggers are exactly those of this version. */
function checkSchema(connection: Connection): void {
  const key = ({ type, name }: SchemaRow) => `${type} "${name}"`;
  const actual = new Map(schemaOf(connection).map((row) => [key(row), row.sql]));
  for (const row of ownSchema()) {
    if (!actual.has(key(row))) throw tampered(`the schema lacks the ${key(row)}`);
    if (actual.get(key(row)) !== row.sql) throw tampered(`the schema of the ${key(row)} was edited`);
    actual.delete(key(row));
  }
  const [extra] = actual.keys();
  if (extra !== undefined) throw tampered(`the schema has an ${extra} that is not ours`);
}

/** SECURITY: `quick_check` passes a doctored index, `integrity_check` does not. */
function checkIntegrity(connection: Connection): void {
  const [first] = connection.pragma('integrity_check(1)') as { integrity_check: string }[];
  if (first?.integrity_check !== 'ok') throw tampered(`the file does not hold together (${first?.integrity_check})`);
}

/** Hands on a connection whose content is a vault's, or closes it. @throws what `prepare` and the checks throw */
function checked(connection: Connection, prepare: () => void = () => undefined): Connection {
  try {
    prepare();
    checkSchema(connection);
    checkIntegrity(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** `read` leaves the file as it is: other readers may have it open too, a writer may not. */
export type OpenMode = 'write' | 'read';

/**
 * Opens a vault file under a lock, after every check that needs no passphrase.
 * @throws `vault-not-found`, `vault-foreign`, `vault-newer`, `vault-truncated`, `vault-in-use`, `vault-read-only`, `vault-tampered`, `file-unreadable`
 */
export function openDatabase(path: string, mode: OpenMode): Connection {
  checkPlace(path);
  const { head, size } = readHead(path);
  checkHead(head, size, () => hasJournal(path));
  if (mode === 'write') checkWritable(path);
  return inSqlite(() => {
    const connection = noteOpen(new Database(path, { timeout: 0, fileMustExist: true, readonly: mode === 'read' }));
    return checked(connection, () => {
      applyPragmas(connection);
      connection.exec('BEGIN EXCLUSIVE; COMMIT'); // a reader's transaction reads; its lock stays until the file is closed
    });
  });
}

/** The file as it is now, as SQLite would write it. */
export function bytesOf(connection: Connection): Uint8Array {
  const bytes = inSqlite(() => connection.serialize());
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A file's bytes as a database in memory: SQLite has a copy of its own, nothing is on the disk, and nothing can be changed. Nothing of it is checked. */
export function connectBytes(bytes: Uint8Array): Connection {
  const connection = new Database(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  // SECURITY: a doctored schema runs nothing, no row in a temporary file, and no statement changes anything
  for (const pragma of ['trusted_schema = OFF', 'temp_store = MEMORY', 'cell_size_check = ON', 'query_only = ON']) connection.pragma(pragma);
  return connection;
}

/** Opens the bytes of a vault file in memory, after every check that needs no passphrase. @throws `vault-foreign`, `vault-newer`, `vault-truncated`, `vault-tampered` */
export function openBytes(bytes: Uint8Array): Connection {
  const head = new Uint8Array(100);
  head.set(bytes.subarray(0, 100));
  checkHead(new DataView(head.buffer), bytes.length, () => false);
  return inSqlite(() => checked(connectBytes(bytes)));
}

/** A dangling link has its name too. */
function hasName(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // a folder on the way that cannot be passed: the creation says so
  }
}

/** @throws `file-exists` */
export function requireFreeName(path: string, cause?: unknown): void {
  if (hasName(path)) throw new StrongroomError('file-exists', `the file is there already: ${path}`, { nextStep: 'name another file; a vault is never overwritten', cause });
}

function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600)); // SECURITY: nobody else reads it, and nothing is overwritten
  } catch (cause) {
    requireFreeName(path, cause);
    throw new StrongroomError('file-unwritable', `cannot create ${path}`, { nextStep: 'check the folder, its owner and permissions', cause });
  }
}

function writeSchema(connection: Connection): void {
  applyPragmas(connection);
  connection.exec('BEGIN EXCLUSIVE'); // one transaction: a file that was begun and not finished is empty, and said to be
  connection.pragma(`application_id = ${applicationId}`);
  connection.pragma(`user_version = ${formatVersion}`);
  for (const sql of firstSchema) connection.exec(sql);
  connection.exec('COMMIT');
}

const openHere = new Set<Connection>();

/** What cannot be looked at is not open here. */
function identityOf(path: string): { readonly ino: bigint; readonly dev: bigint } | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined; // a link that leads nowhere, a folder that cannot be passed: opening it says so
  }
}

function noteOpen(connection: Connection): Connection {
  for (const one of openHere) if (!one.open) openHere.delete(one);
  openHere.add(connection);
  return connection;
}

/** SECURITY: POSIX drops all locks that a process has on a file when it closes any descriptor of it: a vault that is open here is neither read nor replaced as a file. */
export function requireNotOpenHere(path: string): void {
  const there = identityOf(path);
  if (there === undefined) return;
  for (const { open, name, memory } of openHere) {
    if (!open || memory) continue;
    const ours = identityOf(name);
    if (ours?.ino === there.ino && ours.dev === there.dev) throw new StrongroomError('vault-in-use', `the file is the vault that is open: ${path}`, { nextStep: 'lock it first, or name another file' });
  }
}

/** Removes what was begun of a vault that was not founded. */
export function removeDatabase(path: string): void {
  for (const name of [path, `${path}-journal`]) rmSync(name, { force: true });
}

/** A new, empty vault file, readable by this user alone. Nothing is left of it where it fails. @throws `file-exists`, `file-unwritable`, `disk-full` */
export function createDatabase(path: string): Connection {
  makeFile(path);
  let connection: Connection | undefined;
  try {
    return inSqlite(() => {
      connection = noteOpen(new Database(path, { timeout: 0 }));
      writeSchema(connection);
      return connection;
    });
  } catch (error) {
    connection?.close();
    removeDatabase(path);
    throw error;
  }
}

/** Checks a connection that is open again. */
export function recheckIntegrity(connection: Connection): void {
  inSqlite(() => checkIntegrity(connection));
}
