/** What keys are on the wire: their names, what they say of themselves, what they shall be, and what of them may be sent. Never the bytes of a kept key. */
import * as limits from './limits.ts';
import { bytes, fields, flag, oneField, oneOf, optional, text, uint } from './shape.ts';
import type { Shaped } from './shape.ts';

const id = bytes(1, limits.maxIdBytes);
const label = text(limits.maxLabelBytes);

export const keyClasses = ['secret', 'private', 'public'] as const;
export type KeyClass = (typeof keyClasses)[number];
export const keyClass = oneOf(keyClasses);
/** A key is named by its secret or private half; it has a CKA_ID, or a label that no other key of its class without a CKA_ID has. */
export const ownClass = oneOf(['secret', 'private']);
export type OwnClass = Shaped<typeof ownClass>;
export const keyName = oneField({ id, label });
export type KeyName = Shaped<typeof keyName>;

/** Named curves by the names of our algorithms: what stands in CKA_EC_PARAMS is the child's to read and write. */
export const curves = ['ec-p256', 'ec-p384', 'ec-p521', 'ed25519', 'x25519'] as const;
export type Curve = (typeof curves)[number];
export const curve = oneOf(curves);
/** Of an EC key uncompressed (SEC 1 §2.3.3), of the others 32 bytes (RFC 8032, RFC 7748). */
export const point = bytes(32, limits.maxPointBytes);

export const keyTypes = ['aes', 'generic', 'rsa', 'ec', 'edwards', 'montgomery', 'other'] as const;
export type KeyTypeName = (typeof keyTypes)[number];

/** The boolean attributes that are asked for and read back, by the name of their CKA_ constant. */
export const flagAttributes = [
  'token',
  'private',
  'modifiable',
  'sensitive',
  'extractable',
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'wrap',
  'unwrap',
  'derive',
  'alwaysAuth',
  'wrapWithTrusted',
  'local',
  'alwaysSensitive',
  'neverExtractable',
] as const;
export type FlagAttribute = (typeof flagAttributes)[number];

const flags = fields(Object.fromEntries(flagAttributes.map((name) => [name, optional(flag)])) as Record<FlagAttribute, ReturnType<typeof optional<boolean>>>);
export type KeyFlags = Shaped<typeof flags>;

/** What a key says of itself. A flag that the module does not know is left out. */
export const keyFacts = fields({
  class: keyClass,
  id: bytes(0, limits.maxIdBytes),
  label,
  keyType: oneOf(keyTypes),
  flags,
  /** Length of a secret key or RSA modulus. */
  bits: optional(uint(limits.maxModulusBytes * 8)),
  modulus: optional(bytes(1, limits.maxModulusBytes)),
  exponent: optional(bytes(1, limits.maxModulusBytes)),
  /** Left out where its parameters are no curve that is known by name. */
  curve: optional(curve),
  point: optional(point),
  checkValue: optional(bytes(3, 3)),
});
export type KeyFacts = Shaped<typeof keyFacts>;

/** What a new key shall be. Its flags are given, all of them that matter; nothing is left to a module's default. */
export const keyTemplate = fields({ id, label, flags });
export type KeyTemplate = Shaped<typeof keyTemplate>;

const rsaNumber = bytes(1, limits.maxModulusBytes);
export const rsaPublic = fields({ modulus: bytes(128, limits.maxModulusBytes), exponent: rsaNumber });
export const curvePublic = fields({ curve, point });
/** Somebody's public key, or the public half of a pair. */
export const publicKey = oneField({ rsa: rsaPublic, curve: curvePublic });
export type PublicKey = Shaped<typeof publicKey>;

/** A clear key that the computer gives to the token: the bytes of a secret, the numbers of RFC 8017 §3.2, or a scalar or seed with its public point. */
export const clearKey = oneField({
  secret: fields({ keyType: oneOf(['aes', 'generic']), value: bytes(1, limits.maxSecretBytes) }),
  rsa: fields({
    modulus: rsaNumber,
    publicExponent: rsaNumber,
    privateExponent: rsaNumber,
    prime1: rsaNumber,
    prime2: rsaNumber,
    exponent1: rsaNumber,
    exponent2: rsaNumber,
    coefficient: rsaNumber,
  }),
  curve: fields({ curve, point, value: bytes(1, 66) }),
});
export type ClearKey = Shaped<typeof clearKey>;
