/** A place for a file: dropped, or chosen by the host's dialog. What comes back is a grant; the window never names a path. */
import { Button } from '@mantine/core';
import { IconFile, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import type { DragEvent, ReactElement } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { ChosenFile, FileUse } from '../../shared/ipc/windowContract.ts';
import { call, grantDropped, infoOf } from '../client/vaultClient.ts';
import { ErrorPanel } from './ErrorPanel.tsx';

export interface FileDropProps {
  readonly label: string;
  readonly use: FileUse;
  readonly files: readonly ChosenFile[];
  readonly onFiles: (files: readonly ChosenFile[]) => void;
  /** More than one may be given. */
  readonly several?: boolean;
}

/** One after the other: the host takes only so many calls at once. */
async function grantAll(dropped: readonly File[], use: FileUse): Promise<readonly ChosenFile[]> {
  const granted: ChosenFile[] = [];
  for (const file of dropped) granted.push(await grantDropped(file, use));
  return granted;
}

export function FileDrop({ label, use, files, onFiles, several = false }: FileDropProps): ReactElement {
  const [over, setOver] = useState(false);
  const [error, setError] = useState<ErrorInfo>();
  const add = async (get: () => Promise<readonly ChosenFile[]>) => {
    try {
      setError(undefined);
      const more = await get();
      onFiles(several ? [...files, ...more] : more.slice(0, 1));
    } catch (thrown) {
      setError(infoOf(thrown));
    }
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = [...event.dataTransfer.files];
    void add(() => grantAll(dropped, use));
  };
  return (
    <div className="field">
      <span className="lab">{label}</span>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same by the keyboard */}
      <div className={`drop ${over ? 'over' : ''}`} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={onDrop}>
        <IconUpload size={20} aria-hidden="true" />
        <div style={{ flex: 1, minWidth: 0 }}>
          {files.length === 0 ? <span className="muted">Drop {several ? 'files' : 'a file'} here</span> : null}
          {files.slice(0, 8).map(({ grant, name, folder }) => (
            <div key={grant} className="clip">
              <IconFile size={14} aria-hidden="true" /> <b>{name}</b> <span className="small muted">{folder}</span>
            </div>
          ))}
          {files.length > 8 ? <span className="small muted">and {files.length - 8} more</span> : null}
        </div>
        {files.length === 0 ? null : <Button variant="subtle" color="gray" onClick={() => onFiles([])}>Clear</Button>}
        <Button onClick={() => void add(async () => [await call('host.chooseFile', { use })])}>Choose…</Button>
      </div>
      {error === undefined || error.code === 'declined' ? null : <ErrorPanel error={error} />}
    </div>
  );
}
