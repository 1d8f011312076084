/** Verifies a signature of any mechanism with the public half alone. RSA and ECDSA are given a digest; Ed25519 and ML-DSA-65 the message itself. */
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import { curves } from './curves.ts';
import { ed25519Verifier } from './ed25519.ts';
import { digestBytes } from './mechanismHash.ts';
import { readPublicKey } from './publicKeyReader.ts';
import { pssSaltLength, verifyRsaDigest } from './rsaVerify.ts';
import { coordinateBytes, isCurve, readSpki, writeSpki } from './spki.ts';
import type { CurveKind, PublicKeyKind, PublicKeyParts } from './spki.ts';

export interface VerifyOptions {
  /** Of PSS. Left out: as long as the hash. */
  readonly saltLength?: number | 'any';
  /** Of ML-DSA (FIPS 204 §5.2), at most 255 bytes. */
  readonly context?: Uint8Array;
}

export interface Verdict {
  readonly valid: boolean;
  /** Bytes of salt that a valid PSS signature was made with. */
  readonly saltLength?: number;
}

/** Which kinds of key a mechanism is for. */
export function fitsMechanism(kind: PublicKeyKind, mechanism: SignatureMechanism): boolean {
  if (mechanism.startsWith('rsa-pkcs1')) return kind === 'rsa';
  if (mechanism.startsWith('rsa-pss')) return kind === 'rsa' || kind === 'rsa-pss';
  return mechanism.startsWith('ecdsa') ? isCurve(kind) : kind === mechanism;
}

/** ECDSA, FIPS 186-5 §6.4.2. @param signature P1363: r and s at fixed length */
function verifyEcdsa(kind: CurveKind, point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  // SECURITY: r and s stand at their full length, so that no signature has two spellings; zero and what is above the order is refused by the curve
  if (signature.length !== 2 * coordinateBytes[kind]) return false;
  try {
    return curves[kind].verify(signature, digest, point, { prehash: false, lowS: false, format: 'compact' });
  } catch {
    return false; // a point that is not on the curve verifies nothing
  }
}

function verifyMlDsa(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array, context: Uint8Array): boolean {
  try {
    return ml_dsa65.verify(signature, message, publicKey, { context });
  } catch {
    return false; // a signature or a context of the wrong length
  }
}

/** Bits: what is shorter has been factored in public (SP 800-131A Rev. 2 §3 has 1024 as the least of old signatures). */
const shortestRsa = 1024;

/** SECURITY: under an exponent of 1 anybody's number is a signature, and under a short modulus nearly anybody's; such a key vouches for nothing. @throws `input-malformed` */
function assertVouches(plain: Uint8Array, mechanism: SignatureMechanism): void {
  const { modulusBits = 0, exponent = 0n } = readPublicKey(plain) ?? {};
  if (modulusBits < shortestRsa) throw misfit(mechanism, `RSA of ${modulusBits} bits, which anybody can break`);
  if (exponent < 3n || exponent % 2n === 0n) throw misfit(mechanism, 'RSA with a public exponent by which everybody can sign');
}

/** RSAPublicKey of 16,384 bits: what is longer would only keep the computer busy. */
const longestRsa = 2100;

function verifyRsa({ kind, raw }: PublicKeyParts, spki: Uint8Array, mechanism: SignatureMechanism, digest: Uint8Array, signature: Uint8Array, wanted: number | 'any' = digest.length): Verdict {
  const plain = kind === 'rsa-pss' ? writeSpki('rsa', raw) : spki; // BoringSSL does not know the identifier of RFC 4055
  assertVouches(plain, mechanism);
  if (!mechanism.startsWith('rsa-pss')) return { valid: verifyRsaDigest(plain, mechanism, digest, signature) };
  const saltLength = pssSaltLength(plain, mechanism, digest, signature);
  return saltLength === undefined ? { valid: false } : { valid: wanted === 'any' || saltLength === wanted, saltLength };
}

function misfit(mechanism: SignatureMechanism, found: string, cause?: unknown): StrongroomError {
  return new StrongroomError('input-malformed', `the public key expected one for ${mechanism}, got ${found}`, { nextStep: 'give the public key that belongs to the signature', cause });
}

/**
 * @param spki DER SubjectPublicKeyInfo
 * @param input a digest, or the message for ed25519 and ml-dsa-65
 * @param signature ECDSA: P1363
 * @throws `input-malformed` for a key that is none for the mechanism, RangeError for a digest of another length
 */
export function verifySignature(spki: Uint8Array, mechanism: SignatureMechanism, input: Uint8Array, signature: Uint8Array, options: VerifyOptions = {}): Verdict {
  const key = readSpki(spki);
  if (key === undefined) throw misfit(mechanism, 'a key of an unknown kind');
  if (!fitsMechanism(key.kind, mechanism)) throw misfit(mechanism, key.kind);
  const length = digestBytes(mechanism);
  if (length !== undefined && input.length !== length) throw new RangeError(`"digest" expected ${length} bytes, got ${input.length}`);
  if (isCurve(key.kind)) return { valid: verifyEcdsa(key.kind, key.raw, input, signature) };
  if (key.kind === 'ed25519') return { valid: ed25519Verifier(key.raw)(input, signature) };
  if (key.kind === 'ml-dsa-65') return { valid: verifyMlDsa(key.raw, input, signature, options.context ?? new Uint8Array(0)) };
  if (key.raw.length > longestRsa) throw misfit(mechanism, 'a key of more than 16384 bits');
  try {
    return verifyRsa(key, spki, mechanism, input, signature, options.saltLength);
  } catch (error) {
    if (error instanceof StrongroomError) throw error;
    throw misfit(mechanism, 'an RSA key that cannot be used', error);
  }
}
