/** PKCS#11 URIs, RFC 7512: names of tokens and keys that other programs (p11tool, openssl, curl) understand as well. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';

export const uriTypes = ['public', 'private', 'cert', 'secret-key', 'data'] as const;
export type UriType = (typeof uriTypes)[number];

/** The path attributes of RFC 7512 §2.3 that name a token or an object; `id` is bytes, all else is text. */
export interface Pkcs11Uri {
  readonly token?: string;
  readonly manufacturer?: string;
  readonly serial?: string;
  readonly model?: string;
  readonly object?: string;
  readonly type?: UriType;
  readonly id?: Uint8Array;
}

const textNames = ['token', 'manufacturer', 'serial', 'model', 'object'] as const;
type TextName = (typeof textNames)[number];

/** RFC 3986 §2.3: unreserved alone. RFC 7512 lets more stand, which shells, logs and other readers of URIs take apart. */
const plainCharacter = /^[A-Za-z0-9\-._~]$/;

function escapeByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function escapeText(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return byte < 128 && plainCharacter.test(character) ? character : escapeByte(byte);
  }).join('');
}

/** One form for one name: fixed order of attributes, upper-case escapes, every byte of an id escaped (as p11tool writes them). */
export function formatPkcs11Uri(uri: Pkcs11Uri): string {
  const text = (name: TextName) => (uri[name] === undefined ? [] : [`${name}=${escapeText(uri[name])}`]);
  const id = uri.id === undefined ? [] : [`id=${Array.from(uri.id, escapeByte).join('')}`];
  const type = uri.type === undefined ? [] : [`type=${uri.type}`];
  return `pkcs11:${[...text('model'), ...text('manufacturer'), ...text('serial'), ...text('token'), ...id, ...text('object'), ...type].join(';')}`;
}

function malformedUri(what: string): StrongroomError {
  return new StrongroomError('request-invalid', `"ref" expected a pkcs11 URI (RFC 7512): ${what}`, { field: 'ref' });
}

function unescapeBytes(value: string): Uint8Array {
  if (!/^(?:[A-Za-z0-9\-._~:[\]@!$'()*+,=&]|%[0-9A-Fa-f]{2})*$/.test(value)) throw malformedUri('a value has characters that must be escaped');
  const bytes = Array.from(value.matchAll(/%(..)|./g), ([character, hex]) => (hex === undefined ? character.charCodeAt(0) : Number.parseInt(hex, 16)));
  return Uint8Array.from(bytes);
}

function unescapeText(value: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(unescapeBytes(value));
  } catch (error) {
    throw error instanceof StrongroomError ? error : malformedUri('a value is not UTF-8');
  }
}

function attribute(name: string, value: string): Pkcs11Uri {
  if (name === 'id') return { id: unescapeBytes(value) };
  if (name === 'type') {
    const type = uriTypes.find((candidate) => candidate === value);
    if (type === undefined) throw malformedUri(`"type" expected one of ${uriTypes.join(', ')}`);
    return { type };
  }
  const known = textNames.find((candidate) => candidate === name);
  if (name === 'pin-value' || name === 'pin-source') throw malformedUri(`${name} belongs after "?"`); // SECURITY: and its value is repeated nowhere
  // RFC 7512 §2.4: a consumer that does not understand an attribute must not take the URI for a match.
  if (known === undefined) throw malformedUri(`the attribute "${name.slice(0, 40)}" is not understood`);
  return { [known]: unescapeText(value) };
}

/**
 * @throws `request-invalid`; also for any query, since `pin-value` would put a secret into a name and `module-path` would name a module
 */
export function parsePkcs11Uri(text: string): Pkcs11Uri {
  if (!/^pkcs11:/i.test(text)) throw malformedUri('no scheme "pkcs11:"');
  if (text.includes('?')) throw malformedUri('a query (after "?") is not taken'); // SECURITY: no PIN and no module path comes this way
  const path = text.slice('pkcs11:'.length);
  const seen = new Map<string, Pkcs11Uri>();
  for (const part of path === '' ? [] : path.split(';')) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(part) ?? [];
    if (name === undefined || value === undefined) throw malformedUri('an attribute without a value');
    if (seen.has(name)) throw malformedUri(`"${name.slice(0, 40)}" is given twice`);
    seen.set(name, attribute(name, value));
  }
  return Object.assign({}, ...seen.values()) as Pkcs11Uri;
}

/** The one form of a reference, however it is escaped. */
export function plainKeyUri(ref: string): string {
  try {
    return formatPkcs11Uri(parsePkcs11Uri(ref));
  } catch {
    return ref; // a reference to another kind of place
  }
}

/** Whether two references name one key: by token, CKA_ID or label, and type. */
export function sameKeyUri(one: string, other: string): boolean {
  return one === other || plainKeyUri(one) === plainKeyUri(other);
}

/** What a sender may have meant that percent-encodes the first byte of an id alone, as some do: `%6deb45` is five bytes. */
export function oneByteEscaped(id: Uint8Array): string | undefined {
  const rest = String.fromCharCode(...id.subarray(1));
  return id.length > 1 && /^(?:[0-9a-f]{2})+$/i.test(rest) ? `${(id[0] ?? 0).toString(16).padStart(2, '0')}${rest}` : undefined;
}
