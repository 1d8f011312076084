/**
 * What a token can do: its mechanism list, and for wrapping what the mechanisms really make. Nothing is offered that was not seen to work:
 * 0x210A is RFC 5649 on one token and PKCS#7 padding on the next.
 */
import { algorithmFacts } from '../../../../shared/lifecycle/purposes.ts';
import { algorithms, signatureMechanisms } from '../../../../shared/model/terms.ts';
import type { Algorithm, SignatureMechanism, WrapFormat } from '../../../../shared/model/terms.ts';
import type { ReplyOf, WrapMechanism } from '../../../pkcs11-wire/messages.ts';
import { aesKwpWrap, aesKwWrap } from '../../crypto/aesKeyWrap.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { randomBytes } from '../../crypto/random.ts';
import type { Capabilities } from '../provider.ts';
import type { TokenClient } from './tokenClient.ts';

/** What the token offers, and by which of its mechanisms each AES format goes. */
export interface TokenProfile {
  readonly capabilities: Capabilities;
  readonly aesMechanisms: Readonly<Partial<Record<WrapFormat, WrapMechanism>>>;
}

type Mechanisms = ReplyOf<'mechanisms'>['mechanisms'];

/** CKM_ numbers, PKCS#11 v2.40 and v3.0. */
const ckm = {
  rsaPairGen: 0x0,
  rsaPkcs: 0x1,
  rsaOaep: 0x9,
  rsaPss: 0xd,
  aesKeyGen: 0x1080,
  aesGcm: 0x1087,
  aesWrap: 0x2109,
  aesWrapPad: 0x210a,
  aesWrapKwp: 0x210b,
} as const;
/** CKF_ flags of CK_MECHANISM_INFO. */
const ckf = { encrypt: 0x100, decrypt: 0x200, sign: 0x800, generate: 0x8000, generatePair: 0x1_0000, wrap: 0x2_0000, unwrap: 0x4_0000 } as const;

function has(mechanisms: Mechanisms, type: number, ...flags: readonly number[]): boolean {
  const wanted = flags.reduce((all, flag) => all | flag, 0);
  return mechanisms.some((mechanism) => mechanism.type === type && (mechanism.flags & wanted) === wanted);
}

function canGenerate(mechanisms: Mechanisms, algorithm: Algorithm): boolean {
  const { family, bits } = algorithmFacts[algorithm];
  const [type, flag] = family === 'aes' ? [ckm.aesKeyGen, ckf.generate] : [ckm.rsaPairGen, ckf.generatePair];
  const info = mechanisms.find((mechanism) => mechanism.type === type && (mechanism.flags & flag) !== 0);
  if (info === undefined) return false;
  // The standard counts AES keys in bytes (§2.8); some modules count bits.
  const size = family === 'aes' && info.maxKeySize <= 32 ? bits / 8 : bits;
  return info.minKeySize <= size && size <= info.maxKeySize;
}

function signatures(mechanisms: Mechanisms): readonly SignatureMechanism[] {
  const offered = (mechanism: SignatureMechanism) => has(mechanisms, mechanism.startsWith('rsa-pss') ? ckm.rsaPss : ckm.rsaPkcs, ckf.sign);
  return signatureMechanisms.filter((mechanism) => mechanism.startsWith('rsa-') && offered(mechanism));
}

interface Proof {
  readonly wraps: boolean;
  readonly unwraps: boolean;
}

/** One mechanism against the format in software, both ways, with keys that are thrown away. */
async function proveAes(token: TokenClient, mechanism: WrapMechanism, wrapInSoftware: typeof aesKwWrap): Promise<Proof> {
  const [kek, key, other] = [randomBytes(32), randomBytes(16), randomBytes(16)];
  const reply = await token.call('probeAesWrap', { mechanism, kek, key, wrapped: wrapInSoftware(kek, other) });
  const same = (bytes: Uint8Array | undefined, of: Uint8Array) => bytes !== undefined && equalBytes(bytes, wrapInSoftware(kek, of));
  return { wraps: same(reply.wrapped, key), unwraps: same(reply.rewrapped, other) };
}

const aesCandidates = [
  { format: 'aes-kw', mechanism: 'aes-kw-2109', type: ckm.aesWrap, inSoftware: aesKwWrap },
  { format: 'aes-kwp', mechanism: 'aes-kwp-210b', type: ckm.aesWrapKwp, inSoftware: aesKwpWrap },
  { format: 'aes-kwp', mechanism: 'aes-pad-210a', type: ckm.aesWrapPad, inSoftware: aesKwpWrap },
] as const;

/** By format: the first mechanism that was seen to make it and open it. */
async function aesMechanisms(token: TokenClient, mechanisms: Mechanisms): Promise<TokenProfile['aesMechanisms']> {
  const proven: Partial<Record<WrapFormat, WrapMechanism>> = {};
  for (const { format, mechanism, type, inSoftware } of aesCandidates) {
    if (proven[format] !== undefined || !has(mechanisms, type, ckf.wrap, ckf.unwrap)) continue;
    const { wraps, unwraps } = await proveAes(token, mechanism, inSoftware);
    if (wraps && unwraps) proven[format] = mechanism;
  }
  return proven;
}

/** Any odd number of the size serves as a modulus for a public operation whose result nobody opens. */
function throwAwayPublicKey(): { readonly modulus: Uint8Array; readonly exponent: Uint8Array } {
  const modulus = randomBytes(256);
  modulus[0] = (modulus[0] ?? 0) | 0x80;
  modulus[255] = (modulus[255] ?? 0) | 1;
  return { modulus, exponent: Uint8Array.of(1, 0, 1) };
}

const oaepFormats = ['rsa-oaep-sha256', 'rsa-oaep-sha1'] as const;

/** The hashes that the token takes when it wraps; it takes the same when it unwraps. */
async function oaepHashes(token: TokenClient, mechanisms: Mechanisms): Promise<readonly WrapFormat[]> {
  if (!has(mechanisms, ckm.rsaOaep, ckf.wrap)) return [];
  const taken: WrapFormat[] = [];
  for (const mechanism of oaepFormats) {
    const { wrapped } = await token.call('probeOaepWrap', { mechanism, key: randomBytes(16), publicKey: throwAwayPublicKey() });
    if (wrapped !== undefined) taken.push(mechanism);
  }
  return taken;
}

/** A token that only unwraps (a card with a private key) cannot be tried: what its list says is taken, and the use itself shows. */
function oaepUnwraps(mechanisms: Mechanisms, wraps: readonly WrapFormat[]): readonly WrapFormat[] {
  if (!has(mechanisms, ckm.rsaOaep, ckf.unwrap)) return [];
  return has(mechanisms, ckm.rsaOaep, ckf.wrap) ? wraps : oaepFormats;
}

export async function probeToken(token: TokenClient): Promise<TokenProfile> {
  const { mechanisms } = await token.call('mechanisms', {});
  const aes = await aesMechanisms(token, mechanisms);
  const oaep = await oaepHashes(token, mechanisms);
  const aesFormats = Object.keys(aes) as WrapFormat[];
  return {
    aesMechanisms: aes,
    capabilities: {
      algorithms: algorithms.filter((algorithm) => ['aes', 'rsa'].includes(algorithmFacts[algorithm].family) && canGenerate(mechanisms, algorithm)),
      signatureMechanisms: signatures(mechanisms),
      wrapFormats: [...aesFormats, ...oaep],
      unwrapFormats: [...aesFormats, ...oaepUnwraps(mechanisms, oaep)],
      aesGcm: has(mechanisms, ckm.aesGcm, ckf.encrypt, ckf.decrypt),
      aesCbc: false,
      macs: [],
      derivations: [],
      imports: [],
      wrapsPairs: false,
    },
  };
}
