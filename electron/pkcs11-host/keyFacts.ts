/** What a key object says of itself, without a secret byte. */
import { KeyType } from 'graphene-pk11';
import { maxIdBytes, maxLabelBytes, maxModulusBytes, maxSecretBytes } from '../pkcs11-wire/limits.ts';
import { flagAttributes } from '../pkcs11-wire/keyShapes.ts';
import type { Curve, FlagAttribute, KeyClass, KeyFacts, KeyTypeName } from '../pkcs11-wire/keyShapes.ts';
import type { AttributeReader } from './attributeReader.ts';
import { malformed } from './cryptoki.ts';
import { CKK_EC_EDWARDS, CKK_EC_MONTGOMERY, curveOf, pointOf } from './curves.ts';
import { printable } from './slots.ts';
import type { TokenSession } from './tokenSession.ts';

/** CKK_SHA_1_HMAC to CKK_SHA512_HMAC, PKCS#11 v2.40 §2.20: generic secrets by another name. */
const hmacTypes: readonly number[] = [0x28, 0x2b, 0x2c, 0x2d];

function keyTypeOf(number: number | undefined): KeyTypeName {
  if (number === KeyType.AES) return 'aes';
  if (number === KeyType.RSA) return 'rsa';
  if (number === KeyType.EC) return 'ec';
  if (number === CKK_EC_EDWARDS) return 'edwards';
  if (number === CKK_EC_MONTGOMERY) return 'montgomery';
  return number === KeyType.GENERIC_SECRET || (number !== undefined && hmacTypes.includes(number)) ? 'generic' : 'other';
}

export function defined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

function flagsOf(read: AttributeReader, kind: string, object: Buffer): KeyFacts['flags'] {
  return defined(read.flags(kind, object, flagAttributes) as Record<FlagAttribute, boolean | undefined>);
}

/** A modulus comes with or without a leading zero, by module; it leaves without. */
function unsigned(value: Uint8Array | undefined): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const first = value.findIndex((byte) => byte !== 0);
  return first < 0 ? undefined : value.slice(first);
}

type Numbers = Pick<KeyFacts, 'modulus' | 'exponent' | 'bits' | 'curve' | 'point'>;

function rsaNumbers(read: AttributeReader, object: Buffer): Numbers {
  const modulus = unsigned(read.bytes(object, 'modulus', maxModulusBytes));
  const exponent = unsigned(read.bytes(object, 'publicExponent', maxModulusBytes));
  return defined<Numbers>({ modulus, exponent, bits: modulus === undefined ? undefined : bitLength(modulus), curve: undefined, point: undefined });
}

function bitLength(number: Uint8Array): number {
  return (number.length - 1) * 8 + (32 - Math.clz32(number[0] ?? 0));
}

/** Explicit parameters are longer than any name. */
const maxParamsBytes = 1024;

export function readCurve(read: AttributeReader, object: Buffer): Curve | undefined {
  return curveOf(read.bytes(object, 'paramsECDSA', maxParamsBytes));
}

function curveNumbers(read: AttributeReader, object: Buffer): Numbers {
  const curve = readCurve(read, object);
  if (curve === undefined) return {};
  const point = pointOf(curve, read.bytes(object, 'pointEC', 256));
  return { curve, ...(point === undefined ? {} : { point }) };
}

function secretNumbers(read: AttributeReader, object: Buffer): Pick<KeyFacts, 'bits'> {
  const length = secretLength(read, object);
  return length === undefined ? {} : { bits: length * 8 };
}

/** CKK_EC_EDWARDS stands for Curve25519 too in SoftHSM 2.6: the curve says which. */
function numbersOf(read: AttributeReader, object: Buffer, keyType: KeyTypeName): Numbers & Pick<KeyFacts, 'checkValue'> {
  if (keyType === 'rsa') return rsaNumbers(read, object);
  if (keyType === 'ec' || keyType === 'edwards' || keyType === 'montgomery') return curveNumbers(read, object);
  if (keyType === 'generic') return secretNumbers(read, object);
  if (keyType !== 'aes') return {};
  const checkValue = read.bytes(object, 'checkValue', 64);
  return { ...secretNumbers(read, object), ...(checkValue?.length === 3 ? { checkValue } : {}) };
}

export function describeKey(session: TokenSession, cls: KeyClass, object: Buffer): KeyFacts {
  const read = session.attributes;
  const keyType = keyTypeOf(read.number(object, 'keyType'));
  return { class: cls, id: idOf(session, object), label: labelOf(session, object), keyType, flags: flagsOf(read, `${cls} ${keyType}`, object), ...numbersOf(read, object, keyType) };
}

/** Bytes. SoftHSM says 0 of a key that was unwrapped. */
export function secretLength(read: AttributeReader, object: Buffer): number | undefined {
  const length = read.number(object, 'valueLen');
  if (length !== undefined && length > maxSecretBytes) throw malformed(`a secret key of ${length} bytes`);
  return length === 0 ? undefined : length;
}

export function idOf({ attributes }: TokenSession, object: Buffer): Uint8Array {
  return attributes.bytes(object, 'id', maxIdBytes) ?? new Uint8Array(0);
}

export function labelOf({ attributes }: TokenSession, object: Buffer): string {
  const bytes = attributes.bytes(object, 'label', maxLabelBytes);
  return bytes === undefined ? '' : printable(new TextDecoder().decode(bytes));
}
