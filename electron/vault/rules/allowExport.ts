/** Rules KEY-EXPORT-* and KEY-WRAP-1: whether a key version may travel, and under what. */
import { StrongroomError, refusal } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts } from '../../../shared/lifecycle/purposes.ts';
import { formatsOfPairs, isTwoSteps, isUnderRsa, oaepHashOf, oaepLimit } from '../../../shared/model/wrapFormats.ts';
import type { KeyState, WrapFormat } from '../../../shared/model/terms.ts';
import type { KeyRecord, Place, VersionRecord } from '../records/records.ts';

/** A version that is resting, known to others or gone is not handed out. */
const statesThatTravel: readonly KeyState[] = ['pre-activation', 'active', 'deactivated'];
/** SP 800-131A Rev. 2: the least strength for protecting anything. */
export const leastStrength = 112;

export interface Travel {
  readonly key: KeyRecord;
  readonly version: VersionRecord;
}

/** Of the key itself, in bits: a generic secret that came from elsewhere is worth no more than its length. */
export function ownStrength({ key, version }: Travel): number {
  return Math.min(algorithmFacts[key.algorithm].strength, version.bits ?? Number.POSITIVE_INFINITY);
}

/** The strength in bits of what travels: the weaker of the key and of what wraps it (SP 800-57 Part 1 §5.6.2). */
export function effectiveStrength(travel: Travel, wrapperStrength: number): number {
  return Math.min(ownStrength(travel), wrapperStrength);
}

/** @throws `request-invalid` for a private key by a format that takes none, `refused` KEY-EXPORT-5 by state, KEY-EXPORT-1 where it was made to stay */
export function allowTravel({ key, version }: Travel, format: WrapFormat): void {
  if (algorithmFacts[key.algorithm].kind === 'pair' && !formatsOfPairs.includes(format))
    throw new StrongroomError('request-invalid', `"format" ${format} takes no private key: "${key.name}" is ${key.algorithm}`, { field: 'format', nextStep: `choose ${formatsOfPairs.filter((one) => isUnderRsa(one) === isUnderRsa(format)).join(' or ')}; the public half is distributed by \`key public\`` });
  if (!statesThatTravel.includes(version.state))
    throw refusal('KEY-EXPORT-5', `"${key.name}" version ${version.number} is ${version.state}: it is not distributed`, 'distribute the newest version');
  if (version.exportable) return;
  const attribute = key.place.kind === 'pkcs11' ? 'CKA_EXTRACTABLE is false and can never be changed' : 'it was made without "exportable"';
  throw refusal('KEY-EXPORT-1', `"${key.name}" version ${version.number} never leaves its place: ${attribute}`, 'generate a key with --exportable; what a key may do is fixed when it is made');
}

/** @throws `request-invalid` before anything is done, with the limit */
export function allowFit({ key, version }: Travel, format: WrapFormat, modulusBits: number): void {
  const hash = oaepHashOf(format);
  const bytes = Math.ceil((version.bits ?? algorithmFacts[key.algorithm].bits) / 8);
  const limit = hash === undefined || isTwoSteps(format) ? undefined : oaepLimit(Math.ceil(modulusBits / 8), hash);
  if (limit === undefined || bytes <= limit) return;
  throw new StrongroomError('request-invalid', `"${key.name}" has ${bytes} bytes: ${format} under ${modulusBits} bits takes at most ${limit}`, { field: 'format', nextStep: 'choose rsa-aes-kwp-sha256' });
}

/**
 * @param accepted the strength that the person names, where it is a loss @param stronger what else can be done about it
 * @throws `refused` KEY-EXPORT-3, KEY-EXPORT-4
 */
export function allowToRecipient(travel: Travel, wrapperStrength: number, accepted: number | undefined, stronger = 'ask the recipient for a stronger key'): void {
  const { key } = travel;
  const own = ownStrength(travel);
  const effective = effectiveStrength(travel, wrapperStrength);
  if (effective < leastStrength) throw refusal('KEY-EXPORT-3', `under this recipient's key "${key.name}" would travel at ${effective} bits, below ${leastStrength}`, 'ask the recipient for a stronger key');
  if (effective === own || accepted === effective) return;
  throw refusal('KEY-EXPORT-4', `"${key.name}" has ${own} bits of strength and would travel at ${effective}`, `accept that with --accept-strength ${effective}, or ${stronger}`);
}

/** @throws `refused` KEY-WRAP-1 where the two are in different places, KEY-EXPORT-2 for a wrapping key that is weaker */
export function allowUnderKey(travel: Travel, wrapper: KeyRecord): void {
  const { key } = travel;
  if (!samePlace(key.place, wrapper.place)) throw refusal('KEY-WRAP-1', `"${key.name}" and "${wrapper.name}" are in different places`, 'use a key-wrapping key in the same place');
  const own = ownStrength(travel);
  const over = algorithmFacts[wrapper.algorithm].strength;
  if (over < own) throw refusal('KEY-EXPORT-2', `"${wrapper.name}" has ${over} bits of strength, less than the ${own} of "${key.name}"`, 'use a stronger key-wrapping key');
}

export function samePlace(a: Place, b: Place): boolean {
  if (a.kind === 'software' || b.kind === 'software') return a.kind === b.kind;
  return a.serial === b.serial && a.label === b.label && a.manufacturer === b.manufacturer;
}
