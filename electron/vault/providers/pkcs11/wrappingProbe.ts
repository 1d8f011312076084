/** By which mechanisms keys travel from and to a token, proved against the formats in software with throw-away keys. */
import { algorithmFacts } from '../../../../shared/lifecycle/purposes.ts';
import type { Algorithm, WrapFormat } from '../../../../shared/model/terms.ts';
import { oaepFormats } from '../../../../shared/model/wrapFormats.ts';
import type { WrapMechanism } from '../../../pkcs11-wire/messages.ts';
import { aesKwpUnwrap, aesKwpWrap, aesKwWrap } from '../../crypto/aesKeyWrap.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { withoutZeroPadding } from '../../crypto/pkcs8.ts';
import { randomBytes } from '../../crypto/random.ts';
import { ckf, ckm, has } from './mechanismList.ts';
import type { Mechanisms } from './mechanismList.ts';
import { throwAwayEc, throwAwayEd25519, throwAwayRsa } from './throwAwayKeys.ts';
import type { ThrowAwayPair } from './throwAwayKeys.ts';
import type { TokenClient } from './tokenClient.ts';

export interface WrappingProfile {
  readonly wrapFormats: readonly WrapFormat[];
  readonly unwrapFormats: readonly WrapFormat[];
  readonly aesMechanisms: Readonly<Partial<Record<WrapFormat, WrapMechanism>>>;
  readonly pairs: PairWrapping;
}

/** Private keys by AES-KWP, as PKCS#8. */
export interface PairWrapping {
  /** Whether the token puts zeros behind the DER before it wraps it. */
  readonly zerosBehind: boolean;
  readonly leave: readonly Algorithm[];
  /** With a public half that can be told. */
  readonly come: readonly Algorithm[];
}

interface Proof {
  readonly wraps: boolean;
  readonly unwraps: boolean;
}

/** One mechanism against the format in software, both ways, with keys that are thrown away. */
async function proveAes(token: TokenClient, mechanism: WrapMechanism, wrapInSoftware: typeof aesKwWrap): Promise<Proof> {
  const [kek, value, other] = [randomBytes(32), randomBytes(16), randomBytes(16)];
  const expected = { wrapped: wrapInSoftware(kek, value), rewrapped: wrapInSoftware(kek, other) };
  const reply = await token.call('probeAesWrap', { mechanism, kek, key: { secret: { keyType: 'aes', value } }, wrapped: expected.rewrapped });
  const same = (bytes: Uint8Array | undefined, of: Uint8Array) => bytes !== undefined && equalBytes(bytes, of);
  return { wraps: same(reply.wrapped, expected.wrapped), unwraps: same(reply.rewrapped, expected.rewrapped) };
}

const aesCandidates = [
  { format: 'aes-kw', mechanism: 'aes-kw-2109', type: ckm.aesWrap, inSoftware: aesKwWrap },
  { format: 'aes-kwp', mechanism: 'aes-kwp-210b', type: ckm.aesWrapKwp, inSoftware: aesKwpWrap },
  { format: 'aes-kwp', mechanism: 'aes-pad-210a', type: ckm.aesWrapPad, inSoftware: aesKwpWrap },
] as const;

/** By format: the first mechanism that was seen to make it and open it. */
async function aesMechanisms(token: TokenClient, mechanisms: Mechanisms): Promise<WrappingProfile['aesMechanisms']> {
  const proven: Partial<Record<WrapFormat, WrapMechanism>> = {};
  for (const { format, mechanism, type, inSoftware } of aesCandidates) {
    if (proven[format] !== undefined || !has(mechanisms, type, ckf.wrap, ckf.unwrap)) continue;
    const { wraps, unwraps } = await proveAes(token, mechanism, inSoftware);
    if (wraps && unwraps) proven[format] = mechanism;
  }
  return proven;
}

interface PairProof {
  readonly leaves: 'exact' | 'zeros-behind' | undefined;
  readonly comes: boolean;
}

/** A private key under a key that is known: what comes out is opened in software, and what software wrapped is opened there. */
async function provePair(token: TokenClient, mechanism: WrapMechanism, { clear, pkcs8 }: ThrowAwayPair): Promise<PairProof> {
  const kek = randomBytes(32);
  const { wrapped, rewrapped } = await token.call('probeAesWrap', { mechanism, kek, key: { curve: clear }, wrapped: aesKwpWrap(kek, pkcs8) });
  return { leaves: wrapped === undefined ? undefined : formOf(kek, wrapped), comes: rewrapped !== undefined };
}

function formOf(kek: Uint8Array, wrapped: Uint8Array): PairProof['leaves'] {
  try {
    const opened = aesKwpUnwrap(kek, wrapped);
    return withoutZeroPadding(opened).value.whole.length === opened.length ? 'exact' : 'zeros-behind';
  } catch {
    return undefined; // not RFC 5649, or no PKCS#8: nobody elsewhere would open it
  }
}

/** RSA goes the way of EC: to make a key for the trial would take seconds (NSS opens RSA alone, and lets it decrypt unasked). Of Ed25519 and X25519 no unwrapped key tells its public half. */
async function provePairs(token: TokenClient, mechanism: WrapMechanism | undefined, made: readonly Algorithm[]): Promise<PairWrapping> {
  if (mechanism === undefined || !made.includes('ec-p256')) return { zerosBehind: false, leave: [], come: [] };
  const ec = await provePair(token, mechanism, throwAwayEc());
  const edwards = made.includes('ed25519') ? await provePair(token, mechanism, throwAwayEd25519()) : undefined;
  const pairs = made.filter((algorithm) => algorithmFacts[algorithm].kind === 'pair');
  const isBig = (algorithm: Algorithm) => algorithm.startsWith('rsa-') || algorithm.startsWith('ec-');
  return {
    zerosBehind: ec.leaves === 'zeros-behind',
    leave: pairs.filter((algorithm) => (isBig(algorithm) ? ec.leaves : edwards?.leaves) !== undefined),
    come: pairs.filter((algorithm) => isBig(algorithm) && ec.comes),
  };
}

/** The hashes that the token takes when it wraps; it takes the same when it unwraps. */
async function oaepHashes(token: TokenClient, mechanisms: Mechanisms): Promise<readonly WrapFormat[]> {
  if (!has(mechanisms, ckm.rsaOaep, ckf.wrap)) return [];
  const taken: WrapFormat[] = [];
  for (const mechanism of oaepFormats) {
    const { wrapped } = await token.call('probeOaepWrap', { mechanism, key: randomBytes(16), publicKey: throwAwayRsa() });
    if (wrapped !== undefined) taken.push(mechanism);
  }
  return taken;
}

/** A token that only unwraps (a card with a private key) cannot be tried: what its list says is taken, and the use itself shows. */
function oaepUnwraps(mechanisms: Mechanisms, wraps: readonly WrapFormat[]): readonly WrapFormat[] {
  if (!has(mechanisms, ckm.rsaOaep, ckf.unwrap)) return [];
  return has(mechanisms, ckm.rsaOaep, ckf.wrap) ? wraps : oaepFormats;
}

/** RSA-AES-KWP in two steps inside the token: it needs both of them, and a key of its own for the first. */
function twoSteps(oaep: readonly WrapFormat[], aes: WrappingProfile['aesMechanisms'], made: readonly Algorithm[]): readonly WrapFormat[] {
  if (aes['aes-kwp'] === undefined || !made.includes('aes-256')) return [];
  return (['sha256', 'sha1'] as const).flatMap((hash) => (oaep.includes(`rsa-oaep-${hash}`) ? [`rsa-aes-kwp-${hash}` as const] : []));
}

export async function probeWrapping(token: TokenClient, mechanisms: Mechanisms, made: readonly Algorithm[]): Promise<WrappingProfile> {
  const aes = await aesMechanisms(token, mechanisms);
  const oaep = await oaepHashes(token, mechanisms);
  const unwraps = oaepUnwraps(mechanisms, oaep);
  const aesFormats = Object.keys(aes) as WrapFormat[];
  return {
    aesMechanisms: aes,
    pairs: await provePairs(token, aes['aes-kwp'], made),
    wrapFormats: [...aesFormats, ...oaep, ...twoSteps(oaep, aes, made)],
    unwrapFormats: [...aesFormats, ...unwraps, ...twoSteps(unwraps, aes, made)],
  };
}
