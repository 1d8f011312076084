/** Settings of the window, and of this person's unlock. */
import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { appearances, idleChoices } from '../../shared/ipc/windowContract.ts';
import type { Settings } from '../../shared/ipc/windowContract.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { useWindow } from '../client/windowState.ts';
import { Block } from '../parts/Block.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { count, grouped, many } from '../parts/text.ts';
import { Words } from '../parts/Words.tsx';
import { useState } from 'react';

const appearanceWords = { system: 'As the system', light: 'Light', dark: 'Dark' } as const;
const zoneWords = { local: 'The zone of this machine', utc: 'UTC' } as const;

export function SettingsPage(): ReactElement {
  const { host, save, refresh } = useWindow();
  const { settings } = host;
  const info = useAnswer('vault.info', {}).value;
  const work = useWork();
  const [told, setTold] = useState<string>();
  const change = (part: Partial<Settings>) => void save({ ...settings, ...part });
  const passphrase = async () => {
    const done = await work.run(() => call('vault.passwd', {}));
    if (done !== undefined) setTold(`The passphrase was changed, log entry ${done.logEntry}: ${done.note}.`);
  };
  const check = async () => {
    const done = await work.run((control) => call('vault.check', {}, control));
    if (done !== undefined) setTold(`Everything was verified from the first entry: ${many(done.entries, 'entry', 'entries')}, ${many(done.rows, 'row')}. ${done.findings.join('; ')}`);
  };
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
          <div><Button loading={work.busy} onClick={passphrase}>Change the passphrase…</Button></div>
          <p className="small muted">Older copies of the file still open with the old one.</p>
          <div><Button loading={work.busy} onClick={seal}>{host.sealed ? 'Choose another seal…' : 'Choose a seal…'}</Button></div>
          <p className="small muted">A pattern and three words that only the real prompt can show: this window never learns them.</p>
        </Block>
      </div>
      <Block title="This vault">
        {info === undefined ? null : <Facts rows={[['Vault', <span key="v" className="mono">{grouped(info.vaultId)}</span>], ['Epoch', String(info.epoch)], ['Format', String(info.formatVersion)], ['Log', many(info.logEntries, 'entry', 'entries')], ['Log root', <span key="r" className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(info.logRoot)}</span>], ['Keys', count(info.keys)], ['People', info.solo ? `${info.principal.name} alone (solo vault): the same person asks and approves` : info.principal.name]]} />}
        <div><Button loading={work.busy} onClick={check}>Check everything</Button></div>
        {info === undefined ? null : <div><p className="lab">Words of its genesis, for your record</p><Words hex={info.genesisFingerprint} /></div>}
      </Block>
      <p className="small muted">Strongroom {host.version}, {host.host === 'chromium' ? 'evaluation window in Chromium' : 'Electron'}.</p>
    </Page>
  );
}
