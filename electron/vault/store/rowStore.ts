/** Rows in and out of the SQLite file: every statement of the vault, prepared once. Knows what a row's columns are, not what they mean. */
import { toHex } from '../crypto/bytes.ts';
import { inventoryTables } from '../unlock/openVault.ts';
import { bytesOf, inSqlite } from './database.ts';
import type { Connection, Statement } from './database.ts';
import type { Column } from './stateDigest.ts';

const sealed = ['id', 'sealed'] as const;
const sealedRow = ['id', 'revision', 'sealed'] as const;

/** The tables that are read whole, and their columns in the order of the digest. The digest covers all but the header, which names the genesis. */
export const digestedTables: Readonly<Record<string, readonly string[]>> = {
  header: ['id', 'suite', 'seed', 'vault', 'epoch', 'genesis'],
  access: ['id', 'principal', 'parameters', 'commitment', 'daily', 'approval'],
  root: ['id', 'principal', 'epoch', 'kind', 'sealed'],
  ...Object.fromEntries(inventoryTables.map((table) => [table, sealedRow])),
  materialKey: sealed,
  material: sealed,
};

export interface StoredEntry {
  readonly seq: number;
  readonly leaf: Uint8Array;
  readonly sealed: Uint8Array;
}

interface TableStatements {
  readonly all: Statement;
  readonly one: Statement;
  readonly put: Statement;
  readonly remove: Statement;
}

/** The driver gives Buffers; everywhere else bytes are plain. */
function plain(value: unknown): Column {
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.length);
  return value as Column;
}

export class RowStore {
  readonly #connection: Connection;
  readonly #tables = new Map<string, TableStatements>();
  readonly #entries: Record<'append' | 'replace' | 'page' | 'leaves', Statement>;

  constructor(connection: Connection) {
    this.#connection = connection;
    for (const [table, columns] of Object.entries(digestedTables)) this.#tables.set(table, this.#prepare(table, columns));
    this.#entries = {
      append: connection.prepare('INSERT INTO entry (seq, leaf, sealed) VALUES (?, ?, ?)'),
      replace: connection.prepare('UPDATE entry SET sealed = ? WHERE seq = ? AND leaf = ?'),
      page: connection.prepare('SELECT seq, leaf, sealed FROM entry WHERE seq >= ? ORDER BY seq LIMIT ?'),
      leaves: connection.prepare('SELECT seq, leaf FROM entry ORDER BY seq').raw(),
    };
  }

  #prepare(table: string, columns: readonly string[]): TableStatements {
    const list = columns.join(', ');
    const marks = columns.map(() => '?').join(', ');
    return {
      all: this.#connection.prepare(`SELECT ${list} FROM "${table}"`).raw(),
      one: this.#connection.prepare(`SELECT ${list} FROM "${table}" WHERE id = ?`).raw(),
      put: this.#connection.prepare(`INSERT OR REPLACE INTO "${table}" (${list}) VALUES (${marks})`),
      remove: this.#connection.prepare(`DELETE FROM "${table}" WHERE id = ?`),
    };
  }

  #of(table: string): TableStatements {
    const statements = this.#tables.get(table);
    if (statements === undefined) throw new Error(`no table ${table}`);
    return statements;
  }

  /** All rows of a table, each as its columns. */
  *scan(table: string): Generator<readonly Column[]> {
    for (const row of inSqlite(() => this.#of(table).all.all()) as unknown[][]) yield row.map(plain);
  }

  read(table: string, id: Uint8Array | number): readonly Column[] | undefined {
    const row = inSqlite(() => this.#of(table).one.get(id)) as unknown[] | undefined;
    return row?.map(plain);
  }

  put(table: string, columns: readonly Column[]): void {
    this.#of(table).put.run(...columns);
  }

  remove(table: string, id: Uint8Array): void {
    this.#of(table).remove.run(id);
  }

  /** All rows of a table go. */
  empty(table: string): void {
    this.#connection.prepare(`DELETE FROM "${table}"`).run();
  }

  appendEntry({ seq, leaf, sealed: blob }: StoredEntry): void {
    this.#entries.append.run(seq, leaf, blob);
  }

  /** The same entry, sealed anew. */
  resealEntry({ seq, leaf, sealed: blob }: StoredEntry): void {
    if (this.#entries.replace.run(blob, seq, leaf).changes !== 1) throw new Error(`no entry ${seq}`);
  }

  /** In pages, so that no statement stays open while others write. */
  *entries(from: number): Generator<StoredEntry> {
    const pageSize = 256;
    for (let next = from; ; ) {
      const page = inSqlite(() => this.#entries.page.all(next, pageSize)) as StoredEntry[];
      for (const { seq, leaf, sealed: blob } of page) yield { seq, leaf: plain(leaf) as Uint8Array, sealed: plain(blob) as Uint8Array };
      if (page.length < pageSize) return;
      next = (page.at(-1)?.seq ?? next) + 1;
    }
  }

  /** Numbers and leaves, in order. */
  leaves(): readonly Pick<StoredEntry, 'seq' | 'leaf'>[] {
    return (inSqlite(() => this.#entries.leaves.all()) as [number, unknown][]).map(([seq, leaf]) => ({ seq, leaf: plain(leaf) as Uint8Array }));
  }

  digest(): Uint8Array | undefined {
    const blob = inSqlite(() => this.#connection.prepare('SELECT sealed FROM digest WHERE id = 1').pluck().get());
    return blob === undefined ? undefined : (plain(blob) as Uint8Array);
  }

  putDigest(blob: Uint8Array): void {
    this.#connection.prepare('INSERT OR REPLACE INTO digest (id, sealed) VALUES (1, ?)').run(blob);
  }

  /** Times of failed unlocks, oldest first. */
  attempts(): readonly number[] {
    return inSqlite(() => this.#connection.prepare('SELECT at FROM attempt ORDER BY id').pluck().all()) as number[];
  }

  /** A plain, capped table outside the digest: a locked vault has no key to log with. */
  addAttempt(at: number): void {
    inSqlite(() => {
      this.#connection.prepare('INSERT INTO attempt (at) VALUES (?)').run(at);
      this.#connection.prepare('DELETE FROM attempt WHERE id NOT IN (SELECT id FROM attempt ORDER BY id DESC LIMIT 1000)').run();
    });
  }

  clearAttempts(): void {
    this.#connection.prepare('DELETE FROM attempt').run();
  }

  /** All or nothing, durable on return. @throws `disk-full`, `vault-read-only` */
  transaction(work: () => void): void {
    inSqlite(() => this.#connection.transaction(work).immediate(), this.#connection.name);
  }

  /** Of a pragma, as it is in force. */
  pragma(name: string): unknown {
    return this.#connection.pragma(name, { simple: true });
  }

  /** The whole file as it is now. */
  copy(): Uint8Array {
    return bytesOf(this.#connection);
  }

  get connection(): Connection {
    return this.#connection;
  }

  close(): void {
    this.#connection.close();
  }
}

/** The name of a row among all rows. */
export function rowKeyOf(table: string, id: Uint8Array | number): string {
  return `${table}/${typeof id === 'number' ? id : toHex(id)}`;
}
