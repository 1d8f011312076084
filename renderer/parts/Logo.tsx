/** The mark of Strongroom. */
import type { ReactElement } from 'react';

export function Logo(): ReactElement {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="1.5" y="1.5" width="17" height="17" rx="1" fill="var(--accent-fill)" />
      <circle cx="10" cy="10" r="4.6" fill="none" stroke="var(--on-accent)" strokeWidth="1.7" />
      <path d="M10 10V3.2" stroke="var(--on-accent)" strokeWidth="1.7" />
    </svg>
  );
}
