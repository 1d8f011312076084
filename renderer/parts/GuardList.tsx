/** What attributes forbid, what a token stores and enforces of it, and who sees to it where the token does not. */
import { IconShield, IconShieldX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { sentence } from './ErrorPanel.tsx';

export type GuardView = WindowReply<'token.info'>['guards'][number];

const guardWords: Readonly<Record<GuardView['guardedBy'], string>> = {
  'token and Strongroom': 'the token, and Strongroom',
  token: 'the token',
  Strongroom: 'Strongroom alone',
  nobody: 'nobody: the token stores it and does otherwise',
  'not known': 'not known: it could not be tried',
};

export function GuardList({ guards }: { readonly guards: readonly GuardView[] }): ReactElement {
  return (
    <ul className="policy">
      {guards.map(({ guard, words, guardedBy }) => (
        <li key={guard}>
          {guardedBy === 'nobody' ? <IconShieldX size={16} aria-label="not guarded" /> : <IconShield size={16} aria-hidden="true" />}
          <span><b>{sentence(words)}</b> Guarded by {guardWords[guardedBy]}.</span>
        </li>
      ))}
    </ul>
  );
}

const yes = (value: boolean | undefined) => (value === undefined ? 'not tried' : value ? 'yes' : 'no');

/** Both columns: what it stores, and what it enforces. */
export function GuardTable({ guards }: { readonly guards: readonly GuardView[] }): ReactElement {
  return (
    <div className="t-edge">
      <table>
        <thead><tr><th>What is forbidden</th><th style={{ width: 84 }}>Stored</th><th style={{ width: 92 }}>Enforced</th><th style={{ width: 190 }}>Guarded by</th></tr></thead>
        <tbody>
          {guards.map(({ guard, words, attribute, stored, enforced, guardedBy }) => (
            <tr key={guard}>
              <td className="wraps">{sentence(words)}<span className="two-line small muted mono">{attribute}</span></td>
              <td>{yes(stored)}</td>
              <td>{enforced === false ? <span className="tag ink">no</span> : yes(enforced)}</td>
              <td className="wraps">{guardedBy}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
