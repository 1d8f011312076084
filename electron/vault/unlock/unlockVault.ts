/** Opens a vault: what can be checked without a key first, then the passphrase, then everything that the file holds against its digest and its log. */
import { setTimeout } from 'node:timers/promises';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { ed25519Signer, ed25519Verifier } from '../crypto/ed25519.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import { ChainVerifier, LogFault } from '../log/chainVerifier.ts';
import { genesisFingerprint, leafOf, readEntry } from '../log/entry.ts';
import type { Entry } from '../log/entry.ts';
import { MerkleTree } from '../log/merkleTree.ts';
import { vaultIdOf } from '../log/vaultId.ts';
import type { Clock } from '../ports/clock.ts';
import { principalSchema } from '../records/principalRecord.ts';
import { openDatabase } from '../store/database.ts';
import { digestedTables, RowStore, rowKeyOf } from '../store/rowStore.ts';
import { openRow } from '../store/sealedRow.ts';
import { rowElement, StateDigest } from '../store/stateDigest.ts';
import { openDigest, openEntry } from './entryBlob.ts';
import type { DigestRow, KeptEntry } from './entryBlob.ts';
import type { InventoryTable, OpenVault } from './openVault.ts';
import { epochKeys, openRoot, rootRowId, wipeKeys } from './roots.ts';
import type { EpochKeys, RootKind } from './roots.ts';
import { nameTampering, tampered } from './tampering.ts';
import { VaultFile } from './vaultFile.ts';
import { emptyRows } from './vaultState.ts';
import type { VaultState } from './vaultState.ts';
import { openWayIn, wrongPassphrase } from './wayIn.ts';
import type { OpenedWay, WayIn } from './wayIn.ts';

export interface Unlocking {
  readonly path: string;
  /** Asked only once the file has passed every check that needs no key. What it gives is wiped. */
  readonly passphrase: () => Promise<SecretBytes>;
  readonly clock: Clock;
}

interface Header {
  readonly vault: Uint8Array;
  readonly epoch: number;
  readonly genesis: Uint8Array;
}

function readHeader(store: RowStore): Header {
  const [, suite, seed, vault, epoch, genesis] = store.read('header', 1) ?? [];
  const whole = suite === 1 && seed instanceof Uint8Array && vault instanceof Uint8Array && typeof epoch === 'number' && genesis instanceof Uint8Array;
  if (!whole || !equalBytes(vaultIdOf(seed), vault)) throw tampered('the header was edited');
  return { vault, epoch, genesis };
}

function waysIn(store: RowStore): readonly WayIn[] {
  const ways = [...store.scan('access')].map(([id, principal, parameters, commitment, daily, approval]) => ({ id, principal, parameters, commitment, daily, approval }) as WayIn);
  if (ways.length === 0) throw tampered('there is no way in');
  return ways;
}

/** Failed tries of this process, by file: each makes the next one slower. A copied file is out of reach of any slowing. */
const failures = new Map<string, number>();

async function slowDown(path: string): Promise<void> {
  const count = failures.get(path) ?? 0;
  if (count > 0) await setTimeout(Math.min(250 * 2 ** (count - 1), 8000)); // SECURITY: guessing at the prompt is slowed
}

async function openAny(store: RowStore, { vault }: Header, { path, passphrase, clock }: Unlocking): Promise<{ readonly way: WayIn; readonly opened: OpenedWay }> {
  const ways = waysIn(store);
  await slowDown(path);
  const typed = await passphrase();
  return await typed.consume(async () => {
    for (const way of ways) {
      const opened = await openWayIn(vault, way, typed);
      if (opened === undefined) continue;
      failures.delete(path);
      return { way, opened };
    }
    failures.set(path, (failures.get(path) ?? 0) + 1);
    store.addAttempt(clock.now());
    throw wrongPassphrase();
  });
}

async function rootOf(store: RowStore, { vault, epoch }: Header, principal: Uint8Array, kind: RootKind, seed: Uint8Array): Promise<Uint8Array | undefined> {
  const name = { vault, epoch, principal, kind };
  const sealed = store.read('root', rootRowId(name))?.[4];
  if (!(sealed instanceof Uint8Array)) return undefined;
  try {
    return await openRoot(name, seed, sealed);
  } catch {
    throw tampered('a root was edited');
  }
}

async function keysOf(store: RowStore, header: Header, way: WayIn, { encryption }: OpenedWay): Promise<EpochKeys> {
  const metadata = await rootOf(store, header, way.principal, 'metadata', encryption);
  if (metadata === undefined) throw tampered('a way in was added that leads to no root');
  return epochKeys(header.vault, header.epoch, metadata, await rootOf(store, header, way.principal, 'material', encryption));
}

interface Opening {
  readonly store: RowStore;
  readonly header: Header;
  readonly keys: EpochKeys;
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

function keptEntry({ header, keys }: Opening, seq: number, leaf: Uint8Array, sealed: Uint8Array): KeptEntry {
  try {
    const kept = openEntry({ vault: header.vault, rowKey: keys.row }, seq, sealed);
    if (equalBytes(leafOf(kept), leaf)) return kept;
  } catch {
    // what does not open was edited
  }
  throw tampered(`entry ${seq} of the log was edited`);
}

function* keptEntries(opening: Opening, from: number): Generator<KeptEntry> {
  for (const { seq, leaf, sealed } of opening.store.entries(from)) yield keptEntry(opening, seq, leaf, sealed);
}

/** The tree over all leaves, and as it was where signatures were last verified. */
function treesOf({ store }: Opening, { size, root, verified }: DigestRow): { readonly tree: MerkleTree; readonly checked: MerkleTree } {
  const leaves = store.leaves();
  if (leaves.length < size) throw tampered(`the newest ${size - leaves.length} entries of the log were cut`);
  if (leaves.length > size) throw tampered(`${leaves.length - size} entries were added to the log, or the state digest was rolled back`);
  const tree = new MerkleTree();
  let checked = tree.copy();
  for (const leaf of leaves) {
    tree.append(leaf);
    if (tree.size === verified) checked = tree.copy();
  }
  if (!equalBytes(tree.root(), root)) throw tampered('entries of the log were edited or swapped');
  return { tree, checked };
}

/** SECURITY: signers, their roles, signatures and approvals of every entry since the last time that all were verified. */
function verifySince(opening: Opening, checked: MerkleTree, signers: ConstructorParameters<typeof ChainVerifier>[1] & object): Entry | undefined {
  const verifier = new ChainVerifier(opening.header.vault, { ...signers, tree: checked });
  let newest: Entry | undefined;
  for (const kept of keptEntries(opening, checked.size)) {
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
  const rows = emptyRows();
  const elements = new Map<string, Uint8Array>();
  const digest = new StateDigest();
  let unopened = 0;
  for (const table of Object.keys(digestedTables)) {
    const inventory = rows.get(table as InventoryTable);
    for (const columns of store.scan(table)) {
      const [id, revision, sealed] = columns as [Uint8Array, number, Uint8Array];
      if (table === 'header') continue; // checked against the genesis, which it names
      const element = rowElement(keys.digest, table, columns);
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

function nameRows(opening: Opening, actual: ReadonlyMap<string, Uint8Array>): readonly string[] {
  return nameTampering(Iterator.from(keptEntries(opening, 0)).map(({ touched }) => touched), actual);
}

function stateOf(opening: Opening): VaultState & { readonly genesis: Uint8Array } {
  const row = digestRow(opening);
  const { tree, checked } = treesOf(opening, row);
  const genesis = genesisOf(opening);
  const { rows, elements, digest, unopened } = scan(opening);
  if (unopened > 0 || !digest.equals(row.sum)) {
    const named = nameRows(opening, elements);
    throw tampered(named.length === 0 ? 'the state digest was rolled back' : named.slice(0, 3).join('; ') + (named.length > 3 ? `; and ${named.length - 3} more` : ''));
  }
  const signers = new Map([...(rows.get('principal')?.values() ?? [])].map(({ id, value }) => {
    const { role, approvalKey, logKey } = principalSchema.parse(value);
    return [toHex(id), { role, approvalKey, verify: ed25519Verifier(logKey) }] as const;
  }));
  const newest = verifySince(opening, checked, { tree: checked, signers, genesis }) ?? lastEntry(opening, tree.size);
  if (!digest.equals(newest.stateDigest)) throw tampered('the state digest is not the one that the newest entry signed');
  return { rows, elements, digest, tree, newestTime: newest.time, verified: tree.size, genesis };
}

function lastEntry(opening: Opening, size: number): Entry {
  const [last] = keptEntries(opening, size - 1);
  if (last === undefined) throw tampered('the log is empty');
  return readEntry(last);
}

function personOf({ rows }: VaultState, id: Uint8Array) {
  const value = rows.get('principal')?.get(toHex(id))?.value;
  if (value === undefined) throw tampered('a way in leads to nobody of this vault');
  const { name, role } = principalSchema.parse(value);
  return { id, name, role };
}

function openChecked(opening: Opening, { path, clock }: Unlocking, way: WayIn, opened: OpenedWay): VaultFile {
  const { store, header, keys } = opening;
  const { genesis, ...state } = stateOf(opening);
  return new VaultFile({ path, store, clock, vaultId: header.vault, epoch: header.epoch, genesis, keys, principal: personOf(state, way.principal), sign: ed25519Signer(opened.log), way, state });
}

/** What a person should know of every unlock of this version. */
const noAnchor = 'an older copy of the whole file could not be told from this one: nothing outside it remembers how far its log had come';

/**
 * @throws what `openDatabase` throws before anything is asked; `wrong-passphrase`; `vault-tampered` with what was done to the file
 */
export async function unlockVault(unlocking: Unlocking): Promise<{ readonly vault: OpenVault; readonly findings: readonly string[] }> {
  const store = new RowStore(openDatabase(unlocking.path));
  let keys: EpochKeys | undefined;
  try {
    const header = readHeader(store);
    const { way, opened } = await openAny(store, header, unlocking);
    try {
      keys = await keysOf(store, header, way, opened);
      const vault = openChecked({ store, header, keys }, unlocking, way, opened);
      const attempts = store.attempts().length;
      vault.foldAttempts();
      vault.noteUnlock();
      return { vault, findings: [noAnchor, ...(attempts === 0 ? [] : [`${attempts} failed attempts to unlock since the last time, unauthenticated`])] };
    } finally {
      opened.encryption.fill(0); // SECURITY: the roots are open; the seed that opened them is wiped
      opened.log.fill(0); // SECURITY: the log key lives on in its signer alone
    }
  } catch (error) {
    if (keys !== undefined) wipeKeys(keys);
    store.close();
    throw error;
  }
}
