/** Logging in: asks for the PIN only where the token can take one, says what its flags say, and spends no try on a PIN that cannot be right. */
import type { TokenName } from '../../../pkcs11-wire/messages.ts';
import { maxPinBytes } from '../../../pkcs11-wire/limits.ts';
import { isStrongroomError, StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SecretBytes } from '../../crypto/secretBytes.ts';
import type { PinQuestion } from '../../ports/prompt.ts';
import type { ModuleClient } from './moduleClient.ts';
import type { TokenInfo } from './tokenInfo.ts';
import { tokenNow } from './tokenInventory.ts';

/** Asks a person; the callee gives up the bytes, this side wipes them. @throws `declined`, `secret-unavailable`, `pin-final-try` */
export type AskPin = (question: PinQuestion) => Promise<SecretBytes>;

export function pinQuestion(user: 'user' | 'so', token: TokenInfo): PinQuestion {
  return {
    user,
    tokenLabel: token.label,
    tokenSerial: token.serial,
    finalTry: token.flags.includes(user === 'so' ? 'so-pin-final-try' : 'user-pin-final-try'),
    countLow: token.flags.includes(user === 'so' ? 'so-pin-count-low' : 'user-pin-count-low'),
    ...pinBounds(token),
  };
}

/** Bytes. A token that gives nothing usable is given what the wire takes. */
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

function assertPinUsable(token: TokenInfo): void {
  if (token.flags.includes('user-pin-locked')) throw locked(token);
  if (!token.flags.includes('user-pin-initialized')) {
    throw new StrongroomError('token-refused', `the token "${token.label}" has no user PIN yet`, {
      nextStep: 'initialise the token, or let its SO set the user PIN',
    });
  }
}

function locked(token: TokenInfo): StrongroomError {
  return new StrongroomError('pin-locked', `the PIN of the token "${token.label}" is locked`, { nextStep: "the token's owner can unlock it with the SO PIN" });
}

/** What the flags say after a wrong PIN. Some tokens say nothing, and lock all the same. */
function wrongPin(token: TokenInfo): StrongroomError {
  if (token.flags.includes('user-pin-locked')) return locked(token);
  const warning = token.flags.includes('user-pin-final-try') ? ', and the token says that one try is left' : '';
  return new StrongroomError('pin-wrong', `the PIN of the token "${token.label}" is wrong${warning}`, {
    nextStep: 'make sure of the PIN before the next try: a token locks after a few wrong ones',
    retryable: true,
  });
}

export async function logIn(client: ModuleClient, name: TokenName, askPin: AskPin): Promise<void> {
  const token = await tokenNow(client, name);
  assertPinUsable(token);
  if (token.flags.includes('protected-authentication-path')) {
    await client.call('login', { token: name, user: 'user' }); // the PIN is typed on the token and never comes here
    return;
  }
  const pin = await askPin(pinQuestion('user', token));
  await pin.consume(async (bytes) => {
    assertPinFits(bytes, token);
    try {
      await client.call('login', { token: name, user: 'user', pin: bytes });
    } catch (error) {
      throw isStrongroomError(error, 'pin-wrong') ? wrongPin(await tokenNow(client, name)) : error;
    }
  });
}
