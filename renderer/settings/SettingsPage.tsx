/** Settings of the window, and the seal of its prompt. */
import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { appearances, idleChoices } from '../../shared/ipc/windowContract.ts';
import type { Settings } from '../../shared/ipc/windowContract.ts';
import { at } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { useWindow } from '../client/windowState.ts';
import { Block } from '../parts/Block.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { useState } from 'react';

const appearanceWords = { system: 'As the system', light: 'Light', dark: 'Dark' } as const;
const zoneWords = { local: 'The zone of this machine', utc: 'UTC' } as const;

export function SettingsPage(): ReactElement {
  const { host, save, refresh } = useWindow();
  const { settings } = host;
  const work = useWork();
  const [told, setTold] = useState<string>();
  const change = (part: Partial<Settings>) => void save({ ...settings, ...part });
  const seal = async () => {
    const done = await work.run(() => call('host.chooseSeal', {}));
    if (done !== undefined) setTold('Your seal was chosen. From now on the prompt shows it.');
    await refresh();
  };
  return (
    <Page title="Settings">
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {told === undefined ? null : <Note kind="ink"><span role="status">{told}</span></Note>}
      <div className="two">
        <Block title="Window">
          <Field label="Appearance" value={settings.appearance} choices={appearances} words={(value) => appearanceWords[value]} onChange={(appearance) => change({ appearance })} />
          <Field label="Lock after" value={String(settings.idleMinutes)} choices={idleChoices.map(String)} words={(value) => `${value} min without input`} onChange={(value) => change({ idleMinutes: Number(value) as Settings['idleMinutes'] })} />
          <Field label="Dates in" value={settings.zone} choices={['local', 'utc'] as const} words={(value) => zoneWords[value]} onChange={(zone) => change({ zone })} />
        </Block>
        <Block title="Your unlock">
          <div><Button loading={work.busy} onClick={seal}>{host.sealed ? 'Choose another seal…' : 'Choose a seal…'}</Button></div>
          <p className="small muted">A pattern and three words that only the real prompt can show: this window never learns them.</p>
          <p><a href={at('vault')}>Passphrase, recovery sheet and backups of this vault</a></p>
        </Block>
      </div>
      <p className="small muted">Strongroom {host.version}, {host.host === 'chromium' ? 'evaluation window in Chromium' : 'Electron'}.</p>
    </Page>
  );
}
