/** Names and values, one to a line; what is undefined is left out. */
import type { ReactElement, ReactNode } from 'react';

export function Facts({ rows }: { readonly rows: readonly (readonly [string, ReactNode] | undefined)[] }): ReactElement {
  return (
    <dl className="kv">
      {rows.map((row) =>
        row === undefined ? null : (
          <div key={row[0]} style={{ display: 'contents' }}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
