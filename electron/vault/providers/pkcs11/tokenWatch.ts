/**
 * Which tokens are there, looked at again and again. PKCS#11's own way (C_WaitForSlotEvent) blocks the one thread of a module's process, and
 * some modules lack it or lie: what the slots say now is asked instead, between the calls of others.
 */
import { setTimeout } from 'node:timers/promises';
import { encodeCanonical } from '../../crypto/canonicalCbor.ts';
import { toHex } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/hashes.ts';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { ModuleClient } from './moduleClient.ts';
import type { TokenInfo } from './tokenInfo.ts';
import { byName, WatchedModule } from './watchedModule.ts';

/** Milliseconds from one look to the next. */
const pause = 400;
/** States that a caller may still begin from. */
const remembered = 16;

interface Look {
  readonly tokens: readonly TokenInfo[];
  /** By module path. */
  readonly failures: ReadonlyMap<string, StrongroomError>;
}

export interface TokenChange {
  readonly what: 'plugged' | 'pulled' | 'changed' | 'failing' | 'answering';
  readonly modulePath: string;
  /** Not of a module that fails. */
  readonly token?: TokenInfo;
  /** Why a module fails. */
  readonly message?: string;
}

export interface Watched {
  /** For the next call: 64 hex digits. */
  readonly state: string;
  readonly changes: readonly TokenChange[];
}

function stateOf({ tokens, failures }: Look): string {
  const rows = [...[...byName(tokens)].map(([name, { flags }]) => `${name} ${flags.join(' ')}`), ...[...failures].map(([path, { code }]) => `${path} ${code}`)];
  return toHex(sha256(encodeCanonical(rows.sort())));
}

function changesBetween(before: Look, now: Look): readonly TokenChange[] {
  const [old, present] = [byName(before.tokens), byName(now.tokens)];
  const named = (what: TokenChange['what'], token: TokenInfo): TokenChange => ({ what, modulePath: token.modulePath, token });
  return [
    ...[...now.failures].flatMap(([modulePath, { message }]) => (before.failures.has(modulePath) ? [] : [{ what: 'failing' as const, modulePath, message }])),
    ...[...before.failures.keys()].flatMap((modulePath) => (now.failures.has(modulePath) ? [] : [{ what: 'answering' as const, modulePath }])),
    ...[...old].flatMap(([key, token]) => (present.has(key) ? [] : [named('pulled', token)])),
    ...[...present].flatMap(([key, token]) => {
      const was = old.get(key);
      if (was === undefined) return [named('plugged', token)];
      return was.flags.join(' ') === token.flags.join(' ') ? [] : [named('changed', token)];
    }),
  ];
}

export class TokenWatch {
  readonly #clients: () => readonly ModuleClient[];
  readonly #modules = new Map<ModuleClient, WatchedModule>();
  readonly #states = new Map<string, Look>();
  readonly #closing = new AbortController();

  constructor(clients: () => readonly ModuleClient[]) {
    this.#clients = clients;
  }

  /**
   * The changes since a state, as soon as there is one.
   * @param since a state of before; where it is not remembered any more, or none is given, the present one is the beginning
   * @param milliseconds how long to wait for a change
   * @throws `cancelled` where the modules are closed meanwhile
   */
  async wait(since: string | undefined, milliseconds: number, signal: AbortSignal): Promise<Watched> {
    const end = Date.now() + milliseconds;
    let look = await this.#look();
    const beginning = since === undefined ? undefined : this.#states.get(since);
    const before = beginning ?? look;
    const began = stateOf(before);
    const ends = AbortSignal.any([signal, this.#closing.signal]);
    while (stateOf(look) === began && Date.now() < end && !ends.aborted) {
      await setTimeout(Math.min(pause, end - Date.now()), undefined, { signal: ends }).catch(() => undefined);
      look = await this.#look();
    }
    this.#assertOpen();
    return { state: this.#remember(look), changes: changesBetween(before, look) };
  }

  /** Who waits hears that the modules are closed, not that every token is gone. */
  close(): void {
    this.#closing.abort();
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new StrongroomError('cancelled', 'the modules were closed meanwhile');
  }

  #remember(look: Look): string {
    const state = stateOf(look);
    this.#states.delete(state);
    this.#states.set(state, look);
    const [oldest] = this.#states.keys();
    if (this.#states.size > remembered && oldest !== undefined) this.#states.delete(oldest);
    return state;
  }

  async #look(): Promise<Look> {
    this.#assertOpen();
    const looks = await Promise.all(this.#clients().map(async (client) => [client.module.path, await this.#watched(client).look()] as const));
    const failures = looks.flatMap(([path, { error }]) => (error === undefined ? [] : [[path, error] as const]));
    return { tokens: looks.flatMap(([, { tokens }]) => tokens), failures: new Map(failures) };
  }

  #watched(client: ModuleClient): WatchedModule {
    const known = this.#modules.get(client) ?? new WatchedModule(client);
    this.#modules.set(client, known);
    return known;
  }
}
