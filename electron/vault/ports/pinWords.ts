/** What a person is told before a PIN: which one, what the token's flags say of it, and what lengths it takes. In words: no flag says how many tries are left. */
import { shortLabel } from '../../../shared/validation/shownLine.ts';
import type { PinQuestion } from './prompt.ts';

/** One sentence that names the PIN. */
export function pinSentence({ user, tokenLabel, tokenSerial, forOneUse }: PinQuestion): string {
  const pin = `${user === 'so' ? 'security officer PIN' : 'PIN'} of the token "${tokenLabel}" (${tokenSerial})`;
  if (forOneUse === undefined) return `The ${pin}`;
  const { key, number, count } = forOneUse;
  return `The ${pin}, for signature ${number} of ${count} with the key "${shortLabel(key)}"`;
}

/** What should be known before it is typed: one line each. */
export function pinDetails({ countLow, finalTry, toBeChanged, minLength, maxLength, forOneUse }: PinQuestion): string[] {
  const { count = 1, number = 1 } = forOneUse ?? {};
  return [
    ...(forOneUse === undefined ? [] : [`this key asks for the PIN before each signature${count > 1 && number === 1 ? `: you will be asked ${count} times` : ''}`]),
    ...(finalTry ? ['ONE try is left: a wrong PIN locks the token'] : countLow ? ['the token says that a wrong PIN was entered since the last right one'] : []),
    ...(toBeChanged === true ? ['the token says that this PIN must be changed: `token change-pin`'] : []),
    `it has ${minLength === maxLength ? maxLength : `${minLength} to ${maxLength}`} bytes: a letter outside of ASCII counts more than one`,
  ];
}
