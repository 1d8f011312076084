/** The main thread's end of a core that runs in a worker thread: the same door, and the ports that it fulfils by messages. */
import { Worker } from 'node:worker_threads';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Answer, MethodName, Progress, RequestInput } from '../../../shared/ipc/contract.ts';
import { NativeWork } from '../crypto/nativeWork.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import type { ChildLauncher, ChildProcess } from '../ports/childLauncher.ts';
import type { ReadGrant, WriteGrant } from '../ports/fileGrants.ts';
import type { HostFacts } from '../ports/hostFacts.ts';
import type { Prompt } from '../ports/prompt.ts';
import type { Ports } from '../services/workbench.ts';
import type { CallOptions, Core } from './core.ts';
import { toErrorInfo } from './toErrorInfo.ts';
import { moved } from './workerMessages.ts';
import type { FromWorker, PromptMethod, PromptReply, ToWorker, WorkerStart } from './workerMessages.ts';

export interface WorkerPorts {
  readonly prompt: Prompt;
  readonly launcher: ChildLauncher;
  readonly host: HostFacts;
  /** The worker's program, where a build has put it elsewhere. */
  readonly program?: URL;
  /** How long a module may take, as in `Ports`. */
  readonly timeLimits?: Ports['timeLimits'];
}

export interface WorkerCore extends Core {
  /** A grant for a file that a person chose: its id, good for one use. @throws `core-gone` */
  grant(grant: ReadGrant | WriteGrant): Promise<string>;
  /** Called once, when the thread has ended unasked. Every call that was under way is answered `core-gone`. */
  onGone(listener: () => void): void;
  /** Ends the thread whatever it does, except that a key derivation under way is let finish. */
  terminate(): Promise<void>;
}

const goneError = new StrongroomError('core-gone', 'the core of Strongroom has ended', { nextStep: 'close the window and start Strongroom again; what was committed is in the vault, and work that was interrupted is shown at the unlock' });
const gone = { ok: false, error: toErrorInfo(goneError) } as const;

interface Waiting {
  readonly resolve: (answer: Answer<MethodName>) => void;
  readonly onProgress: (progress: Progress) => void;
}

type Granted = PromiseWithResolvers<string>;

/** Bytes of their own, which can be moved to the other thread: the owner's are wiped. */
function movable(secret: SecretBytes): Uint8Array {
  const copy = secret.expose().slice();
  secret.wipe(); // SECURITY: the secret goes on in the core alone
  return copy;
}

async function askPrompt(prompt: Prompt, method: PromptMethod, question: unknown): Promise<PromptReply> {
  if (method === 'confirm') return { typed: await prompt.confirm(question as never) };
  if (method !== 'approve') return { secret: movable(await prompt[method](question as never)) };
  const { typed, passphrase } = await prompt.approve(question as never);
  return passphrase === undefined ? { typed } : { typed, secret: movable(passphrase) };
}

class RunningCore implements WorkerCore {
  readonly #worker: Worker;
  readonly #ports: WorkerPorts;
  readonly #calls = new Map<number, Waiting>();
  readonly #grants = new Map<number, Granted>();
  readonly #children = new Map<number, ChildProcess>();
  readonly #nativeWork = new NativeWork();
  #lastId = 0;
  #ended = false;
  #onGone: () => void = () => undefined;

  constructor(ports: WorkerPorts) {
    this.#ports = ports;
    const start: WorkerStart = { host: ports.host, isolation: ports.launcher.isolation, timeLimits: ports.timeLimits, nativeWork: this.#nativeWork.shared };
    this.#worker = new Worker(ports.program ?? new URL('./coreWorker.ts', import.meta.url), { workerData: start });
    this.#worker.on('message', (message: FromWorker) => this.#onMessage(message));
    this.#worker.on('error', () => undefined); // its end says enough, and its message might say too much
    this.#worker.on('exit', () => this.#end());
  }

  #send(message: ToWorker, secret?: Uint8Array): void {
    if (!this.#ended) this.#worker.postMessage(message, moved(secret));
  }

  call<M extends MethodName>(method: M, request: RequestInput<M>, { signal, onProgress = () => undefined }: CallOptions = {}): Promise<Answer<M>> {
    if (this.#ended) return Promise.resolve(gone);
    const id = ++this.#lastId;
    const onAbort = () => this.#send({ kind: 'cancel', id });
    return new Promise<Answer<M>>((resolve) => {
      const done = (answer: Answer<MethodName>) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(answer as Answer<M>);
      };
      try {
        this.#send({ kind: 'call', id, method, request });
      } catch (cause) {
        return done({ ok: false, error: toErrorInfo(new StrongroomError('request-invalid', 'the request expected plain data, got what cannot be sent', { cause })) });
      }
      this.#calls.set(id, { resolve: done, onProgress });
      signal?.addEventListener('abort', onAbort);
      if (signal?.aborted === true) onAbort();
    });
  }

  grant(grant: ReadGrant | WriteGrant): Promise<string> {
    if (this.#ended) return Promise.reject(goneError);
    const id = ++this.#lastId;
    const granted: Granted = Promise.withResolvers();
    this.#grants.set(id, granted);
    this.#send({ kind: 'grant', id, grant });
    return granted.promise;
  }

  onGone(listener: () => void): void {
    this.#onGone = listener;
  }

  async close(): Promise<void> {
    await this.call('vault.lock', {});
    this.#onGone = () => undefined;
    await this.terminate();
  }

  async terminate(): Promise<void> {
    if (this.#ended) return;
    await this.#nativeWork.over(); // or the native code would abort the whole process
    await this.#worker.terminate();
  }

  #end(): void {
    this.#ended = true;
    for (const { resolve } of this.#calls.values()) resolve(gone);
    this.#calls.clear();
    for (const { reject } of this.#grants.values()) reject(goneError);
    this.#grants.clear();
    for (const child of this.#children.values()) child.kill();
    this.#onGone();
  }

  #onMessage(message: FromWorker): void {
    switch (message.kind) {
      case 'answer':
        this.#calls.get(message.id)?.resolve(message.answer as Answer<MethodName>);
        this.#calls.delete(message.id);
        return;
      case 'progress':
        return this.#calls.get(message.id)?.onProgress(message.progress);
      case 'granted':
        this.#grants.get(message.id)?.resolve(message.grant);
        this.#grants.delete(message.id);
        return;
      case 'prompt':
        return void this.#prompt(message.id, message.method, message.question);
      case 'launch':
        return this.#launch(message.child, message.options);
      case 'send':
        this.#children.get(message.child)?.send(message.frame);
        message.frame.fill(0); // SECURITY: a frame may hold a PIN; `send` has copied it
        return;
      case 'kill':
        this.#children.get(message.child)?.kill();
    }
  }

  async #prompt(id: number, method: PromptMethod, question: unknown): Promise<void> {
    try {
      const reply = await askPrompt(this.#ports.prompt, method, question);
      this.#send({ kind: 'prompted', id, ok: true, reply }, reply.secret);
    } catch (error) {
      this.#send({ kind: 'prompted', id, ok: false, error: toErrorInfo(error) });
    }
  }

  #launch(child: number, options: Parameters<ChildLauncher['launch']>[0]): void {
    const process = this.#ports.launcher.launch(options);
    this.#children.set(child, process);
    process.onFrame((frame) => {
      const copy = frame.slice();
      frame.fill(0); // SECURITY: it may hold a plaintext
      this.#send({ kind: 'frame', child, frame: copy }, copy);
    });
    process.onExit((exit) => {
      this.#children.delete(child);
      this.#send({ kind: 'exit', child, exit });
    });
  }
}

/** Starts the core in a thread of its own: whatever it does, this thread goes on. */
export function runInWorker(ports: WorkerPorts): WorkerCore {
  return new RunningCore(ports);
}
