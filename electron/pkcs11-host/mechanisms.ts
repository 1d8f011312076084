/** The mechanisms of the wire, as PKCS#11 names them. */
import pkcs11 from 'pkcs11js';
import type { Mechanism } from 'pkcs11js';
import type { OaepHash, SignatureMechanism } from '../../shared/model/terms.ts';
import type { MacMechanism, Oaep, RequestOf, WrapMechanism } from '../pkcs11-wire/messages.ts';
import { asBuffer } from './cryptoki.ts';
import { CKM_EDDSA } from './curves.ts';

/** PKCS#11 v3.0 §2.16.3; the binding has no name for it. */
const CKM_AES_KEY_WRAP_KWP = 0x210b;
/** PKCS#11 v2.40 §2.1.8: the label is given as data. */
const CKZ_DATA_SPECIFIED = 1;

/** DER of DigestInfo up to the digest, RFC 8017 §9.2 note 1. */
const digestInfoPrefix = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
} as const;

type Hash = keyof typeof digestInfoPrefix;

const hashes = {
  sha1: { mechanism: pkcs11.CKM_SHA_1, mgf: pkcs11.CKG_MGF1_SHA1, length: 20 },
  sha256: { mechanism: pkcs11.CKM_SHA256, mgf: pkcs11.CKG_MGF1_SHA256, length: 32 },
  sha384: { mechanism: pkcs11.CKM_SHA384, mgf: pkcs11.CKG_MGF1_SHA384, length: 48 },
  sha512: { mechanism: pkcs11.CKM_SHA512, mgf: pkcs11.CKG_MGF1_SHA512, length: 64 },
} as const;

function hashOf(mechanism: SignatureMechanism): Hash {
  return mechanism.slice(-6) as Hash;
}

/** Bytes of the digest that a mechanism signs, or undefined where it signs the message itself. */
export function digestLength(mechanism: SignatureMechanism): number | undefined {
  return /sha\d+$/.test(mechanism) ? hashes[hashOf(mechanism)].length : undefined;
}

/** CKM_RSA_PKCS over DigestInfo, CKM_RSA_PKCS_PSS and CKM_ECDSA over the digest: the raw forms are the ones that nearly every token has. */
export function signatureMechanism(mechanism: SignatureMechanism, saltLength?: number): Mechanism {
  if (mechanism === 'ed25519') return { mechanism: CKM_EDDSA }; // no parameter: pure Ed25519, PKCS#11 v3.0 §2.3.14
  if (mechanism.startsWith('ecdsa')) return { mechanism: pkcs11.CKM_ECDSA };
  if (mechanism.startsWith('rsa-pkcs1')) return { mechanism: pkcs11.CKM_RSA_PKCS };
  const { mechanism: hashAlg, mgf, length } = hashes[hashOf(mechanism)];
  return { mechanism: pkcs11.CKM_RSA_PKCS_PSS, parameter: { type: pkcs11.CK_PARAMS_RSA_PSS, hashAlg, mgf, saltLen: saltLength ?? length } as never };
}

/**
 * What the mechanism signs for this digest.
 * @param orderBytes of a curve: a longer digest is cut to it (FIPS 186-5 §6.4.1), which not every module does
 */
export function signatureInput(mechanism: SignatureMechanism, input: Uint8Array, orderBytes: number | undefined): Uint8Array {
  if (mechanism.startsWith('ecdsa')) return input.subarray(0, orderBytes);
  if (!mechanism.startsWith('rsa-pkcs1')) return input;
  const prefix = Buffer.from(digestInfoPrefix[hashOf(mechanism)], 'hex');
  const info = new Uint8Array(prefix.length + input.length);
  info.set(prefix);
  info.set(input, prefix.length);
  return info;
}

const macs: Readonly<Record<MacMechanism, { readonly mechanism: number; readonly bytes: number }>> = {
  'hmac-sha256': { mechanism: pkcs11.CKM_SHA256_HMAC, bytes: 32 },
  'hmac-sha384': { mechanism: pkcs11.CKM_SHA384_HMAC, bytes: 48 },
  'hmac-sha512': { mechanism: pkcs11.CKM_SHA512_HMAC, bytes: 64 },
  'aes-cmac': { mechanism: pkcs11.CKM_AES_CMAC, bytes: 16 },
};

export function macMechanism(name: MacMechanism): { readonly mechanism: Mechanism; readonly bytes: number } {
  return { mechanism: { mechanism: macs[name].mechanism }, bytes: macs[name].bytes };
}

/** CKD_ numbers, PKCS#11 v2.40 §2.3.10. */
const kdfs = { null: 1, 'x963-sha256': 6 } as const;

export function ecdh(kdf: RequestOf<'derive'>['kdf'], publicData: Uint8Array, sharedInfo: Uint8Array | undefined): Mechanism {
  const shared = sharedInfo === undefined ? {} : { sharedData: asBuffer(sharedInfo) };
  return { mechanism: pkcs11.CKM_ECDH1_DERIVE, parameter: { type: pkcs11.CK_PARAMS_EC_DH, kdf: kdfs[kdf], publicData: asBuffer(publicData), ...shared } as never };
}

/** CK_GCM_PARAMS with ulIvBits: the binding's older type leaves that field unset. */
export function aesGcm(iv: Uint8Array, aad: Uint8Array): Mechanism {
  const parameter = { type: pkcs11.CK_PARAMS_AES_GCM_v240, iv: asBuffer(iv), ivBits: iv.length * 8, aad: asBuffer(aad), tagBits: 128 };
  return { mechanism: pkcs11.CKM_AES_GCM, parameter: parameter as never };
}

const aesWraps: Partial<Record<WrapMechanism, number>> = {
  'aes-kw-2109': pkcs11.CKM_AES_KEY_WRAP,
  'aes-kwp-210b': CKM_AES_KEY_WRAP_KWP,
  'aes-pad-210a': pkcs11.CKM_AES_KEY_WRAP_PAD,
};

export function isOaep(name: WrapMechanism): boolean {
  return aesWraps[name] === undefined;
}

export function wrapMechanism(name: WrapMechanism, oaep: Oaep = {}): Mechanism {
  const aes = aesWraps[name];
  if (aes !== undefined) return { mechanism: aes }; // no parameter: the default IV of RFC 3394 and RFC 5649
  const hash = name.slice('rsa-oaep-'.length) as OaepHash;
  const label = oaep.label === undefined || oaep.label.length === 0 ? {} : { sourceData: asBuffer(oaep.label) };
  const { mechanism: hashAlg } = hashes[hash];
  const parameter = { type: pkcs11.CK_PARAMS_RSA_OAEP, hashAlg, mgf: hashes[oaep.mgfHash ?? hash].mgf, source: CKZ_DATA_SPECIFIED, ...label };
  return { mechanism: pkcs11.CKM_RSA_PKCS_OAEP, parameter: parameter as never };
}

/** A private key as PKCS#8 has no length that its token would tell: any that the wrap can make, up to an RSA-16384 key's. */
export const pairLengths: readonly number[] = Array.from({ length: 1000 }, (_, index) => (index + 2) * 8);

/** The lengths in bytes that a key of one of these lengths can have when it is wrapped. */
export function wrappedSizes(name: WrapMechanism, keyLengths: readonly number[], modulusBytes: number | undefined): readonly number[] {
  if (modulusBytes !== undefined) return [modulusBytes];
  // RFC 3394 and RFC 5649 agree for multiples of 8, else RFC 5649 fills up; PKCS#7 padding before the wrap may add one block.
  const filled = keyLengths.map((length) => Math.ceil(length / 8) * 8);
  return filled.flatMap((length) => (name === 'aes-pad-210a' ? [length + 8, length + 16] : [length + 8]));
}
