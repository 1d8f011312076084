/**
 * The digest over all rows but the log's: MSet-Add-Hash (Clarke, Devadas, van Dijk, Gassend, Suh 2003, §4): the sum modulo 2^256 of
 * HMAC-SHA-256 of each row's stored bytes, and the count. A row's share is its *element*; it is taken out and put in as the row changes.
 */
import { concatBytes, equalBytes, uint32, uint64, utf8 } from '../crypto/bytes.ts';
import { hmacSha256 } from '../crypto/hashes.ts';

export type Column = Uint8Array | number | string;

function columnBytes(column: Column): readonly Uint8Array[] {
  if (typeof column === 'number') return [uint32(8), uint64(column)];
  const bytes = typeof column === 'string' ? utf8(column) : column;
  return [uint32(bytes.length), bytes];
}

/** HMAC over the table's name and each column with its length, so that no two rows are encoded alike. */
export function rowElement(digestKey: Uint8Array, table: string, columns: readonly Column[]): Uint8Array {
  return hmacSha256(digestKey, utf8(`${table}\0`), ...columns.flatMap(columnBytes));
}

const limbs = 8;

export class StateDigest {
  /** Little-endian limbs of 32 bits. */
  readonly #sum: Uint32Array;
  #count: number;

  constructor(sum: Uint32Array = new Uint32Array(limbs), count = 0) {
    this.#sum = sum;
    this.#count = count;
  }

  copy(): StateDigest {
    return new StateDigest(this.#sum.slice(), this.#count);
  }

  add(element: Uint8Array): void {
    const view = new DataView(element.buffer, element.byteOffset, 32);
    let carry = 0;
    for (let limb = 0; limb < limbs; limb++) {
      const total = (this.#sum[limb] ?? 0) + view.getUint32(28 - 4 * limb) + carry;
      this.#sum[limb] = total;
      carry = total > 0xffffffff ? 1 : 0;
    }
    this.#count += 1;
  }

  remove(element: Uint8Array): void {
    const view = new DataView(element.buffer, element.byteOffset, 32);
    let borrow = 0;
    for (let limb = 0; limb < limbs; limb++) {
      const rest = (this.#sum[limb] ?? 0) - view.getUint32(28 - 4 * limb) - borrow;
      this.#sum[limb] = rest;
      borrow = rest < 0 ? 1 : 0;
    }
    this.#count -= 1;
  }

  get count(): number {
    return this.#count;
  }

  /** 40 bytes: the sum, big-endian, and the count. */
  bytes(): Uint8Array {
    const words = Array.from(this.#sum, (limb) => uint32(limb)).reverse();
    return concatBytes(...words, uint64(this.#count));
  }

  equals(bytes: Uint8Array): boolean {
    return equalBytes(this.bytes(), bytes);
  }
}
