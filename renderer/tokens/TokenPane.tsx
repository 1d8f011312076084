/** One token: its state in words, what was expected on it and what was found, what it can do. */
import { Button } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { CopyDialog } from '../copy/CopyDialog.tsx';
import { Block } from '../parts/Block.tsx';
import { Facts } from '../parts/Facts.tsx';
import { GuardTable } from '../parts/GuardList.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { formatWord, mechanismWord } from '../parts/text.ts';
import { algorithmWord } from '../parts/algorithmText.ts';
import { named } from '../theme/named.ts';
import { ComparedKeys, ExpectedKeys } from './ComparedKeys.tsx';
import { FoundKeys } from './FoundKeys.tsx';
import { InitToken } from './InitToken.tsx';
import { TokenPins } from './TokenPins.tsx';
import type { TokenView } from './TokensPage.tsx';

interface PaneProps {
  readonly token: TokenView;
  readonly onReload: () => void;
}

export function TokenPane(props: PaneProps): ReactElement {
  return props.token.present ? <PresentToken {...props} /> : <AbsentToken {...props} />;
}

function PresentToken({ token, onReload }: PaneProps): ReactElement {
  const { serial, label, condition } = token;
  const [looking, setLooking] = useState(false);
  const [copying, setCopying] = useState(false);
  const [compared, setCompared] = useState<WindowReply<'token.compare'>>();
  const info = useAnswer('token.info', looking ? { token: serial } : undefined);
  const work = useWork(`Comparing ${label}`);
  const compare = async (accept: boolean) => {
    const done = await work.run((control) => call('token.compare', { token: serial, ...(accept ? { accept } : {}) }, control));
    if (done === undefined) return;
    setCompared(done);
    setLooking(true);
  };
  return (
    <Page
      title={label}
      sub={condition.map(sentence).join(' ')}
      actions={
        <>
          <Button onClick={() => setCopying(true)}>Copy keys to…</Button>
          <Button loading={info.loading} onClick={() => (looking ? info.reload() : setLooking(true))}>{looking ? 'Look again' : 'Look inside…'}</Button>
          <Button variant="filled" loading={work.busy} onClick={() => void compare(false)}>Compare…</Button>
        </>
      }
    >
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {info.error === undefined ? null : <ErrorPanel error={info.error} onRetry={info.reload} />}
      {info.value === undefined && info.error === undefined ? <Note>Comparing holds the keys on it against those of this vault, and against what was there before: what differs is named and logged. The prompt asks for its PIN where nobody is logged in.</Note> : null}
      {compared === undefined ? null : <ComparedKeys compared={compared} busy={work.busy} onAccept={() => void compare(true)} />}
      {info.value === undefined ? null : <FoundKeys facts={info.value} />}
      <div className="two">
        <TokenPins token={token} onReload={onReload} />
        {info.value === undefined ? <span /> : <CanDo facts={info.value} />}
      </div>
      {info.value === undefined ? null : <Block title="What it stores, and what it enforces" aside="tried with keys that were thrown away"><GuardTable guards={info.value.guards} /></Block>}
      <TokenFacts token={token} />
      <WipeToken token={token} />
      {copying ? <CopyDialog of={{ token }} onClose={() => setCopying(false)} /> : null}
    </Page>
  );
}

function AbsentToken({ token, onReload }: PaneProps): ReactElement {
  return (
    <Page title={token.label} sub={sentence(token.condition[0] ?? 'absent')} actions={<Button onClick={onReload}>Look again</Button>}>
      <Note>Its keys stay in the inventory. When it is back, what is expected on it is compared with what is found.</Note>
      <ExpectedKeys serial={token.serial} />
      <TokenFacts token={token} />
      <ForgetToken token={token} />
    </Page>
  );
}

function TokenFacts({ token: { manufacturer, model, serial, modulePath } }: { readonly token: TokenView }): ReactElement {
  return <Facts rows={[['Maker', manufacturer], ['Model', model], ['Serial', <span key="s" className="mono">{serial}</span>], ['Module', <span key="m" className="mono" style={{ overflowWrap: 'anywhere' }}>{modulePath}</span>]]} />;
}

function WipeToken({ token }: { readonly token: TokenView }): ReactElement {
  const [wiping, setWiping] = useState(false);
  if (!wiping) return <div><Button variant="subtle" color="red" onClick={() => setWiping(true)}>Wipe and initialise…</Button></div>;
  return (
    <div>
      <Note kind="bad">Initialising wipes the token, with every key on it. It cannot be undone.</Note>
      <div style={{ marginTop: 12 }}><InitToken token={token} /></div>
    </div>
  );
}

function ForgetToken({ token: { label, serial } }: { readonly token: TokenView }): ReactElement {
  const work = useWork(`Forgetting ${label}`);
  return (
    <div className="stack">
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      <div style={{ display: 'flex', gap: 12, alignItems: 'center' }}><Button variant="subtle" color="red" {...named} loading={work.busy} onClick={() => void work.run((control) => call('token.forget', { token: serial }, control))}>Forget {label}</Button><span className="small muted">Of a token that will not come back, once its keys are compromised or destroyed.</span></div>
    </div>
  );
}

function CanDo({ facts }: { readonly facts: WindowReply<'token.info'> }): ReactElement {
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
