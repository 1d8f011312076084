/** Typed reading of an open vault: records by id, keys by name, versions of a key. Each row is parsed once for as long as it stays as it is. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import type { CborMap, OpenVault, RowPut } from '../unlock/openVault.ts';
import { recordSchemas } from './records.ts';
import type { KeyRecord, RecordOf, RecordTable, UsageRecord, VersionRecord } from './records.ts';

export interface Row<R> {
  readonly id: Uint8Array;
  readonly record: R;
}
export type KeyRow = Row<KeyRecord>;
export type VersionRow = Row<VersionRecord>;

const parsed = new WeakMap<CborMap, unknown>();

/** @throws `vault-tampered`: the row is authentic, but not what this version of the product writes */
function parse<T extends RecordTable>(table: T, value: CborMap): RecordOf<T> {
  const known = parsed.get(value);
  if (known !== undefined) return known as RecordOf<T>;
  const result = recordSchemas[table].safeParse(value);
  if (!result.success) throw new StrongroomError('vault-tampered', `a row of the table "${table}" is not in its form`, { cause: result.error });
  parsed.set(value, result.data);
  return result.data as RecordOf<T>;
}

/** A row to be written. */
export function put<T extends RecordTable>(table: T, id: Uint8Array, record: RecordOf<T>): RowPut {
  return { table, id, value: record as unknown as CborMap };
}

const unused: UsageRecord = { protections: 0, processings: 0, lastAt: 0 };

export class VaultRecords {
  readonly #vault: OpenVault;

  constructor(vault: OpenVault) {
    this.#vault = vault;
  }

  get<T extends RecordTable>(table: T, id: Uint8Array): RecordOf<T> | undefined {
    const value = this.#vault.get(table, id);
    return value === undefined ? undefined : parse(table, value);
  }

  *all<T extends RecordTable>(table: T): Generator<Row<RecordOf<T>>> {
    for (const { id, value } of this.#vault.list(table)) yield { id, record: parse(table, value) };
  }

  find<T extends RecordTable>(table: T, test: (record: RecordOf<T>) => boolean): Row<RecordOf<T>> | undefined {
    for (const row of this.all(table)) if (test(row.record)) return row;
    return undefined;
  }

  /** @throws `not-found` */
  key(name: string): KeyRow {
    const row = this.find('key', (record) => record.name === name);
    if (row === undefined) throw new StrongroomError('not-found', `no key is named "${name}"`, { field: 'key', nextStep: 'see `key list`' });
    return row;
  }

  keyOf(version: VersionRecord): KeyRow {
    const record = this.get('key', version.key);
    if (record === undefined) throw new StrongroomError('vault-tampered', 'a key version belongs to no key');
    return { id: version.key, record };
  }

  /** All versions of a key, oldest first. */
  versions(key: Uint8Array): readonly VersionRow[] {
    const wanted = toHex(key);
    const own = [...this.all('version')].filter(({ record }) => toHex(record.key) === wanted);
    return own.sort((a, b) => a.record.number - b.record.number);
  }

  /** All versions by the hex id of their key, oldest first: one pass for long lists. */
  versionsByKey(): ReadonlyMap<string, readonly VersionRow[]> {
    const groups = new Map<string, VersionRow[]>();
    for (const row of this.all('version')) {
      const key = toHex(row.record.key);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [row]);
      else group.push(row);
    }
    for (const group of groups.values()) group.sort((a, b) => a.record.number - b.record.number);
    return groups;
  }

  /** A version by its number, the newest without one. @throws `not-found` */
  version(key: KeyRow, number?: number): VersionRow {
    const versions = this.versions(key.id);
    const row = number === undefined ? versions.at(-1) : versions.find(({ record }) => record.number === number);
    if (row === undefined) throw new StrongroomError('not-found', `"version" of the key "${key.record.name}" expected 1..${versions.length}, got ${number}`, { field: 'version' });
    return row;
  }

  /** Versions, under whatever name, that are the same key. */
  sameKeyAs({ fingerprint, secretId }: { readonly fingerprint?: Uint8Array | undefined; readonly secretId?: Uint8Array | undefined }): readonly VersionRow[] {
    const same = (a: Uint8Array | undefined, b: Uint8Array | undefined) => a !== undefined && b !== undefined && equalBytes(a, b);
    return [...this.all('version')].filter(({ record }) => same(record.fingerprint, fingerprint) || same(record.secretId, secretId));
  }

  usage(version: Uint8Array): UsageRecord {
    return this.get('usage', version) ?? unused;
  }
}
