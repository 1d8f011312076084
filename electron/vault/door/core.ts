/** The core's one door: every host calls methods of the contract here, and nothing else. */
import { contract } from '../../../shared/ipc/contract.ts';
import type { Answer, MethodName, Progress, RequestInput } from '../../../shared/ipc/contract.ts';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Ports } from '../services/workbench.ts';
import { callMethod } from './callMethod.ts';
import type { LockedContext } from './handlers.ts';
import type { Run } from './run.ts';
import { toErrorInfo } from './toErrorInfo.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Core {
  /** Answers every request, also a hostile one: with a value, or with an error of a code that the method declares. Never rejects. */
  call<M extends MethodName>(method: M, request: RequestInput<M>, options?: CallOptions): Promise<Answer<M>>;
  /** Locks the vault and ends every child. */
  close(): Promise<void>;
}

function isMethod(name: unknown): name is MethodName {
  return typeof name === 'string' && Object.hasOwn(contract, name);
}

export function createCore(ports: Ports): Core {
  const context: LockedContext = { ports, bench: undefined, locks: 0 };
  let turn: Promise<unknown> = Promise.resolve();
  /** What changes or uses something waits its turn; what only reads, and a lock, do not. */
  const inTurn = <T>(method: MethodName, work: () => Promise<T>): Promise<T> => {
    if (contract[method].access === 'read' && method !== 'vault.unlock' && method !== 'vault.check') return work();
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const call: Core['call'] = async (method, request, { signal, onProgress } = {}) => {
    const run: Run = { signal: signal ?? new AbortController().signal, progress: onProgress ?? (() => undefined) };
    try {
      if (!isMethod(method)) throw new StrongroomError('request-invalid', '"method" expected one of the contract, got another');
      return { ok: true, value: await inTurn(method, () => callMethod(context, method, request, run)) };
    } catch (error) {
      return { ok: false, error: toErrorInfo(error) };
    }
  };
  return { call, close: async () => void (await call('vault.lock', {})) };
}
