/** What a token stored is held against what it was asked to store: modules accept a template and keep another. */
import { flagAttributes } from '../../../pkcs11-wire/keyShapes.ts';
import type { FlagAttribute, KeyFacts, KeyTemplate } from '../../../pkcs11-wire/keyShapes.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';

/** Of these an honest answer is needed; of the others a module may know nothing. */
const mustBeKnown: readonly FlagAttribute[] = ['token', 'private', 'sensitive', 'extractable'];

function differs(name: FlagAttribute, asked: KeyTemplate, found: KeyFacts): boolean {
  const wanted = asked.flags[name];
  const stored = found.flags[name];
  if (wanted === undefined || stored === wanted) return false;
  return stored !== undefined || mustBeKnown.includes(name);
}

export function attributeName(name: FlagAttribute): string {
  return `CKA_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** @throws `token-refused` that names the attribute */
export function assertAsAsked(asked: KeyTemplate, found: KeyFacts, bits: number | undefined): void {
  if (!equalBytes(asked.id, found.id)) throw disagreement('CKA_ID', 'the given one', 'another');
  if (asked.label !== found.label) throw disagreement('CKA_LABEL', `"${asked.label}"`, `"${found.label}"`);
  if (bits !== undefined && found.bits !== bits) throw disagreement('the length', `${bits} bits`, `${found.bits ?? 'unknown'} bits`);
  const wrong = flagAttributes.find((name) => differs(name, asked, found));
  if (wrong !== undefined) throw disagreement(attributeName(wrong), String(asked.flags[wrong]), String(found.flags[wrong] ?? 'nothing'));
}

function disagreement(what: string, asked: string, stored: string): StrongroomError {
  return new StrongroomError(
    'token-refused',
    `the token made a key unlike what was asked: ${what} expected ${asked}, got ${stored}; the key was destroyed again`,
    {
      nextStep: 'use another token: this one does not keep to its word',
    },
  );
}
