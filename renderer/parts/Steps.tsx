/** Where one is in a few steps. */
import type { ReactElement } from 'react';

export function Steps({ names, now }: { readonly names: readonly string[]; readonly now: number }): ReactElement {
  return (
    <ol className="steps" aria-label="Steps">
      {names.map((name, index) => (
        <li key={name} className={index < now ? 'done' : index === now ? 'now' : ''} aria-current={index === now ? 'step' : undefined}>
          <span className="n">{index < now ? '✓' : index + 1}</span>
          {name}
        </li>
      ))}
    </ol>
  );
}
