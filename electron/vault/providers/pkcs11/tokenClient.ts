/** One token of a module: every call names it, and logs in first where the child says that nobody is. */
import type { Failure, OperationName, ReplyOf, RequestOf, TokenName } from '../../../pkcs11-wire/messages.ts';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { ModuleClient } from './moduleClient.ts';
import { familyOf } from './moduleFamily.ts';
import type { ModuleFamily } from './moduleFamily.ts';
import { logIn, pinField, pinRefused, withPin } from './tokenLogin.ts';
import type { AskPin, PinTask } from './tokenLogin.ts';
import { errorOf, TokenRefusal, userNotLoggedIn } from './tokenRefusal.ts';

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

  /**
   * One signature with a key that asks for the PIN each time. The PIN is asked for here, sent once and wiped.
   * @throws the errors of `call` and of the question
   */
  async signOnce(args: Omit<RequestOf<'sign'>, 'token' | 'forOneUse'>, forOneUse: NonNullable<PinTask['forOneUse']>): Promise<ReplyOf<'sign'>['results'][number]> {
    const task: PinTask = { client: this.#client, name: this.name, user: 'user', askPin: this.#askPin, forOneUse };
    const { results } = await withPin(task, (pin) => this.call('sign', { ...args, forOneUse: pinField('pin', pin) }));
    const [result] = results;
    if (result === undefined) throw new StrongroomError('module-malformed', 'one signature expected, got none');
    if ('failure' in result) throw await pinRefused(this.errorOf(result.failure, 'sign'), task);
    return result;
  }

  get family(): ModuleFamily {
    return familyOf(this.#client.module.path, this.name.manufacturer);
  }

  /** What a failure within a reply stands for. */
  errorOf(failure: Failure, operation: OperationName): StrongroomError {
    return errorOf(failure, { operation, family: this.family });
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
