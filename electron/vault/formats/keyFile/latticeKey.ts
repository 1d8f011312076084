/** ML-DSA-65 and ML-KEM-768 private keys (RFC 9881 §6, RFC 9935 §6): the seed is kept; what stands beside it is compared. */
import { equalBytes } from '../../crypto/bytes.ts';
import { latticePublicKey, latticePublicLengths, seedLengths } from '../../crypto/latticeSeeds.ts';
import type { LatticeAlgorithm } from '../../crypto/latticeSeeds.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import { context, derTags } from '../../crypto/derValue.ts';
import { DerFields, octetsOf } from '../../crypto/derReader.ts';
import type { DerValue } from '../../crypto/derValue.ts';
import { bitString, encodeDer, oid, sequence } from '../../crypto/derWriter.ts';
import { malformed } from './keyFileEntry.ts';
import type { ReadPair } from './keyFileEntry.ts';

export const latticeOids: Readonly<Record<string, LatticeAlgorithm>> = { '2.16.840.1.101.3.4.3.18': 'ml-dsa-65', '2.16.840.1.101.3.4.4.2': 'ml-kem-768' };
const oidHex: Readonly<Record<LatticeAlgorithm, string>> = { 'ml-dsa-65': '608648016503040312', 'ml-kem-768': '608648016503040402' };
const names: Readonly<Record<LatticeAlgorithm, string>> = { 'ml-dsa-65': 'ML-DSA-65', 'ml-kem-768': 'ML-KEM-768' };

/** DER SubjectPublicKeyInfo. @throws `input-malformed` for another length */
export function latticeSpki(algorithm: LatticeAlgorithm, raw: Uint8Array): Uint8Array {
  if (raw.length !== latticePublicLengths[algorithm]) throw malformed(`the public key of ${names[algorithm]} expected ${latticePublicLengths[algorithm]} bytes, got ${raw.length}`);
  return encodeDer(sequence(sequence(oid(oidHex[algorithm])), bitString(raw)));
}

export interface LatticeParts {
  readonly seed: Uint8Array;
  readonly expanded?: Uint8Array;
  readonly publicRaw?: Uint8Array;
}

/** @throws `input-malformed` */
export function latticePair(algorithm: LatticeAlgorithm, { seed, expanded, publicRaw }: LatticeParts, oddities: readonly string[] = []): ReadPair {
  if (seed.length !== seedLengths[algorithm]) throw malformed(`the seed of ${names[algorithm]} expected ${seedLengths[algorithm]} bytes, got ${seed.length}`);
  const raw = latticePublicKey(algorithm, seed, expanded);
  if (raw === undefined || (publicRaw !== undefined && !equalBytes(publicRaw, raw))) throw malformed('the parts of the key do not belong together', { nextStep: 'do not use this file; ask its maker for the pair again' });
  return { kind: 'pair', algorithm, description: `${names[algorithm]} key`, material: SecretBytes.own(seed.slice()), publicKey: latticeSpki(algorithm, raw), notes: oddities };
}

/** The CHOICE of seed, expandedKey and both. @throws `input-malformed` also for a key without its seed */
export function readLatticeKey(algorithm: LatticeAlgorithm, node: DerValue, publicRaw: Uint8Array | undefined): ReadPair {
  const beside = publicRaw === undefined ? {} : { publicRaw };
  if (node.tag === context.primitive(0)) return latticePair(algorithm, { seed: node.content, ...beside });
  if (node.tag !== derTags.sequence) throw malformed(`the ${names[algorithm]} key has no seed: the expanded form alone is not kept`, { nextStep: 'ask for the key with its seed (RFC 9881, RFC 9935)' });
  const both = new DerFields(node, `${names[algorithm]} key`);
  const seed = octetsOf(both.any('seed'), 'seed');
  const expanded = octetsOf(both.any('expandedKey'), 'expandedKey');
  both.end();
  return latticePair(algorithm, { seed, expanded, ...beside });
}
