/** One piece of work that a person started: its progress, its end, its cancellation. It goes on when its page is left, and is then shown in the frame. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
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

/** Work whose page was left. */
export interface LeftWork {
  readonly id: number;
  readonly what: string;
  readonly progress: Progress | undefined;
  /** Undefined while it runs. */
  readonly ended: { readonly error: ErrorInfo | undefined } | undefined;
  cancel(): void;
}

let left: readonly LeftWork[] = [];
const watchers = new Set<() => void>();

function setLeft(next: readonly LeftWork[]): void {
  left = next;
  for (const watcher of watchers) watcher();
}

function changeLeft(id: number, change: Partial<LeftWork>): void {
  setLeft(left.map((work) => (work.id === id ? { ...work, ...change } : work)));
}

export function useLeftWork(): readonly LeftWork[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => left,
  );
}

export function dismissLeftWork(id: number): void {
  setLeft(left.filter((work) => work.id !== id));
}

let lastId = 0;

/** Where the work is shown: on its page, or, once that was left, in the frame. */
interface Running {
  readonly id: number;
  readonly stop: AbortController;
  progress: Progress | undefined;
  isLeft: boolean;
}

/** @param what what the work is, for the frame, once its page was left */
export function useWork(what = 'Work under way'): Work {
  const [busy, setBusy] = useState(false);
  const [progress, setProgress] = useState<Progress>();
  const [error, setError] = useState<ErrorInfo>();
  const running = useRef<Running>(undefined);
  const title = useRef(what);
  title.current = what;
  useEffect(
    () => () => {
      const work = running.current;
      if (work === undefined) return;
      work.isLeft = true;
      setLeft([...left, { id: work.id, what: title.current, progress: work.progress, ended: undefined, cancel: () => work.stop.abort() }]);
    },
    [],
  );
  const run: Work['run'] = async (work) => {
    lastId += 1;
    const mine: Running = { id: lastId, stop: new AbortController(), progress: undefined, isLeft: false };
    running.current = mine;
    setBusy(true);
    setError(undefined);
    setProgress(undefined);
    const onProgress = (told: Progress) => {
      mine.progress = told;
      if (mine.isLeft) changeLeft(mine.id, { progress: told });
      else setProgress(told);
    };
    try {
      const value = await work({ signal: mine.stop.signal, onProgress });
      if (mine.isLeft) changeLeft(mine.id, { ended: { error: undefined } });
      return value;
    } catch (thrown) {
      const info = infoOf(thrown);
      if (mine.isLeft) changeLeft(mine.id, { ended: { error: info } });
      else setError(info);
      return undefined;
    } finally {
      if (running.current === mine) running.current = undefined;
      setBusy(false);
      changed();
    }
  };
  return { busy, progress, error, run, cancel: () => running.current?.stop.abort(), clear: () => setError(undefined) };
}
