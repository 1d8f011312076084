/** A state as shape and word: silhouettes differ, colour only helps. */
import type { ReactElement } from 'react';
import type { KeyState } from '../../shared/model/terms.ts';
import { stateWords } from './text.ts';

const shapes: Readonly<Record<KeyState, ReactElement>> = {
  'pre-activation': <circle cx="7" cy="7" r="5" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.2 1.7" />,
  active: <circle cx="7" cy="7" r="5.6" fill="currentColor" />,
  suspended: (
    <>
      <circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M5.5 4.7v4.6M8.5 4.7v4.6" stroke="currentColor" strokeWidth="1.6" />
    </>
  ),
  deactivated: (
    <>
      <circle cx="7" cy="7" r="5.4" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M7 1.6a5.4 5.4 0 0 0 0 10.8z" fill="currentColor" />
    </>
  ),
  compromised: (
    <>
      <path d="M7 .8L13.6 13H.4z" fill="currentColor" />
      <path d="M7 5v4M7 10.5v1.2" stroke="var(--surface)" strokeWidth="1.5" />
    </>
  ),
  destroyed: (
    <>
      <rect x="1.7" y="1.7" width="10.6" height="10.6" rx="1.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M4.4 4.4l5.2 5.2M9.6 4.4L4.4 9.6" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
};

const manner: Readonly<Record<KeyState, string>> = { 'pre-activation': 'q', active: 'live', suspended: '', deactivated: 'q', compromised: 'bad', destroyed: 'q' };

export function StateMark({ state }: { readonly state: KeyState }): ReactElement {
  return (
    <span className={`state ${manner[state]}`}>
      <svg className="s" viewBox="0 0 14 14" aria-hidden="true">
        {shapes[state]}
      </svg>
      {stateWords[state]}
    </span>
  );
}
