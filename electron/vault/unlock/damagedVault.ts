/** Opens what still opens of a damaged vault: nothing is taken that does not authenticate, and what the log says of it is compared where the log is whole. */
import { equalBytes, fromHex, toHex } from '../crypto/bytes.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import { leafOf, readEntry } from '../log/entry.ts';
import { MerkleTree } from '../log/merkleTree.ts';
import { vaultIdOf } from '../log/vaultId.ts';
import { isStrongroomError, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { DamagedDatabase } from '../store/damagedDatabase.ts';
import { rowKeyOf } from '../store/rowStore.ts';
import { openRow } from '../store/sealedRow.ts';
import { digestHash } from '../store/stateDigest.ts';
import type { Column } from '../store/stateDigest.ts';
import { openDigest, openEntry } from './entryBlob.ts';
import type { DigestRow, KeptEntry } from './entryBlob.ts';
import type { Header } from './header.ts';
import { openMaterialRows } from './materialRows.ts';
import { inventoryTables } from './openVault.ts';
import type { CborMap, InventoryTable } from './openVault.ts';
import { epochKeys, openRoot, wipeKeys } from './roots.ts';
import type { EpochKeys, RootKind } from './roots.ts';
import { historyOf } from './tampering.ts';
import type { TokenSecretSource } from './vaultFile.ts';
import { readWay } from './vaultWays.ts';
import { modeOf, openWayIn, tokenOf, wipeSeeds, wrongPassphrase } from './wayIn.ts';
import type { OpenedWay, WayIn } from './wayIn.ts';

/** `unread`: its page is broken; `unopened`: it does not authenticate; `gone`: the log has it, the file has not; `older`: the log has a newer one; `put-back`: the log had it removed. */
export type LossKind = 'unread' | 'unopened' | 'gone' | 'older' | 'put-back';

export interface Loss {
  readonly table: string;
  /** Undefined: some rows of the table, nobody knows which. */
  readonly id: Uint8Array | undefined;
  readonly kind: LossKind;
}

export interface OpenedRow {
  readonly id: Uint8Array;
  readonly value: CborMap;
  /** The log has a newer one. */
  readonly older: boolean;
}

export interface DamagedContent {
  readonly vaultId: Uint8Array;
  readonly genesis: Uint8Array;
  readonly principal: Uint8Array;
  readonly rows: ReadonlyMap<InventoryTable, readonly OpenedRow[]>;
  /** What the entries that open say, oldest first. */
  readonly said: readonly { readonly kind: string; readonly time: number; readonly body: CborMap }[];
  /** By the id of the version in hex. Whoever has the content wipes them. */
  readonly materials: ReadonlyMap<string, SecretBytes>;
  readonly log: { readonly size: number; readonly read: number; readonly root: Uint8Array | undefined; readonly whole: boolean };
  readonly losses: readonly Loss[];
}

function lost(what: string): StrongroomError {
  return new StrongroomError('vault-tampered', `nothing can be opened: ${what}`, { nextStep: 'restore a backup; keep this file for an inquiry' });
}

/** The header as it is, and as its seed says: one of the two may have been edited. */
function headersOf(database: DamagedDatabase): readonly Header[] {
  const [, , seed, vault, epoch, genesis] = database.gather('header').rows[0] ?? [];
  const ids = [seed instanceof Uint8Array ? vaultIdOf(seed) : undefined, vault instanceof Uint8Array ? vault : undefined].filter((id) => id !== undefined);
  const different = ids.filter((id, index) => ids.findIndex((other) => equalBytes(other, id)) === index);
  if (different.length === 0) throw lost('the header is lost, without which no passphrase opens anything');
  return different.map((id) => ({ vault: id, epoch: typeof epoch === 'number' ? epoch : 0, genesis: genesis instanceof Uint8Array ? genesis : new Uint8Array(32) }));
}

interface Entered {
  readonly header: Header;
  readonly way: WayIn;
  readonly opened: OpenedWay;
}

/** What a person gives, as often as it is asked for; the taker wipes what he gets. */
export interface Secrets {
  passphrase(): Promise<SecretBytes>;
  readonly tokenSecret: TokenSecretSource;
}

/** Undefined where the secrets are not those of this way. */
async function tryWay(vault: Uint8Array, way: WayIn, { passphrase, tokenSecret }: Secrets): Promise<OpenedWay | undefined> {
  const part = tokenOf(way);
  const token = part === undefined ? undefined : await tokenSecret(part);
  const typed = modeOf(way) === 'token' ? undefined : await passphrase();
  try {
    return await openWayIn(vault, way, { passphrase: typed, token });
  } finally {
    typed?.wipe();
    token?.wipe();
  }
}

/** The ways of every day in their order: a sheet's words are for a recovery. */
function waysOf(database: DamagedDatabase): readonly WayIn[] {
  const order = ['passphrase', 'both', 'token'];
  const ways = database.gather('access').rows.map(readWay);
  const placed = ways.map((way) => ({ way, place: order.indexOf(orNothing(() => modeOf(way)) ?? 'passphrase') }));
  return placed.filter(({ place }) => place >= 0).sort((a, b) => a.place - b.place).map(({ way }) => way);
}

async function enter(database: DamagedDatabase, secrets: Secrets): Promise<Entered> {
  const headers = headersOf(database);
  const ways = waysOf(database);
  let edited = false;
  for (const header of headers) {
    for (const way of ways) {
      try {
        const opened = await tryWay(header.vault, way, secrets);
        if (opened !== undefined) return { header, way, opened };
      } catch (error) {
        if (!isStrongroomError(error, 'vault-tampered')) throw error;
        edited = true; // another way in may lead there
      }
    }
  }
  throw ways.length === 0 || edited ? lost('no way in is left') : wrongPassphrase();
}

/** The roots of one epoch: that of the header first, then the newest that opens. */
async function keysOf(database: DamagedDatabase, { header, way, opened }: Entered): Promise<{ readonly keys: EpochKeys; readonly epoch: number }> {
  const own = database.gather('root').rows.filter(([, principal]) => principal instanceof Uint8Array && equalBytes(principal, way.principal));
  const root = async (epoch: number, wanted: RootKind) => {
    const sealed = own.find(([, , of, kind]) => of === epoch && kind === wanted)?.[4];
    if (!(sealed instanceof Uint8Array)) return undefined;
    return await openRoot({ vault: header.vault, epoch, principal: way.principal, kind: wanted }, opened.encryption, sealed).catch(() => undefined);
  };
  const epochs = [...new Set(own.map(([, , epoch]) => Number(epoch)))].sort((a, b) => Number(b === header.epoch) - Number(a === header.epoch) || b - a);
  for (const epoch of epochs) {
    const metadata = await root(epoch, 'metadata');
    if (metadata !== undefined) return { keys: epochKeys(header.vault, epoch, metadata, await root(epoch, 'material')), epoch };
  }
  throw lost('the root that opens the rows is lost');
}

interface OldLog {
  readonly entries: readonly KeptEntry[];
  readonly digest: DigestRow | undefined;
  readonly size: number;
  /** All entries are here and make the root that the digest row has. */
  readonly whole: boolean;
}

function openLog(database: DamagedDatabase, vault: Uint8Array, rowKey: Uint8Array): OldLog {
  const stored = database.entries().rows;
  const entries: KeptEntry[] = [];
  const tree = new MerkleTree();
  for (const { seq, sealed } of stored) {
    const kept = orNothing(() => openEntry({ vault, rowKey }, seq, sealed));
    if (kept === undefined || orNothing(() => readEntry(kept))?.seq !== seq) continue;
    entries.push(kept);
    tree.append(leafOf(kept));
  }
  const digest = orNothing(() => openDigest({ vault, rowKey }, database.digest() ?? new Uint8Array(0)));
  const size = digest?.size ?? (stored.at(-1)?.seq ?? -1) + 1;
  return { entries, digest, size, whole: digest !== undefined && entries.length === size && equalBytes(tree.root(), digest.root) };
}

/** What does not open is a loss that the caller names. */
function orNothing<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}

/** All that is read goes through here: what authenticates, and what the log says of it. */
class Sorting {
  readonly losses: Loss[] = [];
  readonly #expected: ReadonlyMap<string, Uint8Array> | undefined;
  /** Rows that the newest readable entry about them removed: enough for material, whose ids never come back. */
  readonly #removed: ReadonlySet<string>;
  readonly #element: (table: string, columns: readonly Column[]) => Uint8Array;
  readonly #seen = new Set<string>();

  constructor(keys: EpochKeys, { entries, whole }: OldLog) {
    this.#element = digestHash(keys.digest).element;
    this.#expected = whole ? historyOf(entries.map(({ touched }) => touched)).expected : undefined;
    const newest = new Map(entries.flatMap(({ touched }) => [...touched]));
    this.#removed = new Set([...newest].flatMap(([row, element]) => (element === undefined ? [row] : [])));
  }

  lose(table: string, id: Uint8Array | undefined, kind: LossKind): void {
    this.losses.push({ table, id, kind });
  }

  /** SECURITY: an authentic row may still be an old one that was laid back; a whole log knows, and a row that it had removed is not taken. */
  standing(table: string, columns: readonly Column[]): 'current' | 'older' | 'put-back' {
    const row = rowKeyOf(table, columns[0] as Uint8Array);
    this.#seen.add(row);
    if (this.#removed.has(row)) return 'put-back';
    if (this.#expected === undefined) return 'current';
    const expected = this.#expected.get(row);
    if (expected === undefined) return 'put-back';
    return equalBytes(expected, this.#element(table, columns)) ? 'current' : 'older';
  }

  /** Rows that the log has and nobody has seen; without a whole log, that some are lost. */
  nameUnseen(table: string, whole: boolean): void {
    const prefix = `${table}/`;
    if (this.#expected === undefined) return whole ? undefined : this.lose(table, undefined, 'unread');
    for (const row of this.#expected.keys()) if (row.startsWith(prefix) && !this.#seen.has(row)) this.lose(table, fromHex(row.slice(prefix.length)), whole ? 'gone' : 'unread');
  }
}

function openTable(database: DamagedDatabase, table: InventoryTable, vault: Uint8Array, rowKey: Uint8Array, sorting: Sorting): readonly OpenedRow[] {
  const { rows, whole } = database.gather(table);
  const opened: OpenedRow[] = [];
  for (const columns of rows) {
    const [id, revision, sealed] = columns as [Uint8Array, number, Uint8Array];
    const value = orNothing(() => openRow(rowKey, { vault, table, id, revision }, sealed));
    const standing = orNothing(() => sorting.standing(table, columns)) ?? 'current';
    if (value === undefined) sorting.lose(table, id, 'unopened');
    else if (standing === 'put-back') sorting.lose(table, id, 'put-back');
    else opened.push({ id, value, older: standing === 'older' });
    if (value !== undefined && standing === 'older') sorting.lose(table, id, 'older');
  }
  sorting.nameUnseen(table, whole);
  return opened;
}

function openMaterials(database: DamagedDatabase, vault: Uint8Array, root: Uint8Array | undefined, sorting: Sorting): ReadonlyMap<string, SecretBytes> {
  const opened = new Map<string, SecretBytes>();
  const [keys, materials] = (['materialKey', 'material'] as const).map((table) => database.gather(table));
  const sealedOf = new Map((materials?.rows ?? []).map((columns) => [toHex(columns[0] as Uint8Array), columns]));
  for (const columns of materials?.rows ?? []) sorting.standing('material', columns);
  for (const columns of keys?.rows ?? []) {
    const [id, materialKey] = columns as [Uint8Array, Uint8Array];
    const material = sealedOf.get(toHex(id))?.[1];
    const standing = sorting.standing('materialKey', columns);
    const secret = root === undefined || !(material instanceof Uint8Array) ? undefined : orNothing(() => openMaterialRows({ vault, root }, id, { materialKey, material }));
    if (secret !== undefined && standing !== 'put-back') opened.set(toHex(id), secret);
    else sorting.lose('materialKey', id, standing === 'put-back' ? 'put-back' : 'unopened');
    if (standing === 'put-back') secret?.wipe(); // SECURITY: what was destroyed does not come back
  }
  sorting.nameUnseen('materialKey', keys?.whole === true);
  return opened;
}

function contentOf(database: DamagedDatabase, { header, way }: Entered, keys: EpochKeys): DamagedContent {
  const { vault, genesis } = header;
  const log = openLog(database, vault, keys.row);
  const sorting = new Sorting(keys, log);
  const rows = new Map(inventoryTables.map((table) => [table, openTable(database, table, vault, keys.row, sorting)]));
  const materials = openMaterials(database, vault, keys.material, sorting);
  const said = log.entries.map((kept) => readEntry(kept)).map(({ kind, time, body }) => ({ kind, time, body }));
  return { vaultId: vault, genesis, principal: way.principal, rows, said, materials, losses: sorting.losses, log: { size: log.size, read: log.entries.length, root: log.digest?.root, whole: log.whole } };
}

/** @throws `wrong-passphrase`; `vault-tampered` where nothing can be opened */
export async function openDamaged(bytes: Uint8Array, secrets: Secrets): Promise<DamagedContent> {
  const database = new DamagedDatabase(bytes);
  let keys: EpochKeys | undefined;
  try {
    const entered = await enter(database, secrets);
    try {
      ({ keys } = await keysOf(database, entered));
      return contentOf(database, entered, keys);
    } finally {
      wipeSeeds(entered.opened); // SECURITY: nothing of the old vault's keys is kept
    }
  } finally {
    if (keys !== undefined) wipeKeys(keys);
    database.close();
  }
}
