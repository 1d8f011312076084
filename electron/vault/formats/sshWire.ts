/** The data types of RFC 4251 §5: strings with a length before them, and numbers in two's complement without padding. */
import { isStrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { concatBytes, uint32, utf8 } from '../crypto/bytes.ts';
import { malformed } from '../crypto/malformed.ts';

export function sshString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? utf8(value) : value;
  return concatBytes(uint32(bytes.length), bytes);
}

/** @param number big-endian and unsigned; leading zeros are dropped */
export function sshMpint(number: Uint8Array): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? new Uint8Array(0) : number.subarray(first);
  return sshString((digits[0] ?? 0) >= 0x80 ? concatBytes(Uint8Array.of(0), digits) : digits);
}

/** What it reads are views. */
export class SshReader {
  readonly #bytes: Uint8Array;
  readonly #document: string;
  #offset = 0;

  /** @param document how errors call it */
  constructor(bytes: Uint8Array, document: string) {
    this.#bytes = bytes;
    this.#document = document;
  }

  #damaged(reason: string): StrongroomError {
    return malformed(`the ${this.#document} ${reason}`);
  }

  bytes(length: number, field: string): Uint8Array {
    if (this.#offset + length > this.#bytes.length) throw this.#damaged(`ends before "${field}"`);
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  number(field: string): number {
    const four = this.bytes(4, field);
    return new DataView(four.buffer, four.byteOffset, 4).getUint32(0);
  }

  string(field: string): Uint8Array {
    return this.bytes(this.number(field), field);
  }

  /** @throws `input-malformed` for what is not UTF-8 */
  text(field: string): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.string(field));
    } catch (error) {
      if (isStrongroomError(error)) throw error;
      throw this.#damaged(`expected text in "${field}"`);
    }
  }

  /** Without its sign byte. @throws `input-malformed` for a negative, a padded and an empty one */
  mpint(field: string): Uint8Array {
    const number = this.string(field);
    const [first = 0, second = 0] = number;
    if (number.length === 0 || first >= 0x80 || (first === 0 && second < 0x80)) throw this.#damaged(`expected a positive number without padding in "${field}"`);
    return first === 0 ? number.subarray(1) : number;
  }

  /** A number of a private key, which some programs pad to a length: without leading zeros. @throws `input-malformed` for a negative one */
  unsigned(field: string): Uint8Array {
    const number = this.string(field);
    if ((number[0] ?? 0) >= 0x80) throw this.#damaged(`expected a positive number in "${field}"`);
    const first = number.findIndex((byte) => byte !== 0);
    return number.subarray(first === -1 ? number.length : first);
  }

  /** What is left. */
  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#offset, 'end');
  }

  /** Nothing may be left. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw this.#damaged('has something behind its end');
  }
}
