/** A person's keys of this vault as a file: taken out for another seat, and taken back in. */
import { IconFileExport } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { Note } from '../parts/Note.tsx';
import { grouped } from '../parts/text.ts';

export function IdentityFile({ why }: { readonly why: string | undefined }): ReactElement {
  return (
    <Block title="Identity file">
      <p className="muted">Your own keys of this vault (the ones that sign the log and open what is sealed to you), sealed under your passphrase. They open nothing without it. A new epoch makes older identity files worthless.</p>
      <div className="two">
        <ExportIdentity why={why} />
        <ImportIdentity why={why} />
      </div>
    </Block>
  );
}

function ExportIdentity({ why }: { readonly why: string | undefined }): ReactElement {
  const work = useWork('Export the identity');
  const [told, setTold] = useState<ReactElement>();
  const write = async () => {
    const done = await work.run(async () => {
      const file = await call('host.chooseFile', { use: 'export-identity', name: 'identity.strongroom-id' });
      return { file, ...(await call('identity.export', { out: file.grant })) };
    });
    if (done === undefined) return;
    setTold(<><p role="status"><b>{done.file.name}</b> is written, log entry {done.logEntry}. {sentence(done.note)}</p><p className="mono small" style={{ overflowWrap: 'anywhere' }}>SHA-256 {grouped(done.sha256)}</p></>);
  };
  return (
    <div className="stack">
      <h3>Take it out</h3>
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      <div><Act why={why} loading={work.busy} leftSection={<IconFileExport size={16} />} onClick={() => void write()}>Export my identity…</Act></div>
      {told === undefined ? null : <Note kind="ink">{told}</Note>}
    </div>
  );
}

function ImportIdentity({ why }: { readonly why: string | undefined }): ReactElement {
  const work = useWork('Import the identity');
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [told, setTold] = useState<string>();
  const [file] = files;
  const read = async () => {
    if (file === undefined) return;
    const done = await work.run(() => call('identity.import', { identity: file.grant }));
    setFiles([]);
    if (done !== undefined) setTold(`${sentence(done.note)} Log entry ${done.logEntry}.`);
  };
  return (
    <div className="stack">
      <h3>Take it back in, where the passphrase of the file is the one you know</h3>
      {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="The vault opens as before." />}
      <FileDrop label="An identity file of this vault" use="identity" files={files} onFiles={setFiles} />
      <div><Act why={why ?? (file === undefined ? 'Choose the file first' : undefined)} loading={work.busy} onClick={() => void read()}>Import the identity</Act></div>
      {told === undefined ? null : <Note kind="ink"><span role="status">{told}</span></Note>}
    </div>
  );
}
