/** A long list, narrowed by typing a part of a name; a short one as it is. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { count, many } from './text.ts';

/** As many rows as anybody looks through. */
const shownAtMost = 50;

export interface NarrowedProps<T> {
  readonly items: readonly T[];
  readonly nameOf: (item: T) => string;
  readonly children: (shown: readonly T[]) => ReactNode;
}

export function Narrowed<T>({ items, nameOf, children }: NarrowedProps<T>): ReactElement {
  const [typed, setTyped] = useState('');
  if (items.length <= shownAtMost) return <>{children(items)}</>;
  const wanted = typed.trim().toLowerCase();
  const fitting = items.filter((item) => nameOf(item).toLowerCase().includes(wanted));
  return (
    <div className="stack">
      <TextInput label="A part of its name" description={`${count(items.length)} can be chosen.`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      {children(fitting.slice(0, shownAtMost))}
      <p className="small muted" role="status">{fitting.length === 0 ? 'Nothing is named like that.' : fitting.length > shownAtMost ? `The first ${shownAtMost} of ${count(fitting.length)} are shown: type more of the name.` : `${many(fitting.length, 'name')} like that.`}</p>
    </div>
  );
}
