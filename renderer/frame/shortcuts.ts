/** Keys of the keyboard: letters act only outside fields, and never while a dialog is open. */
import { useEffect, useRef } from 'react';

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
