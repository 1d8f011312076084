/** A PIN as the token's flags and limits show it: the question that asks for it, and why it would be asked for in vain. */
import { maxPinBytes } from '../../../pkcs11-wire/limits.ts';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { PinQuestion } from '../../ports/prompt.ts';
import { familyFacts, familyOfToken } from './moduleFamily.ts';
import type { TokenFlag, TokenInfo } from './tokenInfo.ts';

export type User = 'user' | 'so';
type About = 'count-low' | 'final-try' | 'locked' | 'to-be-changed';

function says(token: TokenInfo, user: User, about: About): boolean {
  return token.flags.includes(`${user}-pin-${about}` satisfies TokenFlag);
}

export function pinQuestion(user: User, token: TokenInfo): PinQuestion {
  return {
    user,
    tokenLabel: token.label,
    tokenSerial: token.serial,
    finalTry: says(token, user, 'final-try'),
    countLow: says(token, user, 'count-low'),
    ...pinBounds(token),
    ...(says(token, user, 'to-be-changed') ? { toBeChanged: true as const } : {}),
  };
}

/** Bytes. A token that gives nothing usable is given what the wire takes. SECURITY: never less than one: some tokens count an empty PIN as a try. */
function pinBounds(token: TokenInfo): { readonly minLength: number; readonly maxLength: number } {
  const maxLength = token.maxPinLength === 0 ? maxPinBytes : Math.min(token.maxPinLength, maxPinBytes);
  return { minLength: Math.max(1, Math.min(token.minPinLength, maxLength)), maxLength };
}

/** SECURITY: a PIN that the token would refuse unread costs no try. @throws `pin-invalid` */
export function assertPinFits(pin: Uint8Array, token: TokenInfo): void {
  const { minLength, maxLength } = pinBounds(token);
  if (pin.length < minLength || pin.length > maxLength) {
    // The length of a PIN narrows its guesses, so the message gives the bounds alone.
    throw new StrongroomError('pin-invalid', `"pin" expected ${minLength}..${maxLength} bytes`, { nextStep: 'no try was spent; give the PIN again' });
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(pin);
  } catch {
    throw new StrongroomError('pin-invalid', '"pin" expected UTF-8', { nextStep: 'no try was spent; give the PIN again' });
  }
}

const pinName = { user: 'PIN', so: 'SO PIN' } as const;

/** @throws `pin-locked`, `token-refused` where it has none yet */
export function assertPinUsable(user: User, token: TokenInfo): void {
  if (says(token, user, 'locked')) throw locked(user, token);
  if (user === 'user' && !token.flags.includes('user-pin-initialized')) {
    throw new StrongroomError('token-refused', `the token "${token.label}" has no user PIN yet`, {
      nextStep: 'initialise the token, or let its SO set the user PIN: `token unblock-pin`',
    });
  }
}

/** With the way out for this module. */
export function locked(user: User, token: TokenInfo): StrongroomError {
  const nextStep = user === 'so' ? "ask the token's vendor: most tokens can only be reset, which destroys their keys" : familyFacts(familyOfToken(token)).wayOut;
  return new StrongroomError('pin-locked', `the ${pinName[user]} of the token "${token.label}" is locked`, { nextStep });
}

/** What the flags say after a wrong PIN. Some tokens say nothing, and lock all the same. */
export function wrongPin(user: User, token: TokenInfo): StrongroomError {
  if (says(token, user, 'locked')) return locked(user, token);
  const warning = says(token, user, 'final-try') ? ', and the token says that one try is left' : '';
  return new StrongroomError('pin-wrong', `the ${pinName[user]} of the token "${token.label}" is wrong${warning}`, {
    nextStep: `make sure of the PIN before the next try: ${familyFacts(familyOfToken(token)).locks}`,
    retryable: true,
  });
}
