/** Keys derived from keys of the vault: HKDF, and what two parties agree on by ECDH, X25519 or ML-KEM. What comes out is a key, never bytes. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { algorithmFacts, derivationsOf } from '../../../../shared/lifecycle/purposes.ts';
import { ecdhSecret } from '../../crypto/ecPrivate.ts';
import { hkdfFor } from '../../crypto/hashes.ts';
import type { HashName } from '../../crypto/hashes.ts';
import { x963Sha256 } from '../../crypto/keyDerivation.ts';
import { mlKemDecapsulate } from '../../crypto/postQuantum.ts';
import { secretPartOf } from '../../crypto/privateKeyParts.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { curveKindOf, isCurve, readSpki } from '../../crypto/spki.ts';
import { x25519Secret } from '../../crypto/x25519.ts';
import type { DeriveRequest } from '../provider.ts';
import type { MaterialFacts } from './materialStore.ts';

function badPeer(message: string, cause?: unknown): StrongroomError {
  return new StrongroomError('input-malformed', message, { field: 'peer', nextStep: 'ask the other party for the public key, or for what it encapsulated', cause });
}

function requiredPeer({ peer }: DeriveRequest): Uint8Array {
  if (peer === undefined) throw new StrongroomError('request-invalid', '"peer" expected the public key of the other party, got nothing', { field: 'peer' });
  return peer;
}

/** The raw public key of a peer of the same kind. */
function peerKey({ algorithm }: MaterialFacts, request: DeriveRequest): Uint8Array {
  const found = readSpki(requiredPeer(request));
  if (found?.kind !== algorithm) throw badPeer(`"peer" expected a public key of ${algorithm}, got ${found?.kind ?? 'something else'}`);
  return found.raw;
}

/** What both parties know; the caller wipes it. @throws `input-malformed` for a peer's key that gives a secret away */
function sharedSecret(facts: MaterialFacts, material: Uint8Array, request: DeriveRequest): Uint8Array {
  const { algorithm } = facts;
  if (algorithm === 'ml-kem-768') return decapsulated(material, requiredPeer(request));
  const raw = peerKey(facts, request);
  try {
    return isCurve(algorithm as never) ? ecdhSecret(curveKindOf(algorithm), secretPartOf(material), raw) : x25519Secret(secretPartOf(material), raw);
  } catch (cause) {
    throw badPeer('"peer" is no point of its curve that keeps a secret', cause); // RFC 7748 §6.1, SP 800-56A §5.6.2.3.3
  }
}

function decapsulated(seed: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  try {
    return mlKemDecapsulate(seed, ciphertext);
  } catch (cause) {
    throw badPeer(cause instanceof RangeError ? cause.message : '"peer" is no ML-KEM-768 ciphertext', cause);
  }
}

/** Generic secrets take all of a raw secret; an AES key only one of its own length, since who cuts where differs between programs. */
function rawKey({ algorithm }: DeriveRequest, secret: Uint8Array): Uint8Array {
  const { family, bits } = algorithmFacts[algorithm];
  if (family === 'hmac' || secret.length * 8 === bits) return new Uint8Array(secret);
  throw new StrongroomError('request-invalid', `"derivation" ecdh-raw gives ${secret.length} bytes, and ${algorithm} takes ${bits / 8}`, { field: 'derivation', nextStep: 'use ecdh-hkdf-sha256' });
}

function keyFrom(request: DeriveRequest, secret: Uint8Array): Uint8Array {
  const { derivation, salt = new Uint8Array(0), info, algorithm } = request;
  const length = algorithmFacts[algorithm].bits / 8;
  if (derivation === 'ecdh-raw') return rawKey(request, secret);
  return derivation === 'ecdh-x963-sha256' ? x963Sha256(secret, info, length) : hkdfFor('sha256', secret, salt, info, length);
}

function assertDerivation({ algorithm }: MaterialFacts, { derivation, salt, info }: DeriveRequest): void {
  const fits = derivationsOf(algorithm);
  if (!fits.includes(derivation)) throw new StrongroomError('request-invalid', `"derivation" from ${algorithm} expected ${fits.join(', ') || 'none'}, got ${derivation}`, { field: 'derivation' });
  if (salt !== undefined && !derivation.includes('hkdf')) throw new StrongroomError('request-invalid', `"salt" is for HKDF, not for ${derivation}`, { field: 'salt' });
  if (derivation === 'ecdh-raw' && info.length > 0) throw new StrongroomError('request-invalid', '"info" binds nothing with ecdh-raw', { field: 'info', nextStep: 'use ecdh-hkdf-sha256' });
}

/** @param material of the key that is derived from, borrowed. The caller owns the result */
export function deriveSecret(facts: MaterialFacts, material: Uint8Array, request: DeriveRequest): SecretBytes {
  assertDerivation(facts, request);
  if (algorithmFacts[request.algorithm].kind !== 'secret') throw new StrongroomError('request-invalid', `"algorithm" expected a secret key's, got ${request.algorithm}: pairs are not derived`, { field: 'algorithm' });
  if (request.derivation === 'hkdf') {
    const { salt = new Uint8Array(0), info, algorithm } = request;
    return SecretBytes.own(hkdfFor(facts.algorithm.slice(5) as HashName, material, salt, info, algorithmFacts[algorithm].bits / 8));
  }
  const shared = sharedSecret(facts, material, request);
  try {
    return SecretBytes.own(keyFrom(request, shared));
  } finally {
    shared.fill(0); // SECURITY: what both parties know is wiped once the key is made
  }
}
