/** Subject alternative names, RFC 5280 §4.2.1.6: written from what people type, read for what they say. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { toHex, utf8 } from '../../crypto/bytes.ts';
import { DerFields } from '../../crypto/derReader.ts';
import { derTags, oidText } from '../../crypto/derValue.ts';
import { context } from '../../crypto/derValue.ts';
import { writeDer } from '../../crypto/derWriter.ts';
import { readName } from './distinguishedName.ts';

export interface AlternativeName {
  readonly kind: 'dns' | 'ip' | 'email' | 'uri';
  readonly value: string;
}
export interface ReadAlternativeName {
  readonly kind: AlternativeName['kind'] | 'directory' | 'registered-id' | 'other';
  readonly value: string;
}

const tags = { email: context.primitive(1), dns: context.primitive(2), uri: context.primitive(6), ip: context.primitive(7) } as const;

function refused(value: string, message: string, nextStep: string): StrongroomError {
  return new StrongroomError('request-invalid', `"sans" ${message}, got "${shortLine(value, 80)}"`, { field: 'sans', nextStep });
}

/** IDNA (UTS 46) of the platform. @returns undefined for what is no host name */
function asciiDomain(domain: string): string | undefined {
  if (/^[\x21-\x7e]+$/.test(domain)) return domain;
  // SECURITY: what a URL would take for a user, a port or a path is none here: é@example.net would become example.net
  if (/[^\p{L}\p{M}\p{N}.\u3002_-]/u.test(domain)) return undefined;
  try {
    return new URL(`http://${domain}`).hostname;
  } catch {
    return undefined;
  }
}

/** LDH labels of RFC 1123, in A-label form. @throws `request-invalid` */
function dnsName(value: string): string {
  const wildcard = value.startsWith('*.') ? '*.' : ''; // RFC 6125 §6.4.3: the whole left-most label
  const name = asciiDomain(value.slice(wildcard.length).normalize('NFC'));
  const labels = name?.split('.') ?? [];
  const ok = name !== undefined && name.length <= 253 && labels.every((label) => /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label)) && !labels.every((label) => /^\d+$/.test(label));
  if (!ok) throw refused(value, 'expected a DNS name', 'write a name such as vault.example.org; an address is of the kind ip');
  return wildcard + name;
}

function ipv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256) ? Uint8Array.from(parts, Number) : undefined;
}

/** RFC 4291 §2.2, with one `::` and perhaps an IPv4 address at the end. */
function ipv6(text: string): Uint8Array | undefined {
  const tail = /:([\d.]+\.[\d.]+)$/.exec(text)?.[1];
  const embedded = tail === undefined ? undefined : ipv4(tail);
  if (tail !== undefined && embedded === undefined) return undefined;
  const plain = embedded === undefined || tail === undefined ? text : `${text.slice(0, -tail.length)}${toHex(embedded.subarray(0, 2))}:${toHex(embedded.subarray(2))}`;
  const halves = plain.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [before = [], after] = halves;
  const missing = 8 - before.length - (after?.length ?? 0);
  if (halves.length > 2 || (after === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...before, ...Array<string>(after === undefined ? 0 : missing).fill('0'), ...(after ?? [])];
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? Uint8Array.from(groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])) : undefined;
}

function address(value: string): Uint8Array {
  const bytes = value.includes(':') ? ipv6(value) : ipv4(value);
  if (bytes === undefined) throw refused(value, 'expected an IP address', 'write 192.0.2.1 or 2001:db8::1, without a mask');
  return bytes;
}

/** RFC 5321 §4.1.2, the part before the @ in ASCII. */
function mailbox(value: string): string {
  const at = value.lastIndexOf('@');
  const local = value.slice(0, at);
  if (at < 1 || local.length > 64 || !/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$/.test(local)) throw refused(value, 'expected an e-mail address with ASCII before the @', 'write name@example.org; an address with other letters needs a certificate of another kind (RFC 9598)');
  return `${local}@${dnsName(value.slice(at + 1))}`;
}

function absoluteUri(value: string): string {
  const ok = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(value) && !/[<>"{}|\\^`]/.test(value);
  if (!ok) throw refused(value, 'expected an absolute URI in ASCII', 'write it with its scheme, other letters as %XX');
  return value;
}

function encodeName({ kind, value }: AlternativeName): Uint8Array {
  if (kind === 'ip') return writeDer(tags.ip, address(value));
  const text = kind === 'dns' ? dnsName(value) : kind === 'email' ? mailbox(value) : absoluteUri(value);
  return writeDer(tags[kind], utf8(text));
}

/** @throws `request-invalid` for a name that is not of its kind */
export function writeAlternativeNames(names: readonly AlternativeName[]): Uint8Array {
  return writeDer(derTags.sequence, ...names.map(encodeName));
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return `#${toHex(bytes)}`;
  return new URL(`http://[${(toHex(bytes).match(/.{4}/g) ?? []).join(':')}]`).hostname.slice(1, -1); // RFC 5952
}

/** @param der GeneralNames @throws `input-malformed` */
export function readAlternativeNames(der: Uint8Array, document: string): readonly ReadAlternativeName[] {
  return DerFields.of(der, document)
    .rest()
    .map(({ tag, content, whole }): ReadAlternativeName => {
      if (tag === tags.ip) return { kind: 'ip', value: addressText(content) };
      const kind = (['dns', 'email', 'uri'] as const).find((name) => tags[name] === tag);
      if (kind !== undefined) return { kind, value: shortLine(new TextDecoder().decode(content), 300) };
      if (tag === context.constructed(4)) return { kind: 'directory', value: readName(content, document) };
      if (tag === context.primitive(8)) return { kind: 'registered-id', value: oidText(content) ?? `#${toHex(content)}` };
      return { kind: 'other', value: `#${toHex(whole)}`.slice(0, 300) };
    });
}
