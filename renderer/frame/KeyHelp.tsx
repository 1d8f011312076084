/** All keys of the keyboard, in a dialog: `?`. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { Dialog } from '../parts/Dialog.tsx';
import { inField, useKeys } from './shortcuts.ts';

const help: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'find a key or an action'],
  ['Ctrl L', 'lock'],
  ['Alt 1 … 6', 'go along the rail'],
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
