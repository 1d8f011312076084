/** Every region of the vault file, and what another program can do to it: each column of each row's kind, the parts of sealed blobs, the parameters of a way in, SQLite's own header. */
import Database from 'better-sqlite3';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { decodeCanonical, encodeCanonical } from '../../electron/vault/crypto/canonicalCbor.ts';

/** A change of a copy of the file. */
export interface RegionChange {
  /** `table.column: what`. */
  readonly name: string;
  readonly region: string;
  apply(path: string): void;
}

type Value = Uint8Array | number | bigint | string;
type Row = Readonly<Record<string, Value>>;

function flipped(bytes: Uint8Array, at: number, mask = 1): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ mask : byte));
}

const ofBytes: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  'one bit flipped': (bytes) => flipped(bytes, bytes.length >> 1),
  zeroed: (bytes) => new Uint8Array(bytes.length),
  'cut by a byte': (bytes) => bytes.slice(0, -1),
  emptied: () => new Uint8Array(0),
  'a byte longer': (bytes) => Uint8Array.of(...bytes, 0),
};
const ofNumbers: Readonly<Record<string, (value: number) => number | bigint>> = {
  'one bit flipped': (value) => value ^ 1,
  zeroed: () => 0,
  'cut to half': (value) => Math.trunc(value / 2),
  'two digits longer': (value) => value * 100 + 1,
  negative: () => -1,
  'as large as it gets': () => 2n ** 63n - 1n,
};
const ofTexts: Readonly<Record<string, (value: string) => string>> = {
  'one bit flipped': (value) => String.fromCharCode(value.charCodeAt(0) ^ 1) + value.slice(1),
  zeroed: (value) => '\0'.repeat(value.length),
  'cut by a character': (value) => value.slice(0, -1),
  emptied: () => '',
  'a character longer': (value) => `${value}x`,
};

function changesOf(value: Value): readonly (readonly [string, Value])[] {
  if (value instanceof Uint8Array) return Object.entries(ofBytes).map(([what, change]) => [what, change(value)] as const);
  if (typeof value === 'string') return Object.entries(ofTexts).map(([what, change]) => [what, change(value)] as const);
  return Object.entries(ofNumbers).map(([what, change]) => [what, change(Number(value))] as const);
}

/** The parts of an envelope (FORMAT.md, "The envelope"), and the encapsulated key before a root. */
const envelopeParts = { suite: 0, epoch: 4, nonce: 5, ciphertext: 29, tag: -1 } as const;
const rootParts = { 'encapsulated key': 0, ciphertext: 1120, tag: -1 } as const;

function partsOf(table: string, column: string): Readonly<Record<string, number>> {
  if (column === 'daily' || column === 'approval') return envelopeParts;
  if (column !== 'sealed') return {};
  return table === 'root' ? rootParts : envelopeParts;
}

/** Another program: it need not respect our checks. */
function edit(path: string, work: (connection: Database.Database) => void): void {
  const connection = new Database(path);
  connection.pragma('ignore_check_constraints = ON');
  connection.pragma('journal_mode = MEMORY');
  work(connection);
  connection.close();
}

function setting(table: string, column: string, keyColumn: string, key: Value, value: Value): (path: string) => void {
  return (path) => edit(path, (connection) => void connection.prepare(`UPDATE "${table}" SET "${column}" = ? WHERE "${keyColumn}" = ?`).run(value, key));
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : String(a) === String(b);
}

function swapping(table: string, column: string, keyColumn: string, [one, two]: readonly [Row, Row]): (path: string) => void {
  return (path) => {
    edit(path, (connection) => {
      const set = connection.prepare(`UPDATE "${table}" SET "${column}" = ? WHERE "${keyColumn}" = ?`);
      const [first, second] = [one[keyColumn], two[keyColumn]];
      if (column !== keyColumn) {
        set.run(two[column], first);
        set.run(one[column], second);
        return;
      }
      const aside = typeof first === 'number' ? 10 ** 9 : new Uint8Array(16).fill(0xaa); // a key is given once: by way of a third
      set.run(aside, first);
      set.run(first, second);
      set.run(second, aside);
    });
  };
}

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

function tablesOf(path: string): readonly Table[] {
  const connection = new Database(path, { readonly: true });
  const names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all() as string[];
  const tables = names.map((name) => ({ name, columns: (connection.pragma(`table_info("${name}")`) as { name: string }[]).map((column) => column.name), rows: connection.prepare(`SELECT * FROM "${name}"`).all() as Row[] }));
  connection.close();
  return tables;
}

/** Of a table: each column of one row changed in each way, and swapped with that of another row. @param pick which of so many rows */
function ofTable({ name, columns, rows }: Table, pick: (count: number) => number): readonly RegionChange[] {
  const keyColumn = columns[0] ?? 'id';
  const taken = new Set(rows.map((row) => String(row[keyColumn])));
  const index = pick(rows.length);
  const row = rows[index];
  if (row === undefined) throw new Error(`the table "${name}" has no row`);
  const other = rows[(index + 1) % rows.length];
  return columns.flatMap((column) => {
    const region = `${name}.${column}`;
    const value = row[column] ?? 0;
    const key = row[keyColumn] ?? 0;
    const changes = changesOf(value).filter(([, changed]) => !same(changed, value) && !(column === keyColumn && taken.has(String(changed)))).map(([what, changed]) => ({ name: `${region}: ${what}`, region, apply: setting(name, column, keyColumn, key, changed) }));
    const parts = value instanceof Uint8Array ? Object.entries(partsOf(name, column)).map(([part, at]) => ({ name: `${region}: a bit of its ${part} flipped`, region, apply: setting(name, column, keyColumn, key, flipped(value, at < 0 ? value.length + at : at, 0x40)) })) : [];
    const swap = rows.length < 2 || other === undefined || same(other[column], value) ? [] : [{ name: `${region}: swapped with another row`, region, apply: swapping(name, column, keyColumn, [row, other]) }];
    return [...changes, ...parts, ...swap];
  });
}

/** The fields inside a way in's parameters, re-encoded as a careful forger would. */
function ofParameters({ rows }: Table): readonly RegionChange[] {
  const row = rows[0];
  const fields = decodeCanonical(row?.['parameters'] as Uint8Array) as Record<string, Value>;
  const forged = (name: string, what: string, changed: object): RegionChange => ({ name: `access.parameters.${name}: ${what}`, region: `access.parameters.${name}`, apply: setting('access', 'parameters', 'id', row?.['id'] ?? 0, encodeCanonical(changed)) });
  const changes = Object.entries(fields).flatMap(([name, value]) => changesOf(value).filter(([, changed]) => !same(changed, value) && typeof changed !== 'bigint').map(([what, changed]) => forged(name, what, { ...fields, [name]: changed })));
  const without = Object.keys(fields).map((name) => forged(name, 'left out', Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name))));
  return [...changes, ...without, forged('more', 'a field more', { ...fields, more: 1 })];
}

/** SQLite's header, https://sqlite.org/fileformat2.html §1.3, where FORMAT.md says what stands in it. */
const headerFields = { 'user version': 60, 'application id': 68 } as const;

function ofHeader(): readonly RegionChange[] {
  const bytes: Readonly<Record<string, (old: Uint8Array) => Uint8Array>> = { 'one bit flipped': (old) => flipped(old, 3), zeroed: () => new Uint8Array(4), 'all ones': () => new Uint8Array(4).fill(0xff) };
  return Object.entries(headerFields).flatMap(([field, offset]) => Object.entries(bytes).map(([what, change]) => ({
    name: `${field}: ${what}`,
    region: field,
    apply: (path: string) => {
      const file = openSync(path, 'r+');
      const old = new Uint8Array(4);
      readSync(file, old, 0, 4, offset);
      writeSync(file, change(old), 0, 4, offset);
      closeSync(file);
    },
  })));
}

/** @param pick which of so many rows of a table */
export function regionChanges(path: string, pick: (count: number) => number): readonly RegionChange[] {
  const tables = tablesOf(path);
  const access = tables.filter(({ name }) => name === 'access');
  return [...ofHeader(), ...tables.flatMap((table) => ofTable(table, pick)), ...access.flatMap(ofParameters)];
}
