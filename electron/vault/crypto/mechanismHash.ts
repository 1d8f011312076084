/** What a signature mechanism hashes by, told from its name; Ed25519 and ML-DSA sign the message itself. */
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import { hashLengths } from './hashes.ts';
import type { HashName } from './hashes.ts';

/** The hash of the data, which a mechanism names; ed25519 and ml-dsa-65 name none. */
export function mechanismHash(mechanism: SignatureMechanism): HashName | undefined {
  return /sha(256|384|512)$/.exec(mechanism)?.[0] as HashName | undefined;
}

/** Bytes of the digest that a mechanism signs, or undefined where it signs the message. */
export function digestBytes(mechanism: SignatureMechanism): number | undefined {
  const name = mechanismHash(mechanism);
  return name === undefined ? undefined : hashLengths[name];
}
