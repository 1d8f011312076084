/**
 * A new epoch: new roots, and every row, entry and key material sealed anew under them, in one transaction: a kill leaves the old epoch whole or the new one.
 * With new keys of the person too, all other ways in are gone: they lead to the keys of before.
 */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { toHex } from '../crypto/bytes.ts';
import { encodeCanonical } from '../crypto/canonicalCbor.ts';
import { ed25519PublicKey, ed25519Signer, newEd25519Seed } from '../crypto/ed25519.ts';
import type { Ed25519Signer } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hashes.ts';
import { xWingPublicKey } from '../crypto/hpke.ts';
import { randomBytes } from '../crypto/random.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import { leafOf, signEntry } from '../log/entry.ts';
import type { Entry, SignedEntry } from '../log/entry.ts';
import type { EpochStatement } from '../log/epochStatement.ts';
import { signApproval } from '../quorum/approval.ts';
import { principalSchema } from '../records/principalRecord.ts';
import { logTime } from '../rules/trustTime.ts';
import { digestedTables, rowKeyOf } from '../store/rowStore.ts';
import { sealRow } from '../store/sealedRow.ts';
import { digestHash, StateDigest } from '../store/stateDigest.ts';
import type { Column } from '../store/stateDigest.ts';
import { rowsAsRemembered } from './checkVault.ts';
import { openEntry, sealDigest, sealEntry } from './entryBlob.ts';
import type { KeptEntry, Sealing } from './entryBlob.ts';
import { openMaterialRows, sealMaterial } from './materialRows.ts';
import type { InventoryTable } from './openVault.ts';
import { epochKeys, rootRowId, sealRoot, wipeKeys } from './roots.ts';
import type { EpochKeys } from './roots.ts';
import { tampered } from './tampering.ts';
import type { VaultParts } from './vaultFile.ts';
import type { MemoryRow } from './vaultState.ts';
import { accessColumns } from './vaultWays.ts';
import { makeWayIn, modeOf, tokenOf, wipeSeeds } from './wayIn.ts';
import type { IdentitySeeds, WayIn } from './wayIn.ts';

export interface Renewal {
  readonly act: EpochStatement['act'];
  /** New keys of the person, under this passphrase; without it they stay, and so do the ways in. Borrowed. */
  readonly passphrase?: SecretBytes;
  readonly cost: 'minimum' | 'calibrated';
}

/** What the open vault goes on with. */
export interface Renewed {
  readonly parts: Pick<VaultParts, 'epoch' | 'keys' | 'sign' | 'way' | 'state'>;
  readonly entry: Entry;
  readonly signed: SignedEntry;
}

/** The statement without what is known only when it is written. */
type Beginning = Omit<EpochStatement, 'head'>;

/** What is new, before anything is written. */
interface Plan {
  readonly beginning: Beginning;
  readonly keys: EpochKeys;
  readonly roots: readonly Row[];
  /** Undefined: the ways in stay. */
  readonly way: WayIn | undefined;
  readonly sign: Ed25519Signer;
}

interface Row {
  readonly table: string;
  readonly columns: readonly Column[];
}

/** The way in under the new passphrase: together with the token, where both opened the vault. */
async function newWay({ vaultId, principal, way, tokenSecret }: VaultParts, cost: Renewal['cost'], seeds: IdentitySeeds, passphrase: SecretBytes): Promise<WayIn> {
  const part = modeOf(way) === 'both' ? tokenOf(way) : undefined;
  const token = part === undefined ? undefined : await tokenSecret?.(part);
  try {
    const mode = part === undefined || token === undefined ? ({ mode: 'passphrase' } as const) : ({ mode: 'both', token: part } as const); // SECURITY: a renewal takes no factor away
    return await makeWayIn({ vaultId, principal: principal.id, cost, ...mode }, seeds, { passphrase, token });
  } finally {
    token?.wipe();
  }
}

async function planOf(parts: VaultParts, { act, passphrase, cost }: Renewal, seeds: IdentitySeeds): Promise<Plan> {
  const { vaultId, principal } = parts;
  const epoch = parts.epoch + 1;
  const encryptionKey = await xWingPublicKey(seeds.encryption);
  const way = passphrase === undefined ? undefined : await newWay(parts, cost, seeds, passphrase);
  const fresh = { metadata: randomBytes(32), material: randomBytes(32) };
  const sealed = (kind: 'metadata' | 'material') => sealRoot({ vault: vaultId, epoch, principal: principal.id, kind }, encryptionKey, fresh[kind]);
  const roots: Row[] = [];
  for (const kind of ['metadata', 'material'] as const)
    roots.push({ table: 'root', columns: [rootRowId({ vault: vaultId, epoch, principal: principal.id, kind }), principal.id, epoch, kind, await sealed(kind)] });
  const keys = epochKeys(vaultId, epoch, fresh.metadata, fresh.material);
  const beginning = { act, epoch, principal: principal.id, encryptionKey, logKey: ed25519PublicKey(seeds.log), approvalKey: ed25519PublicKey(seeds.approval) };
  return { beginning, keys, roots, way, sign: ed25519Signer(seeds.log) };
}

/** The person's row with the keys that he has from now on; every other row as it is. */
function renewedRow(table: InventoryTable, row: MemoryRow, { principal, encryptionKey, logKey, approvalKey }: Beginning): MemoryRow {
  if (table !== 'principal' || toHex(row.id) !== toHex(principal)) return row;
  return { ...row, revision: row.revision + 1, value: { ...principalSchema.parse(row.value), encryptionKey, logKey, approvalKey } };
}

function inventoryOf({ state }: VaultParts, { beginning }: Plan): readonly (readonly [InventoryTable, MemoryRow])[] {
  return [...state.rows].flatMap(([table, rows]) => [...rows.values()].map((row) => [table, renewedRow(table, row, beginning)] as const));
}

function* materialRows(parts: VaultParts, { beginning: { epoch }, keys: { material: root } }: Plan): Generator<Row> {
  const { vaultId, keys: { material: oldRoot } } = parts;
  if (oldRoot === undefined || root === undefined) throw new Error('a renewal opens key material');
  const materials = new Map((Iterator.from(rowsAsRemembered(parts, 'material')) as IteratorObject<[Uint8Array, Uint8Array]>).map(([id, sealed]) => [toHex(id), sealed]));
  for (const [id, materialKey] of rowsAsRemembered(parts, 'materialKey') as Iterable<[Uint8Array, Uint8Array]>) {
    const material = materials.get(toHex(id));
    if (material === undefined) throw tampered('some key material is missing');
    const opened = openMaterialRows({ vault: vaultId, root: oldRoot }, id, { materialKey, material });
    try {
      const sealed = sealMaterial({ vault: vaultId, epoch, root }, id, opened); // SECURITY: under a new key of its own: who could open the old one opens nothing of this
      yield { table: 'materialKey', columns: [id, sealed.materialKey] };
      yield { table: 'material', columns: [id, sealed.material] };
    } finally {
      opened.wipe();
    }
  }
}

/** All rows under the new roots, but the log's. */
function* rowsOf(parts: VaultParts, plan: Plan, inventory: ReturnType<typeof inventoryOf>): Generator<Row> {
  const { vaultId: vault } = parts;
  const { beginning: { epoch }, keys, roots, way } = plan;
  if (way === undefined) for (const columns of rowsAsRemembered(parts, 'access')) yield { table: 'access', columns };
  else yield { table: 'access', columns: accessColumns(way) };
  yield* roots;
  for (const [table, { id, revision, value }] of inventory) yield { table, columns: [id, revision, sealRow(keys.row, epoch, { vault, table, id, revision }, value)] };
  yield* materialRows(parts, plan);
}

function statementEntry(parts: VaultParts, { beginning }: Plan, stateDigest: Uint8Array, approvalSeed: Uint8Array): { readonly entry: Entry; readonly signed: SignedEntry } {
  const { vaultId, principal, state, clock, sign } = parts;
  const statement: EpochStatement = { ...beginning, head: { size: state.tree.size, root: state.tree.root() } };
  const approval = signApproval(approvalSeed, vaultId, principal.id, sha256(encodeCanonical(statement)));
  const time = logTime(clock.now(), state.newestTime);
  const { size: seq, root } = statement.head;
  const entry: Entry = { v: 1, seq, kind: 'epoch', time, body: statement, stateDigest, rootBefore: root, epoch: statement.epoch, signer: principal.id, approvals: [approval], personal: {} };
  return { entry, signed: signEntry(vaultId, entry, {}, sign) }; // SECURITY: by the keys of before: nobody else can begin an epoch
}

/** The log's entries, opened under the old key and sealed under the new. */
function resealEntries({ store, vaultId, keys }: VaultParts, sealing: Sealing): void {
  for (const { seq, leaf, sealed } of store.entries(0)) {
    const kept = openEntry({ vault: vaultId, rowKey: keys.row }, seq, sealed);
    store.resealEntry({ seq, leaf, sealed: sealEntry(sealing, seq, kept) });
  }
}

function writeAll(parts: VaultParts, plan: Plan, approvalSeed: Uint8Array): Renewed {
  const { store, vaultId, state, genesis } = parts;
  const { beginning: { epoch }, keys } = plan;
  const sealing: Sealing = { vault: vaultId, epoch, rowKey: keys.row };
  const hash = digestHash(keys.digest);
  const digest = new StateDigest();
  const elements = new Map<string, Uint8Array>();
  const inventory = inventoryOf(parts, plan);
  const rows = [...rowsOf(parts, plan, inventory)];
  for (const { table, columns } of rows) {
    const element = hash.element(table, columns);
    elements.set(rowKeyOf(table, columns[0] as Uint8Array), element);
    digest.add(element);
  }
  const { entry, signed } = statementEntry(parts, plan, hash.binding(digest), approvalSeed);
  const gone = [...state.elements.keys()].filter((name) => !elements.has(name)).map((name) => [name, undefined] as const);
  const kept: KeptEntry = { ...signed, touched: new Map<string, Uint8Array | undefined>([...elements, ...gone]) };
  const tree = state.tree.copy();
  tree.append(leafOf(signed));
  store.transaction(() => {
    const header = store.read('header', 1);
    if (header === undefined) throw tampered('the header was removed while the vault was open');
    resealEntries(parts, sealing);
    for (const table of Object.keys(digestedTables)) store.empty(table);
    store.put('header', header.with(4, epoch).with(5, genesis));
    for (const { table, columns } of rows) store.put(table, columns);
    store.appendEntry({ seq: entry.seq, leaf: leafOf(signed), sealed: sealEntry(sealing, entry.seq, kept) });
    store.putDigest(sealDigest(sealing, { sum: digest.bytes(), size: tree.size, root: tree.root(), verified: tree.size }));
  });
  const memory = new Map([...state.rows.keys()].map((table) => [table, new Map(inventory.filter(([of]) => of === table).map(([, row]) => [toHex(row.id), row]))]));
  return { entry, signed, parts: { epoch, keys, sign: plan.sign, way: plan.way ?? parts.way, state: { rows: memory, elements, digest, tree, newestTime: entry.time, verified: tree.size } } };
}

/**
 * Begins a new epoch. The vault is as before where this throws.
 * @param old the seeds that the person has; borrowed
 * @param isCurrent whether the vault is still open as these parts
 */
export async function renewVault(parts: VaultParts, renewal: Renewal, old: IdentitySeeds, isCurrent: (parts: VaultParts) => boolean): Promise<Renewed> {
  const seeds = renewal.passphrase === undefined ? old : { encryption: randomBytes(32), log: newEd25519Seed(), approval: newEd25519Seed() };
  try {
    const plan = await planOf(parts, renewal, seeds);
    try {
      // SECURITY: another renewal that came first has other keys: nothing of this one is written
      if (!isCurrent(parts)) throw new StrongroomError('refused', 'the vault was renewed or locked meanwhile; nothing was changed', { nextStep: 'try again', retryable: true });
      return writeAll(parts, plan, old.approval);
    } catch (error) {
      wipeKeys(plan.keys); // SECURITY: keys of an epoch that did not begin
      throw error;
    }
  } finally {
    if (seeds !== old) wipeSeeds(seeds); // SECURITY: sealed in the new way in, and in nothing else
  }
}
