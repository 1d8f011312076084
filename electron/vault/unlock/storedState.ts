/** Everything that a file holds, opened and held against its digest and its log. What does not fit is named. */
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { ed25519Verifier } from '../crypto/ed25519.ts';
import { ChainVerifier, LogFault } from '../log/chainVerifier.ts';
import type { Resumption, Signer } from '../log/chainVerifier.ts';
import { genesisFingerprint, leafOf, readEntry } from '../log/entry.ts';
import type { Entry } from '../log/entry.ts';
import { MerkleTree } from '../log/merkleTree.ts';
import { principalSchema } from '../records/principalRecord.ts';
import { digestedTables, rowKeyOf } from '../store/rowStore.ts';
import type { RowStore, StoredEntry } from '../store/rowStore.ts';
import { openRow } from '../store/sealedRow.ts';
import { digestHash, StateDigest } from '../store/stateDigest.ts';
import { openDigest, openEntry } from './entryBlob.ts';
import type { DigestRow, KeptEntry } from './entryBlob.ts';
import type { Header } from './header.ts';
import type { InventoryTable } from './openVault.ts';
import type { EpochKeys } from './roots.ts';
import { nameTampering, tampered } from './tampering.ts';
import { emptyRows } from './vaultState.ts';
import type { VaultState } from './vaultState.ts';

/** A file whose keys are open. */
export interface Opening {
  readonly store: RowStore;
  readonly header: Header;
  readonly keys: EpochKeys;
  /** Sizes of the log at which its root is wanted. */
  readonly sizes?: ReadonlySet<number>;
}

function digestRow({ store, header, keys }: Opening): DigestRow {
  const blob = store.digest();
  try {
    if (blob !== undefined) return openDigest({ vault: header.vault, rowKey: keys.row }, blob);
  } catch {
    // what does not open was edited
  }
  throw tampered(blob === undefined ? 'the state digest was removed' : 'the state digest was edited');
}

function keptEntry({ header, keys }: Opening, { seq, leaf, sealed }: StoredEntry): KeptEntry {
  try {
    const kept = openEntry({ vault: header.vault, rowKey: keys.row }, seq, sealed);
    if (equalBytes(leafOf(kept), leaf)) return kept;
  } catch {
    // what does not open was edited
  }
  throw tampered(`entry ${seq} of the log was edited`);
}

function* keptEntries(opening: Opening, from: number): Generator<KeptEntry> {
  for (const stored of opening.store.entries(from)) yield keptEntry(opening, stored);
}

type Leaves = ReturnType<RowStore['leaves']>;

/** SECURITY: entries are numbered from 0 without a gap, as many as the digest row says. */
function requireWhole(leaves: Leaves, size: number): void {
  const gap = leaves.findIndex(({ seq }, index) => seq !== index);
  const found = leaves[gap]?.seq;
  if (found !== undefined) throw tampered(found > gap ? `entry ${gap} of the log was removed` : `an entry ${found} was added to the log`);
  const missing = size - leaves.length;
  if (missing > 0) throw tampered(`the newest ${missing === 1 ? 'entry' : `${missing} entries`} of the log ${missing === 1 ? 'was' : 'were'} cut`);
  if (missing < 0) throw tampered(`${-missing} entries were added to the log, or the state digest was rolled back`);
}

/** The tree over all leaves, and as it was where signatures were last verified. */
function treesOf({ store, sizes }: Opening, { size, root, verified }: DigestRow): { readonly tree: MerkleTree; readonly checked: MerkleTree; readonly rootsAt: ReadonlyMap<number, Uint8Array> } {
  const leaves = store.leaves();
  requireWhole(leaves, size);
  const tree = new MerkleTree();
  let checked = tree.copy();
  const rootsAt = new Map<number, Uint8Array>();
  for (const { leaf } of leaves) {
    tree.append(leaf);
    if (tree.size === verified) checked = tree.copy();
    if (sizes?.has(tree.size) === true) rootsAt.set(tree.size, tree.root());
  }
  if (!equalBytes(tree.root(), root)) throw tampered('entries of the log were edited or swapped');
  return { tree, checked, rootsAt };
}

/** SECURITY: signers, their roles, signatures and approvals of every entry since the last time that all were verified. */
function verifySince(opening: Opening, from: Resumption): Entry | undefined {
  const verifier = new ChainVerifier(opening.header.vault, from);
  let newest: Entry | undefined;
  for (const kept of keptEntries(opening, from.tree.size)) {
    try {
      newest = verifier.next(kept);
    } catch (error) {
      throw error instanceof LogFault ? tampered(error.message) : error;
    }
  }
  return newest;
}

function genesisOf(opening: Opening): Uint8Array {
  const [first] = keptEntries(opening, 0);
  if (first === undefined) throw tampered('the log has no genesis');
  const fingerprint = genesisFingerprint(first);
  if (!equalBytes(fingerprint, opening.header.genesis)) throw tampered('the header was edited: it names another genesis');
  return fingerprint;
}

/** Rows as they are in the file; what does not open is left to the digest to name. */
function scan({ store, header, keys }: Opening): Pick<VaultState, 'rows' | 'elements' | 'digest'> & { readonly unopened: number } {
  const hash = digestHash(keys.digest);
  const rows = emptyRows();
  const elements = new Map<string, Uint8Array>();
  const digest = new StateDigest();
  let unopened = 0;
  for (const table of Object.keys(digestedTables)) {
    if (table === 'header') continue; // checked against the genesis, which it names
    const inventory = rows.get(table as InventoryTable);
    for (const columns of store.scan(table)) {
      const [id, revision, sealed] = columns as [Uint8Array, number, Uint8Array];
      const element = hash.element(table, columns);
      elements.set(rowKeyOf(table, id), element);
      digest.add(element);
      if (inventory === undefined) continue;
      try {
        inventory.set(toHex(id), { id, revision, value: openRow(keys.row, { vault: header.vault, table, id, revision }, sealed) });
      } catch {
        unopened += 1;
      }
    }
  }
  return { rows, elements, digest, unopened };
}

/** @throws `vault-tampered` with the rows that are not as the log has them */
function nameRows(opening: Opening, actual: ReadonlyMap<string, Uint8Array>): never {
  const named = nameTampering(Iterator.from(keptEntries(opening, 0)).map(({ touched }) => touched), actual);
  if (named.length === 0) throw tampered('the state digest was rolled back');
  throw tampered(named.slice(0, 3).join('; ') + (named.length > 3 ? `; and ${named.length - 3} more` : ''));
}

function signersOf({ rows }: Pick<VaultState, 'rows'>): ReadonlyMap<string, Signer> {
  const people = [...(rows.get('principal')?.values() ?? [])];
  return new Map(people.map(({ id, value }) => {
    const { role, approvalKey, logKey } = principalSchema.parse(value);
    return [toHex(id), { role, approvalKey, verify: ed25519Verifier(logKey) }];
  }));
}

function lastEntry(opening: Opening, size: number): Entry {
  const [last] = keptEntries(opening, size - 1);
  if (last === undefined) throw tampered('the log is empty');
  return readEntry(last);
}

/** @throws `vault-tampered` with what was done to the file */
export function storedState(opening: Opening): VaultState & { readonly genesis: Uint8Array; readonly rootsAt: ReadonlyMap<number, Uint8Array> } {
  const { header, keys } = opening;
  const row = digestRow(opening);
  const { tree, checked, rootsAt } = treesOf(opening, row);
  const genesis = genesisOf(opening);
  const { rows, elements, digest, unopened } = scan(opening);
  if (unopened > 0 || !digest.equals(row.sum)) nameRows(opening, elements);
  const newest = verifySince(opening, { tree: checked, signers: signersOf({ rows }), genesis, epoch: header.epoch }) ?? lastEntry(opening, tree.size);
  if (!equalBytes(digestHash(keys.digest).binding(digest), newest.stateDigest)) throw tampered('the state digest is not the one that the newest entry signed');
  if (newest.epoch !== header.epoch) throw tampered(`the header was edited: it names epoch ${header.epoch}, the log is at ${newest.epoch}`);
  return { rows, elements, digest, tree, newestTime: newest.time, verified: tree.size, genesis, rootsAt };
}
