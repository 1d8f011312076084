/** Keys of the keyboard: letters act only outside fields, and never while a dialog is open. */
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { Dialog } from '../parts/Dialog.tsx';

export function inField(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return event.ctrlKey || event.altKey || event.metaKey || target?.closest('input, textarea, select, [contenteditable], [role=dialog]') != null;
}

/** @param onKey false where the key is not its own */
export function useKeys(onKey: (event: KeyboardEvent) => unknown): void {
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (latest.current(event) !== false) event.preventDefault();
    };
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, []);
}

const help: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'find a key or an action'],
  ['Ctrl L', 'lock'],
  ['Alt 1 … 5', 'go along the rail'],
  ['/', 'filter the list'],
  ['↑ ↓', 'move'],
  ['Enter', 'open'],
  ['Space', 'select'],
  ['G', 'generate a key'],
  ['R', 'rotate the key'],
  ['D', 'distribute the key'],
  ['U', 'use the key'],
  ['P', 'proof of the entry'],
  ['Esc', 'back'],
  ['?', 'all keys'],
];

export function KeyHelp(): ReactElement | null {
  const [open, setOpen] = useState(false);
  useKeys((event) => !inField(event) && event.key === '?' ? setOpen(true) : false);
  if (!open) return null;
  return (
    <Dialog onClose={() => setOpen(false)} title="Keys of the keyboard">
      <dl className="kv">
        {help.map(([keys, what]) => (
          <div key={keys} style={{ display: 'contents' }}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
