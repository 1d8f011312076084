/** The first schema. Every table is STRICT; what a row says is sealed, what is plain is said in FORMAT.md. */
import { inventoryTables } from '../../unlock/openVault.ts';

/** A table of sealed rows. */
function sealedTable(name: string): string {
  return `CREATE TABLE "${name}" (id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), revision INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID`;
}

export const firstSchema: readonly string[] = [
  'CREATE TABLE header (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), suite INTEGER NOT NULL, seed BLOB NOT NULL, vault BLOB NOT NULL, epoch INTEGER NOT NULL, genesis BLOB NOT NULL) STRICT',
  'CREATE TABLE access (id BLOB NOT NULL PRIMARY KEY, principal BLOB NOT NULL, parameters BLOB NOT NULL, commitment BLOB NOT NULL, daily BLOB NOT NULL, approval BLOB NOT NULL) STRICT, WITHOUT ROWID',
  'CREATE TABLE root (id BLOB NOT NULL PRIMARY KEY, principal BLOB NOT NULL, epoch INTEGER NOT NULL, kind TEXT NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID',
  ...inventoryTables.map(sealedTable),
  'CREATE TABLE "materialKey" (id BLOB NOT NULL PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID',
  'CREATE TABLE material (id BLOB NOT NULL PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID',
  'CREATE TABLE entry (seq INTEGER NOT NULL PRIMARY KEY, leaf BLOB NOT NULL, sealed BLOB NOT NULL) STRICT',
  'CREATE TABLE digest (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT',
  'CREATE TABLE attempt (id INTEGER NOT NULL PRIMARY KEY, at INTEGER NOT NULL) STRICT',
];
