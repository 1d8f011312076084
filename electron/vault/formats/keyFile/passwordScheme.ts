/** How a file is encrypted under a password: PBES2 (RFC 8018 §6.2, RFC 7914 §7) and the 3DES of PKCS#12 (RFC 7292 appendix C). Read and judged before the password is asked. */
import { concatBytes } from '../../crypto/bytes.ts';
import { algorithmOf, DerFields, isAbsent, octetsOf, smallNumberOf } from '../../crypto/derReader.ts';
import type { AlgorithmIdentifier } from '../../crypto/derReader.ts';
import { derTags } from '../../crypto/derValue.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { cbcCiphers, cbcDecrypt } from '../../crypto/foreignCiphers.ts';
import type { CbcCipher } from '../../crypto/foreignCiphers.ts';
import { malformed } from '../../crypto/malformed.ts';
import { pbkdf2Key, pkcs12Key, scryptKey } from '../../crypto/passwordKeys.ts';
import type { ForeignHash } from '../../crypto/passwordKeys.ts';
import type { DerivationCost } from './derivationCost.ts';
import type { TypedPassword } from './typedPassword.ts';

export interface PasswordScheme {
  /** Cipher and rounds, in words. */
  readonly description: string;
  /** The caller owns and wipes the result; undefined where this password does not open it. @param bmp the form of the password that PKCS#12 found right */
  open(password: TypedPassword, bytes: Uint8Array, bmp?: Uint8Array): Promise<Uint8Array | undefined>;
}

type Derive = (password: TypedPassword, length: number) => Promise<Uint8Array>;

/** RFC 8018 appendix B.1.2. */
const prfOids: Readonly<Record<string, ForeignHash>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
  '1.2.840.113549.2.13': 'sha512-256',
};
const prfNames: Readonly<Record<ForeignHash, string>> = { sha1: 'SHA-1', sha224: 'SHA-224', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512', 'sha512-256': 'SHA-512/256' };

const cipherOids: Readonly<Record<string, { readonly cipher: CbcCipher; readonly name: string }>> = {
  '2.16.840.1.101.3.4.1.2': { cipher: 'aes-128-cbc', name: 'AES-128' },
  '2.16.840.1.101.3.4.1.22': { cipher: 'aes-192-cbc', name: 'AES-192' },
  '2.16.840.1.101.3.4.1.42': { cipher: 'aes-256-cbc', name: 'AES-256' },
  '1.2.840.113549.3.7': { cipher: 'des-ede3-cbc', name: '3DES' },
};

/** Schemes that people have, and that are not read here. */
const otherSchemes: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.12.1.1': 'RC4 of 128 bits',
  '1.2.840.113549.1.12.1.2': 'RC4 of 40 bits',
  '1.2.840.113549.1.12.1.5': 'RC2 of 128 bits',
  '1.2.840.113549.1.12.1.6': 'RC2 of 40 bits',
  '1.2.840.113549.1.5.1': 'DES with MD2',
  '1.2.840.113549.1.5.3': 'DES with MD5',
  '1.2.840.113549.1.5.4': 'RC2 with MD2',
  '1.2.840.113549.1.5.6': 'RC2 with MD5',
  '1.2.840.113549.1.5.10': 'DES with SHA-1',
  '1.2.840.113549.1.5.11': 'RC2 with SHA-1',
  '1.2.840.113549.3.2': 'RC2',
  '1.3.14.3.2.7': 'DES',
  '2.16.840.1.101.3.4.1.6': 'AES-128-GCM',
  '2.16.840.1.101.3.4.1.46': 'AES-256-GCM',
};

/** The command that makes a readable file of one under an old or rare cipher. */
export const convertEncrypted = {
  pkcs8: 'openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW.pem -provider legacy -provider default',
  pkcs12: 'openssl pkcs12 -legacy -in FILE -nodes -out PLAIN.pem, then openssl pkcs12 -export -in PLAIN.pem -out NEW.p12, then destroy PLAIN.pem',
} as const;
export type EncryptedForm = keyof typeof convertEncrypted;

function notOpenedHere(what: string, form: EncryptedForm): Error {
  return malformed(`the file is encrypted with ${what}, which is not read here`, { nextStep: `convert it: ${convertEncrypted[form]}` });
}

/** The HMAC of an AlgorithmIdentifier; some writers leave its NULL out. @throws `input-malformed` */
export function prfOf(node: DerValue): ForeignHash {
  const { oid, parameters } = algorithmOf(node, 'prf');
  const prf = prfOids[oid];
  if (prf === undefined || !isAbsent(parameters)) throw malformed(`the "prf" of the key derivation expected HMAC with ${Object.values(prfNames).join(', ')}, got ${oid}`, { nextStep: `convert it: ${convertEncrypted.pkcs8}` });
  return prf;
}

function saltOf(node: DerValue): Uint8Array {
  const salt = octetsOf(node, 'salt');
  if (salt.length > 1024) throw malformed(`the "salt" expected at most 1024 bytes, got ${salt.length}`);
  return salt;
}

interface KeyDerivation {
  readonly description: string;
  readonly derive: Derive;
  /** `keyLength` where the file writes it. */
  readonly length: number | undefined;
}

function optionalLength(fields: DerFields): number | undefined {
  const node = fields.optional(derTags.integer);
  return node === undefined ? undefined : smallNumberOf(node, 'keyLength');
}

/** PBKDF2-params, RFC 8018 appendix A.2; the PRF is HMAC-SHA-1 where it is left out. @throws `input-malformed` */
export function pbkdf2Of(parameters: DerValue, cost: DerivationCost): KeyDerivation {
  const fields = new DerFields(parameters, 'PBKDF2 parameters');
  const salt = saltOf(fields.any('salt'));
  const iterations = smallNumberOf(fields.take(derTags.integer, 'iterationCount'), 'iterationCount');
  const length = optionalLength(fields);
  const prfNode = fields.optional(derTags.sequence);
  fields.end();
  const prf = prfNode === undefined ? 'sha1' : prfOf(prfNode);
  cost.rounds(iterations);
  return { description: `PBKDF2 with ${prfNames[prf]}, ${iterations} rounds`, derive: (password, bytes) => pbkdf2Key(prf, password.utf8, salt, iterations, bytes), length };
}

/** scrypt-params, RFC 7914 §7.1. @throws `input-malformed` */
function scryptOf(parameters: DerValue, cost: DerivationCost): KeyDerivation {
  const fields = new DerFields(parameters, 'scrypt parameters');
  const salt = saltOf(fields.any('salt'));
  const [n, r, p] = ['costParameter', 'blockSize', 'parallelizationParameter'].map((name) => smallNumberOf(fields.take(derTags.integer, name), name)) as [number, number, number];
  const length = optionalLength(fields);
  fields.end();
  cost.scrypt({ n, r, p });
  return { description: `scrypt of N ${n}, r ${r}, p ${p}`, derive: (password, bytes) => scryptKey(password.utf8, salt, { n, r, p }, bytes), length };
}

function derivationOf({ oid, parameters }: AlgorithmIdentifier, cost: DerivationCost): KeyDerivation {
  if (parameters === undefined) throw malformed('the key derivation of the file has no parameters');
  if (oid === '1.2.840.113549.1.5.12') return pbkdf2Of(parameters, cost);
  if (oid === '1.3.6.1.4.1.11591.4.11') return scryptOf(parameters, cost);
  throw malformed(`the file derives its key by ${oid}: only PBKDF2 and scrypt are known`, { nextStep: `convert it: ${convertEncrypted.pkcs8}` });
}

function pbes2Of(parameters: DerValue, form: EncryptedForm, cost: DerivationCost): PasswordScheme {
  const fields = new DerFields(parameters, 'PBES2 parameters');
  const kdf = algorithmOf(fields.take(derTags.sequence, 'keyDerivationFunc'), 'keyDerivationFunc');
  const encryption = algorithmOf(fields.take(derTags.sequence, 'encryptionScheme'), 'encryptionScheme');
  fields.end();
  const known = cipherOids[encryption.oid];
  if (known === undefined) throw notOpenedHere(otherSchemes[encryption.oid] ?? encryption.oid, form);
  const { cipher, name } = known;
  const iv = encryption.parameters === undefined ? undefined : octetsOf(encryption.parameters, 'iv');
  if (iv?.length !== cbcCiphers[cipher].iv) throw malformed(`the file is inconsistent: the IV of ${name} expected ${cbcCiphers[cipher].iv} bytes, got ${iv?.length ?? 0}`);
  const { description, derive, length } = derivationOf(kdf, cost);
  if (length !== undefined && length !== cbcCiphers[cipher].key) throw malformed(`the file is inconsistent: key length ${length} for ${name}, which has ${cbcCiphers[cipher].key}`);
  return { description: `${name}-CBC under ${description}`, open: (password, bytes) => openCbc(cipher, derive(password, cbcCiphers[cipher].key), iv, bytes) };
}

async function openCbc(cipher: CbcCipher, derived: Promise<Uint8Array>, iv: Uint8Array, bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const key = await derived;
  try {
    return cbcDecrypt(cipher, key, iv, bytes, true);
  } finally {
    key.fill(0); // SECURITY: a key of one use
  }
}

/** pbeWithSHAAnd3-KeyTripleDES-CBC, and with two keys: RFC 7292 appendix C. The first key is the third too. */
const tripleDesOids: Readonly<Record<string, 16 | 24>> = { '1.2.840.113549.1.12.1.3': 24, '1.2.840.113549.1.12.1.4': 16 };

function pkcs12PbeOf(keyLength: 16 | 24, parameters: DerValue, cost: DerivationCost): PasswordScheme {
  const fields = new DerFields(parameters, 'PKCS#12 encryption parameters');
  const salt = saltOf(fields.any('salt'));
  const iterations = smallNumberOf(fields.take(derTags.integer, 'iterations'), 'iterations');
  fields.end();
  cost.rounds(2 * iterations); // once for the key, once for the IV
  const openWith = async (bmp: Uint8Array, bytes: Uint8Array) => {
    const derived = await pkcs12Key('sha1', 'key', bmp, salt, iterations, keyLength);
    const key = keyLength === 24 ? derived : concatBytes(derived, derived.subarray(0, 8));
    const iv = await pkcs12Key('sha1', 'iv', bmp, salt, iterations, 8);
    const plain = cbcDecrypt('des-ede3-cbc', key, iv, bytes, true);
    for (const secret of [derived, key]) secret.fill(0); // SECURITY: a key of one use
    return plain;
  };
  return {
    description: `3DES under PKCS#12 with SHA-1, ${iterations} rounds`,
    open: async (password, bytes, bmp) => {
      for (const form of bmp === undefined ? password.bmpForms() : [bmp]) {
        const plain = await openWith(form, bytes);
        if (plain?.[0] === derTags.sequence) return plain; // one wrong form in 256 has a padding that fits
        plain?.fill(0);
      }
      return undefined;
    },
  };
}

/** @param bytes what is encrypted: its length must fit the cipher @throws `input-malformed` for what is unknown, inconsistent or too dear */
export function passwordScheme(node: DerValue, bytes: Uint8Array, form: EncryptedForm, cost: DerivationCost): PasswordScheme {
  const { oid, parameters } = algorithmOf(node, 'encryption');
  const keyLength = tripleDesOids[oid];
  if (oid !== '1.2.840.113549.1.5.13' && keyLength === undefined) throw notOpenedHere(otherSchemes[oid] ?? `the unknown scheme ${oid}`, form);
  if (parameters === undefined) throw malformed('the encryption of the file has no parameters');
  const scheme = keyLength === undefined ? pbes2Of(parameters, form, cost) : pkcs12PbeOf(keyLength, parameters, cost);
  if (bytes.length === 0 || bytes.length % 8 !== 0) throw malformed(`the file is inconsistent: ${bytes.length} encrypted bytes are no whole number of blocks`);
  return scheme;
}

/** A scheme of which only the certificates of old PKCS#12 files are made, by its name; undefined for others. */
export function weakSchemeOf(node: DerValue): string | undefined {
  const { oid } = algorithmOf(node, 'encryption');
  return oid.startsWith('1.2.840.113549.1.12.1.') && tripleDesOids[oid] === undefined ? otherSchemes[oid] : undefined;
}
