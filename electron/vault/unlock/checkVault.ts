/** The full check: every entry from the genesis, every row on the disk, all key material. Yields between slices, so that a lock gets through. */
import { setImmediate } from 'node:timers/promises';
import { equalBytes, fromHex } from '../crypto/bytes.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import { ChainVerifier, LogFault } from '../log/chainVerifier.ts';
import { recheckIntegrity } from '../store/database.ts';
import { digestedTables, rowKeyOf } from '../store/rowStore.ts';
import { digestHash } from '../store/stateDigest.ts';
import type { Column } from '../store/stateDigest.ts';
import type { KeptEntry } from './entryBlob.ts';
import { tampered } from './tampering.ts';
import type { VaultParts } from './vaultFile.ts';

export interface CheckResult {
  readonly entries: number;
  readonly rows: number;
  readonly findings: readonly string[];
}

/** Entries or keys between two looks at what else is to be done. */
const slice = 256;

const unproved = 'an older copy of the whole file could not be told from this one: compare the log root with one that was kept elsewhere';

/** @throws `vault-tampered` with the first thing that is wrong */
export async function checkVault(parts: VaultParts, entries: () => Iterable<KeptEntry>, openMaterial: (id: Uint8Array) => SecretBytes | undefined): Promise<CheckResult> {
  recheckIntegrity(parts.store.connection);
  await checkLog(parts, entries());
  const rows = await checkRows(parts);
  await checkMaterial(parts, openMaterial);
  return { entries: parts.state.tree.size, rows, findings: [parts.anchor.proof ?? unproved] };
}

async function checkLog({ vaultId, state, genesis }: VaultParts, entries: Iterable<KeptEntry>): Promise<void> {
  const verifier = new ChainVerifier(vaultId);
  for (const entry of entries) {
    try {
      verifier.next(entry);
    } catch (error) {
      throw error instanceof LogFault ? tampered(error.message) : error;
    }
    if (verifier.tree.size % slice === 0) await setImmediate();
  }
  if (!equalBytes(verifier.tree.root(), state.tree.root()) || verifier.genesis === undefined || !equalBytes(verifier.genesis, genesis)) throw tampered('the log is not the one that was opened');
}

async function checkRows(parts: VaultParts): Promise<number> {
  let rows = 0;
  for (const table of Object.keys(digestedTables).filter((name) => name !== 'header')) {
    for (const _ of rowsAsRemembered(parts, table)) rows += 1;
    await setImmediate(); // between tables, so that a commit meanwhile is in both the file and memory, or in neither
  }
  return rows;
}

/** SECURITY: the rows of a table as they were committed: none that another program changed, added or removed meanwhile. @throws `vault-tampered`; for a row that is missing once the last was given */
export function* rowsAsRemembered({ store, keys, state }: VaultParts, table: string): Generator<readonly Column[]> {
  const hash = digestHash(keys.digest);
  const remembered = new Map([...state.elements].filter(([name]) => name.startsWith(`${table}/`)));
  let rows = 0;
  for (const columns of store.scan(table)) {
    const element = remembered.get(rowKeyOf(table, columns[0] as Uint8Array | number));
    if (element === undefined || !equalBytes(hash.element(table, columns), element)) throw tampered(`a row of the table "${table}" was changed while the vault was open`);
    rows += 1;
    yield columns;
  }
  if (rows !== remembered.size) throw tampered(`rows of the table "${table}" were removed while the vault was open`);
}

async function checkMaterial({ state }: VaultParts, openMaterial: (id: Uint8Array) => SecretBytes | undefined): Promise<void> {
  let opened = 0;
  for (const name of state.elements.keys()) {
    if (!name.startsWith('materialKey/')) continue;
    const material = openMaterial(fromHex(name.slice('materialKey/'.length)));
    if (material === undefined) throw tampered('some key material is missing');
    material.wipe(); // SECURITY: opened to be checked, and wiped
    if (++opened % slice === 0) await setImmediate();
  }
}
