/**
 * The operations that a child performs for the core: for each, the fields of its request and of its reply.
 * High-level on purpose: sessions and handles stay in the child; a token is named by what it says of itself, a key by its CKA_ID and class.
 */
import { errorCodes } from '../../shared/errors/errorCodes.ts';
import type { ErrorCode } from '../../shared/errors/errorCodes.ts';
import { signatureMechanisms } from '../../shared/model/terms.ts';
import * as limits from './limits.ts';
import { bytes, fields, flag, listOf, oneField, oneOf, optional, text, uint } from './shape.ts';
import type { Shape, Shaped } from './shape.ts';

const uint32 = uint(0xffff_ffff);
const id = bytes(1, limits.maxIdBytes);
const label = text(limits.maxLabelBytes);
const pin = bytes(1, limits.maxPinBytes);
const tokenText = text(64);

/** A token by what it says of itself: equal labels are told apart by serial and manufacturer. */
export const tokenName = fields({ label: tokenText, serial: tokenText, manufacturer: optional(tokenText) });
export type TokenName = Shaped<typeof tokenName>;

export const tokenFacts = fields({
  slot: uint(Number.MAX_SAFE_INTEGER),
  slotDescription: text(128),
  label: tokenText,
  serial: tokenText,
  manufacturer: tokenText,
  model: tokenText,
  flags: uint32,
  minPinLength: uint32,
  maxPinLength: uint32,
  firmwareVersion: text(16),
});
export type TokenFacts = Shaped<typeof tokenFacts>;

export const keyClasses = ['secret', 'private', 'public'] as const;
export type KeyClass = (typeof keyClasses)[number];
const keyClass = oneOf(keyClasses);
/** A key is named by its secret or private half. */
const ownClass = oneOf(['secret', 'private']);

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
  keyType: oneOf(['aes', 'rsa', 'other']),
  flags,
  /** Length of an AES key or RSA modulus. */
  bits: optional(uint(limits.maxModulusBytes * 8)),
  modulus: optional(bytes(1, limits.maxModulusBytes)),
  exponent: optional(bytes(1, limits.maxModulusBytes)),
  checkValue: optional(bytes(3, 3)),
});
export type KeyFacts = Shaped<typeof keyFacts>;

/** What a new key shall be. Its flags are given, all of them that matter; nothing is left to a module's default. */
export const keyTemplate = fields({ id, label, flags });
export type KeyTemplate = Shaped<typeof keyTemplate>;

/** How a key travels under another. 0x210A means RFC 5649 to one module and PKCS#7 padding to the next, so it has a name of its own. */
export const wrapMechanisms = ['aes-kw-2109', 'aes-kwp-210b', 'aes-pad-210a', 'rsa-oaep-sha256', 'rsa-oaep-sha1'] as const;
export type WrapMechanism = (typeof wrapMechanisms)[number];
const wrapMechanism = oneOf(wrapMechanisms);

const publicKey = fields({ modulus: bytes(128, limits.maxModulusBytes), exponent: bytes(1, limits.maxModulusBytes) });

/** What went wrong: one of the product's codes, and where the module said it itself, its CKR number and function. */
export const failure = fields({
  code: oneOf(Object.keys(errorCodes) as ErrorCode[]),
  message: text(400),
  ckr: optional(uint32),
  function: optional(text(40)),
});
export type Failure = Shaped<typeof failure>;

const aesKey = bytes(16, 32);
const wrapped = bytes(1, limits.maxWrappedBytes);
const data = bytes(0, limits.maxDataBytes);
const gcm = { token: tokenName, id, iv: bytes(12, 12), aad: bytes(0, 65_536), data };
const nothing = fields({});

export const operations = {
  /** First and once: load the module by exact path, if it is still the pinned one. */
  open: {
    request: fields({ path: text(4096), sha256: bytes(32, 32), owner: optional(uint32), libraryParameters: optional(text(4096)) }),
    reply: fields({ cryptoki: text(16), manufacturer: tokenText, description: tokenText, version: text(16) }),
  },
  /** Last: ends all sessions and finalizes the module. */
  close: { request: nothing, reply: nothing },
  tokens: { request: nothing, reply: fields({ tokens: listOf(tokenFacts, 0, limits.maxSlots) }) },
  mechanisms: {
    request: fields({ token: tokenName }),
    reply: fields({ mechanisms: listOf(fields({ type: uint32, minKeySize: uint32, maxKeySize: uint32, flags: uint32 }), 0, limits.maxMechanisms) }),
  },
  /** Without `pin`: on the token's own PIN pad. */
  login: { request: fields({ token: tokenName, user: oneOf(['user', 'so']), pin: optional(pin) }), reply: nothing },
  logout: { request: fields({ token: tokenName }), reply: nothing },
  initToken: { request: fields({ slot: uint(Number.MAX_SAFE_INTEGER), label: text(32), soPin: pin, userPin: pin }), reply: tokenFacts },
  find: {
    request: fields({ token: tokenName, class: optional(keyClass), id: optional(id), label: optional(label) }),
    reply: fields({ keys: listOf(keyFacts, 0, limits.maxKeys) }),
  },
  generateSecret: { request: fields({ token: tokenName, bytes: oneOf([16, 24, 32]), template: keyTemplate }), reply: keyFacts },
  generatePair: {
    request: fields({ token: tokenName, bits: oneOf([2048, 3072, 4096]), privateTemplate: keyTemplate, publicTemplate: keyTemplate }),
    reply: fields({ privateKey: keyFacts, publicKey: keyFacts }),
  },
  /** One secret key, or both halves of a pair. */
  destroy: { request: fields({ token: tokenName, id, class: ownClass }), reply: fields({ destroyed: uint(2), remaining: uint(2) }) },
  sign: {
    request: fields({ token: tokenName, id, mechanism: oneOf(signatureMechanisms), digests: listOf(bytes(32, 64), 1, limits.maxBatch) }),
    reply: fields({ results: listOf(oneField({ signature: bytes(1, limits.maxSignatureBytes), failure }), 1, limits.maxBatch) }),
  },
  /** AES-GCM, 96-bit IV, 128-bit tag behind the ciphertext (SP 800-38D). */
  encrypt: { request: fields(gcm), reply: fields({ data: bytes(16, limits.maxDataBytes + 16) }) },
  decrypt: { request: fields({ ...gcm, data: bytes(16, limits.maxDataBytes + 16) }), reply: fields({ data }) },
  wrap: {
    request: fields({ token: tokenName, id, wrapper: oneField({ id, publicKey }), mechanism: wrapMechanism }),
    reply: fields({ wrapped }),
  },
  unwrap: {
    request: fields({ token: tokenName, unwrapper: fields({ id, class: ownClass }), mechanism: wrapMechanism, wrapped, template: keyTemplate }),
    reply: keyFacts,
  },
  /** Two throw-away session keys, whose bytes are the request's: what the mechanism makes of them is compared in software. */
  probeAesWrap: {
    request: fields({ token: tokenName, mechanism: wrapMechanism, kek: aesKey, key: aesKey, wrapped }),
    reply: fields({ wrapped: optional(wrapped), rewrapped: optional(wrapped) }),
  },
  /** A throw-away session key under a throw-away public key: whether the token takes this hash. */
  probeOaepWrap: { request: fields({ token: tokenName, mechanism: wrapMechanism, key: aesKey, publicKey }), reply: fields({ wrapped: optional(wrapped) }) },
} as const satisfies Readonly<Record<string, { readonly request: Shape<object>; readonly reply: Shape<object> }>>;

export type OperationName = keyof typeof operations;
export type RequestOf<K extends OperationName> = Shaped<(typeof operations)[K]['request']>;
export type ReplyOf<K extends OperationName> = Shaped<(typeof operations)[K]['reply']>;
export const operationNames = Object.keys(operations) as OperationName[];
