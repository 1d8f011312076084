/**
 * What a window may ask, and the answer. The renderer is taken to be hostile: every name, shape, size and number of calls is checked here,
 * and what it gets holds no secret.
 */
import { basename, dirname } from 'node:path';
import { refusal, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { contract } from '../../../shared/ipc/contract.ts';
import type { MethodName, Progress } from '../../../shared/ipc/contract.ts';
import { hostMethods } from '../../../shared/ipc/windowContract.ts';
import type { FileUse, HostMethodName, HostState, WindowEvent, WindowReply, WindowRequest } from '../../../shared/ipc/windowContract.ts';
import { fileUses } from '../../../shared/ipc/windowContract.ts';
import { toErrorInfo } from '../../vault/index.ts';
import type { WorkerCore } from '../../vault/index.ts';
import type { FileDesk } from './fileDesk.ts';
import type { SettingsFile } from './settingsFile.ts';

/** SECURITY: a renderer that floods is answered with refusals, and the core hears nothing of it. */
export const limits = { pendingCalls: 64, requestCharacters: 256 * 1024, callName: 64 } as const;

export type AnyAnswer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ReturnType<typeof toErrorInfo> };

export interface RouterParts {
  readonly core: WorkerCore;
  readonly files: FileDesk;
  readonly settings: SettingsFile;
  readonly about: Pick<HostState, 'host' | 'evaluation' | 'version'>;
  /** Of the modules that the product knows by name. */
  readonly modulePaths: ReadonlySet<string>;
  readonly isThere: (path: string) => boolean;
  readonly chooseSeal: () => Promise<void>;
  readonly emit: (event: WindowEvent) => void;
  /** The window listed tokens: it wants to know when one comes or goes. */
  readonly onTokens: () => void;
  /** A prompt that is open when the vault is locked is closed. */
  readonly onLock: () => void;
  readonly now: () => number;
  /** Whether the prompt is open. */
  readonly isAsking: () => boolean;
}

function isCore(method: unknown): method is MethodName {
  return typeof method === 'string' && Object.hasOwn(contract, method);
}

function isHost(method: unknown): method is HostMethodName {
  return typeof method === 'string' && Object.hasOwn(hostMethods, method);
}

/** Methods after which the vault of their `file` is open. */
const leavesOpen: readonly MethodName[] = ['vault.unlock', 'vault.create', 'vault.recover', 'vault.restore', 'vault.salvage'];

/** How long a request is when it is sent; what is not plain data has no length that we would allow. */
function charactersOf(request: unknown): number {
  try {
    return (JSON.stringify(request) ?? '').length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

export class WindowRouter {
  readonly #parts: RouterParts;
  readonly #calls = new Map<string, AbortController>();
  #pending = 0;
  #busy = 0;
  #lastInput: number;
  #isOpen = false;
  /** The path of the vault that is open, where the host knows it. */
  #vault: string | undefined;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#lastInput = parts.now();
  }

  /** Milliseconds since somebody was last at the window; none while work is under way, unless it waits for a person: a prompt that is left open locks too. */
  idleFor(): number {
    return this.#busy > 0 && !this.#parts.isAsking() ? 0 : this.#parts.now() - this.#lastInput;
  }

  get vaultIsOpen(): boolean {
    return this.#isOpen;
  }

  /** Answers whatever was asked. Never rejects. */
  async call(method: unknown, request: unknown, call: unknown): Promise<AnyAnswer> {
    return await this.#counted(() => this.#answer(method, request, call));
  }

  /** Never rejects. */
  async #counted(work: () => Promise<AnyAnswer>): Promise<AnyAnswer> {
    if (this.#pending >= limits.pendingCalls) return { ok: false, error: toErrorInfo(refusal('WINDOW-1', 'too many calls are under way', 'wait for their answers')) };
    this.#pending += 1;
    try {
      return await work();
    } catch (error) {
      return { ok: false, error: toErrorInfo(error) };
    } finally {
      this.#pending -= 1;
    }
  }

  async #answer(method: unknown, request: unknown, call: unknown): Promise<AnyAnswer> {
    if (typeof call !== 'string' || call === '' || call.length > limits.callName) throw new StrongroomError('request-invalid', `"call" expected 1..${limits.callName} characters`);
    if (charactersOf(request) > limits.requestCharacters) throw new StrongroomError('request-invalid', `the request expected at most ${limits.requestCharacters} characters`);
    if (isHost(method)) return { ok: true, value: await this.#host(method, request) };
    if (isCore(method)) return await this.#core(method, request, call);
    throw new StrongroomError('request-invalid', '"method" expected one of the contract, got another');
  }

  cancel(call: unknown): void {
    if (typeof call === 'string') this.#calls.get(call)?.abort();
  }

  async #core(method: MethodName, request: unknown, call: string): Promise<AnyAnswer> {
    if (this.#calls.has(call)) throw new StrongroomError('request-invalid', '"call" names one that is under way');
    const stop = new AbortController();
    this.#calls.set(call, stop);
    this.#busy += 1;
    try {
      const onProgress = (progress: Progress) => this.#parts.emit({ kind: 'progress', call, progress });
      const answer = await this.#parts.core.call(method, request as never, { signal: stop.signal, onProgress });
      if (answer.ok) this.#after(method, request);
      return answer as AnyAnswer;
    } finally {
      this.#calls.delete(call);
      this.#busy -= 1;
      this.#lastInput = this.#parts.now();
    }
  }

  /** What the host notes of a call that went well. */
  #after(method: MethodName, request: unknown): void {
    if (method === 'vault.lock') this.#locked();
    if (method === 'token.list') this.#parts.onTokens();
    if (!leavesOpen.includes(method)) return;
    const path = this.#parts.files.vaultPath((request as { file?: unknown }).file);
    this.#isOpen = true; // SECURITY: however its file was named: the locks that come by themselves must find it open
    if (path === undefined) return;
    this.#vault = path;
    this.#parts.settings.remember(path, this.#parts.now());
  }

  #locked(): void {
    this.#isOpen = false;
    this.#vault = undefined;
    this.#parts.files.forgetChosen(); // SECURITY: what was chosen for one open vault is not read for the next
    this.#parts.onLock();
  }

  /** Locks by itself: nobody is there, or the machine slept. */
  async lock(why: string): Promise<void> {
    if (!this.#isOpen) return;
    await this.#parts.core.call('vault.lock', {});
    this.#locked();
    this.#parts.emit({ kind: 'locked', why });
  }

  async #host<M extends HostMethodName>(method: M, raw: unknown): Promise<WindowReply<M>> {
    const parsed = hostMethods[method].request.safeParse(raw);
    if (!parsed.success) throw new StrongroomError('request-invalid', `the request of "${method}" is malformed: "${parsed.error.issues[0]?.path.join('.') ?? ''}"`);
    const answer = this.#hostHandlers[method] as (request: unknown) => Promise<WindowReply<M>> | WindowReply<M>;
    return await answer(parsed.data);
  }

  readonly #hostHandlers: { readonly [M in HostMethodName]: (request: WindowRequest<M>) => Promise<WindowReply<M>> | WindowReply<M> } = {
    'host.state': () => this.#state(),
    'host.chooseFile': ({ use, name }) => this.#parts.files.choose(use, name),
    'host.grantAgain': ({ grant }) => this.#parts.files.again(grant),
    'host.openRecent': ({ id }) => this.#parts.files.grant(this.#recent(id), 'open-vault', false),
    'host.forgetRecent': ({ id }) => {
      this.#recent(id);
      this.#parts.settings.forget(id);
      return {};
    },
    'host.knownModule': ({ path }) => {
      // SECURITY: a module is one that the product knows and that is here, never a path of the window's
      if (!this.#parts.modulePaths.has(path) || !this.#parts.isThere(path)) throw new StrongroomError('not-found', 'no such module is known on this machine', { field: 'path', nextStep: 'choose its file' });
      return this.#parts.files.grant(path, 'module', false);
    },
    'host.saveSettings': ({ settings }) => {
      this.#parts.settings.saveSettings(settings);
      return this.#state();
    },
    'host.chooseSeal': async () => {
      await this.#parts.chooseSeal();
      return {};
    },
    'host.active': () => {
      this.#lastInput = this.#parts.now();
      return {};
    },
  };

  #recent(id: string): string {
    const path = this.#parts.settings.recentPath(id);
    if (path === undefined) throw new StrongroomError('not-found', 'no such vault was opened here', { field: 'id', nextStep: 'open its file' });
    return path;
  }

  #state(): HostState {
    const { settings, about } = this.#parts;
    const vault = this.#vault === undefined ? {} : { vault: { name: basename(this.#vault), folder: dirname(this.#vault) } };
    return { ...about, settings: settings.settings, recent: settings.recent(), sealed: settings.seal !== undefined, ...vault };
  }

  /** A grant for a dropped file. @param path how to learn it from the host's browser, not the page; it counts as part of the call */
  async dropped(path: () => Promise<string | undefined>, use: unknown): Promise<AnyAnswer> {
    return await this.#counted(async () => {
      if (typeof use !== 'string' || !Object.hasOwn(fileUses, use)) throw new StrongroomError('request-invalid', '"use" expected one of the contract, got another');
      return { ok: true, value: await this.#parts.files.dropped(await path(), use as FileUse) };
    });
  }
}
