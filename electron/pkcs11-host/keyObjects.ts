/** Key objects of a token: found by class, CKA_ID and label, and described without a secret byte. */
import { KeyType, ObjectClass, Template } from 'graphene-pk11';
import type { ITemplate } from 'graphene-pk11';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { maxIdBytes, maxKeys, maxLabelBytes, maxModulusBytes } from '../pkcs11-wire/limits.ts';
import { flagAttributes, keyClasses } from '../pkcs11-wire/messages.ts';
import type { FlagAttribute, KeyClass, KeyFacts, KeyTemplate } from '../pkcs11-wire/messages.ts';
import type { AttributeReader } from './attributeReader.ts';
import { asBuffer, malformed } from './cryptoki.ts';
import { printable } from './slots.ts';
import type { TokenSession } from './tokenSession.ts';

const objectClass: Readonly<Record<KeyClass, ObjectClass>> = {
  secret: ObjectClass.SECRET_KEY,
  private: ObjectClass.PRIVATE_KEY,
  public: ObjectClass.PUBLIC_KEY,
};

export const aesKeyLengths: readonly number[] = [16, 24, 32];

/** How many handles are asked for at once. */
const page = 64;

export interface KeyQuery {
  readonly class?: KeyClass;
  readonly id?: Uint8Array;
  readonly label?: string;
}

/** CKA_MODIFIABLE goes last: SoftHSM takes a template in its order, and nothing more once an unwrapped key is not modifiable. */
export function attributesOf(cls: KeyClass, wanted: KeyTemplate, more: ITemplate): ITemplate {
  const { modifiable, ...flags } = wanted.flags;
  return { class: objectClass[cls], ...more, id: asBuffer(wanted.id), label: wanted.label, ...flags, ...(modifiable === undefined ? {} : { modifiable }) };
}

export function templateOf(cls: KeyClass, wanted: KeyTemplate, more: ITemplate): ReturnType<typeof Template.toPkcs11> {
  return Template.toPkcs11(attributesOf(cls, wanted, more));
}

/**
 * SECURITY: an absurd count reads as an empty page in the binding, and `nothing there` is what lets a name be given or proves a destruction.
 * So two searches must agree; one that another program's work came between is made again.
 * @throws `module-malformed`
 */
export function findHandles(session: TokenSession, query: KeyQuery): readonly Buffer[] {
  let last = searchOnce(session, query);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const next = searchOnce(session, query);
    if (next.length === last.length) return next;
    last = next;
  }
  throw malformed('C_FindObjects gives another count each time');
}

function searchOnce(session: TokenSession, query: KeyQuery): readonly Buffer[] {
  const template: ITemplate = {};
  if (query.class !== undefined) template.class = objectClass[query.class];
  if (query.id !== undefined) template.id = asBuffer(query.id);
  if (query.label !== undefined) template.label = query.label;
  const { cryptoki, work } = session;
  cryptoki.call('C_FindObjectsInit', work, Template.toPkcs11(template));
  const handles = collectHandles(() => cryptoki.call('C_FindObjects', work, page));
  cryptoki.call('C_FindObjectsFinal', work); // after an error the session is closed instead
  return handles;
}

function collectHandles(nextPage: () => Buffer[]): readonly Buffer[] {
  const handles: Buffer[] = [];
  for (;;) {
    const some = nextPage();
    // SECURITY: handles beyond the count that was asked for are foreign memory
    if (some.length > page) throw malformed(`C_FindObjects gave ${some.length} handles, expected at most ${page}`);
    if (some.length === 0) return handles;
    handles.push(...some);
    if (handles.length > maxKeys) throw malformed(`more than ${maxKeys} keys`);
  }
}

/** Exactly one key. @throws `token-key-missing`, `token-ambiguous` */
export function findKey(session: TokenSession, cls: KeyClass, id: Uint8Array): Buffer {
  const name = `${cls}:${asBuffer(id).toString('hex')}`;
  const known = session.handles.get(name);
  // A handle that another program's work gave to another object would show another CKA_ID.
  if (known !== undefined && session.attributes.equals(known, 'id', id)) return known;
  const handles = findHandles(session, { class: cls, id });
  const [handle] = handles;
  if (handle === undefined) throw new StrongroomError('token-key-missing', `the token has no ${cls} key with this CKA_ID`);
  if (handles.length > 1) throw new StrongroomError('token-ambiguous', `${handles.length} ${cls} keys on the token share this CKA_ID`);
  if (cls === 'private') assertUsableWithoutPin(session, handle);
  session.handles.set(name, handle);
  return handle;
}

/** PKCS#11 v2.40 §4.9: such a key wants C_Login (CKU_CONTEXT_SPECIFIC) between each *Init and its use. */
function assertUsableWithoutPin(session: TokenSession, handle: Buffer): void {
  if (session.attributes.flag(handle, 'alwaysAuth') !== true) return;
  throw new StrongroomError('token-cannot', 'the key asks for the PIN before each use (CKA_ALWAYS_AUTHENTICATE), which this version does not do');
}

/** SECURITY: some modules overwrite the first key of a repeated CKA_ID, others keep both and use either. @throws `already-exists` */
export function assertUnused(session: TokenSession, id: Uint8Array, label: string): void {
  if (findHandles(session, { id }).length > 0) throw new StrongroomError('already-exists', '"id" is the CKA_ID of an object on this token');
  const sameLabel = keyClasses.some((cls) => findHandles(session, { class: cls, label }).length > 0);
  if (sameLabel) throw new StrongroomError('already-exists', `"label" is the CKA_LABEL of a key on this token: "${label}"`);
}

function keyTypeOf(number: number | undefined): KeyFacts['keyType'] {
  if (number === KeyType.AES) return 'aes';
  return number === KeyType.RSA ? 'rsa' : 'other';
}

function defined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

function flagsOf(read: AttributeReader, object: Buffer): KeyFacts['flags'] {
  return defined(Object.fromEntries(flagAttributes.map((name) => [name, read.flag(object, name)])) as Record<FlagAttribute, boolean | undefined>);
}

/** A modulus comes with or without a leading zero, by module; it leaves without. */
function unsigned(value: Uint8Array | undefined): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const first = value.findIndex((byte) => byte !== 0);
  return first < 0 ? undefined : value.slice(first);
}

function rsaNumbers(read: AttributeReader, object: Buffer): Pick<KeyFacts, 'modulus' | 'exponent' | 'bits'> {
  const modulus = unsigned(read.bytes(object, 'modulus', maxModulusBytes));
  const exponent = unsigned(read.bytes(object, 'publicExponent', maxModulusBytes));
  return defined<Pick<KeyFacts, 'modulus' | 'exponent' | 'bits'>>({ modulus, exponent, bits: modulus === undefined ? undefined : bitLength(modulus) });
}

function bitLength(number: Uint8Array): number {
  return (number.length - 1) * 8 + (32 - Math.clz32(number[0] ?? 0));
}

export function describeKey(session: TokenSession, cls: KeyClass, object: Buffer): KeyFacts {
  const read = session.attributes;
  const keyType = keyTypeOf(read.number(object, 'keyType'));
  const valueLength = keyType === 'aes' ? aesKeyLength(read, object) : undefined;
  const checkValue = keyType === 'aes' ? read.bytes(object, 'checkValue', 64) : undefined;
  return {
    class: cls,
    id: read.bytes(object, 'id', maxIdBytes) ?? new Uint8Array(0),
    label: labelOf(read.bytes(object, 'label', maxLabelBytes)),
    keyType,
    flags: flagsOf(read, object),
    ...(valueLength === undefined ? {} : { bits: valueLength * 8 }),
    ...(checkValue?.length === 3 ? { checkValue } : {}),
    ...(keyType === 'rsa' ? rsaNumbers(read, object) : {}),
  };
}

/** Bytes. SoftHSM says 0 of a key that was unwrapped. */
export function aesKeyLength(read: AttributeReader, object: Buffer): number | undefined {
  const length = read.number(object, 'valueLen');
  if (length !== undefined && length > maxModulusBytes) throw malformed(`an AES key of ${length} bytes`);
  return length === 0 ? undefined : length;
}

function labelOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : printable(new TextDecoder().decode(bytes));
}
