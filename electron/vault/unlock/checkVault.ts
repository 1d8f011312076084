/** The full check: every entry from the genesis, every row on the disk, all key material. Yields between slices, so that a lock gets through. */
import { setImmediate } from 'node:timers/promises';
import { equalBytes, fromHex } from '../crypto/bytes.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import { ChainVerifier, LogFault } from '../log/chainVerifier.ts';
import { recheckIntegrity } from '../store/database.ts';
import { digestedTables, rowKeyOf } from '../store/rowStore.ts';
import { rowElement } from '../store/stateDigest.ts';
import type { KeptEntry } from './entryBlob.ts';
import { tampered } from './tampering.ts';
import type { VaultParts } from './vaultFile.ts';

export interface CheckResult {
  readonly entries: number;
  readonly rows: number;
  readonly findings: readonly string[];
}

/** Entries or rows between two looks at what else is to be done. */
const slice = 256;

/** @throws `vault-tampered` with the first thing that is wrong */
export async function checkVault(parts: VaultParts, entries: () => Iterable<KeptEntry>, openMaterial: (id: Uint8Array) => SecretBytes | undefined): Promise<CheckResult> {
  recheckIntegrity(parts.store.connection);
  await checkLog(parts, entries());
  const rows = await checkRows(parts);
  await checkMaterial(parts, openMaterial);
  return { entries: parts.state.tree.size, rows, findings: ['an older copy of the whole file could not be told from this one: compare the log root with one that was kept elsewhere'] };
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

async function checkRows({ store, keys, state }: VaultParts): Promise<number> {
  let rows = 0;
  for (const table of Object.keys(digestedTables).filter((name) => name !== 'header')) {
    for (const columns of store.scan(table)) {
      const element = rowElement(keys.digest, table, columns);
      const remembered = state.elements.get(rowKeyOf(table, columns[0] as Uint8Array | number));
      if (remembered === undefined || !equalBytes(element, remembered)) throw tampered(`a row of the table "${table}" was changed while the vault was open`);
      if (++rows % slice === 0) await setImmediate();
    }
  }
  if (rows !== state.digest.count) throw tampered('rows were removed while the vault was open');
  return rows;
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
