/** One module as it is looked at again and again: a look costs little, and a start of its process is not repeated with every look. */
import { isStrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { ModuleClient } from './moduleClient.ts';
import { familyFacts, familyOf } from './moduleFamily.ts';
import type { TokenInfo } from './tokenInfo.ts';
import { listTokens } from './tokenInventory.ts';

/** Milliseconds until its process is started for another look: the first time, and at most where it fails, or lacks a token. */
const [firstRetry, failingRetry, lackingRetry] = [1000, 30_000, 5000];
/** Milliseconds for which a token that is gone is looked for by starting the process anew. */
const lookedFor = 600_000;

export interface ModuleLook {
  readonly tokens: readonly TokenInfo[];
  readonly error: StrongroomError | undefined;
}

/** By what a token is called: its slot's number changes when others come and go. Of several that are called the same, or not yet at all, each by its turn. */
export function byName(tokens: readonly TokenInfo[]): ReadonlyMap<string, TokenInfo> {
  const named = new Map<string, TokenInfo>();
  for (const token of tokens) {
    const name = JSON.stringify([token.modulePath, token.label, token.serial, token.manufacturer, token.flags.includes('token-initialized')]);
    let turn = 0;
    while (named.has(`${name} ${turn}`)) turn += 1;
    named.set(`${name} ${turn}`, token);
  }
  return named;
}

export class WatchedModule {
  readonly #client: ModuleClient;
  /** Whether only a new process of it sees a token that is back. */
  readonly #looksOnce: boolean;
  /** When each token was seen last, by its name. */
  readonly #seen = new Map<string, number>();
  #last: ModuleLook = { tokens: [], error: undefined };
  #retry = 0;
  #retryAt = 0;

  constructor(client: ModuleClient) {
    this.#client = client;
    this.#looksOnce = familyFacts(familyOf(client.module.path)).looksOnce === true;
  }

  /** @throws `cancelled` where the modules are closed meanwhile */
  async look(): Promise<ModuleLook> {
    const isDue = Date.now() >= this.#retryAt;
    if (!isDue && this.#last.error !== undefined && !this.#client.isRunning) return this.#last;
    if (isDue && this.#looksOnce && this.#lacks()) this.#client.refresh();
    this.#last = await this.#ask();
    this.#plan(isDue);
    return this.#last;
  }

  /** When its process may be started again for a look. */
  #plan(isDue: boolean): void {
    const most = this.#last.error !== undefined ? failingRetry : this.#lacks() ? lackingRetry : 0;
    if (most > 0 && !isDue) return;
    this.#retry = Math.min(Math.max(this.#retry * 2, firstRetry), most);
    this.#retryAt = Date.now() + this.#retry;
  }

  async #ask(): Promise<ModuleLook> {
    try {
      const tokens = await listTokens(this.#client);
      for (const name of byName(tokens).keys()) this.#seen.set(name, Date.now());
      return { tokens, error: undefined };
    } catch (error) {
      if (!isStrongroomError(error) || error.code === 'cancelled') throw error;
      return { tokens: [], error };
    }
  }

  #lacks(): boolean {
    const there = byName(this.#last.tokens);
    return [...this.#seen].some(([name, at]) => !there.has(name) && Date.now() - at < lookedFor);
  }
}
