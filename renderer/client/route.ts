/** Where the window is: a place in the address behind `#`, so that back and forward work and nothing is loaded. */
import { useSyncExternalStore } from 'react';

export const pages = ['overview', 'keys', 'key', 'generate', 'use', 'distribute', 'import', 'derive', 'recipients', 'tokens', 'log', 'vault', 'sheet', 'settings', 'record'] as const;
export type PageName = (typeof pages)[number];

export interface Place {
  readonly page: PageName;
  /** What the page is about: the name of a key, a tab. */
  readonly of: string | undefined;
  readonly more: string | undefined;
}

function read(): Place {
  const [page, of, more] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  const known = pages.find((name) => name === page) ?? 'overview';
  return { page: known, of: of || undefined, more: more || undefined };
}

let current = read();
const watchers = new Set<() => void>();
addEventListener('hashchange', () => {
  current = read();
  for (const watcher of watchers) watcher();
});

/** An address for a link. */
export function at(page: PageName, of?: string, more?: string): string {
  return `#/${[page, of, more].filter((part) => part !== undefined).map((part) => encodeURIComponent(part)).join('/')}`;
}

export function go(page: PageName, of?: string, more?: string): void {
  location.hash = at(page, of, more);
}

export function usePlace(): Place {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => current,
  );
}
