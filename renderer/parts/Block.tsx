/** A titled part of a page. */
import type { ReactElement, ReactNode } from 'react';

export function Block({ title, aside, children }: { readonly title: string; readonly aside?: ReactNode; readonly children: ReactNode }): ReactElement {
  return (
    <section className="block" aria-label={title}>
      <div className="bh">
        <h2>{title}</h2>
        {aside === undefined ? null : <span className="r">{aside}</span>}
      </div>
      {children}
    </section>
  );
}
