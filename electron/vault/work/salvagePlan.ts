/** What of a damaged vault goes into the new one, and each loss in words. */
import { toHex } from '../crypto/bytes.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import { parsePkcs11Uri } from '../providers/pkcs11/pkcs11Uri.ts';
import { recordSchemas } from '../records/records.ts';
import type { KeyRecord, Place, RecordOf, RecordTable, VersionRecord } from '../records/records.ts';
import { putSetting } from '../records/settings.ts';
import { put } from '../records/vaultRecords.ts';
import type { DamagedContent, Loss, LossKind, OpenedRow } from '../unlock/damagedVault.ts';
import type { CborMap, InventoryTable, RowPut } from '../unlock/openVault.ts';

export interface SalvagePlan {
  readonly puts: readonly RowPut[];
  readonly materials: readonly { readonly id: Uint8Array; readonly material: SecretBytes }[];
  readonly saved: Readonly<Record<'keys' | 'versions' | 'materials' | 'recipients' | 'distributions' | 'modules' | 'tokens', number>>;
  /** One line each, for people. */
  readonly losses: readonly string[];
  /** The same for the log: tables, ids and kinds. */
  readonly recorded: readonly CborMap[];
}

interface Parsed<R> {
  readonly id: Uint8Array;
  readonly record: R;
  readonly older: boolean;
}

const kindWords: Readonly<Record<LossKind, string>> = {
  unread: 'is lost: its place in the file cannot be read',
  unopened: 'is lost: it was edited or damaged, and does not authenticate',
  gone: 'is lost: the log has it, the file has not',
  older: 'is older than the log says: what was changed last is lost',
  'put-back': 'was not taken: the log says that it had been removed',
};

const tableWords: Readonly<Record<string, string>> = { materialKey: 'the material', principal: 'a person', usage: 'the counter of uses', intent: 'work that was begun', request: 'an approved request' };

class Salvage {
  readonly losses: string[] = [];
  readonly recorded: CborMap[] = [];
  readonly puts: RowPut[] = [];
  readonly keys: ReadonlyMap<string, Parsed<KeyRecord>>;
  readonly versions: ReadonlyMap<string, Parsed<VersionRecord>>;
  readonly #content: DamagedContent;

  constructor(content: DamagedContent) {
    this.#content = content;
    const versions = this.#parsed('version');
    const read = this.#parsed('key');
    const retold = keysFromLog(content, new Set(read.map(({ id }) => toHex(id))), versions);
    const keys = [...read, ...retold];
    const keyIds = new Set(keys.map(({ id }) => toHex(id)));
    const kept = versions.filter(({ record }) => keyIds.has(toHex(record.key)));
    const used = new Set(kept.map(({ record }) => toHex(record.key)));
    this.keys = byId(keys.filter(({ id }) => used.has(toHex(id))));
    this.versions = byId(kept);
    for (const { table, id, kind } of content.losses) this.#lose({ table, id, kind });
    for (const { id, record } of retold) this.#without('key', id, `the record of the key "${record.name}" is lost: it was made again from what the log says, with the periods of its versions and without its limit of uses`, 'retold');
    for (const { id, record } of versions) if (!keyIds.has(toHex(record.key))) this.#without('version', id, `version ${record.number} of a key ("${record.label}") is lost: the record of its key is`);
    for (const { id, record } of keys) if (!used.has(toHex(id))) this.#without('key', id, `the key "${record.name}" is lost: no version of it is left`);
  }

  #lose({ table, id, kind }: Loss): void {
    const what = id === undefined ? `an unknown number of rows of the table "${table}"` : this.#nameOf(table, id);
    this.losses.push(`${what} ${kindWords[kind]}`);
    this.recorded.push({ table, id, kind });
  }

  #without(table: string, id: Uint8Array, sentence: string, kind: 'left out' | 'retold' = 'left out'): void {
    this.losses.push(sentence);
    this.recorded.push({ table, id, kind });
  }

  #nameOf(table: string, id: Uint8Array): string {
    const words = tableWords[table] ?? `a row of the table "${table}" (${toHex(id).slice(0, 8)})`;
    const name = this.#versionName(id) ?? this.keys.get(toHex(id))?.record.name;
    return name === undefined ? words : `${words} of "${name}"`;
  }

  #versionName(id: Uint8Array): string | undefined {
    const version = this.versions.get(toHex(id))?.record;
    if (version === undefined) return undefined;
    return `${this.keys.get(toHex(version.key))?.record.name} version ${version.number}`;
  }

  #parsed<T extends RecordTable>(table: T): readonly Parsed<RecordOf<T>>[] {
    return (this.#content.rows.get(table as InventoryTable) ?? []).flatMap(({ id, value, older }: OpenedRow) => {
      const result = recordSchemas[table].safeParse(value);
      if (result.success) return [{ id, record: result.data as RecordOf<T>, older }];
      this.#without(table, id, `a row of the table "${table}" is lost: it is not in its form`);
      return [];
    });
  }

  /** Takes the rows of a table that pass. @returns how many */
  take<T extends RecordTable>(table: T, passes: (record: RecordOf<T>, id: Uint8Array) => boolean, words: string): number {
    const rows = this.#parsed(table);
    for (const { id, record } of rows) {
      if (passes(record, id)) this.puts.push(put(table, id, record));
      else this.#without(table, id, words);
    }
    return this.puts.filter((row) => row.table === table).length;
  }

  takeKeys(now: number): void {
    for (const { id, record } of this.keys.values()) this.puts.push(put('key', id, record));
    for (const { id, record, older } of this.versions.values()) this.puts.push(put('version', id, older ? heldBack(record, now) : record));
  }

  /** What was encrypted in the old vault names it, and opens in the new one. */
  takePredecessors(): void {
    const earlier = this.#parsed('setting').flatMap(({ record }) => (record.name === 'predecessors' ? record.vaults : []));
    this.puts.push(putSetting({ name: 'predecessors', vaults: [this.#content.vaultId, ...earlier] }));
  }

  /** Material of versions that are kept; whose material is missing is named. */
  takeMaterials(): SalvagePlan['materials'] {
    const named = new Set(this.#content.losses.flatMap(({ table, id }) => (table === 'materialKey' && id !== undefined ? [toHex(id)] : [])));
    for (const [name, { id, record }] of this.versions) {
      const place = this.keys.get(toHex(record.key))?.record.place.kind;
      if (place === 'software' && record.state !== 'destroyed' && !this.#content.materials.has(name) && !named.has(name)) this.#without('materialKey', id, `the material of "${this.#versionName(id)}" is lost`);
    }
    return [...this.#content.materials].flatMap(([name, material]) => {
      const version = this.versions.get(name);
      // SECURITY: a destroyed version gets no material back
      return version === undefined || version.record.state === 'destroyed' ? [] : [{ id: version.id, material }];
    });
  }
}

const dayLength = 24 * 60 * 60 * 1000;

/** A key whose row is lost, and whose making the log tells: name, purpose, algorithm and place; its periods are those that its versions have. */
function keysFromLog({ said }: DamagedContent, known: ReadonlySet<string>, versions: readonly Parsed<VersionRecord>[]): readonly Parsed<KeyRecord>[] {
  const made = new Map<string, Parsed<KeyRecord>>();
  for (const { kind, time, body } of said) {
    const { key: id, name, purpose, algorithm, place, exportable } = body;
    if (kind !== 'intent' || name === undefined || !(id instanceof Uint8Array) || known.has(toHex(id))) continue;
    const newest = versions.findLast((version) => toHex(version.record.key) === toHex(id))?.record;
    const clocks = versions.find(({ record }) => toHex(record.key) === toHex(id) && record.activatedAt !== undefined)?.record;
    const record = recordSchemas.key.safeParse({ name, purpose, algorithm, place: placeNow(newest?.ref) ?? place, exportable, originatorDays: daysOf(clocks, clocks?.originatorEnd), recipientDays: daysOf(clocks, clocks?.recipientEnd), createdAt: time });
    if (record.success && versions.some((version) => toHex(version.record.key) === toHex(id))) made.set(toHex(id), { id, record: record.data, older: false });
  }
  return [...made.values()];
}

/** A key may have moved since it was made: its versions' references say where it is. */
function placeNow(ref: string | undefined): Place | undefined {
  if (ref?.startsWith('pkcs11:') !== true) return undefined;
  const { token, serial, manufacturer } = parsePkcs11Uri(ref);
  return token === undefined || serial === undefined || manufacturer === undefined ? undefined : { kind: 'pkcs11', label: token, serial, manufacturer };
}

function daysOf(clocks: VersionRecord | undefined, end: number | undefined): number {
  return clocks?.activatedAt === undefined || end === undefined ? 0 : Math.round((end - clocks.activatedAt) / dayLength);
}

function byId<R>(rows: readonly Parsed<R>[]): ReadonlyMap<string, Parsed<R>> {
  return new Map(rows.map((row) => [toHex(row.id), row]));
}

/** SECURITY: a version whose newest state is lost may since have been compromised or deactivated: an officer resumes it, or does not. */
function heldBack(record: VersionRecord, now: number): VersionRecord {
  if (record.state !== 'active') return record;
  return { ...record, state: 'suspended', history: [...record.history, { state: 'suspended', at: now, reason: 'salvaged from a row that is older than the log says' }] };
}

export function planSalvage(content: DamagedContent, now: number): SalvagePlan {
  const salvage = new Salvage(content);
  salvage.takeKeys(now);
  const has = (id: Uint8Array) => salvage.versions.has(toHex(id));
  salvage.take('usage', (_, id) => has(id), 'a counter of uses was left out: its key version is lost');
  const recipients = salvage.take('recipient', () => true, '');
  const distributions = salvage.take('distribution', ({ version }) => has(version), 'a distribution was left out: its key version is lost');
  const modules = salvage.take('module', () => true, '');
  const tokens = salvage.take('token', () => true, '');
  salvage.takePredecessors();
  const materials = salvage.takeMaterials();
  const { puts, losses, recorded, keys, versions } = salvage;
  return { puts, materials, losses, recorded, saved: { keys: keys.size, versions: versions.size, materials: materials.length, recipients, distributions, modules, tokens } };
}
