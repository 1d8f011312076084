/** A page: its title, what may be done, its content, its foot. */
import type { ReactElement, ReactNode } from 'react';

export interface PageProps {
  readonly title: ReactNode;
  readonly crumb?: ReactNode;
  readonly sub?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly foot?: ReactNode;
}

export function Page({ title, crumb, sub, actions, children, foot }: PageProps): ReactElement {
  return (
    <>
      <div className="page">
        <header className="head">
          <div>
            {crumb === undefined ? null : <div className="crumb">{crumb}</div>}
            <h1>{title}</h1>
            {sub === undefined ? null : <p className="sub">{sub}</p>}
          </div>
          {actions === undefined ? null : <div className="actions">{actions}</div>}
        </header>
        {children}
      </div>
      {foot === undefined ? null : <footer className="foot-bar">{foot}</footer>}
    </>
  );
}
