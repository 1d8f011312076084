/** The PKCS#11 modules of an open vault: one child process each, their tokens, and a key provider per token. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { TokenName } from '../../../pkcs11-wire/messages.ts';
import type { SecretBytes } from '../../crypto/secretBytes.ts';
import type { ChildLauncher } from '../../ports/childLauncher.ts';
import { ModuleClient } from './moduleClient.ts';
import type { TimeLimits } from './moduleClient.ts';
import { Pkcs11Provider } from './pkcs11Provider.ts';
import { TokenClient } from './tokenClient.ts';
import type { TokenProfile } from './tokenProfile.ts';
import type { ModuleEntry, TokenInfo, TokenSelector } from './tokenInfo.ts';
import { isWanted, listTokens, theOne, tokenInfoOf } from './tokenInventory.ts';
import { TokenWatch } from './tokenWatch.ts';
import { assertPinFits } from './pinFlags.ts';
import type { AskPin } from './tokenLogin.ts';
import type { TokenAt } from './tokenPins.ts';

export interface InitTokenRequest {
  readonly modulePath: string;
  /** Which token: the slot of `tokens()`. */
  readonly slot: number;
  /** 1 to 32 bytes of UTF-8. */
  readonly label: string;
  /** Both are borrowed: the caller wipes them. An initialised token wants its own SO PIN, a new one takes this. */
  readonly soPin: SecretBytes;
  readonly userPin: SecretBytes;
}

/** What every module answered: its tokens, or why it has none to show. */
export interface Inventory {
  readonly tokens: readonly TokenInfo[];
  readonly failures: readonly { readonly modulePath: string; readonly error: unknown }[];
}

/** Where what was found out about a token is kept. */
export interface ProfileShelf {
  find(token: TokenInfo): TokenProfile | undefined;
  keep(token: TokenInfo, profile: TokenProfile): void;
}

export interface ModulesOptions {
  readonly launcher: ChildLauncher;
  readonly askPin: AskPin;
  /** Without it each token is tried anew. */
  readonly profiles?: ProfileShelf;
  readonly limits?: TimeLimits;
}

export class Pkcs11Modules {
  readonly #options: ModulesOptions;
  readonly #clients = new Map<string, ModuleClient>();
  readonly #providers = new Map<string, Pkcs11Provider>();
  readonly watch = new TokenWatch(() => [...this.#clients.values()]);

  constructor(options: ModulesOptions) {
    this.#options = options;
  }

  /** Adds a module; its child starts with the first call. @throws `already-exists` */
  open(module: ModuleEntry): void {
    if (this.#clients.has(module.path)) throw new StrongroomError('already-exists', `the module is open already: ${module.path}`);
    this.#clients.set(module.path, new ModuleClient(module, this.#options.launcher, this.#options.limits));
  }

  /**
   * All tokens of all modules that were opened.
   * @throws the first module's error (`module-changed`, `module-load-failed`, `module-crashed`, `module-malformed`, `token-timeout`…); `inventory` shows the others all the same
   */
  async tokens(): Promise<readonly TokenInfo[]> {
    const { tokens, failures } = await this.inventory();
    if (failures[0] !== undefined) throw failures[0].error;
    return tokens;
  }

  inventory(): Promise<Inventory> {
    return inventoryOf([...this.#clients.values()]);
  }

  /**
   * The tokens that fit. A module in trouble is asked only where no other has one: what hangs there does not hold up the tokens of others again and again.
   */
  async search(fits: (token: TokenInfo) => boolean): Promise<Inventory> {
    const clients = [...this.#clients.values()];
    const inTrouble = clients.filter(({ trouble }) => trouble !== undefined);
    const first = await inventoryOf(clients.filter((client) => !inTrouble.includes(client)));
    const found = first.tokens.filter(fits);
    if (found.length > 0) return { tokens: found, failures: [] };
    const last = await inventoryOf(inTrouble);
    return { tokens: last.tokens.filter(fits), failures: [...first.failures, ...last.failures] };
  }

  /** The same provider for the same token. It logs in when it first has to. @throws `token-absent`, `token-ambiguous`, and what its module's child throws */
  async provider(wanted: TokenSelector): Promise<Pkcs11Provider> {
    const token = await this.#locate(wanted);
    const key = JSON.stringify([token.modulePath, token.serial, token.label, token.manufacturer]);
    const known = this.#providers.get(key);
    if (known !== undefined) return known;
    const name: TokenName = { label: token.label, serial: token.serial, manufacturer: token.manufacturer };
    const { profiles } = this.#options;
    const shelf = profiles === undefined ? undefined : { find: () => profiles.find(token), keep: (profile: TokenProfile) => profiles.keep(token, profile) };
    const provider = new Pkcs11Provider(new TokenClient(this.#client(token.modulePath), name, this.#options.askPin), shelf);
    this.#providers.set(key, provider);
    return provider;
  }

  /** One module that fails does not hide another's token; where the token is not found, its failure is the answer. */
  async #locate(wanted: TokenSelector): Promise<TokenInfo> {
    if (wanted.modulePath !== undefined) return theOne(await listTokens(this.#client(wanted.modulePath)), wanted);
    const { tokens, failures } = await this.search((token) => isWanted(token, wanted));
    try {
      return theOne(tokens, wanted);
    } catch (error) {
      throw failures[0]?.error ?? error;
    }
  }

  #client(modulePath: string): ModuleClient {
    const client = this.#clients.get(modulePath);
    if (client === undefined) throw new StrongroomError('module-not-found', `the module is not open: ${modulePath}`, { nextStep: 'add the module first' });
    return client;
  }

  /** Erases what the slot's token held. @throws `pin-invalid`, `pin-wrong` (an initialised token's SO PIN), `request-invalid`, `token-absent` */
  async initToken(request: InitTokenRequest): Promise<TokenInfo> {
    const { modulePath, slot, label, soPin, userPin } = request;
    if (label === '' || new TextEncoder().encode(label).length > 32)
      throw new StrongroomError('request-invalid', '"label" expected 1..32 bytes of UTF-8', { field: 'label' });
    const client = this.#client(modulePath);
    const token = (await listTokens(client)).find((candidate) => candidate.slot === slot);
    if (token === undefined) throw new StrongroomError('token-absent', `"slot" ${slot} is not there any more`, { field: 'slot' });
    assertPinFits(soPin.expose(), token);
    assertPinFits(userPin.expose(), token);
    const made = await client.call('initToken', { slot, label, soPin: soPin.expose(), userPin: userPin.expose() });
    return tokenInfoOf(made, modulePath);
  }

  /** For what is done with its PINs. */
  at({ modulePath, label, serial, manufacturer }: TokenInfo): TokenAt {
    return { client: this.#client(modulePath), name: { label, serial, manufacturer } };
  }

  /** What is wrong with a module now, in words; nothing is asked of it. */
  troubleOf(modulePath: string): string | undefined {
    return this.#clients.get(modulePath)?.trouble;
  }

  /** Starts a module anew whose failures made it wait, or that was given up. @returns its tokens @throws `module-not-found`, and what its child throws */
  async restart(modulePath: string): Promise<readonly TokenInfo[]> {
    const client = this.#client(modulePath);
    client.startAnew();
    return await listTokens(client);
  }

  /** The last calls of a module, as text. @throws `module-not-found` */
  traceOf(modulePath: string): { readonly calls: number; readonly text: string } {
    const { trace } = this.#client(modulePath);
    return { calls: trace.length, text: trace.text() };
  }

  /** Logs out of all tokens and ends the children. */
  async close(): Promise<void> {
    this.watch.close();
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    this.#clients.clear();
    this.#providers.clear();
  }
}

async function inventoryOf(clients: readonly ModuleClient[]): Promise<Inventory> {
  const answers = await Promise.allSettled(clients.map((client) => listTokens(client)));
  return {
    tokens: answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])),
    failures: answers.flatMap((answer, index) =>
      answer.status === 'rejected' ? [{ modulePath: clients[index]?.module.path ?? '', error: answer.reason as unknown }] : [],
    ),
  };
}
