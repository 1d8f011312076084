/** What a new epoch left to do, shown until the vault locks: which keys to rotate, and what to remember. */
import { useSyncExternalStore } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { onForget } from './useAnswer.ts';

export interface SinceEpoch {
  /** What began it, in the past tense. */
  readonly how: string;
  readonly note: string;
  readonly rotate: WindowReply<'vault.renew'>['rotate'];
}

let since: SinceEpoch | undefined;
const watchers = new Set<() => void>();

export function setSinceEpoch(next: SinceEpoch | undefined): void {
  since = next;
  for (const watcher of watchers) watcher();
}

onForget(() => setSinceEpoch(undefined)); // SECURITY: names of keys do not outlive the open vault

export function useSinceEpoch(): SinceEpoch | undefined {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => since,
  );
}
