/** A token's PINs: what its flags say in words, and what can be done with them. Every PIN is typed at the prompt. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import type { TokenView } from './TokensPage.tsx';

/** The lines of a token's condition that are about one PIN. */
function about(token: TokenView, so: boolean): string[] {
  return token.condition.filter((line) => line.includes('SO PIN') === so);
}

export function TokenPins({ token, onReload }: { readonly token: TokenView; readonly onReload: () => void }): ReactElement {
  const work = useWork(`PINs of ${token.label}`);
  const [done, setDone] = useState<string>();
  const act = async (what: string, run: () => Promise<unknown>) => {
    setDone(undefined);
    const value = await work.run(run);
    if (value === undefined) return;
    setDone(what);
    onReload();
  };
  const named = { token: token.serial };
  const change = (user: 'user' | 'so', what: string) => act(what, () => call('token.changePin', { ...named, user }));
  const trace = () => act('The trace was saved: functions, sizes, results and times, without data, PINs or names.', async () => call('token.trace', { ...named, out: (await call('host.chooseFile', { use: 'token-trace', name: 'token-trace.txt' })).grant }));
  const button = (label: string, onClick: () => Promise<void>) => <Button variant="subtle" size="compact-sm" disabled={work.busy} onClick={() => void onClick()}>{label}</Button>;
  return (
    <Block title="PINs, in words">
      <div className="panel">
        <ul className="rows">
          <li><span className="grow"><b>User PIN</b><span className="small muted two-l">{sentence(about(token, false).join('; ') || 'ready')}</span></span></li>
          {token.present && token.initialized ? <li><span className="grow">{button('Prove…', () => act('The PIN is right.', () => call('token.checkPin', named)))}{button('Change…', () => change('user', 'The PIN was changed.'))}{button('Unblock by the SO…', () => act('The user has a new PIN.', () => call('token.unblockPin', named)))}</span></li> : null}
          <li><span className="grow"><b>Security officer PIN</b><span className="small muted two-l">{sentence(about(token, true).join('; ') || 'the token says nothing of it')}</span></span></li>
          {token.present && token.initialized ? <li><span className="grow">{button('Change the SO PIN…', () => change('so', 'The SO PIN was changed.'))}{button('Save a call trace…', trace)}</span></li> : null}
        </ul>
      </div>
      <p className="small muted">PKCS#11 tells flags, not how many tries are left.</p>
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {done === undefined ? null : <Note>{done}</Note>}
    </Block>
  );
}
