/** A vault's id: half of a hash over a random seed that the genesis repeats, so that an edited id is seen without any key. */
import { utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';

/** @param seed 32 random bytes @returns 16 bytes */
export function vaultIdOf(seed: Uint8Array): Uint8Array {
  return sha256(utf8('strongroom/v1/vault\0'), seed).slice(0, 16);
}
