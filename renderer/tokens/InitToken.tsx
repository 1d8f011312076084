/** Initialises the token in a slot. What is on it is wiped: the prompt says so, and asks for the new label and the PINs. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { nameFault, utf8Length } from '../../shared/validation/name.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import type { TokenView } from './TokensPage.tsx';

/** CK_TOKEN_INFO.label, PKCS#11 v2.40 §3.3. */
const labelBytes = 32;

export function InitToken({ token }: { readonly token: TokenView }): ReactElement {
  const [label, setLabel] = useState('');
  const work = useWork();
  const fault = label === '' ? undefined : utf8Length(label) > labelBytes ? `a label has at most ${labelBytes} bytes` : nameFault(label);
  const ready = label !== '' && fault === undefined;
  const init = () => work.run(() => call('token.init', { module: token.modulePath, slot: token.slot, label }));
  return (
    <div style={{ maxWidth: 440, display: 'flex', flexDirection: 'column', gap: 12 }}>
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      <TextInput label="New label" value={label} error={fault} onChange={(event) => setLabel(event.currentTarget.value)} />
      <div>
        <Act variant="filled" {...(token.initialized ? { color: 'red' } : {})} loading={work.busy} why={ready ? undefined : 'Give it a label first'} onClick={() => void init()}>
          {token.initialized ? 'Wipe and initialise' : 'Initialise'} {label}
        </Act>
      </div>
    </div>
  );
}
