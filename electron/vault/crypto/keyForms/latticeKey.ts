/** ML-DSA-65 and ML-KEM-768 private keys (RFC 9881 §6, RFC 9935 §6): the seed is kept; what stands beside it is compared. */
import { equalBytes } from '../bytes.ts';
import { DerFields, octetsOf } from '../derReader.ts';
import { context, derTags } from '../derValue.ts';
import type { DerValue } from '../derValue.ts';
import { malformed } from '../malformed.ts';
import { seedLengths, workingPublicKey } from '../postQuantum.ts';
import type { PostQuantumKind } from '../postQuantum.ts';
import { SecretBytes } from '../secretBytes.ts';
import { writeSpki } from '../spki.ts';
import type { ReadPair } from './readKey.ts';

export const latticeOids: Readonly<Record<string, PostQuantumKind>> = { '2.16.840.1.101.3.4.3.18': 'ml-dsa-65', '2.16.840.1.101.3.4.4.2': 'ml-kem-768' };

export interface LatticeParts {
  readonly seed: Uint8Array;
  readonly expanded?: Uint8Array;
  readonly publicRaw?: Uint8Array;
}

/** @throws `input-malformed` */
export function latticePair(algorithm: PostQuantumKind, { seed, expanded, publicRaw }: LatticeParts, oddities: readonly string[] = []): ReadPair {
  const name = algorithm.toUpperCase();
  if (seed.length !== seedLengths[algorithm]) throw malformed(`the seed of ${name} expected ${seedLengths[algorithm]} bytes, got ${seed.length}`);
  const raw = workingPublicKey(algorithm, seed, expanded);
  if (raw === undefined || (publicRaw !== undefined && !equalBytes(publicRaw, raw))) throw malformed('the parts of the key do not belong together', { nextStep: 'do not use this file; ask its maker for the pair again' });
  return { kind: 'pair', algorithm, description: `${name} key`, material: SecretBytes.own(new Uint8Array(seed)), publicKey: writeSpki(algorithm, raw), notes: oddities };
}

/** The CHOICE of seed, expandedKey and both. @throws `input-malformed` also for a key without its seed */
export function readLatticeKey(algorithm: PostQuantumKind, value: DerValue, publicRaw: Uint8Array | undefined): ReadPair {
  const beside = publicRaw === undefined ? {} : { publicRaw };
  if (value.tag === context.primitive(0)) return latticePair(algorithm, { seed: value.content, ...beside });
  const name = algorithm.toUpperCase();
  if (value.tag !== derTags.sequence) throw malformed(`the ${name} key has no seed: the expanded form alone is not kept`, { nextStep: 'ask for the key with its seed (RFC 9881, RFC 9935)' });
  const both = new DerFields(value, `${name} key`);
  const seed = octetsOf(both.any('seed'), 'seed');
  const expanded = octetsOf(both.any('expandedKey'), 'expandedKey');
  both.end();
  return latticePair(algorithm, { seed, expanded, ...beside }, ['it is kept as its seed; the expanded key that stood beside it belongs to it']);
}
