/** Rows that say anything: one padded CBOR blob, sealed for its vault, table, id and revision (FORMAT.md, "Sealed rows"). */
import { concatBytes, uint32, uint64, utf8 } from '../crypto/bytes.ts';
import { decodeCanonical, encodeCanonical } from '../crypto/canonicalCbor.ts';
import { openEnvelope, sealEnvelope } from '../crypto/envelope.ts';
import type { CborMap } from '../unlock/openVault.ts';

/** Sizes are rounded up to this many bytes, so that they say little. */
export const paddingStep = 128;

export interface RowName {
  readonly vault: Uint8Array;
  readonly table: string;
  readonly id: Uint8Array;
  readonly revision: number;
}

/** The associated data of a row, besides suite and epoch. */
export function rowContext({ vault, table, id, revision }: RowName): Uint8Array {
  return concatBytes(utf8('strongroom/v1/row\0'), vault, utf8(`${table}\0`), uint32(id.length), id, uint64(revision));
}

function pad(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((bytes.length + 4) / paddingStep) * paddingStep);
  padded.set(uint32(bytes.length));
  padded.set(bytes, 4);
  return padded;
}

function unpad(padded: Uint8Array): Uint8Array {
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (length > padded.length - 4) throw new Error('padding out of range');
  return padded.subarray(4, 4 + length);
}

/** A value as it is read back from its row: what the caller does to his own afterwards is not what is stored. */
export function storedValue(value: CborMap): CborMap {
  return decodeCanonical(encodeCanonical(value)) as CborMap;
}

export function sealRow(rowKey: Uint8Array, epoch: number, name: RowName, value: CborMap): Uint8Array {
  return sealEnvelope(rowKey, epoch, rowContext(name), pad(encodeCanonical(value)));
}

/** @throws Error for a blob that was not sealed under this key, for this row */
export function openRow(rowKey: Uint8Array, name: RowName, sealed: Uint8Array): CborMap {
  return decodeCanonical(unpad(openEnvelope(rowKey, rowContext(name), sealed))) as CborMap;
}
