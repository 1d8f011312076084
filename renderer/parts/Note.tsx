/** Something to know, in a frame: plain, in ink for what needs somebody, in red for what destroys. */
import type { ReactElement, ReactNode } from 'react';

export function Note({ children, kind = '' }: { readonly children: ReactNode; readonly kind?: '' | 'ink' | 'bad' }): ReactElement {
  return (
    <div className={`note ${kind}`}>
      <div className="grow">{children}</div>
    </div>
  );
}
