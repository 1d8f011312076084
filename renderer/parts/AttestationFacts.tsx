/** What is shown of an attestation: the verdict and why, what the device says where it is believed, and what was not looked at. */
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { AttestationTag } from './AttestationTag.tsx';
import { sentence } from './ErrorPanel.tsx';
import { Facts } from './Facts.tsx';
import { grouped, moment } from './text.ts';

export function AttestationFacts({ found: { verdict, reason, facts, path, notChecked, from, at, fingerprint } }: { readonly found: WindowReply<'attestation.verify'> }): ReactElement {
  return (
    <div className="panel stack" style={{ padding: '12px 14px' }}>
      <div style={{ display: 'flex', gap: 12, alignItems: 'baseline' }}>
        <AttestationTag verdict={verdict} />
        <span style={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>{sentence(reason)}</span>
      </div>
      {path.length === 0 ? null : (
        <Facts
          rows={[
            facts.length === 0 ? undefined : ['The device says', facts.join(', ')],
            fingerprint === undefined ? undefined : ['SHA-256 (SPKI)', <span key="f" className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(fingerprint)}</span>],
            ['Path', <span key="p" style={{ overflowWrap: 'anywhere' }}>{path.join(' ← ')}</span>],
            ['Not looked at', notChecked.join('; ')],
            from === undefined || at === undefined ? undefined : ['Verified', `${moment(at)}, from ${from === 'token' ? 'the token' : 'files'}`],
          ]}
        />
      )}
    </div>
  );
}
