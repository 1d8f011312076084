/** Card verifiable certificates and their requests, BSI TR-03110-3 §D.2 and appendix C: tags of one or two bytes, lengths as short as they can be. */
import { concatBytes, toHex } from '../../crypto/bytes.ts';
import { damaged } from '../../crypto/malformed.ts';

export interface CvcValue {
  /** As hex, `7f21`. */
  readonly tag: string;
  readonly content: Uint8Array;
  /** With its tag and length. */
  readonly whole: Uint8Array;
}

export const cvcTags = { certificate: '7f21', body: '7f4e', profile: '5f29', authority: '42', publicKey: '7f49', holder: '5f20', role: '7f4c', from: '5f25', to: '5f24', extensions: '65', signature: '5f37', request: '67' } as const;

const what = 'card certificate';

function lengthAt(bytes: Uint8Array, at: number): { readonly length: number; readonly start: number } {
  const first = bytes[at];
  if (first === undefined || first === 0x80 || first > 0x82) throw damaged(what, 'a length is not one of its kind');
  if (first < 0x80) return { length: first, start: at + 1 };
  const start = at + 1 + (first & 0x7f);
  const length = bytes.subarray(at + 1, start).reduce((sum, byte) => sum * 256 + byte, 0);
  if (start > bytes.length || length < (first === 0x81 ? 0x80 : 0x100)) throw damaged(what, 'a length is written longer than it is');
  return { length, start };
}

function valueAt(bytes: Uint8Array, at: number): CvcValue {
  const tagLength = ((bytes[at] ?? 0) & 0x1f) === 0x1f ? 2 : 1;
  const { length, start } = lengthAt(bytes, at + tagLength);
  if (start + length > bytes.length) throw damaged(what, `a part expected ${length} bytes, got ${bytes.length - start}`);
  return { tag: toHex(bytes.subarray(at, at + tagLength)), content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) };
}

/** Values side by side. @throws `input-malformed` */
export function cvcValues(bytes: Uint8Array): readonly CvcValue[] {
  const values: CvcValue[] = [];
  for (let at = 0; at < bytes.length; at += values.at(-1)?.whole.length ?? bytes.length) values.push(valueAt(bytes, at));
  return values;
}

/** The parts of a structure by their tags, in this order and no others. @throws `input-malformed` */
function parts<T extends string>(bytes: Uint8Array, tags: readonly T[], optional: readonly string[] = []): Readonly<Record<T, CvcValue>> & Readonly<Record<string, CvcValue | undefined>> {
  const values = cvcValues(bytes);
  const expected = tags.filter((tag) => !optional.includes(tag) || values.some((value) => value.tag === tag));
  if (values.length !== expected.length || values.some(({ tag }, index) => tag !== expected[index])) throw damaged(what, `it expected the parts ${expected.join(', ')}, got ${values.map(({ tag }) => tag).join(', ').slice(0, 100)}`);
  return Object.fromEntries(values.map((value) => [value.tag, value])) as Readonly<Record<T, CvcValue>>;
}

export interface Cvc {
  /** What the issuer signed: the body, whole. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** Names of who issued it and of whose it is (CAR, CHR). */
  readonly authority: string;
  readonly holder: string;
  /** Content of the public key. */
  readonly publicKey: Uint8Array;
  /** The role and what is allowed: object identifier and bits; a request has none. */
  readonly role: Uint8Array | undefined;
  readonly whole: Uint8Array;
}

/** A reference is 8 to 16 characters: country, name, number (TR-03110-3 §A.6.1). */
function reference({ content }: CvcValue): string {
  const text = new TextDecoder('latin1').decode(content);
  if (!/^[A-Z0-9]{8,16}$/.test(text)) throw damaged(what, 'a reference expected 8 to 16 letters and digits');
  return text;
}

/** @param whole of tag 7F21 @throws `input-malformed` */
export function readCvc(whole: Uint8Array): Cvc {
  const { certificate, body, signature, profile, authority, publicKey, holder, role, from, to, extensions } = cvcTags;
  const outer = parts(parts(whole, [certificate])[certificate].content, [body, signature]);
  const inner = parts(outer[body].content, [profile, authority, publicKey, holder, role, from, to, extensions], [role, from, to, extensions]);
  return {
    signed: outer[body].whole,
    signature: outer[signature].content,
    authority: reference(inner[authority]),
    holder: reference(inner[holder]),
    publicKey: inner[publicKey].content,
    role: inner[role]?.content,
    whole,
  };
}

export interface AuthenticatedRequest {
  readonly request: Cvc;
  /** Who vouches for it. */
  readonly authority: string;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** A request that another key signed too, TR-03110-3 §C.3. @param whole of tag 67 @throws `input-malformed` */
export function readAuthenticatedRequest(whole: Uint8Array): AuthenticatedRequest {
  const { request, certificate, authority, signature } = cvcTags;
  const outer = parts(parts(whole, [request])[request].content, [certificate, authority, signature]);
  return { request: readCvc(outer[certificate].whole), authority: reference(outer[authority]), signed: concatBytes(outer[certificate].whole, outer[authority].whole), signature: outer[signature].content };
}
