/** Ed25519 and X25519 private keys (RFC 8410): the seed, with or without the public key that some programs put beside it. */
import { concatBytes, equalBytes, fromHex } from '../../crypto/bytes.ts';
import { pairWorks, publicHalfOf } from '../../crypto/pairProof.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { malformed } from './keyFileEntry.ts';
import type { ReadPair } from './keyFileEntry.ts';

export interface OctetCurve {
  readonly algorithm: 'ed25519' | 'x25519';
  /** `crv` of RFC 8037 §2. */
  readonly name: 'Ed25519' | 'X25519';
  readonly oid: string;
  readonly pkcs8Frame: Uint8Array;
  readonly spkiFrame: Uint8Array;
}

/** RFC 8410 §3, §4 and §7. */
export const ed25519Curve: OctetCurve = { algorithm: 'ed25519', name: 'Ed25519', oid: '1.3.101.112', pkcs8Frame: fromHex('302e020100300506032b657004220420'), spkiFrame: fromHex('302a300506032b6570032100') };
const x25519Curve: OctetCurve = { algorithm: 'x25519', name: 'X25519', oid: '1.3.101.110', pkcs8Frame: fromHex('302e020100300506032b656e04220420'), spkiFrame: fromHex('302a300506032b656e032100') };
export const octetCurves: readonly OctetCurve[] = [ed25519Curve, x25519Curve];

/** DER SubjectPublicKeyInfo. */
export function octetSpki({ spkiFrame }: OctetCurve, raw: Uint8Array): Uint8Array {
  return concatBytes(spkiFrame, raw);
}

/** @param given 32 bytes, or 64 that are seed and public key @throws `input-malformed` */
export function octetPair(curve: OctetCurve, given: Uint8Array, publicRaw: Uint8Array | undefined, oddities: readonly string[] = []): ReadPair {
  const { algorithm, name, pkcs8Frame } = curve;
  const joined = algorithm === 'ed25519' && given.length === 64;
  if (given.length !== 32 && !joined) throw malformed(`the private key of ${name} expected 32 bytes, got ${given.length}`);
  const material = SecretBytes.own(concatBytes(pkcs8Frame, given.subarray(0, 32)));
  try {
    const publicKey = publicHalfOf(material.expose());
    if (publicKey === undefined) throw malformed(`the private key is none of ${name}`);
    const raw = publicKey.subarray(-32);
    // SECURITY: an Ed25519 key that signs with another public key gives its seed away in two signatures
    if ([publicRaw, joined ? given.subarray(32) : undefined].some((beside) => beside !== undefined && !equalBytes(beside, raw))) throw malformed('the halves do not belong together: the public key in the file is that of another pair', { nextStep: 'do not use this file; ask its maker for the pair again' });
    if (!pairWorks(algorithm === 'ed25519' ? 'edwards' : 'montgomery', material.expose(), publicKey)) throw malformed('the pair does not work together');
    return { kind: 'pair', algorithm, description: `${name} key`, material, publicKey, notes: [...oddities, ...(joined ? ['64 bytes, the seed and then the public key: the seed is kept'] : [])] };
  } catch (error) {
    material.wipe();
    throw error;
  }
}
