/** One copy of a key on another token: destroyed alone, while the key stays where it lives. Confirmed at the prompt. */
import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import type { KeyShown } from '../keys/KeyDetail.tsx';
import { Act } from '../parts/Act.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';

export function DestroyCopy({ copy: { key, version, place }, onClose }: { readonly copy: KeyShown['copies'][number]; readonly onClose: () => void }): ReactElement {
  const [reason, setReason] = useState('');
  const work = useWork(`Destroying a copy of ${key}`);
  const start = async () => {
    const done = await work.run(() => call('key.destroy', { key, version, copyOn: place.serial ?? place.name, reason: reason.trim() }));
    if (done !== undefined) onClose();
  };
  return (
    <Dialog title={`Destroy the copy on ${place.name}`} onClose={onClose} busy={work.busy}>
      <div className="stack">
        <p>The copy of version {version} of {key} on the token {place.name} is destroyed, and the token is searched again to prove it. The key itself stays as it is.</p>
        <Note kind="bad">Cannot be undone, but by another copy.</Note>
        {work.error === undefined ? null : <ErrorPanel error={work.error} />}
        <Textarea label="Why" description="Kept in the log" value={reason} maxLength={500} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
        <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
          <Button onClick={onClose} disabled={work.busy}>Not now</Button>
          <Act variant="filled" color="red" loading={work.busy} why={reason.trim() === '' ? 'Say why first: the rule asks for a reason.' : undefined} onClick={() => void start()}>Destroy the copy of {key}</Act>
        </div>
      </div>
    </Dialog>
  );
}
