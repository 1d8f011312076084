/** DER read field by field: what is not where it must be is a refusal that names the field and the structure. */
import type { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { concatBytes, toHex } from './bytes.ts';
import { derTags, oidText, valueAt, valuesIn } from './derValue.ts';
import type { DerFault, DerRules, DerValue } from './derValue.ts';
import { damaged, malformed } from './malformed.ts';

function broken(fault: DerFault): StrongroomError {
  return malformed(`the file has broken ASN.1: ${fault}`);
}

function sound<T extends object>(found: T | DerFault): T {
  if (typeof found === 'string') throw broken(found);
  return found;
}

/** The first value of bytes; others may follow. @throws `input-malformed` */
export function firstValue(bytes: Uint8Array, rules: DerRules = 'der'): DerValue {
  return sound(valueAt(bytes, 0, rules));
}

/** The one value that bytes are. @throws `input-malformed` also for what follows it */
export function onlyValue(bytes: Uint8Array, rules: DerRules = 'der'): DerValue {
  const value = firstValue(bytes, rules);
  if (value.whole.length !== bytes.length) throw broken(`${bytes.length - value.whole.length} bytes follow its end`);
  return value;
}

/** @throws `input-malformed` */
export function childrenOf({ content, rules }: Pick<DerValue, 'content' | 'rules'>): readonly DerValue[] {
  return sound(valuesIn(content, rules));
}

/** The one value inside an explicit tag. @throws `input-malformed` */
export function insideOf({ content, rules }: DerValue): DerValue {
  return onlyValue(content, rules);
}

function hex(tag: number): string {
  return `0x${toHex(Uint8Array.of(tag))}`;
}

/** The fields of a SEQUENCE, taken one after the other. */
export class DerFields {
  readonly #values: readonly DerValue[];
  readonly #what: string;
  #next = 0;

  /** @param what names the structure in refusals */
  constructor(value: DerValue, what: string, tag: number = derTags.sequence) {
    if (value.tag !== tag) throw malformed(`the ${what} expected the ASN.1 tag ${hex(tag)}, got ${hex(value.tag)}`);
    this.#values = childrenOf(value);
    this.#what = what;
  }

  /** Of bytes that are exactly one structure. */
  static of(der: Uint8Array, what: string, tag: number = derTags.sequence): DerFields {
    const value = valueAt(der, 0, 'der');
    if (typeof value === 'string' || value.whole.length !== der.length) throw damaged(what, 'it is not one DER structure');
    return new DerFields(value, what, tag);
  }

  /** Of values that stand side by side without a tag of their own around them. */
  static among(content: Uint8Array, what: string): DerFields {
    return new DerFields({ tag: derTags.sequence, content, whole: content, rules: 'der' }, what);
  }

  atEnd(): boolean {
    return this.#next === this.#values.length;
  }

  /** The next, whatever its tag. */
  any(name: string): DerValue {
    const value = this.#values[this.#next++];
    if (value === undefined) throw malformed(`the "${name}" of the ${this.#what} is missing`);
    return value;
  }

  take(tag: number, name: string): DerValue {
    const value = this.optional(tag);
    const found = this.#values[this.#next];
    if (value === undefined) throw malformed(`the "${name}" of the ${this.#what} expected the ASN.1 tag ${hex(tag)}, got ${found === undefined ? 'nothing' : hex(found.tag)}`);
    return value;
  }

  optional(tag: number): DerValue | undefined {
    return this.#values[this.#next]?.tag === tag ? this.#values[this.#next++] : undefined;
  }

  inside(tag: number, name: string): DerFields {
    return new DerFields(this.take(tag, name), this.#what, tag);
  }

  oid(name: string): string {
    return oidOf(this.take(derTags.oid, name));
  }

  /** All that are left. */
  rest(): readonly DerValue[] {
    const rest = this.#values.slice(this.#next);
    this.#next = this.#values.length;
    return rest;
  }

  /** @throws `input-malformed` where something is left */
  end(): void {
    if (!this.atEnd()) throw malformed(`the ${this.#what} has ${this.#values.length - this.#next} parts more than expected`);
  }
}

/** An INTEGER that is not negative, big-endian without leading zeros (zero is empty). @throws `input-malformed` */
export function unsignedFrom({ tag, content }: DerValue, name: string): Uint8Array {
  if (tag !== derTags.integer || content.length === 0) throw malformed(`the "${name}" expected an integer`);
  if ((content[0] ?? 0) >= 0x80) throw malformed(`the "${name}" expected a number from 0, got a negative one`);
  const first = content.findIndex((byte) => byte !== 0);
  return first === -1 ? content.subarray(content.length) : content.subarray(first);
}

/** A small number: versions, counts, lengths. @throws `input-malformed` for one above 2^48 */
export function smallNumberOf(value: DerValue, name: string): number {
  const bytes = unsignedFrom(value, name);
  if (bytes.length > 6) throw malformed(`the "${name}" expected a number below 2^48, got one of ${bytes.length} bytes`);
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** An object identifier in its dotted form. @throws `input-malformed` */
export function oidOf({ tag, content }: DerValue): string {
  const text = tag === derTags.oid ? oidText(content) : undefined;
  if (text === undefined) throw broken('an object identifier expected 1 to 64 bytes');
  return text;
}

/** The bytes of an OCTET STRING, also in the pieces of BER (X.690 §8.7.3). @param tag `[0]` where it is tagged implicitly */
export function octetsOf(value: DerValue, name: string, tag: number = derTags.octetString, depth = 0): Uint8Array {
  if (value.tag === tag) return value.content;
  if (value.rules === 'der' || value.tag !== (tag | 0x20) || depth > 3) throw malformed(`the "${name}" expected an octet string`);
  return concatBytes(...childrenOf(value).map((piece) => octetsOf(piece, name, derTags.octetString, depth + 1)));
}

/** The whole bytes of a BIT STRING. @throws `input-malformed` for one with unused bits */
export function bitsOf({ content }: DerValue, name: string): Uint8Array {
  if (content[0] !== 0) throw malformed(`the "${name}" expected a bit string of whole bytes`);
  return content.subarray(1);
}

export interface AlgorithmIdentifier {
  readonly oid: string;
  readonly parameters: DerValue | undefined;
}

/** RFC 5280 §4.1.1.2. @throws `input-malformed` */
export function algorithmOf(value: DerValue, name: string): AlgorithmIdentifier {
  const fields = new DerFields(value, name);
  const oid = fields.oid('algorithm');
  const parameters = fields.atEnd() ? undefined : fields.any('parameters');
  fields.end();
  return { oid, parameters };
}

/** NULL, or nothing at all: both are written for algorithms without parameters. */
export function isAbsent(parameters: DerValue | undefined): boolean {
  return parameters === undefined || (parameters.tag === derTags.null && parameters.content.length === 0);
}
