/** A backup becomes a vault again: checked by itself first, or restored as a new file. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ChosenFile, WindowReply } from '../../shared/ipc/windowContract.ts';
import { setAftermath } from '../client/aftermath.ts';
import { go } from '../client/route.ts';
import { changed } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { useWindow } from '../client/windowState.ts';
import { Act } from '../parts/Act.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { Note } from '../parts/Note.tsx';
import { many, moment } from '../parts/text.ts';

type Checked = WindowReply<'vault.backupCheck'>;

export function Restore({ onLeave }: { readonly onLeave: () => void }): ReactElement {
  const { refresh } = useWindow();
  const work = useWork('Restore a backup');
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [checked, setChecked] = useState<Checked>();
  const [file] = files;
  const check = async () => {
    if (file === undefined) return;
    setFiles([]);
    setChecked(await work.run((control) => call('vault.backupCheck', { backup: file.grant }, control)));
  };
  const restore = async () => {
    if (file === undefined) return;
    setChecked(undefined);
    const done = await work.run(async (control) => {
      const to = await call('host.chooseFile', { use: 'new-vault', name: 'restored.strongroom' });
      setFiles([]); // a grant is for one use
      return await call('vault.restore', { backup: file.grant, file: to.grant }, control);
    });
    if (done === undefined) return;
    setAftermath({ title: 'Since the restore', how: `The backup of ${moment(done.backup.takenAt)} was restored, and epoch ${done.epoch} has begun, log entry ${done.logEntry}.`, notes: done.findings });
    go('vault');
    await refresh();
    changed();
  };
  const why = file === undefined ? 'Choose the backup first' : undefined;
  return (
    <div className="card">
      <div className="sheet">
        <div className="pad" style={{ borderBottom: '1px solid var(--line)', gap: 2 }}>
          <span className="small muted">After a loss</span>
          <h1>Restore a backup</h1>
        </div>
        <div className="pad">
          {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="The backup is as it was, and no vault was made of it." />}
          {checked === undefined ? null : <CheckedNote {...checked} />}
          <FileDrop label="The backup" use="backup" files={files} onFiles={setFiles} />
          <WhatRestoreDoes />
          <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
            <Act variant="filled" style={{ flex: 1 }} why={why} loading={work.busy} onClick={() => void restore()}>Restore as a new vault…</Act>
            <Act why={why} loading={work.busy} onClick={() => void check()}>Check it first</Act>
          </div>
        </div>
        <div className="gate-foot"><Button variant="subtle" color="gray" px={8} disabled={work.busy} onClick={onLeave}>Back</Button></div>
      </div>
    </div>
  );
}

function WhatRestoreDoes(): ReactElement {
  return (
    <ul style={{ listStyle: 'disc', paddingLeft: 18 }} className="small muted">
      <li>It becomes a new file; no file is overwritten.</li>
      <li>It opens by the passphrase that the vault had when the backup was made.</li>
      <li>A new epoch begins, so that the log tells this vault from the one that was lost.</li>
      <li>This computer takes it for the vault from then on: the other file is only read here, unless you take it back.</li>
      <li>What was done after the backup is not in it.</li>
    </ul>
  );
}

function CheckedNote({ backup, keys, entries, findings }: Checked): ReactElement {
  return (
    <Note kind="ink">
      <p role="status"><b>The backup is whole</b>: {moment(backup.takenAt)}, {many(keys, 'key')}, {many(entries, 'log entry', 'log entries')}. Choose it again to restore it: a choice is for one use.</p>
      {findings.map((line) => <p key={line} className="small muted">{sentence(line)}</p>)}
    </Note>
  );
}
