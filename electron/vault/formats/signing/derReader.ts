/** Reads a DER structure field by field; what is not where it must be is an error that names the document. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { derTags, oidText, readDer, readDerAt, readDerList } from '../../crypto/der.ts';
import type { DerValue } from '../../crypto/der.ts';

/** Context-specific tags, X.690 §8.1.2: primitive and constructed. */
export const context = { primitive: (number: number) => 0x80 + number, constructed: (number: number) => 0xa0 + number } as const;

export function damaged(document: string, reason: string): StrongroomError {
  return new StrongroomError('input-malformed', `the ${document} is damaged: ${reason}`, { nextStep: 'ask for the file again' });
}

export class DerReader {
  readonly #content: Uint8Array;
  readonly #document: string;
  #offset = 0;

  /** @param document how errors call it */
  constructor(content: Uint8Array, document: string) {
    this.#content = content;
    this.#document = document;
  }

  /** Reads what is exactly one SEQUENCE (or another tag). */
  static whole(der: Uint8Array, document: string, tag: number = derTags.sequence): DerReader {
    const content = readDer(der, tag);
    if (content === undefined) throw damaged(document, 'it is not one DER structure');
    return new DerReader(content, document);
  }

  atEnd(): boolean {
    return this.#offset >= this.#content.length;
  }

  /** The next value, of whatever tag. */
  any(field: string): DerValue {
    const value = readDerAt(this.#content, this.#offset);
    if (value === undefined) throw damaged(this.#document, `"${field}" is missing or not DER`);
    this.#offset += value.whole.length;
    return value;
  }

  take(tag: number, field: string): Uint8Array {
    const value = this.any(field);
    if (value.tag !== tag) throw damaged(this.#document, `"${field}" expected the tag ${tag.toString(16)}, got ${value.tag.toString(16)}`);
    return value.content;
  }

  optional(tag: number, field: string): DerValue | undefined {
    return this.#content[this.#offset] === tag ? this.any(field) : undefined;
  }

  inside(tag: number, field: string): DerReader {
    return new DerReader(this.take(tag, field), this.#document);
  }

  oid(field: string): string {
    const text = oidText(this.take(derTags.oid, field));
    if (text === undefined) throw damaged(this.#document, `"${field}" is not an object identifier`);
    return text;
  }

  /** All values that are left. */
  rest(field: string): readonly DerValue[] {
    const values = readDerList(this.#content.subarray(this.#offset));
    if (values === undefined) throw damaged(this.#document, `"${field}" is not DER`);
    this.#offset = this.#content.length;
    return values;
  }

  /** Nothing may be left. */
  end(): void {
    if (!this.atEnd()) throw damaged(this.#document, 'something stands behind its last field');
  }
}
