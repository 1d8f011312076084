/** What the core says, kept while it holds: several parts of the window share one answer, and all is asked anew after every change. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { WindowMethodName, WindowReply, WindowRequest } from '../../shared/ipc/windowContract.ts';
import { call, infoOf } from './vaultClient.ts';

let revision = 0;
/** Changes that concern one method alone. */
const turns = new Map<string, number>();
const watchers = new Set<() => void>();
/** The answers of this revision, by what was asked. */
const kept = new Map<string, Promise<unknown>>();

const forgetters: (() => void)[] = [];

/** What else is kept of an open vault, and goes with it. */
export function onForget(work: () => void): void {
  forgetters.push(work);
}

/** The vault is locked: no answer of it is kept. */
export function forget(): void {
  kept.clear(); // SECURITY: the names of a locked vault do not stay in the page
  for (const work of forgetters) work();
}

/** Something was changed: what is shown is asked anew. */
export function changed(): void {
  revision += 1;
  kept.clear();
  for (const watcher of watchers) watcher();
}

/** Something was changed that these methods alone tell: nothing else is asked again, and no PIN with it. */
export function changedFor(...methods: readonly WindowMethodName[]): void {
  for (const method of methods) {
    turns.set(method, (turns.get(method) ?? 0) + 1);
    for (const name of kept.keys()) if (name.startsWith(`${method} `)) kept.delete(name);
  }
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

/** Asks once for all who want the same; what was refused is not kept. @param request as JSON */
function ask<M extends WindowMethodName>(method: M, request: string): Promise<WindowReply<M>> {
  const name = `${method} ${request}`;
  const asked = kept.get(name) as Promise<WindowReply<M>> | undefined;
  if (asked !== undefined) return asked;
  const answer = call(method, JSON.parse(request) as WindowRequest<M>);
  kept.set(name, answer);
  answer.catch(() => kept.get(name) === answer && kept.delete(name));
  return answer;
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
  const seen = useSyncExternalStore(watch, () => revision + (turns.get(method) ?? 0));
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
    ask(method, asked).then(
      (value) => stale || setState({ value, error: undefined, loading: false }),
      (error: unknown) => stale || setState((old) => ({ ...old, error: infoOf(error), loading: false })),
    );
    return () => {
      stale = true;
    };
  }, [method, asked, seen, turn]);
  const reload = () => {
    kept.delete(`${method} ${asked}`);
    setTurn((old) => old + 1);
  };
  return { ...state, reload };
}
