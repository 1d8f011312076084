/** One token of a module: every call names it, and logs in first where the child says that nobody is. */
import type { OperationName, ReplyOf, RequestOf, TokenName } from '../../../pkcs11-wire/messages.ts';
import type { ModuleClient } from './moduleClient.ts';
import { logIn } from './tokenLogin.ts';
import type { AskPin } from './tokenLogin.ts';
import { TokenRefusal, userNotLoggedIn } from './tokenRefusal.ts';

type TokenOperation = { [K in OperationName]: RequestOf<K> extends { readonly token: TokenName } ? K : never }[OperationName];

export class TokenClient {
  readonly name: TokenName;
  readonly #client: ModuleClient;
  readonly #askPin: AskPin;
  #loggingIn: Promise<void> | undefined;

  constructor(client: ModuleClient, name: TokenName, askPin: AskPin) {
    this.#client = client;
    this.name = name;
    this.#askPin = askPin;
  }

  /**
   * The child refuses a call before anything is done while nobody is logged in (also after its restart), so that the call can be made again.
   * @throws the errors of `ModuleClient.call` and of the login (`pin-*`, `declined`, `secret-unavailable`)
   */
  async call<K extends TokenOperation>(operation: K, args: Omit<RequestOf<K>, 'token'>): Promise<ReplyOf<K>> {
    const request = { ...args, token: this.name } as unknown as RequestOf<K>;
    try {
      return await this.#client.call(operation, request);
    } catch (error) {
      if (!(error instanceof TokenRefusal && error.ckr === userNotLoggedIn)) throw error;
      await this.#logInOnce();
      return await this.#client.call(operation, request);
    }
  }

  /** Calls that wait at the same time share one question. */
  #logInOnce(): Promise<void> {
    this.#loggingIn ??= logIn(this.#client, this.name, this.#askPin).finally(() => {
      this.#loggingIn = undefined;
    });
    return this.#loggingIn;
  }

  /** Does not start a child in order to log out of it. */
  async logOut(): Promise<void> {
    if (this.#client.isRunning) await this.#client.call('logout', { token: this.name });
  }
}
