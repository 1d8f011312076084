/** Distinguished names: text of RFC 4514 or a list of attributes to DER (RFC 5280 §4.1.2.4), and DER to text. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { toHex, utf8 } from '../../crypto/bytes.ts';
import { DerFields } from '../../crypto/derReader.ts';
import { derTags } from '../../crypto/derValue.ts';
import { writeDer, writeOid, writeSetOf } from '../../crypto/derWriter.ts';

interface AttributeType {
  readonly oid: string;
  /** Upper bounds of RFC 5280 appendix A, in characters. */
  readonly longest: number;
  readonly form: 'utf8' | 'printable' | 'ia5';
}

const attributeTypes = {
  CN: { oid: '2.5.4.3', longest: 64, form: 'utf8' },
  SN: { oid: '2.5.4.4', longest: 40, form: 'utf8' },
  serialNumber: { oid: '2.5.4.5', longest: 64, form: 'printable' },
  C: { oid: '2.5.4.6', longest: 2, form: 'printable' },
  L: { oid: '2.5.4.7', longest: 128, form: 'utf8' },
  ST: { oid: '2.5.4.8', longest: 128, form: 'utf8' },
  STREET: { oid: '2.5.4.9', longest: 128, form: 'utf8' },
  O: { oid: '2.5.4.10', longest: 64, form: 'utf8' },
  OU: { oid: '2.5.4.11', longest: 64, form: 'utf8' },
  title: { oid: '2.5.4.12', longest: 64, form: 'utf8' },
  GN: { oid: '2.5.4.42', longest: 16, form: 'utf8' },
  organizationIdentifier: { oid: '2.5.4.97', longest: 256, form: 'utf8' },
  DC: { oid: '0.9.2342.19200300.100.1.25', longest: 63, form: 'ia5' },
  UID: { oid: '0.9.2342.19200300.100.1.1', longest: 256, form: 'utf8' },
  emailAddress: { oid: '1.2.840.113549.1.9.1', longest: 255, form: 'ia5' },
} as const satisfies Record<string, AttributeType>;

export type AttributeName = keyof typeof attributeTypes;
export interface NameAttribute {
  readonly type: AttributeName;
  readonly value: string;
}

const otherSpellings: Readonly<Record<string, AttributeName>> = { E: 'emailAddress', EMAIL: 'emailAddress', S: 'ST', STATE: 'ST', GIVENNAME: 'GN', SURNAME: 'SN' };

const tags = { utf8: 0x0c, printable: 0x13, ia5: 0x16 } as const;

function refused(message: string, nextStep = 'write the subject as CN=name,O=organisation,C=DE'): StrongroomError {
  return new StrongroomError('request-invalid', `"subject" ${message}`, { field: 'subject', nextStep });
}

function requireValue(type: AttributeName, value: string): void {
  const { longest, form } = attributeTypes[type];
  const length = [...value].length;
  if (length === 0 || length > longest) throw refused(`expected 1 to ${longest} characters in ${type}, got ${length}`);
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)) throw refused(`expected no control character in ${type}`);
  if (type === 'C' && !/^[A-Z]{2}$/.test(value)) throw refused('expected two capital letters in C (ISO 3166), such as DE');
  if (form === 'printable' && !/^[A-Za-z0-9 '()+,./:=?-]*$/.test(value)) throw refused(`expected letters, digits and simple punctuation in ${type}`);
  if (form === 'ia5' && !/^[\x20-\x7e]*$/.test(value)) throw refused(`expected ASCII in ${type}`, type === 'DC' ? 'write the domain in its xn-- form' : 'leave the address to the subject alternative names');
}

function encodeAttribute({ type, value: given }: NameAttribute): Uint8Array {
  const value = given.normalize('NFC');
  requireValue(type, value);
  const { oid, form } = attributeTypes[type];
  return writeDer(derTags.sequence, writeOid(oid), writeDer(tags[form], utf8(value)));
}

function typeOf(text: string): AttributeName {
  const upper = text.trim().toUpperCase();
  const known = (Object.keys(attributeTypes) as AttributeName[]).find((name) => name.toUpperCase() === upper || attributeTypes[name].oid === text.trim());
  const type = known ?? otherSpellings[upper];
  if (type === undefined) throw refused(`has no attribute "${text.trim().slice(0, 40)}": expected ${Object.keys(attributeTypes).join(', ')}`);
  return type;
}

/** One character or hex pair behind a backslash, RFC 4514 §2.4. */
const escaped = /^\\(?:([0-9a-fA-F]{2})|([ "#+,;<=>\\]))/;

/** The value up to the next separator that is not escaped: its text, and what is left. */
function takeValue(text: string): { readonly value: string; readonly rest: string } {
  const bytes: number[] = [];
  let kept = 0; // escaped spaces at the end stay
  let rest = text.trimStart();
  if (rest.startsWith('#')) throw refused('expected text, got a value in hex');
  while (rest !== '' && !/^[,+]/.test(rest)) {
    const pair = escaped.exec(rest);
    const character = pair === null ? (/^[^\\";<>]/u.exec(rest)?.[0] ?? '') : '';
    if (pair === null && character === '') throw refused(`expected a backslash before ${rest.slice(0, 1)}`);
    bytes.push(...(pair?.[1] !== undefined ? [Number.parseInt(pair[1], 16)] : utf8(pair?.[2] ?? character)));
    if (pair !== null || character !== ' ') kept = bytes.length;
    rest = rest.slice(pair?.[0].length ?? character.length);
  }
  try {
    return { value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes.slice(0, kept))), rest };
  } catch {
    throw refused('has escaped bytes that are not UTF-8');
  }
}

/** RFC 4514: the last RDN of the name stands first in the text. */
function parseText(text: string): readonly (readonly NameAttribute[])[] {
  const rdns: NameAttribute[][] = [];
  let rest = text;
  for (let separator = ','; rest !== '' || separator !== ''; ) {
    const [, type, tail] = /^([^=,+\\"]*)=(.*)$/su.exec(rest) ?? [];
    if (type === undefined || tail === undefined) throw refused(`expected an attribute and "=", got "${rest.slice(0, 40)}"`);
    const taken = takeValue(tail);
    const attribute = { type: typeOf(type), value: taken.value };
    if (separator === '+') rdns[0]?.push(attribute);
    else rdns.unshift([attribute]);
    separator = taken.rest.slice(0, 1);
    rest = taken.rest.slice(1);
  }
  return rdns;
}

/**
 * @param subject text of RFC 4514 (`CN=name,O=organisation,C=DE`), or attributes in the order in which a certificate has them (country first)
 * @throws `request-invalid` for an attribute that is unknown, too long or of other characters
 */
export function writeName(subject: string | readonly NameAttribute[]): Uint8Array {
  const rdns = typeof subject === 'string' ? (subject.trim() === '' ? [] : parseText(subject)) : subject.map((attribute) => [attribute]);
  return writeDer(derTags.sequence, ...rdns.map((rdn) => writeSetOf(derTags.set, rdn.map(encodeAttribute))));
}

/** UTF8String, PrintableString, IA5String, TeletexString (as everybody writes it), BMPString. */
const encodings: ReadonlyMap<number, string> = new Map([[0x0c, 'utf-8'], [0x13, 'utf-8'], [0x16, 'utf-8'], [0x14, 'latin1'], [0x1e, 'utf-16be']]);

function textOfValue(tag: number, content: Uint8Array): string | undefined {
  const encoding = encodings.get(tag);
  return encoding === undefined ? undefined : new TextDecoder(encoding).decode(content);
}

/** RFC 4514 §2.4. */
function escapeValue(text: string): string {
  return text.replace(/[\\",+<>;]/g, '\\$&').replace(/^[ #]/, '\\$&').replace(/ $/, '\\ ');
}

/** @param der a Name @throws `input-malformed` */
export function readName(der: Uint8Array, document: string): string {
  const rdns = DerFields.of(der, document).rest();
  const texts = rdns.map(({ whole }) =>
    DerFields.of(whole, document, derTags.set)
      .rest()
      .map((attribute) => {
        const reader = DerFields.of(attribute.whole, document);
        const oid = reader.oid('attribute type');
        const { tag, content, whole: value } = reader.any('attribute value');
        const known = (Object.keys(attributeTypes) as AttributeName[]).find((name) => attributeTypes[name].oid === oid);
        const text = known === undefined ? undefined : textOfValue(tag, content);
        return text === undefined ? `${oid}=#${toHex(value)}` : `${known}=${escapeValue(shortLine(text, 300))}`;
      })
      .join('+'),
  );
  return texts.reverse().join(',');
}
