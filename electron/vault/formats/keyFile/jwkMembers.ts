/** Members of a JWK (RFC 7517, RFC 7518 §6): shortened ones are padded, `=` and the other alphabet are tolerated, and all of it is said. */
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { malformed } from '../../crypto/malformed.ts';
import { base64Of, latin1ToBytes } from './textBytes.ts';

export class JwkMembers {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly notes: string[] = [];

  /** @throws `input-malformed` for what is no object */
  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('the JWK expected an object');
    this.#members = value as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#members, name) && this.#members[name] !== undefined;
  }

  text(name: string): string | undefined {
    const value = Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
    if (value !== undefined && typeof value !== 'string') throw malformed(`the "${name}" of the JWK expected a text`);
    return value;
  }

  /** For what is shown: never the value of a member that may be secret. */
  shown(name: string): string {
    return shortLine(this.text(name) ?? 'nothing', 100);
  }

  /** Bytes of a base64url member. @throws `input-malformed` where it is missing or broken */
  bytes(name: string): Uint8Array {
    const value = this.text(name);
    const bytes = value === undefined || /[^\x21-\x7e]/.test(value) ? undefined : base64Of(latin1ToBytes(value));
    if (value === undefined || bytes === undefined) throw malformed(`the "${name}" of the JWK ${value === undefined ? 'is missing' : 'expected base64url'}`);
    if (value.includes('=')) this.notes.push(`${name} ends in "=", which RFC 7515 does not have: dropped`);
    if (/[+/]/.test(value)) this.notes.push(`${name} is in plain base64, RFC 7515 wants base64url: read all the same`);
    return bytes;
  }

  optionalBytes(name: string): Uint8Array | undefined {
    return this.has(name) ? this.bytes(name) : undefined;
  }

  /** A number in a fixed length: leading zeros that were left out are put back. The caller wipes secret ones. @throws `input-malformed` for a longer one */
  fixed(name: string, length: number): Uint8Array {
    const bytes = this.bytes(name);
    if (bytes.length === length) return bytes;
    const zeros = bytes.findIndex((byte) => byte !== 0);
    const bare = zeros === -1 ? bytes.subarray(bytes.length) : bytes.subarray(zeros);
    if (bare.length > length) throw malformed(`the "${name}" of the JWK has ${bytes.length} bytes, RFC 7518 wants ${length}`);
    this.notes.push(`${name} has ${bytes.length} bytes, RFC 7518 wants ${length}: ${bytes.length < length ? 'padded' : 'leading zeros dropped'}`);
    const full = new Uint8Array(length);
    full.set(bare, length - bare.length);
    bytes.fill(0); // SECURITY: it may be a part of a private key
    return full;
  }
}
