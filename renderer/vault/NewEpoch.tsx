/** A new epoch on suspicion: when it is due, what it does, and what it cannot do. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Role } from '../../shared/model/terms.ts';
import { setAftermath } from '../client/aftermath.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Block } from '../parts/Block.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import { WorkProgress } from '../parts/WorkProgress.tsx';
import { many } from '../parts/text.ts';

export function NewEpoch({ role, why }: { readonly role: Role; readonly why: string | undefined }): ReactElement {
  const [asking, setAsking] = useState(false);
  return (
    <Block title="New epoch">
      <p>Begin one where the passphrase, the recovery sheet or a copy of the file may be in foreign hands.</p>
      <ul style={{ listStyle: 'disc', paddingLeft: 18 }} className="muted">
        <li>You get a new passphrase, and new keys of your own.</li>
        <li>Everything in the file is sealed anew: who knows the old passphrase cannot open what is written from now on.</li>
        <li>All other ways in are removed: make a new recovery sheet afterwards.</li>
        <li>Copies from before still open by the old ways: you get the list of software keys to rotate. Keys on tokens stay as they are.</li>
      </ul>
      <div><Act why={why ?? (role === 'officer' ? undefined : 'Only an officer begins a new epoch')} onClick={() => setAsking(true)}>Begin a new epoch…</Act></div>
      {asking ? <BeginEpoch onClose={() => setAsking(false)} /> : null}
    </Block>
  );
}

function BeginEpoch({ onClose }: { readonly onClose: () => void }): ReactElement {
  const work = useWork('Begin a new epoch');
  const begin = async () => {
    const done = await work.run((control) => call('vault.renew', {}, control));
    if (done === undefined) return;
    const removed = done.waysRemoved === 0 ? '' : ` ${many(done.waysRemoved, 'other way in was', 'other ways in were')} removed.`;
    setAftermath({ title: 'Since the new epoch', how: `Epoch ${done.epoch} has begun, log entry ${done.logEntry}.${removed}`, notes: [done.note], rotate: done.rotate });
    onClose();
  };
  return (
    <Dialog onClose={onClose} title="Begin a new epoch" busy={work.busy}>
      <div className="stack">
        {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="The vault is in the epoch it was in, and opens as before." />}
        <p>The prompt asks for your present passphrase, then for a new one. Everything is then sealed anew, in one step: after a power cut the vault is as before, or in the new epoch.</p>
        <Note>It cannot be taken back. Recovery sheets and other ways in are removed, and backups from before open by the old passphrase.</Note>
        <WorkProgress work={work} what="Sealing everything anew" />
        <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
          <Button onClick={onClose} disabled={work.busy} data-autofocus>Not now</Button>
          <Button variant="filled" loading={work.busy} onClick={() => void begin()}>Begin the new epoch</Button>
        </div>
      </div>
    </Dialog>
  );
}
