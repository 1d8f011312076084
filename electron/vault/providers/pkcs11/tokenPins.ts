/** A token's PINs: proved, changed, and given anew by its SO. */
import type { TokenName } from '../../../pkcs11-wire/messages.ts';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SecretBytes } from '../../crypto/secretBytes.ts';
import type { ModuleClient } from './moduleClient.ts';
import { familyFacts, familyOfToken } from './moduleFamily.ts';
import { assertPinFits, pinQuestion } from './pinFlags.ts';
import type { User } from './pinFlags.ts';
import { pinField, withPin } from './tokenLogin.ts';
import type { AskPin } from './tokenLogin.ts';
import { tokenNow } from './tokenInventory.ts';

/** How a person is asked for a PIN that is there, and for a new one. */
export interface AskPins {
  readonly pin: AskPin;
  readonly newPin: AskPin;
}

export interface TokenAt {
  readonly client: ModuleClient;
  readonly name: TokenName;
}

/** A new PIN is asked for once the old one is known, and is sent with it in one call. */
async function withNewPin(at: TokenAt, user: User, ask: AskPins, send: (newPin: Uint8Array) => Promise<unknown>): Promise<void> {
  const token = await tokenNow(at.client, at.name);
  const { finalTry: _final, countLow: _low, toBeChanged: _change, ...question } = pinQuestion(user, token);
  const pin: SecretBytes = await ask.newPin({ ...question, finalTry: false, countLow: false, replaces: true });
  await pin.consume(async (bytes) => {
    assertPinFits(bytes, token);
    await send(bytes);
  });
}

/** @throws `pin-wrong`, `pin-locked`, `pin-invalid`, and what asking throws */
export async function changePin(at: TokenAt, user: User, ask: AskPins): Promise<void> {
  const { client, name } = at;
  await withPin({ client, name, user, askPin: ask.pin }, async (oldPin) => {
    if (oldPin === undefined) return await client.call('changePin', { token: name, user });
    return await withNewPin(at, user, ask, (newPin) => client.call('changePin', { token: name, user, oldPin, newPin }));
  });
}

/** @throws `token-cannot` where the module is known to have no such thing, before anything is asked */
export async function unblockPin(at: TokenAt, ask: AskPins): Promise<void> {
  const { client, name } = at;
  const token = await tokenNow(client, name);
  const { noUnblock, wayOut } = familyFacts(familyOfToken(token));
  if (noUnblock !== undefined) throw new StrongroomError('token-cannot', noUnblock, { nextStep: wayOut });
  await withPin({ client, name, user: 'so', askPin: ask.pin }, async (soPin) => {
    if (soPin === undefined) return await client.call('unblockPin', { token: name });
    return await withNewPin(at, 'user', ask, (newPin) => client.call('unblockPin', { token: name, soPin, newPin }));
  });
}

/** Logs in and out again. */
export async function checkPin({ client, name }: TokenAt, user: User, ask: AskPins): Promise<void> {
  await withPin({ client, name, user, askPin: ask.pin }, (pin) => client.call('checkPin', { token: name, user, ...pinField('pin', pin) }));
}
