/** What an open vault holds in memory: every row opened, each row's element of the digest, the tree's frontier. Replaced only after a commit. */
import type { MerkleTree } from '../log/merkleTree.ts';
import type { StateDigest } from '../store/stateDigest.ts';
import { inventoryTables } from './openVault.ts';
import type { CborMap, InventoryTable } from './openVault.ts';

export interface MemoryRow {
  readonly id: Uint8Array;
  readonly revision: number;
  readonly value: CborMap;
}

export interface VaultState {
  readonly rows: ReadonlyMap<InventoryTable, Map<string, MemoryRow>>;
  /** By `rowKeyOf`. */
  readonly elements: Map<string, Uint8Array>;
  digest: StateDigest;
  tree: MerkleTree;
  newestTime: number;
  /** Signatures and signers of the entries below this one were verified. */
  verified: number;
}

export function emptyRows(): ReadonlyMap<InventoryTable, Map<string, MemoryRow>> {
  return new Map(inventoryTables.map((table) => [table, new Map<string, MemoryRow>()]));
}
