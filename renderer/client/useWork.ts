/** One piece of work that a person started: its progress, its end, its cancellation. It goes on when the page is left. */
import { useState } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { Progress } from '../../shared/ipc/contract.ts';
import { changed } from './useAnswer.ts';
import { infoOf } from './vaultClient.ts';
import type { CallControl } from './vaultClient.ts';

export interface Work {
  readonly busy: boolean;
  readonly progress: Progress | undefined;
  readonly error: ErrorInfo | undefined;
  /** Runs it; undefined where it was refused, which is then shown. */
  run<T>(work: (control: CallControl) => Promise<T>): Promise<T | undefined>;
  cancel(): void;
  clear(): void;
}

export function useWork(): Work {
  const [busy, setBusy] = useState(false);
  const [progress, setProgress] = useState<Progress>();
  const [error, setError] = useState<ErrorInfo>();
  const [stop, setStop] = useState<AbortController>();
  const run: Work['run'] = async (work) => {
    const controller = new AbortController();
    setStop(controller);
    setBusy(true);
    setError(undefined);
    setProgress(undefined);
    try {
      return await work({ signal: controller.signal, onProgress: setProgress });
    } catch (thrown) {
      setError(infoOf(thrown));
      return undefined;
    } finally {
      setBusy(false);
      changed();
    }
  };
  return { busy, progress, error, run, cancel: () => stop?.abort(), clear: () => setError(undefined) };
}
