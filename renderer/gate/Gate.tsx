/** Before a vault is open: choose one of those opened here, another file, or make the first. */
import { Button } from '@mantine/core';
import { IconFilePlus, IconFolderOpen, IconRestore } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { useWindow } from '../client/windowState.ts';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Logo } from '../parts/Logo.tsx';
import { FirstRun } from './FirstRun.tsx';
import { Restore } from './Restore.tsx';
import { Unlock } from './Unlock.tsx';

type Doing = 'open' | 'make' | 'restore';

export function Gate({ lockedWhy }: { readonly lockedWhy: string | undefined }): ReactElement {
  const { host } = useWindow();
  const first = host.recent[0];
  const [doing, setDoing] = useState<Doing>(first === undefined ? 'make' : 'open');
  const newest = useRef(first?.id);
  // A vault that was opened from outside the window is the one to begin with.
  useEffect(() => {
    if (newest.current !== first?.id) setDoing('open');
    newest.current = first?.id;
  }, [first?.id]);
  const [file, setFile] = useState<ChosenFile>();
  const work = useWork();
  const open = async () => {
    const chosen = await work.run(() => call('host.chooseFile', { use: 'open-vault' }));
    if (chosen === undefined) return;
    setFile(chosen);
    setDoing('open');
  };
  const back = () => setDoing(first === undefined && file === undefined ? 'make' : 'open');
  const restore = () => setDoing('restore');
  const top = { variant: 'subtle', color: 'gray' } as const;
  return (
    <div className={`gate ${host.evaluation === undefined ? '' : 'evaluated'}`}>
      {host.evaluation === undefined ? null : <aside className="evaluation" aria-label="About this window">{host.evaluation}</aside>}
      <header className="top">
        <Logo />
        <b style={{ flex: 1 }}>Strongroom</b>
        {doing === 'make' ? null : <Button {...top} leftSection={<IconFilePlus size={16} />} onClick={() => setDoing('make')}>New vault</Button>}
        {doing === 'restore' ? null : <Button {...top} leftSection={<IconRestore size={16} />} onClick={restore}>Restore a backup</Button>}
        <Button {...top} leftSection={<IconFolderOpen size={16} />} onClick={open}>{first === undefined ? 'Open a vault' : 'Open another vault'}</Button>
      </header>
      <main className="mid">
        {lockedWhy === undefined ? null : (
          <p role="status" className="tag ink">
            Locked: {lockedWhy}
          </p>
        )}
        {work.error === undefined ? null : <ErrorPanel error={work.error} />}
        {doing === 'make' ? <FirstRun onLeave={first === undefined ? undefined : () => setDoing('open')} /> : null}
        {doing === 'open' ? <Unlock key={file?.grant ?? first?.id} chosen={file} onRestore={restore} /> : null}
        {doing === 'restore' ? <Restore onLeave={back} /> : null}
      </main>
      <footer className="bot">
        <span>Works without a network</span>
        <span>Nothing is decrypted until you unlock</span>
        <span>Locks after {host.settings.idleMinutes} min without input</span>
      </footer>
    </div>
  );
}
