/** Trusted parties that keys may be wrapped to: their fingerprints in words, and a compare mode for the telephone. */
import { Button, Checkbox, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ChosenFile, WindowReply } from '../../shared/ipc/windowContract.ts';
import { nameFault } from '../../shared/validation/name.ts';
import { agreement, wordsNeeded } from '../../shared/words/pgpWords.ts';
import { at, go, usePlace } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Block } from '../parts/Block.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { day, formatWord, many, moment } from '../parts/text.ts';
import { algorithmWord } from '../parts/algorithmText.ts';
import { Words } from '../parts/Words.tsx';
import { named } from '../theme/named.ts';

type Recipient = WindowReply<'recipient.list'>['recipients'][number];

export function RecipientsPage(): ReactElement {
  const { of: name } = usePlace();
  const { value, error, reload } = useAnswer('recipient.list', {});
  const [adding, setAdding] = useState(false);
  if (error !== undefined) return <Page title="Recipients"><ErrorPanel error={error} onRetry={reload} /></Page>;
  if (value === undefined) return <div className="page" role="status">Reading the recipients…</div>;
  const { recipients } = value;
  const chosen = recipients.find((one) => one.name === name) ?? recipients[0];
  const add = <Button variant="filled" leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>Add a recipient</Button>;
  return (
    <>
      {adding ? <AddRecipient onClose={() => setAdding(false)} /> : null}
      {chosen === undefined ? (
        <Empty title="No recipients yet" action={add}>A recipient is somebody's RSA public key or certificate. Keys are wrapped to it and to nobody else, once you have compared its fingerprint by another way: the telephone, paper, in person.</Empty>
      ) : (
        <div className="tokens">
          <nav className="tree" aria-label="Recipients">
            {recipients.map((one) => (
              <a key={one.id} href={at('recipients', one.name)} className={`tok ${one.id === chosen.id ? 'on' : ''}`} aria-current={one.id === chosen.id} style={{ gridTemplateColumns: '1fr', color: 'inherit' }}>
                <span className="n clip">{one.name}</span>
                <span className="m">{algorithmWord(one.algorithm)}, confirmed {day(one.confirmedAt)}</span>
              </a>
            ))}
          </nav>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls is in reach of the keyboard */}
          <div className="scrollcol" tabIndex={0} role="region" aria-label={chosen.name}>
            <OneRecipient key={chosen.id} recipient={chosen} add={add} />
          </div>
        </div>
      )}
    </>
  );
}

function OneRecipient({ recipient, add }: { readonly recipient: Recipient; readonly add: ReactElement }): ReactElement {
  const work = useWork();
  const remove = async () => {
    const removed = await work.run(() => call('recipient.remove', { name: recipient.name }));
    if (removed !== undefined) go('recipients');
  };
  const { certificate } = recipient;
  return (
    <Page title={recipient.name} sub={`${algorithmWord(recipient.algorithm)}: what is wrapped to it has at most ${recipient.strength} bits of strength`} actions={<>{add}<Button loading={work.busy} onClick={remove}>Remove…</Button></>}>
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      <div className="two">
        <Block title="Fingerprint">
          <Words hex={recipient.fingerprint} />
          <Compare hex={recipient.fingerprint} />
        </Block>
        <Block title="What is known">
          <Facts
            rows={[
              ['From', recipient.form],
              ['Confirmed', `${moment(recipient.confirmedAt)} by ${recipient.confirmedBy}`],
              certificate === undefined ? undefined : ['Subject', certificate.subject],
              certificate === undefined ? undefined : ['Issuer', `${certificate.issuer} (the chain is not checked)`],
              certificate === undefined ? undefined : ['Valid', `${day(certificate.notBefore)} to ${day(certificate.notAfter)}`],
            ]}
          />
          {recipient.notes.map((note) => <Note key={note}>{sentence(note)}</Note>)}
        </Block>
      </div>
      <Held name={recipient.name} />
    </Page>
  );
}

/** What the recipient reads aloud, typed here, beside what it should be. */
function Compare({ hex }: { readonly hex: string }): ReactElement {
  const [typed, setTyped] = useState('');
  const { agree, differ } = agreement(typed, hex);
  const verdict = typed.trim() === '' ? '' : differ ? `Word ${agree + 1} differs: do not send keys to it.` : agree >= wordsNeeded ? `All ${wordsNeeded} words agree.` : `${agree} of ${wordsNeeded} agree`;
  return (
    <div>
      <TextInput label="Compare: type what the recipient reads to you" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} spellCheck={false} autoComplete="off" />
      <p role="status" className={differ ? 'differ' : agree > 0 ? 'agree' : ''} style={{ minHeight: 20 }}>{verdict}</p>
    </div>
  );
}

function Held({ name }: { readonly name: string }): ReactElement {
  const distributions = useAnswer('distribution.list', { recipient: name }).value?.distributions ?? [];
  return (
    <Block title={`It holds ${many(distributions.length, 'key version')}`}>
      {distributions.length === 0 ? <p className="muted">Nothing was wrapped to it yet.</p> : (
        <div className="t-edge">
          <table>
            <thead><tr><th>Key</th><th style={{ width: 64 }}>Version</th><th>Format</th><th style={{ width: 184 }}>Sent</th><th style={{ width: 104 }}>Receipt</th></tr></thead>
            <tbody>{distributions.map(({ id, key, version, format, at: sent, receipt }) => <tr key={id}><td className="wraps"><a href={at('key', key)}>{key}</a></td><td className="num">{version}</td><td className="wraps">{formatWord(format)}</td><td>{moment(sent)}</td><td>{receipt === 'here' ? 'here' : <span className="tag ink">outstanding</span>}</td></tr>)}</tbody>
          </table>
        </div>
      )}
    </Block>
  );
}

function AddRecipient({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [name, setName] = useState('');
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [expired, setExpired] = useState(false);
  const work = useWork();
  const fault = name === '' ? undefined : nameFault(name);
  const [file] = files;
  const ready = name !== '' && fault === undefined && file !== undefined;
  const add = async () => {
    if (file === undefined) return;
    const added = await work.run(() => call('recipient.add', { name, key: file.grant, ...(expired ? { acceptExpired: true } : {}) }));
    setFiles([]);
    if (added === undefined) return;
    go('recipients', name);
    onClose();
  };
  return (
    <Dialog onClose={onClose} title="Add a recipient" busy={work.busy}>
      <div style={{ display: 'flex', flexDirection: 'column', gap: 12 }}>
        {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="Nobody was added." />}
        <TextInput label="Name" value={name} error={fault} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
        <FileDrop label="Its RSA public key or certificate (PEM, DER, OpenSSH)" use="recipient" files={files} onFiles={setFiles} />
        <Checkbox label="Take a certificate that has expired or is not yet valid" checked={expired} onChange={(event) => setExpired(event.currentTarget.checked)} />
        <Note>The prompt shows the fingerprint in words. Have the recipient read it to you by another way than the file came: that is the whole protection.</Note>
        <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>Not now</Button>
          <Act variant="filled" {...named} loading={work.busy} why={ready ? undefined : 'Give a name and choose the file first'} onClick={() => void add()}>Add {name}</Act>
        </div>
      </div>
    </Dialog>
  );
}
