/** Pairs as the vault keeps them (FORMAT.md): read from PKCS#8 and from their own form by the same judge as the key files of others, and written for others. */
import type { Algorithm } from '../../../shared/model/terms.ts';
import { firstValue } from './derReader.ts';
import type { DerRules, DerValue } from './derValue.ts';
import { latticePair } from './keyForms/latticeKey.ts';
import { readPrivateKeyInfo } from './keyForms/privateKeyInfo.ts';
import { latticePkcs8 } from './keyForms/privateKeyWriter.ts';
import type { PairAlgorithm, ReadPair } from './keyForms/readKey.ts';
import { malformed } from './malformed.ts';
import { seedLengths } from './postQuantum.ts';
import type { PostQuantumKind } from './postQuantum.ts';

/** A pair of an algorithm that the vault keeps. */
export type KeptPair = ReadPair & { readonly algorithm: PairAlgorithm };

/** Zero bytes behind the DER, which some tokens add before they wrap: fewer than a block of 8. @throws `input-malformed` for anything else */
export function withoutZeroPadding(der: Uint8Array, rules: DerRules = 'der'): { readonly value: DerValue; readonly notes: readonly string[] } {
  const value = firstValue(der, rules);
  const rest = der.subarray(value.whole.length);
  // SECURITY: bytes behind a key are refused, so that one key is not two files
  if (rest.length >= 8 || rest.some((byte) => byte !== 0)) throw malformed(`${rest.length} bytes follow the end of the key`, { nextStep: 'ask for the file again, without what was put behind the key' });
  return { value, notes: rest.length === 0 ? [] : [`${rest.length} zero ${rest.length === 1 ? 'byte' : 'bytes'} behind the key, as some tokens pad: dropped`] };
}

/** @param bytes one key, and behind it at most seven zero bytes; borrowed @throws `input-malformed` with what is wrong */
export function readPkcs8(bytes: Uint8Array): KeptPair {
  const { value, notes } = withoutZeroPadding(bytes);
  const read = readPrivateKeyInfo(value);
  if (read.kind === 'pair' && read.algorithm !== undefined) return { ...read, algorithm: read.algorithm, notes: [...notes, ...read.notes] };
  read.material.wipe();
  throw malformed(`the vault does not keep such a key: ${read.kind === 'pair' ? read.description : 'it is a secret key in PKCS#8'}`);
}

function isPostQuantum(algorithm: Algorithm): algorithm is PostQuantumKind {
  return algorithm in seedLengths;
}

/** The PKCS#8 of a pair as others read it. @param material in the vault's form, borrowed. The caller owns and wipes the result */
export function writePkcs8(algorithm: Algorithm, material: Uint8Array): Uint8Array {
  return isPostQuantum(algorithm) ? latticePkcs8(algorithm, material) : new Uint8Array(material);
}

/** A pair's material in the vault's form, borrowed. @throws `input-malformed` for what is not */
export function readMaterial(algorithm: Algorithm, material: Uint8Array): KeptPair {
  return isPostQuantum(algorithm) ? { ...latticePair(algorithm, { seed: material }), algorithm } : readPkcs8(material);
}
