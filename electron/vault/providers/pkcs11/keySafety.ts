/** What a key's attributes allow and what is unsafe about them, for keys that others made. */
import { algorithmFacts, purposeFacts } from '../../../../shared/lifecycle/purposes.ts';
import { purposes } from '../../../../shared/model/terms.ts';
import type { Purpose } from '../../../../shared/model/terms.ts';
import type { FlagAttribute, KeyFacts, KeyFlags } from '../../../pkcs11-wire/keyShapes.ts';
import { algorithmOf } from './keyDescription.ts';
import { attributeName } from './keyReadBack.ts';

/** What a key must be allowed so that it serves a purpose. A MAC is a signature to PKCS#11. */
const needs: Readonly<Record<Purpose, { readonly secret?: readonly FlagAttribute[]; readonly private?: readonly FlagAttribute[] }>> = {
  'data-encryption': { secret: ['encrypt', 'decrypt'] },
  'key-wrapping': { secret: ['wrap', 'unwrap'] },
  mac: { secret: ['sign'] },
  signature: { private: ['sign'] },
  authentication: { private: ['sign'] },
  'key-transport': { private: ['unwrap'] },
  'key-agreement': { private: ['derive'] },
  'key-derivation': { secret: ['derive'] },
};

/** Purposes that both the algorithm and the attributes allow. */
export function purposesOf(key: KeyFacts): readonly Purpose[] {
  const algorithm = algorithmOf(key);
  if (algorithm === undefined || key.class === 'public') return [];
  const own = key.class;
  return purposes.filter((purpose) => {
    const flags = needs[purpose][own];
    return flags?.every((name) => key.flags[name] === true) === true && purposeFacts[purpose].algorithms.includes(algorithm);
  });
}

/** Uses that are of one purpose. */
const uses: readonly (readonly FlagAttribute[])[] = [['encrypt', 'decrypt'], ['sign', 'verify'], ['wrap', 'unwrap'], ['derive']];

function on(flags: KeyFlags, names: readonly FlagAttribute[]): readonly FlagAttribute[] {
  return names.filter((name) => flags[name] === true);
}

/** Pairs of attributes that take a wrapped key apart: Clulow, "On the security of PKCS#11", 2003. */
const clashes: readonly (readonly [FlagAttribute, FlagAttribute, string])[] = [
  ['wrap', 'decrypt', 'who may use it can wrap a key and then decrypt it to its clear bytes'],
  ['encrypt', 'unwrap', 'who may use it can bring in a key whose bytes he knows'],
  ['unwrap', 'decrypt', 'a key that was wrapped for it can be decrypted to its clear bytes'],
];

/** Sentences for people, the worst first. */
export function warningsOf({ class: cls, flags, keyType, bits, curve }: KeyFacts): readonly string[] {
  const clashing = clashes.filter(([one, other]) => flags[one] === true && flags[other] === true).map(([one, other, why]) => `${attributeName(one)} and ${attributeName(other)} together: ${why}`);
  const several = uses.map((group) => on(flags, group)).filter((group) => group.length > 0);
  const known = keyType !== 'other' && (bits !== undefined || curve !== undefined);
  return [
    ...(flags.sensitive === true ? [] : ['CKA_SENSITIVE is not set: its clear bytes can be read with the PIN']),
    ...clashing,
    ...(flags.extractable === true ? [`CKA_EXTRACTABLE is set: ${cls === 'secret' ? 'the key' : 'the private key'} can leave the token wrapped`] : []),
    ...(flags.alwaysSensitive === false && flags.sensitive === true ? ['CKA_ALWAYS_SENSITIVE is not set: its clear bytes could be read once, or came from a computer'] : []),
    ...(several.length > 1 ? [`it serves several purposes at once: ${several.flat().map(attributeName).join(', ')}`] : []),
    ...(flags.private === false ? ['CKA_PRIVATE is not set: it is seen without a PIN'] : []),
    ...(flags.modifiable === true ? ['CKA_MODIFIABLE is set: its attributes can be changed'] : []),
    ...(flags.alwaysAuth === true ? ['CKA_ALWAYS_AUTHENTICATE is set: it asks for the PIN before each use'] : []),
    ...(known ? weakness(keyType, bits) : ['its algorithm is not known']),
  ];
}

/** SP 800-131A Rev. 2 §3: an RSA modulus below 2048 bits protects nothing any more. */
function weakness(keyType: KeyFacts['keyType'], bits: number | undefined): readonly string[] {
  const least = algorithmFacts['rsa-2048'].bits;
  return keyType === 'rsa' && bits !== undefined && bits < least ? [`an RSA modulus of ${bits} bits is too short: at least ${least}`] : [];
}
