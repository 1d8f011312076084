/** The window's only way to the core: one function per method of the contract, over the bridge that the host put into the page. */
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { Progress } from '../../shared/ipc/contract.ts';
import type { ChosenFile, FileUse, WindowBridge, WindowEvent, WindowMethodName, WindowReply, WindowRequest } from '../../shared/ipc/windowContract.ts';

const bridge = (globalThis as unknown as { strongroom: WindowBridge }).strongroom;

/** What the core or its host refused, as it may be shown. */
export class Refused extends Error {
  readonly info: ErrorInfo;

  constructor(info: ErrorInfo) {
    super(info.message);
    this.name = 'Refused';
    this.info = info;
  }
}

const listeners = new Set<(event: WindowEvent) => void>();
bridge.onEvent((event) => {
  for (const listener of listeners) listener(event);
});

/** @returns a function that stops listening */
export function onEvent(listener: (event: WindowEvent) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

let lastCall = 0;

export interface CallControl {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

function unwrap<T>(answer: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorInfo }): T {
  if (!answer.ok) throw new Refused(answer.error);
  return answer.value;
}

/** @throws Refused */
export async function call<M extends WindowMethodName>(method: M, request: WindowRequest<M>, { signal, onProgress }: CallControl = {}): Promise<WindowReply<M>> {
  lastCall += 1;
  const name = String(lastCall);
  const stop = onProgress === undefined ? undefined : onEvent((event) => event.kind === 'progress' && event.call === name && onProgress(event.progress));
  const cancel = () => bridge.cancel(name);
  signal?.addEventListener('abort', cancel);
  try {
    const ask = bridge.methods[method] as (request: unknown, call: string) => Promise<Parameters<typeof unwrap<WindowReply<M>>>[0]>;
    return unwrap(await ask(request, name));
  } finally {
    stop?.();
    signal?.removeEventListener('abort', cancel);
  }
}

/** A grant for a file that was dropped on the window. @throws Refused */
export async function grantDropped(file: File, use: FileUse): Promise<ChosenFile> {
  return unwrap(await bridge.grantDropped(file, use));
}

/** Anything thrown, as it may be shown. */
export function infoOf(error: unknown): ErrorInfo {
  if (error instanceof Refused) return error.info;
  return { code: 'internal', message: 'something went wrong in this window', nextStep: 'close it and start Strongroom again; the vault is not affected', retryable: false };
}
