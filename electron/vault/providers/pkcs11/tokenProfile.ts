/**
 * What a token can do: its mechanism list, and what its mechanisms really make, tried with keys that are thrown away. Nothing is offered that was
 * not seen to work where it can be tried: 0x210A is RFC 5649 on one token and PKCS#7 padding on the next, and key sizes in lists are wrong.
 */
import { algorithmFacts } from '../../../../shared/lifecycle/purposes.ts';
import type { Capabilities } from '../../../../shared/model/capabilities.ts';
import { algorithms, signatureMechanisms } from '../../../../shared/model/terms.ts';
import type { Algorithm, Derivation, SignatureMechanism } from '../../../../shared/model/terms.ts';
import type { Curve } from '../../../pkcs11-wire/keyShapes.ts';
import { randomBytes } from '../../crypto/random.ts';
import { readSpki } from '../../crypto/spki.ts';
import type { GuardFinding } from '../provider.ts';
import { probeGuards } from './guardProbe.ts';
import { ckf, ckm, has } from './mechanismList.ts';
import type { Mechanisms } from './mechanismList.ts';
import { throwAwayEc } from './throwAwayKeys.ts';
import type { TokenClient } from './tokenClient.ts';
import { probeWrapping } from './wrappingProbe.ts';
import type { WrappingProfile } from './wrappingProbe.ts';

/** What the token offers, and by which of its mechanisms each AES format goes. */
export interface TokenProfile extends WrappingProfile {
  readonly capabilities: Capabilities;
  readonly guards: readonly GuardFinding[];
}

/** By the list alone: an RSA pair takes seconds to try. */
function listsSize(mechanisms: Mechanisms, type: number, flag: number, bits: number): boolean {
  const info = mechanisms.find((mechanism) => mechanism.type === type && (mechanism.flags & flag) !== 0);
  return info !== undefined && info.minKeySize <= bits && bits <= info.maxKeySize;
}

const curveGenerators: Readonly<Record<Curve, readonly number[]>> = {
  'ec-p256': [ckm.ecPairGen],
  'ec-p384': [ckm.ecPairGen],
  'ec-p521': [ckm.ecPairGen],
  ed25519: [ckm.edwardsPairGen],
  x25519: [ckm.montgomeryPairGen, ckm.edwardsPairGen],
};

async function makes(token: TokenClient, mechanisms: Mechanisms, algorithm: Algorithm): Promise<boolean> {
  const { family, bits, kind } = algorithmFacts[algorithm];
  if (family === 'ml-dsa' || family === 'ml-kem') return false; // PKCS#11 v3.2 has them; no module that this product was tried with does
  if (family === 'rsa') return listsSize(mechanisms, ckm.rsaPairGen, ckf.generatePair, bits);
  if (kind === 'secret') {
    if (!has(mechanisms, family === 'aes' ? ckm.aesKeyGen : ckm.genericKeyGen, ckf.generate)) return false;
    return (await token.call('probeMake', { what: { secret: { keyType: family === 'aes' ? 'aes' : 'generic', bytes: bits / 8 } } })).made;
  }
  const curve = algorithm as Curve;
  if (!curveGenerators[curve].some((type) => has(mechanisms, type, ckf.generatePair))) return false;
  return (await token.call('probeMake', { what: { curve } })).made;
}

async function makeable(token: TokenClient, mechanisms: Mechanisms): Promise<readonly Algorithm[]> {
  const made: Algorithm[] = [];
  for (const algorithm of algorithms) if (await makes(token, mechanisms, algorithm)) made.push(algorithm);
  return madeForUser(mechanisms, made);
}

/** A card whose keys its management key makes (PIV) lists RSA and makes nothing for its user: where all that could be tried was refused, RSA is not believed either. */
function madeForUser(mechanisms: Mechanisms, made: readonly Algorithm[]): readonly Algorithm[] {
  const triable = has(mechanisms, ckm.ecPairGen, ckf.generatePair) || has(mechanisms, ckm.aesKeyGen, ckf.generate);
  return triable && made.every((algorithm) => algorithmFacts[algorithm].family === 'rsa') ? [] : made;
}

function signatures(mechanisms: Mechanisms): readonly SignatureMechanism[] {
  const byFamily = (mechanism: SignatureMechanism) => {
    if (mechanism === 'ml-dsa-65') return undefined;
    if (mechanism === 'ed25519') return ckm.eddsa;
    if (mechanism.startsWith('ecdsa')) return ckm.ecdsa;
    return mechanism.startsWith('rsa-pss') ? ckm.rsaPss : ckm.rsaPkcs;
  };
  return signatureMechanisms.filter((mechanism) => has(mechanisms, byFamily(mechanism) ?? -1, ckf.sign));
}

const macMechanisms: Readonly<Partial<Record<Algorithm, number>>> = {
  'hmac-sha256': ckm.sha256Hmac,
  'hmac-sha384': ckm.sha384Hmac,
  'hmac-sha512': ckm.sha512Hmac,
  'aes-128': ckm.aesCmac,
  'aes-192': ckm.aesCmac,
  'aes-256': ckm.aesCmac,
};

function macs(mechanisms: Mechanisms, made: readonly Algorithm[]): readonly Algorithm[] {
  return made.filter((algorithm) => has(mechanisms, macMechanisms[algorithm] ?? -1, ckf.sign));
}

/** HKDF is not among them: CKM_HKDF_DERIVE takes pointers (CK_HKDF_PARAMS, PKCS#11 v3.0 §2.58.4) that the binding cannot pass, and the secret of an ECDH stays inside. */
async function derivations(token: TokenClient, mechanisms: Mechanisms, made: readonly Algorithm[]): Promise<readonly Derivation[]> {
  if (!has(mechanisms, ckm.ecdh1Derive, ckf.derive) || !made.includes('ec-p256')) return [];
  const peer = readSpki(throwAwayEc().spki)?.raw ?? new Uint8Array(0);
  const taken: Derivation[] = [];
  for (const [derivation, kdf] of [['ecdh-x963-sha256', 'x963-sha256'], ['ecdh-raw', 'null']] as const)
    if ((await token.call('probeDerive', { curve: 'ec-p256', kdf, peer })).made) taken.push(derivation);
  return taken;
}

/** Clear keys as throw-away session objects. RSA goes the way of EC: to make one for the trial would take seconds, and each key is tried before it is kept. */
async function imports(token: TokenClient, mechanisms: Mechanisms, made: readonly Algorithm[]): Promise<readonly Algorithm[]> {
  const takes = async (clear: Parameters<typeof token.call<'probeCreate'>>[1]['clear']) => (await token.call('probeCreate', { clear })).made;
  const secret = { aes: await takes({ secret: { keyType: 'aes', value: randomBytes(32) } }), hmac: await takes({ secret: { keyType: 'generic', value: randomBytes(32) } }) };
  const ec = made.includes('ec-p256') && (await takes({ curve: throwAwayEc().clear }));
  return algorithms.filter((algorithm) => {
    const { family } = algorithmFacts[algorithm];
    if (family === 'aes' || family === 'hmac') return secret[family] && made.includes(algorithm);
    if (family === 'rsa') return made.includes(algorithm) && has(mechanisms, ckm.rsaPkcs, ckf.sign) && (ec || (!made.includes('ec-p256') && secret.aes));
    return ec && made.includes(algorithm);
  });
}

export async function probeToken(token: TokenClient): Promise<TokenProfile> {
  const { mechanisms } = await token.call('mechanisms', {});
  const made = await makeable(token, mechanisms);
  const wrapping = await probeWrapping(token, mechanisms, made);
  const taken = await imports(token, mechanisms, made);
  return {
    ...wrapping,
    guards: await probeGuards(token, wrapping, taken),
    capabilities: {
      algorithms: made,
      signatureMechanisms: signatures(mechanisms),
      wrapFormats: wrapping.wrapFormats,
      unwrapFormats: wrapping.unwrapFormats,
      aesGcm: has(mechanisms, ckm.aesGcm, ckf.encrypt, ckf.decrypt),
      aesCbc: has(mechanisms, ckm.aesCbc, ckf.decrypt),
      macs: macs(mechanisms, made),
      derivations: await derivations(token, mechanisms, made),
      imports: taken,
      wrapsPairs: wrapping.pairs.leave,
      unwrapsPairs: wrapping.pairs.come,
    },
  };
}

