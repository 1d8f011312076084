/** What can be read of a damaged database: row by row, around the pages that are broken. It works on a copy in memory, and never touches the file. */
import { toHex } from '../crypto/bytes.ts';
import { connectBytes, emptyVaultBytes } from './database.ts';
import type { Connection, Statement } from './database.ts';
import { digestedTables } from './rowStore.ts';
import type { StoredEntry } from './rowStore.ts';
import type { Column } from './stateDigest.ts';

export interface Gathered<R> {
  readonly rows: readonly R[];
  /** Every page on the way could be read. Whether a row is missing for another reason, only the log can tell. */
  readonly whole: boolean;
}

/** A table whose first column is its key, from the lowest key to the highest in numbered steps. */
interface Steps {
  readonly table: string;
  readonly columns: readonly string[];
  readonly steps: number;
  /** The lowest key of a step. */
  key(step: number): Uint8Array | number;
}

/** Ids are random: their first twelve bits part them evenly. */
const idSteps = { steps: 4096, key: (step: number) => (step === 4096 ? new Uint8Array(64).fill(0xff) : Uint8Array.of(step >> 4, (step & 15) << 4)) };

/** https://sqlite.org/fileformat2.html §1.3: the number of pages is what is here, and no page is free, whatever the head says. */
function mended(bytes: Uint8Array, firstPage: Uint8Array | undefined): Uint8Array {
  const stated = bytes.length < 18 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint16(16);
  const known = firstPage === undefined && stated >= 512 && (stated & (stated - 1)) === 0;
  const pageSize = known ? stated : 4096;
  const pages = Math.max(1, Math.ceil(bytes.length / pageSize));
  const whole = new Uint8Array(pages * pageSize);
  whole.set(bytes);
  if (firstPage !== undefined) whole.set(firstPage);
  const head = new DataView(whole.buffer);
  head.setUint16(18, 0x0101); // no write-ahead log, which a database in memory cannot have
  head.setUint32(28, pages);
  head.setUint32(92, head.getUint32(24));
  return whole;
}

function connected(bytes: Uint8Array): Connection | undefined {
  try {
    const connection = connectBytes(bytes);
    connection.prepare('SELECT count(*) FROM sqlite_schema').get();
    return connection;
  } catch {
    return undefined; // the other way to look at it is left
  }
}

function schemaText(connection: Connection): string {
  return JSON.stringify(connection.prepare('SELECT name, rootpage, sql FROM sqlite_schema ORDER BY name').all());
}

function plain(value: unknown): Column {
  return value instanceof Uint8Array ? new Uint8Array(value.buffer, value.byteOffset, value.length) : (value as Column);
}

export class DamagedDatabase {
  readonly #connections: readonly Connection[];
  readonly #size: number;

  /** @param bytes borrowed */
  constructor(bytes: Uint8Array) {
    this.#size = bytes.length;
    const asIs = connected(mended(bytes, undefined));
    // Tables are made in one order, so that each begins at the same page in every vault: a lost first page is that of an empty vault.
    const rebuilt = connected(mended(bytes, emptyVaultBytes().subarray(0, 4096)));
    const alike = asIs !== undefined && rebuilt !== undefined && schemaText(asIs) === schemaText(rebuilt);
    if (alike) rebuilt.close();
    this.#connections = [asIs, alike ? undefined : rebuilt].filter((connection) => connection !== undefined);
  }

  /** All rows of a digested table that can be read. */
  gather(table: string): Gathered<readonly Column[]> {
    const keys = table === 'header' ? { steps: 2, key: (step: number) => step } : idSteps;
    return this.#gather({ table, columns: digestedTables[table] ?? [], ...keys });
  }

  entries(): Gathered<StoredEntry> {
    const most = Math.ceil(this.#size / 128) + 1; // an entry has more bytes than this
    const { rows, whole } = this.#gather({ table: 'entry', columns: ['seq', 'leaf', 'sealed'], steps: most, key: (step) => step });
    const entries = rows.map(([seq, leaf, sealed]) => ({ seq, leaf, sealed }) as StoredEntry);
    return { rows: entries.sort((a, b) => a.seq - b.seq), whole };
  }

  digest(): Uint8Array | undefined {
    const { rows } = this.#gather({ table: 'digest', columns: ['id', 'sealed'], steps: 2, key: (step) => step });
    const [, sealed] = rows[0] ?? [];
    return sealed instanceof Uint8Array ? sealed : undefined;
  }

  #gather(steps: Steps): Gathered<readonly Column[]> {
    const rows = new Map<string, readonly Column[]>();
    const take = (row: readonly Column[]) => rows.set(row[0] instanceof Uint8Array ? toHex(row[0]) : String(row[0]), row);
    const whole = this.#connections.map((connection) => gatherFrom(connection, steps, take));
    return { rows: [...rows.values()], whole: whole.includes(true) };
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

/** @returns whether all of the table could be read */
function gatherFrom(connection: Connection, { table, columns, steps, key }: Steps, take: (row: readonly Column[]) => void): boolean {
  const [id] = columns;
  const ordered = (order: string) => connection.prepare(`SELECT ${columns.join(', ')} FROM "${table}" WHERE ${id} >= ? AND ${id} < ? ORDER BY ${id} ${order}`).raw();
  let [up, down]: [Statement | undefined, Statement | undefined] = [undefined, undefined];
  try {
    [up, down] = [ordered('ASC'), ordered('DESC')];
  } catch {
    return false; // the table is not in this schema
  }
  const walk = (low: number, high: number): boolean => {
    if (scan(up, key(low), key(high), take)) return true;
    if (high - low === 1) scan(down, key(low), key(high), take); // up to the damage from the other side
    else for (const [from, to] of halves(low, high)) walk(from, to);
    return false;
  };
  return walk(0, steps);
}

function halves(low: number, high: number): readonly (readonly [number, number])[] {
  const middle = low + Math.floor((high - low) / 2);
  return [
    [low, middle],
    [middle, high],
  ];
}

/** @returns false where a page on the way is broken; rows before it were taken */
function scan(statement: Statement, low: Uint8Array | number, high: Uint8Array | number, take: (row: readonly Column[]) => void): boolean {
  try {
    for (const row of statement.iterate(low, high) as Iterable<unknown[]>) take(row.map(plain));
    return true;
  } catch {
    return false; // whatever SQLite stumbles over in a damaged page
  }
}
