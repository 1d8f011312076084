/**
 * The digest over all rows but the log's: MSet-Add-Hash (Clarke, Devadas, van Dijk, Gassend, Suh 2003, §4): the sum modulo 2^256 of
 * HMAC-SHA-256 of each row's stored bytes, and the count. A row's share is its *element*; it is taken out and put in as the row changes.
 */
import { concatBytes, equalBytes, uint32, uint64, utf8 } from '../crypto/bytes.ts';
import { hmacSha256Under } from '../crypto/hashes.ts';

export type Column = Uint8Array | number | string;

function columnBytes(column: Column): readonly Uint8Array[] {
  if (typeof column === 'number') return [uint32(8), uint64(column)];
  const bytes = typeof column === 'string' ? utf8(column) : column;
  return [uint32(bytes.length), bytes];
}

/** The first byte under the HMAC: what is hashed. */
const ofState = Uint8Array.of(0);
const ofRow = Uint8Array.of(1);

export interface DigestHash {
  /** HMAC over the table's name and each column with its length, so that no two rows are encoded alike. */
  element(table: string, columns: readonly Column[]): Uint8Array;
  /** What an entry of the log says of the state. */
  binding(digest: StateDigest): Uint8Array;
}

/** @param key borrowed; the platform's copy of it lasts as long as what is returned: keep that for one commit or one scan */
export function digestHash(key: Uint8Array): DigestHash {
  const hmac = hmacSha256Under(key);
  return {
    element: (table, columns) => hmac(concatBytes(ofRow, utf8(`${table}\0`), ...columns.flatMap(columnBytes))),
    // SECURITY: entries leave in exported logs. Bare sums would give away each row's element, and with many elements two states of one sum can be searched for
    binding: (digest) => hmac(ofState, digest.bytes()),
  };
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
