/** What the core says, kept while a page shows it, and asked anew after every change. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { WindowMethodName, WindowReply, WindowRequest } from '../../shared/ipc/windowContract.ts';
import { call, infoOf } from './vaultClient.ts';

let revision = 0;
const watchers = new Set<() => void>();

/** Something was changed: what is shown is asked anew. */
export function changed(): void {
  revision += 1;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

export interface Answered<T> {
  readonly value: T | undefined;
  readonly error: ErrorInfo | undefined;
  /** Asked and not answered; what was answered before is still there. */
  readonly loading: boolean;
  reload(): void;
}

/** @param request undefined: nothing is asked */
export function useAnswer<M extends WindowMethodName>(method: M, request: WindowRequest<M> | undefined): Answered<WindowReply<M>> {
  const seen = useSyncExternalStore(watch, () => revision);
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<Omit<Answered<WindowReply<M>>, 'reload'>>({ value: undefined, error: undefined, loading: request !== undefined });
  const asked = request === undefined ? undefined : JSON.stringify(request);
  const last = useRef(asked);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `seen` and `turn` say when to ask again
  useEffect(() => {
    if (asked === undefined) return;
    let stale = false;
    const before = last.current === asked ? undefined : { value: undefined };
    last.current = asked;
    setState((old) => ({ ...old, ...before, loading: true }));
    call(method, JSON.parse(asked) as WindowRequest<M>).then(
      (value) => stale || setState({ value, error: undefined, loading: false }),
      (error: unknown) => stale || setState((old) => ({ ...old, error: infoOf(error), loading: false })),
    );
    return () => {
      stale = true;
    };
  }, [method, asked, seen, turn]);
  return { ...state, reload: () => setTurn((old) => old + 1) };
}
