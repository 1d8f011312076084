/** One token: its state in words, what was expected on it and what was found, what it can do. */
import { Button } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { CopyDialog } from '../copy/CopyDialog.tsx';
import { Block } from '../parts/Block.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { formatWord, mechanismWord } from '../parts/text.ts';
import { algorithmWord } from '../parts/algorithmText.ts';
import { FoundKeys } from './FoundKeys.tsx';
import { InitToken } from './InitToken.tsx';
import { TokenPins } from './TokenPins.tsx';
import type { TokenView } from './TokensPage.tsx';

type TokenFacts = WindowReply<'token.info'>;

export function TokenPane({ token, onReload }: { readonly token: TokenView; readonly onReload: () => void }): ReactElement {
  const [looking, setLooking] = useState(false);
  const info = useAnswer('token.info', looking && token.present ? { token: token.serial } : undefined);
  const [wiping, setWiping] = useState(false);
  const [copying, setCopying] = useState(false);
  return (
    <Page title={token.label} sub={token.present ? token.condition.map(sentence).join(' ') : sentence(token.condition[0] ?? 'absent')} actions={token.present ? <><Button onClick={() => setCopying(true)}>Copy keys to…</Button><Button variant="filled" loading={info.loading} onClick={() => (looking ? info.reload() : setLooking(true))}>{looking ? 'Look again' : 'Look inside…'}</Button></> : <Button onClick={onReload}>Look again</Button>}>
      {info.error === undefined ? null : <ErrorPanel error={info.error} onRetry={info.reload} />}
      {info.value === undefined && info.error === undefined ? <Note>{token.present ? 'Looking inside compares the keys on it with those of this vault. The prompt asks for its PIN where nobody is logged in.' : 'Its keys stay in the inventory. When it is back, what is expected on it is compared with what is found.'}</Note> : null}
      {info.value === undefined ? null : <FoundKeys facts={info.value} />}
      <div className="two">
        <TokenPins token={token} onReload={onReload} />
        {info.value === undefined ? <span /> : <CanDo facts={info.value} />}
      </div>
      <Facts rows={[['Maker', token.manufacturer], ['Model', token.model], ['Serial', <span key="s" className="mono">{token.serial}</span>], ['Module', <span key="m" className="mono" style={{ overflowWrap: 'anywhere' }}>{token.modulePath}</span>]]} />
      {token.present ? <div>{wiping ? <><Note kind="bad">Initialising wipes the token, with every key on it. It cannot be undone.</Note><div style={{ marginTop: 12 }}><InitToken token={token} /></div></> : <Button variant="subtle" color="red" onClick={() => setWiping(true)}>Wipe and initialise…</Button>}</div> : null}
      {copying ? <CopyDialog of={{ token }} onClose={() => setCopying(false)} /> : null}
    </Page>
  );
}

function CanDo({ facts }: { readonly facts: TokenFacts }): ReactElement {
  const lines: readonly (readonly [string, boolean])[] = [
    [`Makes ${facts.algorithms.map(algorithmWord).join(', ') || 'no keys'}`, facts.algorithms.length > 0],
    [`Signs with ${facts.signatureMechanisms.map(mechanismWord).join('; ') || 'nothing'}`, facts.signatureMechanisms.length > 0],
    [facts.encryptsFiles ? 'Encrypts files (AES-GCM)' : 'Cannot encrypt files: it has no AES-GCM', facts.encryptsFiles],
    [facts.wrapFormats.length > 0 ? `Wraps by ${facts.wrapFormats.map(formatWord).join(', ')}` : 'Cannot wrap keys', facts.wrapFormats.length > 0],
    [facts.unwrapFormats.length > 0 ? `Unwraps by ${facts.unwrapFormats.map(formatWord).join(', ')}` : 'Cannot unwrap keys', facts.unwrapFormats.length > 0],
  ];
  return (
    <Block title="What it can do">
      <ul className="policy">{lines.map(([line, can]) => <li key={line}>{can ? <IconCheck size={16} aria-label="can" /> : <IconX size={16} aria-label="cannot" />}<span>{line}</span></li>)}</ul>
    </Block>
  );
}
