/** Logging in: asks for the PIN only where the token can take one, says what its flags say, and spends no try on a PIN that cannot be right. */
import type { TokenName } from '../../../pkcs11-wire/messages.ts';
import { isStrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { SecretBytes } from '../../crypto/secretBytes.ts';
import type { PinQuestion } from '../../ports/prompt.ts';
import type { ModuleClient } from './moduleClient.ts';
import { assertPinFits, assertPinUsable, locked, pinQuestion, wrongPin } from './pinFlags.ts';
import type { User } from './pinFlags.ts';
import type { TokenInfo } from './tokenInfo.ts';
import { tokenNow } from './tokenInventory.ts';

/** Asks a person; the callee gives up the bytes, this side wipes them. @throws `declined`, `secret-unavailable`, `pin-final-try` */
export type AskPin = (question: PinQuestion) => Promise<SecretBytes>;

/** A PIN for one call, or none where it is typed on the token's own pad. */
export type WithPin<T> = (pin: Uint8Array | undefined) => Promise<T>;

/** What is asked, of whom, and what for. */
export interface PinTask {
  readonly client: ModuleClient;
  readonly name: TokenName;
  readonly user: User;
  readonly askPin: AskPin;
  readonly forOneUse?: PinQuestion['forOneUse'];
}

export function hasPinPad(token: TokenInfo): boolean {
  return token.flags.includes('protected-authentication-path');
}

/** What a refused PIN means, from the flags that the token shows after it. */
export async function pinRefused(error: unknown, { client, name, user }: Pick<PinTask, 'client' | 'name' | 'user'>): Promise<unknown> {
  if (isStrongroomError(error, 'pin-wrong')) return wrongPin(user, await tokenNow(client, name));
  if (isStrongroomError(error, 'pin-locked')) return locked(user, await tokenNow(client, name));
  return error;
}

/** Asks for a PIN that is there, for one piece of work. @throws the errors of `AskPin`; `pin-wrong`, `pin-locked`, `pin-invalid`, and what the work throws */
export async function withPin<T>(task: PinTask, work: WithPin<T>): Promise<T> {
  const { client, name, user, askPin, forOneUse } = task;
  const token = await tokenNow(client, name);
  assertPinUsable(user, token);
  try {
    if (hasPinPad(token)) return await work(undefined); // the PIN is typed on the token and never comes here
    const pin = await askPin({ ...pinQuestion(user, token), ...(forOneUse === undefined ? {} : { forOneUse }) });
    return await pin.consume(async (bytes) => {
      assertPinFits(bytes, token);
      return await work(bytes);
    });
  } catch (error) {
    throw await pinRefused(error, task);
  }
}

/** A field of a request, where there is one. */
export function pinField<N extends string>(field: N, pin: Uint8Array | undefined): { readonly [K in N]?: Uint8Array } {
  return (pin === undefined ? {} : { [field]: pin }) as { readonly [K in N]?: Uint8Array };
}

export async function logIn(client: ModuleClient, name: TokenName, askPin: AskPin): Promise<void> {
  await withPin({ client, name, user: 'user', askPin }, (pin) => client.call('login', { token: name, user: 'user', ...pinField('pin', pin) }));
}
