/** The mechanisms of the wire, as PKCS#11 names them. */
import pkcs11 from 'pkcs11js';
import type { Mechanism } from 'pkcs11js';
import type { SignatureMechanism } from '../../shared/model/terms.ts';
import type { WrapMechanism } from '../pkcs11-wire/messages.ts';
import { asBuffer } from './cryptoki.ts';

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

export function digestLength(mechanism: SignatureMechanism): number {
  return hashes[hashOf(mechanism)].length;
}

/** CKM_RSA_PKCS over DigestInfo, CKM_RSA_PKCS_PSS over the digest: the raw forms are the ones that nearly every token has. */
export function signatureMechanism(mechanism: SignatureMechanism): Mechanism {
  if (mechanism.startsWith('rsa-pkcs1')) return { mechanism: pkcs11.CKM_RSA_PKCS };
  const { mechanism: hashAlg, mgf, length: saltLen } = hashes[hashOf(mechanism)];
  return { mechanism: pkcs11.CKM_RSA_PKCS_PSS, parameter: { type: pkcs11.CK_PARAMS_RSA_PSS, hashAlg, mgf, saltLen } as never };
}

/** What the mechanism signs for this digest. */
export function signatureInput(mechanism: SignatureMechanism, digest: Uint8Array): Uint8Array {
  if (!mechanism.startsWith('rsa-pkcs1')) return digest;
  const prefix = Buffer.from(digestInfoPrefix[hashOf(mechanism)], 'hex');
  const input = new Uint8Array(prefix.length + digest.length);
  input.set(prefix);
  input.set(digest, prefix.length);
  return input;
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

export function wrapMechanism(name: WrapMechanism): Mechanism {
  const aes = aesWraps[name];
  if (aes !== undefined) return { mechanism: aes }; // no parameter: the default IV of RFC 3394 and RFC 5649
  const { mechanism: hashAlg, mgf } = hashes[name === 'rsa-oaep-sha256' ? 'sha256' : 'sha1'];
  const parameter = { type: pkcs11.CK_PARAMS_RSA_OAEP, hashAlg, mgf, source: CKZ_DATA_SPECIFIED };
  return { mechanism: pkcs11.CKM_RSA_PKCS_OAEP, parameter: parameter as never };
}

/** The lengths in bytes that an AES key of one of these lengths can have when it is wrapped. */
export function wrappedSizes(name: WrapMechanism, keyLengths: readonly number[], modulusBytes: number | undefined): readonly number[] {
  if (modulusBytes !== undefined) return [modulusBytes];
  // RFC 3394 and RFC 5649 agree for multiples of 8; PKCS#7 padding before the wrap adds one block.
  return keyLengths.flatMap((length) => (name === 'aes-pad-210a' ? [length + 8, length + 16] : [length + 8]));
}
