/** The whole core in a worker thread: the door on one side, every port as a message on the other. The only thread that loads SQLite and Argon2. */
import { parentPort, workerData } from 'node:worker_threads';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { MethodName, RequestInput } from '../../../shared/ipc/contract.ts';
import { shareNativeWork } from '../crypto/nativeWork.ts';
import { SecretBytes } from '../crypto/secretBytes.ts';
import type { ChildExit, ChildLauncher, ChildProcess } from '../ports/childLauncher.ts';
import { systemClock } from '../ports/clock.ts';
import { FileGrantTable } from '../ports/fileGrantTable.ts';
import type { Prompt } from '../ports/prompt.ts';
import { createCore } from './core.ts';
import { moved } from './workerMessages.ts';
import type { FromWorker, PromptMethod, PromptReply, ToWorker, WorkerStart } from './workerMessages.ts';

const { host, isolation, timeLimits, nativeWork } = workerData as WorkerStart;
shareNativeWork(nativeWork);

function send(message: FromWorker, secret?: Uint8Array): void {
  parentPort?.postMessage(message, moved(secret));
}

let lastId = 0;
const waiting = new Map<number, { readonly resolve: (reply: PromptReply) => void; readonly reject: (error: unknown) => void }>();

function ask(method: PromptMethod, question: unknown): Promise<PromptReply> {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    send({ kind: 'prompt', id, method, question });
  });
}

async function secret(method: PromptMethod, question: unknown): Promise<SecretBytes> {
  const { secret: bytes } = await ask(method, question);
  if (bytes === undefined) throw new StrongroomError('secret-unavailable', 'the prompt gave no secret', { nextStep: 'try again' });
  return SecretBytes.own(bytes);
}

const prompt: Prompt = {
  passphrase: (question) => secret('passphrase', question),
  newPassphrase: (question) => secret('newPassphrase', question),
  pin: (question) => secret('pin', question),
  newPin: (question) => secret('newPin', question),
  approve: async (confirmation) => {
    const { typed = '', secret: bytes } = await ask('approve', confirmation);
    return { typed, passphrase: bytes === undefined ? undefined : SecretBytes.own(bytes) };
  },
  confirm: async (confirmation) => (await ask('confirm', confirmation)).typed ?? '',
};

interface Listening {
  onFrame: (frame: Uint8Array) => void;
  onExit: (exit: ChildExit) => void;
}

const children = new Map<number, Listening>();

/** Children are started by the main thread, which relays their bytes: `utilityProcess` exists only there. */
const launcher: ChildLauncher = {
  isolation,
  launch: (options): ChildProcess => {
    const child = ++lastId;
    const listening: Listening = { onFrame: () => undefined, onExit: () => undefined };
    children.set(child, listening);
    send({ kind: 'launch', child, options });
    return {
      send: (frame) => {
        const copy = frame.slice(); // the caller wipes what it gave
        send({ kind: 'send', child, frame: copy }, copy);
      },
      onFrame: (listener) => {
        listening.onFrame = listener;
      },
      onExit: (listener) => {
        listening.onExit = listener;
      },
      kill: () => send({ kind: 'kill', child }),
    };
  },
};

const files = new FileGrantTable();
const core = createCore({ prompt, files, clock: systemClock, launcher, host, ...(timeLimits === undefined ? {} : { timeLimits }) });
const calls = new Map<number, AbortController>();

async function call(id: number, method: string, request: unknown): Promise<void> {
  const stop = new AbortController();
  calls.set(id, stop);
  const answer = await core.call(method as MethodName, request as RequestInput<MethodName>, { signal: stop.signal, onProgress: (progress) => send({ kind: 'progress', id, progress }) });
  calls.delete(id);
  send({ kind: 'answer', id, answer });
}

function grant(message: ToWorker & { kind: 'grant' }): string {
  const { grant: given } = message;
  return given.kind === 'read' ? files.read(given.path) : files.write(given.path, given.overwrite);
}

function prompted(message: ToWorker & { kind: 'prompted' }): void {
  const asked = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.ok) return asked?.resolve(message.reply);
  const { code, message: text, ...details } = message.error;
  asked?.reject(new StrongroomError(code, text, details));
}

function onMessage(message: ToWorker): void {
  switch (message.kind) {
    case 'call':
      return void call(message.id, message.method, message.request);
    case 'cancel':
      return calls.get(message.id)?.abort();
    case 'grant':
      return send({ kind: 'granted', id: message.id, grant: grant(message) });
    case 'prompted':
      return prompted(message);
    case 'frame':
      return children.get(message.child)?.onFrame(message.frame);
    case 'exit':
      children.get(message.child)?.onExit(message.exit);
      children.delete(message.child);
  }
}

parentPort?.on('message', onMessage);
