/** A token as a way in: alone, or together with the passphrase. */
import { Button } from '@mantine/core';
import { IconDeviceUsb } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { at } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Choices } from '../parts/Choices.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';

const modes = [
  { value: 'both', title: 'Together with the passphrase', why: 'Both are needed: a copied file or a stolen token alone opens nothing.' },
  { value: 'token', title: 'By the token alone', why: 'Whoever has it and its PIN opens the vault.' },
] as const;
type Mode = (typeof modes)[number]['value'];

export function AddToken({ onClose, onAdded }: { readonly onClose: () => void; readonly onAdded: (told: string) => void }): ReactElement {
  const { value, error, loading } = useAnswer('token.list', {});
  const [token, setToken] = useState<string>();
  const [mode, setMode] = useState<Mode>('both');
  const work = useWork('Add a way in by a token');
  const tokens = value?.tokens.filter(({ initialized }) => initialized) ?? [];
  const add = async () => {
    if (token === undefined) return;
    const done = await work.run((control) => call('vault.addWay', { mode, token }, control));
    if (done === undefined) return;
    onAdded(`The token opens the vault from now on, log entry ${done.logEntry}: ${done.note}.`);
    onClose();
  };
  return (
    <Dialog onClose={onClose} title="Add a token as a way in" busy={work.busy}>
      <div className="stack">
        {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="The vault opens as before." />}
        {error === undefined ? null : <ErrorPanel error={error} />}
        <p className="muted">A key of its own is made on the token, which opens this vault and nothing else. The prompt asks for your passphrase, then for the PIN.</p>
        {loading ? <p className="small muted" role="status">Looking for tokens…</p> : null}
        {tokens.length === 0 ? null : <Choices label="Token" value={token} onChange={setToken} options={tokens.map(({ label, serial, present }) => ({ value: serial, title: `${label} (${serial})`, no: present ? undefined : 'It is absent: plug it in to choose it.', icon: <IconDeviceUsb size={18} aria-hidden="true" /> }))} />}
        <p className="small muted">A token is missing? <a href={at('tokens')}>Add the module of its vendor</a>.</p>
        <Choices label="How it opens" options={modes} value={mode} onChange={setMode} />
        <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
          <Button onClick={onClose} disabled={work.busy} data-autofocus>Not now</Button>
          <Act variant="filled" loading={work.busy} why={token === undefined ? 'Choose the token first' : undefined} onClick={() => void add()}>Add the token</Act>
        </div>
      </div>
    </Dialog>
  );
}
