/**
 * The core's end of one module's child process. One call at a time; each has a time limit. A hang, a crash or a malformed answer costs the one
 * call: the process is ended, and the next call starts another (where the PIN is asked for again). One that does so again and again is started after
 * growing pauses, and then not any more.
 */
import { decodeReply, encodeRequest, replyIdOf } from '../../../pkcs11-wire/frame.ts';
import type { OperationName, ReplyOf, RequestOf } from '../../../pkcs11-wire/messages.ts';
import { isStrongroomError, StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { ChildExit, ChildLauncher, ChildProcess } from '../../ports/childLauncher.ts';
import type { Where } from './ckrDoctor.ts';
import { familyOf } from './moduleFamily.ts';
import { firstPause, ModuleHealth } from './moduleHealth.ts';
import { ModuleTrace } from './moduleTrace.ts';
import { errorOf } from './tokenRefusal.ts';
import type { ModuleEntry } from './tokenInfo.ts';

/** Milliseconds. */
export interface TimeLimits {
  /** Any one call of the module; default 30,000. A batch shows a sign of life now and then, each of which starts it anew. */
  readonly call?: number;
  /** From the start of the process to its loaded module; default 30,000. */
  readonly start?: number;
  /** The generation of a key or pair, and a PIN typed on the token's own pad; default 180,000. */
  readonly generate?: number;
  /** How long a close waits for the call under way, and then for the module's farewell; default 2,000. */
  readonly close?: number;
  /** Before the start that follows a second failure in a row; default 250, doubled with each further one. */
  readonly pause?: number;
}

const defaults = { call: 30_000, start: 30_000, generate: 180_000, close: 2_000, pause: firstPause };
const slow: readonly OperationName[] = ['generateSecret', 'generatePair', 'initToken', 'changePin', 'unblockPin', 'probeMake', 'probeCreate', 'createKey'];

/** A call that a child is busy with. */
interface Pending {
  readonly onFrame: (frame: Uint8Array) => void;
  readonly onExit: (exit: ChildExit) => void;
}

interface RunningChild {
  readonly process: ChildProcess;
  /** By the number of its request: one, and those that run aside. */
  readonly pending: Map<number, Pending>;
  gone: boolean;
  /** Somebody was logged in by it: its end asks for a PIN again. */
  loggedIn: boolean;
}

export class ModuleClient {
  readonly module: ModuleEntry;
  readonly trace = new ModuleTrace();
  readonly #launcher: ChildLauncher;
  readonly #limits: Required<TimeLimits>;
  readonly #health: ModuleHealth;
  #child: RunningChild | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** Calls that others do not wait for. */
  #aside: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #closed = false;

  constructor(module: ModuleEntry, launcher: ChildLauncher, limits: TimeLimits = {}) {
    this.module = module;
    this.#launcher = launcher;
    this.#limits = { ...defaults, ...limits };
    this.#health = new ModuleHealth(this.#limits.pause);
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** What is wrong with the module now, in words; undefined where nothing is. */
  get trouble(): string | undefined {
    return this.#health.trouble;
  }

  /** Forgets its failures: the next call starts it at once. A module that runs goes on. */
  startAnew(): void {
    this.#health.forget();
  }

  /**
   * Asks the child, when all earlier calls are done; those that run aside were begun by then. A PIN in `args` is borrowed.
   * @throws `token-timeout`, `module-crashed`, `module-malformed`, `module-given-up`, `module-changed`, `module-not-found`, `module-load-failed`, and what the operation throws
   */
  call<K extends OperationName>(operation: K, args: RequestOf<K>): Promise<ReplyOf<K>> {
    const asked = this.#last.then(async () => {
      if (!this.#closed && this.#child === undefined) await this.#health.readyToStart();
      if (this.#closed) throw new StrongroomError('cancelled', 'the module was closed before its turn came');
      const child = this.#child ?? (await this.#start());
      return { answer: this.#exchange(child, operation, args) };
    });
    const result = asked.then(({ answer }) => answer);
    const ended = result.catch(() => undefined); // a failed call does not hold up the next
    if ('aside' in args && args.aside === true) {
      this.#last = asked.catch(() => undefined);
      this.#aside = Promise.all([this.#aside, ended]);
    } else this.#last = ended;
    return result;
  }

  /** Ends a child that nothing depends on, so that the next call loads the module anew. @returns false where somebody is logged in, or a call is under way */
  refresh(): boolean {
    const child = this.#child;
    if (child === undefined) return true;
    if (child.loggedIn || child.pending.size > 0) return false;
    this.#end(child);
    return true;
  }

  /** Logs out and ends the child, gently and then surely: a call that hangs does not hold up a vault that locks. Calls whose turn has not come are cancelled. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#idle();
    const child = this.#child;
    if (child === undefined) return;
    try {
      if (child.pending.size === 0) await this.#exchange(child, 'close', {});
    } catch (error) {
      if (!isStrongroomError(error)) throw error; // it ends now in any case
    }
    this.#end(child);
  }

  /** Waits for the calls that are under way, for a while. */
  async #idle(): Promise<void> {
    let clock: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      clock = setTimeout(resolve, this.#limits.close);
    });
    await Promise.race([Promise.all([this.#last, this.#aside]), enough]);
    clearTimeout(clock);
  }

  async #start(): Promise<RunningChild> {
    const { path, sha256, ownerUid, libraryParameters, environment = {}, folders = [] } = this.module;
    const process = this.#launcher.launch({ modulePath: path, environment, folders });
    const child: RunningChild = { process, pending: new Map(), gone: false, loggedIn: false };
    this.#child = child;
    process.onFrame((frame) => this.#arrived(child, frame));
    process.onExit((exit) => this.#exited(child, exit));
    const owner = ownerUid === undefined ? {} : { owner: ownerUid };
    const parameters = libraryParameters === undefined ? {} : { libraryParameters };
    try {
      await this.#exchange(child, 'open', { path, sha256, ...owner, ...parameters });
    } catch (error) {
      this.#end(child); // a child whose module did not open serves nobody
      throw error;
    }
    return child;
  }

  #exited(child: RunningChild, exit: ChildExit): void {
    child.gone = true;
    const alone = this.#child === child && child.pending.size === 0;
    if (this.#child === child) this.#child = undefined;
    if (alone) this.#health.failed(undefined, crashed(undefined, exit)); // nobody asked it anything: nobody is told but who looks
    for (const pending of [...child.pending.values()]) pending.onExit(exit);
  }

  /** The only call that waits judges its answer; of several the one that it names. */
  #arrived(child: RunningChild, frame: Uint8Array): void {
    const [only] = child.pending.values();
    const pending = child.pending.size < 2 ? only : child.pending.get(replyIdOf(frame) ?? -1);
    if (pending === undefined) this.#unasked(child);
    else pending.onFrame(frame);
  }

  /** SECURITY: a process that speaks without being asked is not listened to again. */
  #unasked(child: RunningChild): void {
    this.#end(child);
    this.#health.failed(undefined, new StrongroomError('module-malformed', "the module's process answered what nobody had asked"));
  }

  #end(child: RunningChild): void {
    if (this.#child === child) this.#child = undefined;
    if (!child.gone) child.process.kill();
  }

  async #exchange<K extends OperationName>(child: RunningChild, operation: K, args: RequestOf<K>): Promise<ReplyOf<K>> {
    const id = this.#nextId;
    this.#nextId = (id % 0xffff_ffff) + 1;
    const request = encodeRequest(id, operation, args);
    const answer = this.#answer(child, this.#where(operation, args), id, this.#limitOf(operation, args));
    child.process.send(request);
    request.fill(0); // SECURITY: it may hold a PIN
    const reply = await answer;
    if (operation === 'login') child.loggedIn = true;
    return reply;
  }

  #limitOf<K extends OperationName>(operation: K, args: RequestOf<K>): number {
    if (operation === 'close') return this.#limits.close;
    if (operation === 'open') return this.#limits.start;
    const onPinPad = (operation === 'login' || operation === 'checkPin') ? !('pin' in args) : 'forOneUse' in args && args.forOneUse?.pin === undefined;
    return slow.includes(operation) || onPinPad ? this.#limits.generate : this.#limits.call;
  }

  /** What a CKR number of this call will be explained by. */
  #where<K extends OperationName>(operation: K, args: RequestOf<K>): Where & { readonly operation: K } {
    const manufacturer = 'token' in args ? args.token.manufacturer : undefined;
    return { operation, family: familyOf(this.module.path, manufacturer) };
  }

  /** The reply to one request, or the end of the child. */
  #answer<K extends OperationName>(child: RunningChild, where: Where & { readonly operation: K }, id: number, limit: number): Promise<ReplyOf<K>> {
    const { operation } = where;
    return new Promise((resolve, reject) => {
      const fail = (error: unknown, ends: boolean, told = false) => {
        settle();
        if (!told) this.trace.ended(operation, isStrongroomError(error) ? error.code : 'internal');
        if (ends) this.#end(child);
        reject(this.#health.failed(operation, error));
      };
      const startClock = () => setTimeout(() => fail(timedOut(operation, limit), true), limit);
      let clock = startClock();
      const settle = () => {
        clearTimeout(clock);
        child.pending.delete(id);
      };
      const onFrame = (frame: Uint8Array) => {
        try {
          const reply = decodeReply(frame, id, operation);
          if ('trace' in reply) this.trace.reply(operation, reply.trace);
          if ('err' in reply) {
            // A module that cannot tell its tokens any more does not find its way back when one was pulled and comes back: it is started anew.
            fail(errorOf(reply.err, where), reply.err.code === 'module-malformed' || operation === 'tokens', 'trace' in reply);
            return;
          }
          clearTimeout(clock);
          if ('done' in reply) {
            clock = startClock();
            return;
          }
          settle();
          this.#health.worked(operation);
          resolve(reply.ok);
        } catch (error) {
          fail(error, true); // SECURITY: a process that sends what is not of the protocol is not listened to again
        } finally {
          frame.fill(0); // SECURITY: it may hold a plaintext, of which the reply has its own copy
        }
      };
      child.pending.set(id, { onFrame, onExit: (exit) => fail(crashed(operation, exit), false) });
    });
  }
}

const oneOperation = 'the operation was not done, or its result is lost; the next one starts the module anew';

function timedOut(operation: string, limit: number): StrongroomError {
  const seconds = limit >= 1000 ? `${Math.round(limit / 1000)} s` : `${limit} ms`;
  return new StrongroomError('token-timeout', `the module did not answer "${operation}" within ${seconds} and was ended`, {
    nextStep: oneOperation,
    retryable: true,
  });
}

function crashed(operation: string | undefined, { code, signal }: ChildExit): StrongroomError {
  const how = signal === undefined ? `exit status ${code ?? 'unknown'}` : `signal ${signal}`;
  const when = operation === undefined ? 'between two calls' : `during "${operation}"`;
  return new StrongroomError('module-crashed', `the module's process ended ${when} (${how})`, { nextStep: oneOperation, retryable: true });
}
