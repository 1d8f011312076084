/** What a recovery, a new epoch, a restore or a salvage left to do and to know, shown until the vault locks. */
import { useSyncExternalStore } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { onForget } from './useAnswer.ts';

export interface Aftermath {
  /** What was done. */
  readonly title: string;
  readonly how: string;
  readonly notes: readonly string[];
  /** Software keys that copies of the file from before hold. */
  readonly rotate?: WindowReply<'vault.renew'>['rotate'];
  /** What could not be saved, one line each. */
  readonly losses?: readonly string[];
}

let left: Aftermath | undefined;
const watchers = new Set<() => void>();

export function setAftermath(next: Aftermath | undefined): void {
  left = next;
  for (const watcher of watchers) watcher();
}

onForget(() => setAftermath(undefined)); // SECURITY: names of keys do not outlive the open vault

export function useAftermath(): Aftermath | undefined {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => left,
  );
}
