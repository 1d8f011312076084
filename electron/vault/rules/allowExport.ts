/** Rules KEY-EXPORT-* and KEY-WRAP-1: whether a key version may travel, and under what. */
import { StrongroomError, refusal } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../../shared/lifecycle/purposes.ts';
import type { KeyState } from '../../../shared/model/terms.ts';
import type { KeyRecord, Place, VersionRecord } from '../records/records.ts';

/** A version that is resting, known to others or gone is not handed out. */
const statesThatTravel: readonly KeyState[] = ['pre-activation', 'active', 'deactivated'];
/** SP 800-131A Rev. 2: the least strength for protecting anything. */
export const leastStrength = 112;

export interface Travel {
  readonly key: KeyRecord;
  readonly version: VersionRecord;
}

/** The strength in bits of what travels: the weaker of the key and of what wraps it (SP 800-57 Part 1 §5.6.2). */
export function effectiveStrength(key: KeyRecord, wrapperStrength: number): number {
  return Math.min(algorithmFacts[key.algorithm].strength, wrapperStrength);
}

/** @throws `request-invalid` for what is not a secret key, `refused` KEY-EXPORT-5 by state, KEY-EXPORT-1 where it was made to stay */
export function allowTravel({ key, version }: Travel): void {
  if (algorithmFacts[key.algorithm].family !== 'aes')
    throw new StrongroomError('request-invalid', `"key" expected an AES key, got "${key.name}" (${key.algorithm})`, { field: 'key', nextStep: 'a pair is distributed by its public half: `key public`' });
  if (!statesThatTravel.includes(version.state))
    throw refusal('KEY-EXPORT-5', `"${key.name}" version ${version.number} is ${version.state}: it is not distributed`, 'distribute the newest version');
  if (version.exportable) return;
  const attribute = key.place.kind === 'pkcs11' ? 'CKA_EXTRACTABLE is false' : 'it was made without "exportable"';
  throw refusal('KEY-EXPORT-1', `"${key.name}" version ${version.number} never leaves its place: ${attribute}`, 'generate a key with --exportable; what a key may do is fixed when it is made');
}

/** @param accepted the strength that the person names, where it is a loss @throws `refused` KEY-EXPORT-3, KEY-EXPORT-4 */
export function allowToRecipient({ key }: Travel, wrapperStrength: number, accepted: number | undefined): void {
  const own = algorithmFacts[key.algorithm].strength;
  const effective = effectiveStrength(key, wrapperStrength);
  if (effective < leastStrength) throw refusal('KEY-EXPORT-3', `under this recipient's key "${key.name}" would travel at ${effective} bits, below ${leastStrength}`, 'ask the recipient for a stronger key');
  if (effective === own || accepted === effective) return;
  throw refusal('KEY-EXPORT-4', `"${key.name}" has ${own} bits of strength and would travel at ${effective}`, `accept that with --accept-strength ${effective}, or ask the recipient for a stronger key`);
}

/** @throws `refused` KEY-WRAP-1 where the two are in different places, KEY-EXPORT-2 for a wrapping key that is weaker */
export function allowUnderKey({ key }: Travel, wrapper: KeyRecord): void {
  if (!samePlace(key.place, wrapper.place)) throw refusal('KEY-WRAP-1', `"${key.name}" and "${wrapper.name}" are in different places`, 'use a key-wrapping key in the same place');
  const own = algorithmFacts[key.algorithm].strength;
  const over = algorithmFacts[wrapper.algorithm].strength;
  if (over < own) throw refusal('KEY-EXPORT-2', `"${wrapper.name}" has ${over} bits of strength, less than the ${own} of "${key.name}"`, 'use a stronger key-wrapping key');
}

export function samePlace(a: Place, b: Place): boolean {
  if (a.kind === 'software' || b.kind === 'software') return a.kind === b.kind;
  return a.serial === b.serial && a.label === b.label && a.manufacturer === b.manufacturer;
}
