/**
 * Reads attributes from a module that may lie about lengths. The binding asks for the length, allocates that much, asks again and copies as many
 * bytes as the *second* answer says: a length that grew would hand out foreign memory of this process. So every attribute has a length that its
 * meaning fixes, or is proved by other calls, before it may leave.
 */
import { getAttribute } from 'graphene-pk11';
import { CkrError, malformed } from './cryptoki.ts';
import type { Cryptoki } from './cryptoki.ts';
import { ckr } from './ckr.ts';

export type AttributeName = Parameters<typeof getAttribute>[0];

const unavailable = 0xffff_ffff;

function flagOf(name: AttributeName, value: Buffer | undefined): boolean | undefined {
  if (value === undefined || value.length === 0) return undefined;
  if (value.length !== 1) throw malformed(`"${name}" has ${value.length} bytes, expected 1`);
  return value[0] !== 0;
}

export class AttributeReader {
  readonly #cryptoki: Cryptoki;
  readonly #session: Buffer;
  #mindsSizes: boolean | undefined;
  /** Attributes that the first object of a kind had. */
  readonly #shared = new Map<string, ReadonlySet<string>>();

  constructor(cryptoki: Cryptoki, session: Buffer) {
    this.#cryptoki = cryptoki;
    this.#session = session;
  }

  /** A CK_BBOOL, or undefined where the module does not know the attribute. */
  flag(object: Buffer, name: AttributeName): boolean | undefined {
    return flagOf(name, this.#read(object, name, {})[0]);
  }

  /**
   * Many CK_BBOOLs. Those that the first object of a kind had are asked for in one call of the next ones: a module is slow by calls.
   * @param kind objects that are likely to have the same attributes
   */
  flags<N extends AttributeName & string>(kind: string, object: Buffer, names: readonly N[]): { readonly [name in N]?: boolean } {
    const together = this.#readTogether(object, names.filter((name) => this.#shared.get(kind)?.has(name)));
    const found = Object.fromEntries(names.map((name) => [name, name in together ? together[name] : this.flag(object, name)]));
    if (!this.#shared.has(kind)) this.#shared.set(kind, new Set(names.filter((name) => found[name] !== undefined)));
    return found as { readonly [name in N]?: boolean };
  }

  /** @returns none of them where one is not known of this object: then each is asked for alone */
  #readTogether(object: Buffer, names: readonly AttributeName[]): Readonly<Record<string, boolean | undefined>> {
    if (names.length === 0) return {};
    try {
      const values = this.#cryptoki.call('C_GetAttributeValue', this.#session, object, names.map((name) => ({ type: getAttribute(name).v })));
      return Object.fromEntries(names.map((name, index) => [name, flagOf(name, values[index]?.value)]));
    } catch (error) {
      if (error instanceof CkrError && error.is(ckr.attributeTypeInvalid, ckr.attributeSensitive)) return {};
      throw error;
    }
  }

  /** A CK_ULONG, in the machine's size and order. */
  number(object: Buffer, name: AttributeName): number | undefined {
    const [value] = this.#read(object, name, {});
    if (value === undefined || value.length === 0) return undefined;
    if (value.length !== this.#session.length) throw malformed(`"${name}" has ${value.length} bytes, expected ${this.#session.length}`);
    const number = value.readUInt32LE(0);
    return number === unavailable || value.subarray(4).some((byte) => byte !== 0) ? undefined : number;
  }

  /** Bytes of a length that the meaning does not fix: at most `max`, and proved. */
  bytes(object: Buffer, name: AttributeName, max: number): Uint8Array | undefined {
    const [value, copy] = this.#read(object, name, {}, {});
    if (value === undefined) return undefined;
    if (value.length > max) throw malformed(`"${name}" has ${value.length} bytes, expected at most ${max}`);
    // SECURITY: two copies lie in two places: the foreign bytes behind them would hardly be the same
    if (copy === undefined || !copy.equals(value)) throw malformed(`"${name}" is not the same twice`);
    this.#mindsSizes ??= this.#minds(object, 'class', this.#session.length);
    // SECURITY: a module that takes a buffer one byte shorter than the length it gave has lied about that length
    if (this.#mindsSizes && value.length > 1 && !this.#minds(object, name, value.length)) throw malformed(`"${name}" is shorter than it said`);
    return new Uint8Array(value);
  }

  /** Whether the attribute is these very bytes: what equals the known needs no proof of its length. */
  equals(object: Buffer, name: AttributeName, expected: Uint8Array): boolean {
    const [value] = this.#read(object, name, {});
    return value?.equals(expected) === true;
  }

  /** One value for each given first buffer, or nothing where the module does not know or show the attribute. */
  #read(object: Buffer, name: AttributeName, ...firstBuffers: readonly { readonly value?: string }[]): readonly (Buffer | undefined)[] {
    const template = firstBuffers.map((first) => ({ type: getAttribute(name).v, ...first }));
    try {
      return this.#cryptoki.call('C_GetAttributeValue', this.#session, object, template).map((attribute) => attribute.value);
    } catch (error) {
      if (error instanceof CkrError && error.is(ckr.attributeTypeInvalid, ckr.attributeSensitive)) return [];
      throw error;
    }
  }

  /**
   * Whether the module minds a buffer one byte shorter than `length`. The binding allocates one byte more for a string than it says, so that a
   * module which does not mind has room.
   */
  #minds(object: Buffer, name: AttributeName, length: number): boolean {
    try {
      this.#read(object, name, { value: 'x'.repeat(length - 1) });
      return false;
    } catch (error) {
      if (error instanceof CkrError) return true;
      throw error;
    }
  }
}
