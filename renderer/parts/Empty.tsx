/** What a page is for, while there is nothing on it, and the first action. */
import type { ReactElement, ReactNode } from 'react';

export function Empty({ title, children, action }: { readonly title: string; readonly children: ReactNode; readonly action?: ReactNode }): ReactElement {
  return (
    <div className="empty" style={{ display: 'flex', flexDirection: 'column', gap: 12, padding: 24 }}>
      <h2 style={{ fontSize: 20, lineHeight: '28px' }}>{title}</h2>
      <p className="lede">{children}</p>
      {action === undefined ? null : <div>{action}</div>}
    </div>
  );
}
