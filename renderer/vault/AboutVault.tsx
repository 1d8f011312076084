/** What the vault is: its numbers, its genesis in words for the record, and a check of all that is in it. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Note } from '../parts/Note.tsx';
import { count, grouped, many } from '../parts/text.ts';
import { Words } from '../parts/Words.tsx';

type Info = WindowReply<'vault.info'>;

function people({ solo, principal }: Info): string {
  return solo ? `${principal.name} alone (solo vault): the same person asks and approves` : principal.name;
}

export function AboutVault({ info }: { readonly info: Info }): ReactElement {
  const work = useWork('Check everything');
  const [told, setTold] = useState<string>();
  const check = async () => {
    const done = await work.run((control) => call('vault.check', {}, control));
    if (done !== undefined) setTold(`Everything was verified from the first entry: ${many(done.entries, 'entry', 'entries')}, ${many(done.rows, 'row')}. ${done.findings.join('; ')}`);
  };
  return (
    <Block title="This vault">
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      <Facts rows={[['Vault', <span key="v" className="mono">{grouped(info.vaultId)}</span>], ['Epoch', String(info.epoch)], ['Format', String(info.formatVersion)], ['Log', many(info.logEntries, 'entry', 'entries')], ['Log root', <span key="r" className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(info.logRoot)}</span>], ['Keys', count(info.keys)], ['People', people(info)]]} />
      <div><Button loading={work.busy} onClick={() => void check()}>Check everything</Button></div>
      {told === undefined ? null : <Note kind="ink"><span role="status">{told}</span></Note>}
      <div><p className="lab">Words of its genesis, for your record</p><Words hex={info.genesisFingerprint} /></div>
    </Block>
  );
}
