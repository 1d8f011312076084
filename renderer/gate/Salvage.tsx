/** A damaged vault: what still opens of it goes into a new one. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { nameFault } from '../../shared/validation/name.ts';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { setAftermath } from '../client/aftermath.ts';
import { go } from '../client/route.ts';
import { changed } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { useWindow } from '../client/windowState.ts';
import { Act } from '../parts/Act.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import { many } from '../parts/text.ts';

export interface SalvageProps {
  /** The name of the damaged file. */
  readonly name: string;
  /** A grant to read it, for one use. */
  readonly grantAnew: () => Promise<string>;
  readonly onClose: () => void;
}

function savedWords({ saved }: WindowReply<'vault.salvage'>): string {
  return `${many(saved.keys, 'key')} with ${many(saved.versions, 'version')} (key material of ${saved.materials}), ${many(saved.recipients, 'recipient')} and ${many(saved.distributions, 'distribution')} were saved into this new vault.`;
}

export function Salvage({ name, grantAnew, onClose }: SalvageProps): ReactElement {
  const { refresh } = useWindow();
  const work = useWork('Salvage a damaged vault');
  const [person, setPerson] = useState<string>();
  const salvage = async () => {
    const done = await work.run(async (control) => {
      const to = await call('host.chooseFile', { use: 'new-vault', name: `salvaged-${name}` });
      return await call('vault.salvage', { damaged: await grantAnew(), file: to.grant, ...(person === undefined || person === '' ? {} : { person }) }, control);
    });
    if (done === undefined) return;
    setAftermath({ title: 'Since the salvage', how: savedWords(done), notes: done.findings, losses: done.losses });
    go('vault');
    await refresh();
    changed();
  };
  const asksName = person !== undefined || work.error?.field === 'person';
  const fault = person === undefined || person === '' ? undefined : nameFault(person);
  return (
    <Dialog onClose={onClose} title={`Salvage what still opens of ${name}`} busy={work.busy}>
      <div className="stack">
        {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="The damaged file is as it was, and no new vault is left." />}
        <p>Every row and every key that still opens goes into a new vault; each loss is named. The damaged file stays as it is: keep it for an inquiry.</p>
        <Note>If there is a good backup, restore that instead: a salvaged vault begins a log of its own, and cannot vouch for what another program put into the file.</Note>
        {asksName ? <TextInput label="Your name, as the new log will have it" value={person ?? ''} error={fault} onChange={(event) => setPerson(event.currentTarget.value)} /> : null}
        <p className="small muted">The prompt asks where the new vault goes, for the passphrase of the damaged one, and for a new one.</p>
        <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
          <Button onClick={onClose} disabled={work.busy} data-autofocus>Not now</Button>
          <Act variant="filled" loading={work.busy} why={fault} onClick={() => void salvage()}>Salvage into a new vault…</Act>
        </div>
      </div>
    </Dialog>
  );
}
