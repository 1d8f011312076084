/** How an entry is kept in the file: sealed, with its salt, signature, openings, and the rows that its transaction touched. */
import { z } from 'zod';
import type { Openings, SignedEntry } from '../log/entry.ts';
import { openRow, sealRow } from '../store/sealedRow.ts';
import type { CborMap } from './openVault.ts';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

const blobSchema = z.strictObject({
  salt: bytes,
  entry: bytes,
  signature: bytes,
  openings: z.record(z.string(), z.strictObject({ salt: bytes, text: z.string() })),
  /** Row and its new element of the digest; an empty one where the row went. */
  touched: z.array(z.tuple([z.string(), bytes])),
});

/** By `rowKeyOf`: the new element, or undefined where the row went. */
export type Touched = ReadonlyMap<string, Uint8Array | undefined>;

export interface KeptEntry extends SignedEntry {
  readonly touched: Touched;
}

/** Whose vault, under which key of which epoch. */
export interface Sealing {
  readonly vault: Uint8Array;
  readonly epoch: number;
  readonly rowKey: Uint8Array;
}

/** The row id of entry `seq`: its number, in 16 bytes. */
function entryId(seq: number): Uint8Array {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setBigUint64(8, BigInt(seq));
  return id;
}

function name(vault: Uint8Array, seq: number) {
  return { vault, table: 'entry', id: entryId(seq), revision: 0 };
}

export function sealEntry({ vault, epoch, rowKey }: Sealing, seq: number, { salt, encoded, signature, openings, touched }: KeptEntry): Uint8Array {
  const value = { salt, entry: encoded, signature, openings: openings as unknown as CborMap, touched: [...touched].map(([row, element]) => [row, element ?? new Uint8Array(0)]) };
  return sealRow(rowKey, epoch, name(vault, seq), value);
}

/** @throws Error for a blob that is not that of entry `seq` */
export function openEntry({ vault, rowKey }: Pick<Sealing, 'vault' | 'rowKey'>, seq: number, blob: Uint8Array): KeptEntry {
  const { salt, entry, signature, openings, touched } = blobSchema.parse(openRow(rowKey, name(vault, seq), blob));
  return { salt, encoded: entry, signature, openings: openings as Openings, touched: new Map(touched.map(([row, element]) => [row, element.length === 0 ? undefined : element])) };
}

const digestSchema = z.strictObject({ sum: bytes, size: z.number().int(), root: bytes, verified: z.number().int() });
/** The sealed row `digest`: state digest, and the log's size and root as of the newest commit. */
export type DigestRow = z.infer<typeof digestSchema>;

const digestName = (vault: Uint8Array) => ({ vault, table: 'digest', id: new Uint8Array(16), revision: 0 });

export function sealDigest({ vault, epoch, rowKey }: Sealing, row: DigestRow): Uint8Array {
  return sealRow(rowKey, epoch, digestName(vault), row);
}

/** @throws Error for a blob that is not this vault's */
export function openDigest({ vault, rowKey }: Pick<Sealing, 'vault' | 'rowKey'>, blob: Uint8Array): DigestRow {
  return digestSchema.parse(openRow(rowKey, digestName(vault), blob));
}
