/** A vault in three steps: where it is and whose, its passphrase, its first key. */
import { Button, TextInput } from '@mantine/core';
import { IconDeviceUsb, IconVault } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { nameFault } from '../../shared/validation/name.ts';
import { changed } from '../client/useAnswer.ts';
import { go } from '../client/route.ts';
import type { PageName } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { useWindow } from '../client/windowState.ts';
import { Choices } from '../parts/Choices.tsx';
import { Steps } from '../parts/Steps.tsx';
import type { Option } from '../parts/Choices.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';

type FirstKey = 'software' | 'token' | 'later';

const firstKeys: readonly Option<FirstKey>[] = [
  { value: 'software', title: 'A key in the vault', why: 'Sealed in the file, copied with each backup of it. Nothing else is needed.', icon: <IconVault size={18} aria-hidden="true" /> },
  { value: 'token', title: 'A key on a token', why: 'An HSM, a smart card or a USB token: the key is made inside and never leaves it. Next: choose the token.', icon: <IconDeviceUsb size={18} aria-hidden="true" /> },
  { value: 'later', title: 'No key yet', why: 'Look around first.' },
];

/** Where it goes on, once a recovery sheet was offered. */
const goesOn = { software: 'generate', token: 'tokens', later: 'overview' } as const satisfies Record<FirstKey, PageName>;

export function FirstRun({ onLeave }: { readonly onLeave: (() => void) | undefined }): ReactElement {
  const { host, refresh } = useWindow();
  const [person, setPerson] = useState('');
  const [first, setFirst] = useState<FirstKey>('software');
  const [step, setStep] = useState(0);
  const work = useWork();
  const fault = person === '' ? undefined : nameFault(person);
  const make = async () => {
    const made = await work.run(async () => {
      if (!host.sealed) await call('host.chooseSeal', {});
      const file = await call('host.chooseFile', { use: 'new-vault' });
      return await call('vault.create', { file: file.grant, person });
    });
    if (made === undefined) return;
    go('sheet', goesOn[first]);
    await refresh();
    changed();
  };
  return (
    <div style={{ width: 720, maxWidth: '100%' }}>
      <h1 style={{ fontSize: 28, lineHeight: '36px' }}>{onLeave === undefined ? 'Make your first vault' : 'Make a vault'}</h1>
      <p className="lede" style={{ marginBottom: 16 }}>
        A vault is one sealed file. It records every key you keep, on tokens or inside the file, from its first day to the proof that it is gone.
      </p>
      <div className="sheet" style={{ background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 12 }}>
        <div style={{ padding: '12px 18px', borderBottom: '1px solid var(--line)' }}>
          <Steps names={['Whose it is', 'First key', 'File and passphrase']} now={step} />
        </div>
        <div style={{ padding: 18, display: 'flex', flexDirection: 'column', gap: 12 }}>
          {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="No vault was made." />}
          {step === 0 ? (
            <TextInput label="Your name, as the log will have it" description="You are the first officer of the vault. The name is in every entry you sign." value={person} error={fault} onChange={(event) => setPerson(event.currentTarget.value)} data-autofocus />
          ) : null}
          {step === 1 ? <Choices label="Your first key" options={firstKeys} value={first} onChange={setFirst} /> : null}
          {step === 2 ? <WhatComes sealed={host.sealed} /> : null}
        </div>
        <div style={{ padding: '12px 18px', borderTop: '1px solid var(--line)', display: 'flex', gap: 8, alignItems: 'center' }}>
          <Button variant="subtle" color="gray" onClick={step === 0 ? onLeave : () => setStep(step - 1)} disabled={step === 0 && onLeave === undefined}>
            Back
          </Button>
          <span className="small muted" style={{ flex: 1 }}>
            {step < 2 ? 'Nothing is made until the last step' : ''}
          </span>
          {step < 2 ? (
            <Button variant="filled" onClick={() => setStep(step + 1)} disabled={person === '' || fault !== undefined}>
              Continue
            </Button>
          ) : (
            <Button variant="filled" loading={work.busy} onClick={make}>
              Make the vault
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

function WhatComes({ sealed }: { readonly sealed: boolean }): ReactElement {
  return (
    <div>
      <p className="lab">A separate window asks, in this order:</p>
      <ol style={{ listStyle: 'decimal', paddingLeft: 20, marginTop: 6 }} className="muted">
        {sealed ? null : <li>to choose your seal: a pattern and three words that only the real prompt can show;</li>}
        <li>where the file should be;</li>
        <li>for a passphrase of at least 12 characters. Six random words are good. Nobody can recover it for you, but a recovery sheet: it is offered next.</li>
      </ol>
    </div>
  );
}
