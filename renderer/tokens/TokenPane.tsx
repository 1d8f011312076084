/** One token: its state in words, what was expected on it and what was found, what it can do. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconCheck, IconCirclePlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { at } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { Block } from '../parts/Block.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { formatWord, many, mechanismWord } from '../parts/text.ts';
import { algorithmWord } from '../parts/algorithmText.ts';
import { InitToken } from './InitToken.tsx';
import type { TokenView } from './TokensPage.tsx';

type TokenFacts = WindowReply<'token.info'>;

export function TokenPane({ token, onReload }: { readonly token: TokenView; readonly onReload: () => void }): ReactElement {
  const [looking, setLooking] = useState(false);
  const info = useAnswer('token.info', looking && token.present ? { token: token.serial } : undefined);
  const [wiping, setWiping] = useState(false);
  return (
    <Page title={token.label} sub={token.present ? token.condition.map(sentence).join(' ') : sentence(token.condition[0] ?? 'absent')} actions={token.present ? <Button variant="filled" loading={info.loading} onClick={() => (looking ? info.reload() : setLooking(true))}>{looking ? 'Look again' : 'Look inside…'}</Button> : <Button onClick={onReload}>Look again</Button>}>
      {info.error === undefined ? null : <ErrorPanel error={info.error} onRetry={info.reload} />}
      {info.value === undefined && info.error === undefined ? <Note>{token.present ? 'Looking inside compares the keys on it with those of this vault. The prompt asks for its PIN where nobody is logged in.' : 'Its keys stay in the inventory. When it is back, what is expected on it is compared with what is found.'}</Note> : null}
      {info.value === undefined ? null : <Found facts={info.value} />}
      <div className="two">
        <Block title="PINs, in words">
          <div className="panel">
            <ul className="rows">
              <li><span className="grow"><b>User PIN</b><span className="small muted two-l">{sentence(token.condition.filter((line) => !line.includes('SO')).join('; ') || 'ready')} PKCS#11 tells flags, not how many tries are left.</span></span></li>
              <li><span className="grow"><b>Security officer PIN</b><span className="small muted two-l">{sentence(token.condition.filter((line) => line.includes('SO')).join('; ') || 'the token says nothing of it')}</span></span></li>
            </ul>
          </div>
        </Block>
        {info.value === undefined ? <span /> : <CanDo facts={info.value} />}
      </div>
      <Facts rows={[['Maker', token.manufacturer], ['Model', token.model], ['Serial', <span key="s" className="mono">{token.serial}</span>], ['Module', <span key="m" className="mono" style={{ overflowWrap: 'anywhere' }}>{token.modulePath}</span>]]} />
      {token.present ? <div>{wiping ? <><Note kind="bad">Initialising wipes the token, with every key on it. It cannot be undone.</Note><div style={{ marginTop: 12 }}><InitToken token={token} /></div></> : <Button variant="subtle" color="red" onClick={() => setWiping(true)}>Wipe and initialise…</Button>}</div> : null}
    </Page>
  );
}

function Finding({ icon, word }: { readonly icon: ReactNode; readonly word: string }): ReactElement {
  return <span className="state">{icon}{word}</span>;
}

function Found({ facts: { keys, missing } }: { readonly facts: TokenFacts }): ReactElement {
  const same = keys.filter(({ knownAs }) => knownAs !== undefined);
  const unknown = keys.filter(({ knownAs }) => knownAs === undefined);
  return (
    <Block title="Expected and found" aside={`${many(same.length, 'key')} the same, ${missing.length + unknown.length} differ`}>
      <div className="t-edge">
        <table>
          <thead><tr><th style={{ width: 120 }}>Finding</th><th>Key</th><th>Found</th></tr></thead>
          <tbody>
            {missing.map((name) => <tr key={name}><td><Finding icon={<IconAlertCircle size={14} aria-hidden="true" />} word="Missing" /></td><td><b>{name}</b></td><td>Nothing with its CKA_ID</td></tr>)}
            {unknown.map(({ ref, label, kind }) => <tr key={ref}><td><Finding icon={<IconCirclePlus size={14} aria-hidden="true" />} word="Not known" /></td><td>label “{label}”</td><td>{kind === 'pair' ? 'a key pair' : 'a secret key'} that is not of this vault</td></tr>)}
            {same.map(({ ref, label, knownAs = '' }) => <tr key={ref}><td><Finding icon={<IconCheck size={14} aria-hidden="true" />} word="Same" /></td><td><a href={at('key', knownAs.replace(/ version \d+$/, ''))}>{knownAs}</a></td><td className="muted">{label}</td></tr>)}
          </tbody>
        </table>
      </div>
    </Block>
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
