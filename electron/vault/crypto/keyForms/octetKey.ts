/** Ed25519 and X25519 private keys (RFC 8410): the seed, with or without the public key that some programs put beside it. */
import { equalBytes } from '../bytes.ts';
import { ed25519PublicKey } from '../ed25519.ts';
import { malformed } from '../malformed.ts';
import { pairWorks } from '../pairProof.ts';
import { SecretBytes } from '../secretBytes.ts';
import { writeSpki } from '../spki.ts';
import { x25519PublicKey } from '../x25519.ts';
import { octetPkcs8 } from './privateKeyWriter.ts';
import type { ReadPair } from './readKey.ts';

export interface OctetCurve {
  readonly algorithm: 'ed25519' | 'x25519';
  /** `crv` of RFC 8037 §2. */
  readonly name: 'Ed25519' | 'X25519';
  /** RFC 8410 §3. */
  readonly oid: string;
}

export const ed25519Curve: OctetCurve = { algorithm: 'ed25519', name: 'Ed25519', oid: '1.3.101.112' };
export const octetCurves: readonly OctetCurve[] = [ed25519Curve, { algorithm: 'x25519', name: 'X25519', oid: '1.3.101.110' }];

/** @param given 32 bytes, or 64 that are seed and public key @throws `input-malformed` */
export function octetPair({ algorithm, name }: OctetCurve, given: Uint8Array, publicRaw: Uint8Array | undefined, oddities: readonly string[] = []): ReadPair {
  const joined = algorithm === 'ed25519' && given.length === 64;
  if (given.length !== 32 && !joined) throw malformed(`the private key of ${name} expected 32 bytes, got ${given.length}`);
  const seed = given.subarray(0, 32);
  const raw = algorithm === 'ed25519' ? ed25519PublicKey(seed) : x25519PublicKey(seed);
  // SECURITY: an Ed25519 key that signs with another public key gives its seed away in two signatures
  if ([publicRaw, joined ? given.subarray(32) : undefined].some((beside) => beside !== undefined && !equalBytes(beside, raw))) throw malformed('the halves do not belong together: the public key in the file is that of another pair', { nextStep: 'do not use this file; ask its maker for the pair again' });
  const material = SecretBytes.own(octetPkcs8(algorithm, seed));
  const publicKey = writeSpki(algorithm, raw);
  if (!pairWorks(algorithm === 'ed25519' ? 'edwards' : 'montgomery', material.expose(), publicKey)) {
    material.wipe();
    throw malformed('the pair does not work together');
  }
  return { kind: 'pair', algorithm, description: `${name} key`, material, publicKey, notes: [...oddities, ...(joined ? ['64 bytes, the seed and then the public key: the seed is kept'] : [])] };
}
