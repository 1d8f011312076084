/** A key out of somebody's file: dropped, looked at, chosen, named, taken in; then what is left to do, since this computer saw it. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { algorithmFacts, leastSecretBits } from '../../shared/lifecycle/purposes.ts';
import type { ChosenFile, WindowReply } from '../../shared/ipc/windowContract.ts';
import { algorithms } from '../../shared/model/terms.ts';
import type { Algorithm } from '../../shared/model/terms.ts';
import { at, go } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { PlaceChoices } from '../generate/PlaceStep.tsx';
import { Act } from '../parts/Act.tsx';
import { algorithmWord } from '../parts/algorithmText.ts';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { Facts } from '../parts/Facts.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { NewKeyFields, fitted, useNameFault } from '../parts/NewKeyFields.tsx';
import type { NewKey } from '../parts/NewKeyFields.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { count, grouped } from '../parts/text.ts';
import { WorkProgress } from '../parts/WorkProgress.tsx';
import { EntryChoices } from './EntryChoices.tsx';
import { ImportKind } from './ImportPage.tsx';
import { useKeyFile } from './useKeyFile.ts';
import type { Found, KeyFileLook, Reading } from './useKeyFile.ts';
import { named } from '../theme/named.ts';

type Entry = Found['entries'][number];
type Imported = WindowReply<'key.import'>;

/** What an entry can be here: a pair is what it is, a secret what its length allows. */
function possibleFor({ kind, algorithm, bits = 0 }: Entry): readonly Algorithm[] {
  if (kind === 'pair') return algorithm === undefined ? [] : [algorithm];
  return algorithms.filter((one) => {
    const { family, bits: needed } = algorithmFacts[one];
    return family === 'aes' ? bits === needed : family === 'hmac' && bits >= leastSecretBits;
  });
}

interface Picked {
  readonly reading: Reading;
  readonly entry: Entry;
}

export function KeyFilePage(): ReactElement {
  const file = useKeyFile();
  const [picked, setPicked] = useState<Picked>();
  const [wanted, setWanted] = useState<NewKey>({ name: '', purpose: 'signature', algorithm: 'ec-p256', exportable: false });
  const [place, setPlace] = useState('software');
  const [done, setDone] = useState<Imported>();
  const work = useWork(`Importing ${wanted.name}`);
  const fault = useNameFault(wanted.name);
  const chosen = picked ?? onlyOf(file.readings);
  const possible = chosen === undefined ? [] : possibleFor(chosen.entry);
  const key = fitted(wanted, possible);
  const stuck = stuckWhy(file, chosen, possible, key.name !== '' && fault === undefined);
  const choose = (files: readonly ChosenFile[]) => {
    setPicked(undefined);
    file.choose(files);
  };
  const take = async () => {
    if (chosen === undefined) return;
    const { reading, entry } = chosen;
    const form = reading.secretForm === undefined ? {} : { secretForm: reading.secretForm };
    setDone(await work.run(async (control) => call('key.import', { ...key, place, file: await file.grant(), ...(reading.found.entries.length > 1 ? { entry: entry.name } : {}), ...form }, control)));
  };
  const next = () => {
    setDone(undefined);
    setPicked(undefined);
    setWanted({ ...wanted, name: '' });
  };
  if (done !== undefined) return <Taken done={done} expected={chosen?.entry} more={(chosen?.reading.found.entries.length ?? 0) > 1} onNext={next} />;
  return (
    <Page
      crumb={<a href={at('keys')}>Keys</a>}
      title="Import a key"
      foot={
        <>
          <Button variant="subtle" color="gray" onClick={() => go('keys')}>Cancel</Button>
          <div className="fill small muted">{stuck ?? 'This computer sees the key in clear: rotate it soon'}</div>
          <Act variant="filled" {...named} loading={work.busy} why={stuck} onClick={() => void take()}>Import {key.name}</Act>
        </>
      }
    >
      <div className="stack wide" style={{ margin: 0 }}>
        <ImportKind now="file" />
        <FileDrop label="File with the key" use="key-file" files={file.file === undefined ? [] : [file.file]} onFiles={choose} />
        {file.file === undefined ? <Note>It is only looked at first. Where it has a password, the prompt asks for it: once to look, and once to take the key in. The file itself is not deleted.</Note> : null}
        <WorkProgress work={file.work} what="Looking at the file" />
        <NotRead look={file} />
        <EntryChoices readings={file.readings} chosen={chosen} onChoose={(reading, entry) => setPicked({ reading, entry })} />
        {work.error === undefined ? null : <ErrorPanel error={work.error} />}
        {chosen !== undefined && possible.length === 0 ? <NoSuchKey entry={chosen.entry} /> : null}
        {possible.length === 0 ? null : <><NewKeyFields value={key} onChange={setWanted} algorithms={possible} fault={fault} /><PlaceChoices place={place} onPlace={setPlace} /></>}
      </div>
    </Page>
  );
}

function NoSuchKey({ entry }: { readonly entry: Entry }): ReactElement {
  return <Note kind="ink"><b>The vault keeps no keys of this kind.</b> {entry.kind === 'secret' ? `A secret has the length of an AES key (128, 192 or 256 bits), or at least ${leastSecretBits} bits for HMAC.` : 'See what it can generate: those it can import too.'}</Note>;
}

function NotRead({ look: { work, file, look } }: { readonly look: KeyFileLook }): ReactElement | null {
  if (work.error === undefined || file === undefined) return null;
  return <ErrorPanel error={work.error} unchanged="Nothing was taken in. The file is as it was." {...(again(work.error.code) ? { onRetry: () => look(file) } : {})} />;
}

/** The one that needs no choice. */
function onlyOf(readings: readonly Reading[]): Picked | undefined {
  const [reading] = readings;
  const [entry] = reading?.found.entries ?? [];
  return reading !== undefined && entry !== undefined && readings.length === 1 && reading.found.entries.length === 1 ? { reading, entry } : undefined;
}

/** The core names the command; here a button does it. */
function inWindow(line: string): string {
  return line.replace(/ with `[^`]*`/g, '');
}

/** What may go better at the prompt the next time. */
function again(code: string): boolean {
  return ['wrong-file-password', 'declined', 'secret-unavailable'].includes(code);
}

function stuckWhy({ file, readings, work }: KeyFileLook, chosen: Picked | undefined, possible: readonly Algorithm[], named: boolean): string | undefined {
  if (file === undefined) return 'Choose the file with the key';
  if (chosen === undefined) return readings.length > 0 ? 'Choose which key it is' : work.busy ? 'The file is looked at' : 'No key was read out of the file';
  if (possible.length === 0) return 'The vault keeps no keys of this kind';
  return named ? undefined : 'Give it a name that no other key has';
}

interface TakenProps {
  readonly done: Imported;
  readonly expected: Entry | undefined;
  readonly more: boolean;
  readonly onNext: () => void;
}

function Taken({ done: { key, version, form, notes, advice, logEntry }, expected, more, onNext }: TakenProps): ReactElement {
  const changed = expected !== undefined && (expected.fingerprint !== version.fingerprint || (expected.kcv !== undefined && version.kcv !== undefined && expected.kcv !== version.kcv.value));
  return (
    <Page crumb={<a href={at('keys')}>Keys</a>} title={`${key.name} is in the vault`} foot={<><Button variant="subtle" color="gray" onClick={onNext}>{more ? 'Another key of the file' : 'Import another'}</Button><div className="fill" /><Button onClick={() => go('key', key.name)}>To the key</Button><Button variant="filled" {...named} onClick={() => go('key', key.name, 'rotate')}>Rotate {key.name}…</Button></>}>
      <div className="stack wide" style={{ margin: 0 }} role="status">
        {changed ? <Note kind="bad"><b>It is not the key that was shown.</b> The file changed between looking and taking in: declare this one compromised, and look at the file.</Note> : null}
        <Note kind="ink">
          <b>Left to do</b>
          <ul className="policy">{advice.map((line) => <li key={line} style={{ display: 'block' }}>{sentence(inWindow(line))}</li>)}</ul>
        </Note>
        <Facts rows={[['From', form], ['Algorithm', algorithmWord(key.algorithm)], version.fingerprint === undefined ? undefined : ['Fingerprint', <span key="f" className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(version.fingerprint)}</span>], version.kcv === undefined ? undefined : ['KCV', <span key="k" className="mono">{grouped(version.kcv.value)}</span>], ['Log entry', count(logEntry)]]} />
        {notes.length === 0 ? null : <Block title="What was odd about it"><ul className="policy">{notes.map((note) => <li key={note} style={{ display: 'block' }}>{sentence(note)}</li>)}</ul></Block>}
      </div>
    </Page>
  );
}
