/** An open vault over its file. One way to write: rows, state digest and one signed log entry in one transaction; memory follows after the commit. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { equalBytes, fromHex, toHex } from '../crypto/bytes.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import { commitPersonal, leafOf, readEntry, signEntry, toLogEntry } from '../log/entry.ts';
import type { Entry } from '../log/entry.ts';
import { writeHead, writeLine } from '../log/exportedLog.ts';
import { headOf, inclusionProof } from '../log/merkleTree.ts';
import type { Ed25519Signer } from '../crypto/ed25519.ts';
import type { Clock } from '../ports/clock.ts';
import { signApproval } from '../quorum/approval.ts';
import { logTime } from '../rules/trustTime.ts';
import type { RowStore, StoredEntry } from '../store/rowStore.ts';
import { rowKeyOf } from '../store/rowStore.ts';
import { sealRow, storedValue } from '../store/sealedRow.ts';
import { digestHash } from '../store/stateDigest.ts';
import type { Column } from '../store/stateDigest.ts';
import { checkVault } from './checkVault.ts';
import type { CheckResult } from './checkVault.ts';
import { openEntry, sealDigest, sealEntry } from './entryBlob.ts';
import type { KeptEntry, Sealing } from './entryBlob.ts';
import { makeBackup } from './makeBackup.ts';
import { openMaterialRows, sealMaterial } from './materialRows.ts';
import type { Approval, Change, CborMap, InventoryTable, LogEntry, LogReader, OpenVault, Principal, RowPut, TakenBackup, VaultAccess } from './openVault.ts';
import { renewVault } from './renewVault.ts';
import type { Renewal } from './renewVault.ts';
import { wipeKeys } from './roots.ts';
import type { EpochKeys } from './roots.ts';
import type { Departure } from './standing.ts';
import { tampered } from './tampering.ts';
import type { VaultAnchor } from './vaultAnchor.ts';
import type { MemoryRow, VaultState } from './vaultState.ts';
import { VaultWays } from './vaultWays.ts';
import { modeOf, openApprovalSeed, openSeeds, tokenOf, wipeSeeds } from './wayIn.ts';
import type { TokenPart, WayIn, WaySecrets } from './wayIn.ts';

export interface VaultParts {
  readonly path: string;
  readonly store: RowStore;
  /** The file stays as it is: no commit, no trace of the opening. */
  readonly readOnly: boolean;
  readonly clock: Clock;
  readonly vaultId: Uint8Array;
  readonly epoch: number;
  readonly genesis: Uint8Array;
  readonly keys: EpochKeys;
  readonly principal: Principal;
  readonly sign: Ed25519Signer;
  readonly way: WayIn;
  readonly anchor: VaultAnchor;
  readonly state: VaultState;
  /** Asks the token of a way in for its secret, where there is one. */
  readonly tokenSecret?: TokenSecretSource | undefined;
}

/** Asks a token, and its holder for the PIN; the caller wipes what it gets. */
export type TokenSecretSource = (token: TokenPart) => Promise<SecretBytes>;

/** One row to be written or removed, whatever its table. */
export interface Write {
  readonly table: string;
  readonly id: Uint8Array;
  /** Undefined: the row goes. */
  readonly columns: readonly Column[] | undefined;
  /** The row as memory will have it. */
  readonly row?: MemoryRow;
}

/** What a commit may bring besides a change of the inventory. */
interface Extra {
  readonly writes?: readonly Write[];
  /** Runs in the transaction. */
  readonly also?: () => void;
  readonly verifiedAll?: boolean;
}

export class VaultFile implements OpenVault {
  #parts: VaultParts;
  readonly solo = true;
  #way: WayIn;
  #open = true;

  constructor(parts: VaultParts) {
    this.#parts = parts;
    this.#way = parts.way;
  }

  get path(): string {
    return this.#parts.path;
  }
  get vaultId(): Uint8Array {
    return this.#parts.vaultId;
  }
  get readOnly(): boolean {
    return this.#parts.readOnly;
  }
  get genesisFingerprint(): Uint8Array {
    return this.#parts.genesis;
  }
  get epoch(): number {
    return this.#parts.epoch;
  }
  get principal(): Principal {
    return this.#parts.principal;
  }
  get seenBefore(): string | undefined {
    return this.#parts.anchor.proof;
  }

  get log(): LogReader {
    const { state } = this.#here();
    return { size: state.tree.size, root: () => state.tree.root(), rootAt: (size) => this.#rootAt(size), newestTime: () => state.newestTime, entries: (from = 0) => this.#entries(from), proof: (seq) => inclusionProof(this.#here().store.leaves().map(({ leaf }) => leaf), seq) };
  }

  #rootAt(size: number): Uint8Array | undefined {
    const { state, store } = this.#here();
    if (size > state.tree.size) return undefined;
    return headOf(store.leaves().slice(0, size).map(({ leaf }) => leaf));
  }

  /** @throws `locked` once the vault was closed */
  #here(): VaultParts {
    if (!this.#open) throw new StrongroomError('locked', 'the vault is locked', { nextStep: 'open it with its passphrase' });
    return this.#parts;
  }

  /** @throws `vault-read-only`, `locked` */
  #writable(): VaultParts {
    const parts = this.#here();
    if (parts.readOnly) throw new StrongroomError('vault-read-only', 'the vault was opened read-only; nothing was changed', { nextStep: 'lock it and open it for writing' });
    return parts;
  }

  get #sealing(): Sealing {
    const { vaultId, epoch, keys } = this.#here();
    return { vault: vaultId, epoch, rowKey: keys.row };
  }

  get(table: InventoryTable, id: Uint8Array): CborMap | undefined {
    return this.#row(table, id)?.value;
  }

  #row(table: InventoryTable, id: Uint8Array): MemoryRow | undefined {
    return this.#here().state.rows.get(table)?.get(toHex(id));
  }

  list(table: InventoryTable): Iterable<{ readonly id: Uint8Array; readonly value: CborMap }> {
    return this.#here().state.rows.get(table)?.values() ?? [];
  }

  *#keptEntries(from: number): Generator<KeptEntry & { readonly stored: StoredEntry }> {
    for (const stored of this.#here().store.entries(from)) yield { ...this.#openEntry(stored), stored };
  }

  #openEntry(stored: StoredEntry): KeptEntry {
    try {
      const kept = openEntry(this.#sealing, stored.seq, stored.sealed);
      if (equalBytes(leafOf(kept), stored.leaf)) return kept;
    } catch {
      // an entry that does not open is one that was edited
    }
    throw tampered(`entry ${stored.seq} of the log was edited`);
  }

  *#entries(from: number): Generator<LogEntry> {
    for (const kept of this.#keptEntries(from)) yield toLogEntry(readEntry(kept), kept);
  }

  *exportLog(): Generator<string> {
    yield writeHead(this.vaultId);
    for (const kept of this.#keptEntries(0)) yield writeLine(kept.stored.seq, kept);
  }

  commit(change: Change): LogEntry {
    return this.#commit(change, {});
  }

  #commit(change: Change, extra: Extra): LogEntry {
    const { state, store, keys, clock } = this.#writable();
    const hash = digestHash(keys.digest);
    const writes = [...this.#writesOf(change), ...(extra.writes ?? [])];
    const touched = new Map(writes.map(({ table, id, columns }) => [rowKeyOf(table, id), columns === undefined ? undefined : hash.element(table, columns)]));
    const digest = state.digest.copy();
    for (const [row, element] of touched) {
      const before = state.elements.get(row);
      if (before !== undefined) digest.remove(before);
      if (element !== undefined) digest.add(element);
    }
    const now = clock.now();
    // A confirmed clock is the one entry that may set time ahead (rule TIME-1).
    const time = change.kind === 'clock' ? Math.max(now, state.newestTime) : logTime(now, state.newestTime);
    const kept = { ...this.#sign(change, hash.binding(digest), time), touched };
    const tree = state.tree.copy();
    const seq = tree.size;
    tree.append(leafOf(kept));
    const verified = extra.verifiedAll === true ? tree.size : state.verified;
    store.transaction(() => {
      this.#requireAsRemembered(writes);
      for (const write of writes) this.#write(write);
      store.appendEntry({ seq, leaf: leafOf(kept), sealed: sealEntry(this.#sealing, seq, kept) });
      store.putDigest(sealDigest(this.#sealing, { sum: digest.bytes(), size: tree.size, root: tree.root(), verified }));
      extra.also?.();
    });
    this.#remember(writes, touched);
    Object.assign(state, { digest, tree, newestTime: time, verified });
    this.#parts.anchor.noteCommit(tree);
    return toLogEntry(readEntry(kept), kept);
  }

  #sign(change: Change, stateDigest: Uint8Array, time: number) {
    const { state, epoch, principal, vaultId, sign } = this.#here();
    const { personal, openings } = commitPersonal(change.personal ?? {});
    const entry: Entry = {
      v: 1,
      seq: state.tree.size,
      kind: change.kind,
      time,
      body: change.body,
      stateDigest,
      rootBefore: state.tree.root(),
      epoch,
      signer: principal.id,
      approvals: [...(change.approvals ?? [])],
      personal,
    };
    return signEntry(vaultId, entry, openings, sign);
  }

  #writesOf({ puts = [], removes = [], materials = [], shreds = [] }: Change): readonly Write[] {
    return [
      ...puts.map((put) => this.#putOf(put)),
      ...removes.map(({ table, id }) => ({ table, id, columns: undefined })),
      ...materials.flatMap(({ id, material }) => this.#materialOf(id, material)),
      ...shreds.flatMap((id) => [{ table: 'materialKey', id, columns: undefined }, { table: 'material', id, columns: undefined }]),
    ];
  }

  #putOf({ table, id, value }: RowPut): Write {
    const { keys, epoch, vaultId } = this.#here();
    const revision = (this.#row(table, id)?.revision ?? 0) + 1;
    const sealed = sealRow(keys.row, epoch, { vault: vaultId, table, id, revision }, value);
    const kept = id.slice(); // memory keeps what the file has, whatever becomes of the caller's bytes
    return { table, id: kept, columns: [kept, revision, sealed], row: { id: kept, revision, value: storedValue(value) } };
  }

  #materialOf(id: Uint8Array, material: SecretBytes): readonly Write[] {
    const sealed = sealMaterial({ vault: this.vaultId, epoch: this.epoch, root: this.#materialRoot() }, id, material);
    return (['materialKey', 'material'] as const).map((table) => ({ table, id, columns: [id, sealed[table]] }));
  }

  #materialRoot(): Uint8Array {
    const { material } = this.#here().keys;
    if (material === undefined) throw new StrongroomError('refused', 'your role does not open key material', { rule: 'ROLE-1' });
    return material;
  }

  /** SECURITY: a row that another program put back under our feet is found before it is written over. */
  #requireAsRemembered(writes: readonly Write[]): void {
    for (const { table, id } of writes) this.#readAsRemembered(table, id);
  }

  #readAsRemembered(table: string, id: Uint8Array): readonly Column[] | undefined {
    const { store, state, keys } = this.#here();
    const columns = store.read(table, id);
    const remembered = state.elements.get(rowKeyOf(table, id));
    const actual = columns === undefined ? undefined : digestHash(keys.digest).element(table, columns);
    if (remembered === undefined ? actual === undefined : actual !== undefined && equalBytes(actual, remembered)) return columns;
    throw tampered(`a row of the table "${table}" was changed while the vault was open`);
  }

  #write({ table, id, columns }: Write): void {
    const { store } = this.#here();
    if (columns === undefined) store.remove(table, id);
    else store.put(table, columns);
  }

  #remember(writes: readonly Write[], touched: ReadonlyMap<string, Uint8Array | undefined>): void {
    const { rows, elements } = this.#here().state;
    for (const { table, id, columns, row } of writes) {
      const inventory = rows.get(table as InventoryTable);
      if (columns === undefined) inventory?.delete(toHex(id));
      else if (row !== undefined) inventory?.set(toHex(id), row);
    }
    for (const [name, element] of touched) {
      if (element === undefined) elements.delete(name);
      else elements.set(name, element);
    }
  }

  hasMaterial(id: Uint8Array): boolean {
    return this.#here().state.elements.has(rowKeyOf('materialKey', id));
  }

  openMaterial(id: Uint8Array): SecretBytes | undefined {
    const [, materialKey] = this.#readAsRemembered('materialKey', id) ?? [];
    const [, material] = this.#readAsRemembered('material', id) ?? [];
    if (!(materialKey instanceof Uint8Array) || !(material instanceof Uint8Array)) return undefined;
    return openMaterialRows({ vault: this.vaultId, root: this.#materialRoot() }, id, { materialKey, material });
  }

  /** Lends what opens the way in that opened the vault: the passphrase as given, and its token's secret. */
  async #withSecrets<T>(passphrase: SecretBytes | undefined, use: (secrets: WaySecrets) => Promise<T>): Promise<T> {
    const { tokenSecret } = this.#here();
    const part = tokenOf(this.#way);
    const token = part === undefined ? undefined : await tokenSecret?.(part);
    try {
      return await use({ passphrase, token });
    } finally {
      token?.wipe();
    }
  }

  async approve(requestHash: Uint8Array, passphrase: SecretBytes | undefined): Promise<Approval> {
    this.#here(); // SECURITY: a locked vault approves nothing
    const seed = await this.#withSecrets(passphrase, (secrets) => openApprovalSeed(this.vaultId, this.#way, secrets));
    try {
      return signApproval(seed, this.vaultId, this.principal.id, requestHash);
    } finally {
      seed.fill(0); // SECURITY: the approval key is opened for this one act, then wiped
    }
  }

  get access(): VaultAccess {
    const file = this;
    return new VaultWays({
      parts: () => this.#here(),
      commit: (body, writes) => this.#commit({ kind: 'passphrase', body: { principal: this.principal.id, ...body } }, { writes }),
      get open() { return file.#way; },
      set open(way) { file.#way = way; },
      withSecrets: (current, use) => this.#withSecrets(current, use),
    });
  }

  async renew(current: SecretBytes | undefined, renewal: Renewal): Promise<LogEntry> {
    this.#writable();
    const seeds = await this.#withSecrets(current, (secrets) => openSeeds(this.vaultId, this.#way, secrets));
    try {
      const { parts, entry, signed } = await renewVault(this.#writable(), renewal, seeds, (parts) => this.#open && parts === this.#parts);
      wipeKeys(this.#parts.keys);
      this.#parts = { ...this.#parts, ...parts };
      this.#way = parts.way;
      this.#parts.anchor.noteCommit(parts.state.tree);
      return toLogEntry(entry, signed);
    } finally {
      wipeSeeds(seeds);
    }
  }

  /** What the locked file had noted of failed unlocks becomes one entry. */
  foldAttempts(): void {
    const { store } = this.#here();
    const times = store.attempts();
    if (times.length === 0) return;
    const body = { attempts: times.length, first: times[0], last: times.at(-1), authenticated: false };
    this.#commit({ kind: 'attempts', body }, { also: () => store.clearAttempts() });
  }

  /** @param verifiedAll signatures up to here were verified by the unlock */
  noteUnlock(): void {
    this.#commit({ kind: 'unlock', body: { principal: this.principal.id, mode: modeOf(this.#way) } }, { verifiedAll: true });
  }

  /** From now on it is remembered how far the log has come. @param confirmed what the file lacks, where a person took it as the vault nevertheless */
  beginAnchor(confirmed: Departure | undefined): void {
    const { anchor, state } = this.#here();
    if (confirmed !== undefined) this.#commit({ kind: 'anchor', body: { departure: confirmed.kind, missing: confirmed.missing, seen: confirmed.seen.size, seenRoot: fromHex(confirmed.seen.root), seenAt: confirmed.seen.at } }, {});
    anchor.begin(state.tree, confirmed !== undefined);
  }

  async check(): Promise<CheckResult> {
    const result = await checkVault(this.#here(), () => this.#keptEntries(0), (id) => this.openMaterial(id));
    if (this.#parts.readOnly) return result;
    this.#commit({ kind: 'check', body: { entries: result.entries, rows: result.rows, findings: result.findings.length } }, { verifiedAll: true });
    return result;
  }

  takeBackup(at: number): Promise<TakenBackup> {
    return makeBackup(this.#here(), at, (copy) => new VaultFile(copy).check());
  }

  /** What SQLite has in force, for those who measure and test. */
  pragma(name: string): unknown {
    return this.#here().store.pragma(name);
  }

  close(): void {
    if (!this.#open) return;
    wipeKeys(this.#parts.keys);
    this.#open = false;
    this.#parts.anchor.end(this.#parts.state.tree);
    this.#parts.store.close();
  }
}
