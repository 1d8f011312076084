/**
 * The operations that a child performs for the core: for each, the fields of its request and of its reply.
 * High-level on purpose: sessions and handles stay in the child; a token is named by what it says of itself, a key by its CKA_ID and class.
 */
import { errorCodes } from '../../shared/errors/errorCodes.ts';
import type { ErrorCode } from '../../shared/errors/errorCodes.ts';
import { keyGuards, oaepHashes, signatureMechanisms } from '../../shared/model/terms.ts';
import { wrapMechanisms } from '../../shared/model/wrapFormats.ts';
import { clearKey, curve, curves, keyClass, keyFacts, keyName, keyTemplate, ownClass, point, publicKey, rsaPublic } from './keyShapes.ts';
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

export type WrapMechanism = (typeof wrapMechanisms)[number];
const wrapMechanism = oneOf(wrapMechanisms);

/** RSA-OAEP where its MGF1 hash is another than its hash, or it has a label (RFC 8017 §7.1). */
const oaep = fields({ mgfHash: optional(oneOf(oaepHashes)), label: optional(bytes(0, 1024)) });
export type Oaep = Shaped<typeof oaep>;

export const macMechanisms = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512', 'aes-cmac'] as const;
export type MacMechanism = (typeof macMechanisms)[number];

export const pairAlgorithms = ['rsa-2048', 'rsa-3072', 'rsa-4096', ...curves] as const;
export type PairAlgorithm = (typeof pairAlgorithms)[number];
const secretType = oneOf(['aes', 'generic']);
const secretBytes = uint(limits.maxSecretBytes);

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
const certificate = bytes(1, limits.maxCertificateBytes);
export const derivationFunctions = ['null', 'x963-sha256'] as const;
const gcm = { token: tokenName, key: keyName, iv: bytes(12, 12), aad: bytes(0, 65_536), data };
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
  /** All three end the sessions of the token first; without PINs, on the token's own PIN pad. */
  changePin: { request: fields({ token: tokenName, user: oneOf(['user', 'so']), oldPin: optional(pin), newPin: optional(pin) }), reply: nothing },
  /** The SO gives the user a new PIN. */
  unblockPin: { request: fields({ token: tokenName, soPin: optional(pin), newPin: optional(pin) }), reply: nothing },
  /** Logs in and out again. */
  checkPin: { request: fields({ token: tokenName, user: oneOf(['user', 'so']), pin: optional(pin) }), reply: nothing },
  find: {
    request: fields({ token: tokenName, class: optional(keyClass), id: optional(id), label: optional(label) }),
    reply: fields({ keys: listOf(keyFacts, 0, limits.maxKeys) }),
  },
  certificates: {
    request: fields({ token: tokenName }),
    reply: fields({ certificates: listOf(fields({ id: bytes(0, limits.maxIdBytes), label, der: certificate }), 0, limits.maxCertificates) }),
  },
  generateSecret: { request: fields({ token: tokenName, keyType: secretType, bytes: secretBytes, template: keyTemplate }), reply: keyFacts },
  /** `aside`: in a session of its own, and other requests are answered meanwhile. */
  generatePair: {
    request: fields({ token: tokenName, algorithm: oneOf(pairAlgorithms), privateTemplate: keyTemplate, publicTemplate: keyTemplate, aside: optional(flag) }),
    reply: fields({ privateKey: keyFacts, publicKey: keyFacts }),
  },
  /** A clear key onto the token, first as a session object on trial. */
  createKey: { request: fields({ token: tokenName, clear: clearKey, template: keyTemplate }), reply: keyFacts },
  /** The public half of a pair whose private half came in alone. */
  createPublic: { request: fields({ token: tokenName, publicKey, template: keyTemplate }), reply: keyFacts },
  /** One secret key, or a private one with the halves and certificates that are named. */
  destroy: {
    request: fields({ token: tokenName, key: keyName, class: ownClass, halves: listOf(keyName, 0, 4), certificates: listOf(certificate, 0, 16) }),
    reply: fields({ destroyed: uint(limits.maxKeys), remaining: uint(limits.maxKeys) }),
  },
  sign: {
    request: fields({
      token: tokenName,
      key: keyName,
      mechanism: oneOf(signatureMechanisms),
      saltLength: optional(uint(512)),
      /** For a key that asks for the PIN before each use: one signature. Without `pin`, on the token's own PIN pad. */
      forOneUse: optional(fields({ pin: optional(pin) })),
      inputs: listOf(data, 1, limits.maxBatch),
    }),
    /** `asksPin`: nothing was signed, since the key asks for the PIN before each use. */
    reply: fields({ results: listOf(oneField({ signature: bytes(1, limits.maxSignatureBytes), failure }), 0, limits.maxBatch), asksPin: optional(flag) }),
  },
  mac: { request: fields({ token: tokenName, key: keyName, mechanism: oneOf(macMechanisms), data }), reply: fields({ mac: bytes(16, 64) }) },
  /** AES-GCM, 96-bit IV, 128-bit tag behind the ciphertext (SP 800-38D). */
  encrypt: { request: fields(gcm), reply: fields({ data: bytes(16, limits.maxDataBytes + 16) }) },
  decrypt: { request: fields({ ...gcm, data: bytes(16, limits.maxDataBytes + 16) }), reply: fields({ data }) },
  /** AES-CBC without padding (SP 800-38A §6.2). */
  decryptCbc: { request: fields({ token: tokenName, key: keyName, iv: bytes(16, 16), data }), reply: fields({ data }) },
  wrap: {
    request: fields({ token: tokenName, class: ownClass, key: keyName, wrapper: oneField({ key: keyName, publicKey: rsaPublic }), mechanism: wrapMechanism, oaep: optional(oaep) }),
    reply: fields({ wrapped }),
  },
  /** Under an AES-256 key that is made for this alone: in the token, and out of it under somebody's public key, or on the computer, which has it already. */
  wrapThrough: {
    request: fields({
      token: tokenName,
      class: ownClass,
      key: keyName,
      mechanism: wrapMechanism,
      ephemeral: oneField({ place: fields({ publicKey: rsaPublic, mechanism: wrapMechanism, oaep: optional(oaep) }), computer: bytes(32, 32) }),
    }),
    reply: fields({ wrapped, wrappedKey: optional(wrapped) }),
  },
  /** With `through`, the AES key that opens the blob comes first, under the unwrapper. */
  unwrap: {
    request: fields({
      token: tokenName,
      unwrapper: fields({ key: keyName, class: ownClass }),
      mechanism: wrapMechanism,
      oaep: optional(oaep),
      through: optional(fields({ mechanism: wrapMechanism, wrapped })),
      wrapped,
      keyType: oneOf(['aes', 'generic', 'rsa', 'ec', 'edwards', 'montgomery']),
      template: keyTemplate,
    }),
    reply: keyFacts,
  },
  /** CKM_ECDH1_DERIVE: the shared secret itself, or through the KDF of ANSI X9.63 with SHA-256. */
  derive: {
    request: fields({
      token: tokenName,
      key: keyName,
      kdf: oneOf(derivationFunctions),
      peer: point,
      sharedInfo: optional(bytes(1, 4096)),
      keyType: secretType,
      bytes: secretBytes,
      template: keyTemplate,
    }),
    reply: keyFacts,
  },
  /** A throw-away session key or pair of this kind: whether the token makes it. */
  probeMake: { request: fields({ token: tokenName, what: oneField({ secret: fields({ keyType: secretType, bytes: secretBytes }), curve }) }), reply: fields({ made: flag }) },
  /** A clear key as a session object: whether the token takes it, and makes a MAC with it where that is asked. */
  probeCreate: { request: fields({ token: tokenName, clear: clearKey, mac: optional(oneOf(macMechanisms)) }), reply: fields({ made: flag }) },
  /** ECDH between a throw-away pair and a throw-away public key. */
  probeDerive: { request: fields({ token: tokenName, curve, kdf: oneOf(derivationFunctions), peer: point }), reply: fields({ made: flag }) },
  /** Two throw-away session keys (a pair's private half where `clear` is one), whose bytes are the request's: what the mechanism makes of them is compared in software. */
  probeAesWrap: {
    request: fields({ token: tokenName, mechanism: wrapMechanism, kek: aesKey, key: clearKey, wrapped }),
    reply: fields({ wrapped: optional(wrapped), rewrapped: optional(wrapped) }),
  },
  /** A throw-away session key under a throw-away public key: whether the token takes this hash. */
  probeOaepWrap: { request: fields({ token: tokenName, mechanism: wrapMechanism, key: aesKey, publicKey: rsaPublic }), reply: fields({ wrapped: optional(wrapped) }) },
  /** What the token does against what its attributes forbid, with throw-away keys: a secret one of these bytes, one that wraps it, and a pair's private half. */
  probeGuards: {
    request: fields({ token: tokenName, mechanism: optional(wrapMechanism), kek: aesKey, key: aesKey, publicKey: rsaPublic, pair: optional(clearKey) }),
    reply: fields({ findings: listOf(fields({ guard: oneOf(keyGuards), stored: optional(flag), enforced: optional(flag) }), 0, keyGuards.length) }),
  },
} as const satisfies Readonly<Record<string, { readonly request: Shape<object>; readonly reply: Shape<object> }>>;

export type OperationName = keyof typeof operations;
export type RequestOf<K extends OperationName> = Shaped<(typeof operations)[K]['request']>;
export type ReplyOf<K extends OperationName> = Shaped<(typeof operations)[K]['reply']>;
export const operationNames = Object.keys(operations) as OperationName[];
