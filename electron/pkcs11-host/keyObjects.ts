/** Key objects of a token, found by class, CKA_ID and label; and the templates of new ones. */
import { ObjectClass, Template } from 'graphene-pk11';
import type { ITemplate } from 'graphene-pk11';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { maxKeys } from '../pkcs11-wire/limits.ts';
import { keyClasses } from '../pkcs11-wire/keyShapes.ts';
import type { KeyClass, KeyName, KeyTemplate } from '../pkcs11-wire/keyShapes.ts';
import { ckr } from './ckr.ts';
import { asBuffer, CkrError, malformed } from './cryptoki.ts';
import { idOf } from './keyFacts.ts';
import type { TokenSession } from './tokenSession.ts';

export const objectClass: Readonly<Record<KeyClass, ObjectClass>> = {
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

export function findHandles(session: TokenSession, query: KeyQuery): readonly Buffer[] {
  const template: ITemplate = {};
  if (query.class !== undefined) template.class = objectClass[query.class];
  if (query.id !== undefined) template.id = asBuffer(query.id);
  if (query.label !== undefined) template.label = query.label;
  return findAll(session, template);
}

/**
 * SECURITY: an absurd count reads as an empty page in the binding, and `nothing there` is what lets a name be given or proves a destruction.
 * So two searches must agree; one that another program's work came between is made again. And the token itself must still be there.
 * @throws CkrError, `module-malformed`
 */
export function findAll(session: TokenSession, template: ITemplate): readonly Buffer[] {
  let last = searchOnce(session, template);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const next = searchOnce(session, template);
    if (next.length === 0) session.assertThere();
    if (next.length === last.length) return next;
    last = next;
  }
  throw malformed('C_FindObjects gives another count each time');
}

function searchOnce({ cryptoki, work }: TokenSession, template: ITemplate): readonly Buffer[] {
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

/**
 * Every object of a name. A label names a key only where it has no CKA_ID.
 * SECURITY: a handle that lies is of another object, which would be used or destroyed in the place of the one that was named
 */
export function handlesNamed(session: TokenSession, cls: KeyClass, name: KeyName): readonly Buffer[] {
  const by = 'id' in name ? { id: name.id } : { label: name.label };
  const handles = findHandles(session, { class: cls, ...by });
  if (!handles.every((handle) => session.attributes.number(handle, 'class') === objectClass[cls] && isNamed(session, handle, name))) throw malformed('C_FindObjects gave an object that was not asked for');
  return 'id' in name ? handles : handles.filter((handle) => idOf(session, handle).length === 0);
}

function isNamed(session: TokenSession, handle: Buffer, name: KeyName): boolean {
  return 'id' in name ? session.attributes.equals(handle, 'id', name.id) : session.attributes.equals(handle, 'label', Buffer.from(name.label));
}

/** A handle that another program's work gave to another object shows another CKA_ID; one of an object that is gone shows nothing. */
function isStill(session: TokenSession, handle: Buffer, id: Uint8Array): boolean {
  try {
    return session.attributes.equals(handle, 'id', id);
  } catch (error) {
    if (error instanceof CkrError && error.is(ckr.objectHandleInvalid, ckr.keyHandleInvalid)) return false;
    throw error;
  }
}

/** Exactly one key, for a use that takes no PIN of its own. @throws `token-key-missing`, `token-ambiguous`, `token-cannot` */
export function findKey(session: TokenSession, cls: KeyClass, key: KeyName): Buffer {
  const handle = findAnyKey(session, cls, key);
  if (cls === 'private' && asksPin(session, handle)) throw new StrongroomError('token-cannot', 'the key asks for the PIN before each use (CKA_ALWAYS_AUTHENTICATE), for which PKCS#11 has a place in signing alone');
  return handle;
}

/** Exactly one key. @throws `token-key-missing`, `token-ambiguous` */
export function findAnyKey(session: TokenSession, cls: KeyClass, key: KeyName): Buffer {
  const [by, value] = 'id' in key ? (['id', asBuffer(key.id)] as const) : (['label', Buffer.from(key.label)] as const);
  const name = `${cls}:${by}:${value.toString('hex')}`;
  const known = session.handles.get(name);
  if (known !== undefined && isStill(session, known, value)) return known;
  const handles = handlesNamed(session, cls, key);
  const [handle] = handles;
  const what = by === 'id' ? 'this CKA_ID' : 'this label and no CKA_ID';
  if (handle === undefined) throw new StrongroomError('token-key-missing', `the token has no ${cls} key with ${what}`);
  if (handles.length > 1) throw new StrongroomError('token-ambiguous', `${handles.length} ${cls} keys on the token have ${what}`);
  if (by === 'id') session.handles.set(name, handle); // a label may get a second key at any time
  return handle;
}

/** PKCS#11 v2.40 §4.9: such a key wants C_Login (CKU_CONTEXT_SPECIFIC) between each *Init and its use. Looked at once for a handle. */
export function asksPin(session: TokenSession, handle: Buffer): boolean {
  const known = session.askers.get(handle);
  if (known !== undefined) return known;
  const asks = session.attributes.flag(handle, 'alwaysAuth') === true;
  session.askers.set(handle, asks);
  return asks;
}

/** SECURITY: some modules overwrite the first key of a repeated CKA_ID, others keep both and use either. @throws `already-exists` */
export function assertUnused(session: TokenSession, id: Uint8Array, label: string): void {
  if (findHandles(session, { id }).length > 0) throw new StrongroomError('already-exists', '"id" is the CKA_ID of an object on this token');
  const sameLabel = keyClasses.some((cls) => findHandles(session, { class: cls, label }).length > 0);
  if (sameLabel) throw new StrongroomError('already-exists', `"label" is the CKA_LABEL of a key on this token: "${label}"`);
}
