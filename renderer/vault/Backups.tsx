/** Backups: how old the newest is, one more, and proof that one would help: checked by itself, or rehearsed against this vault. */
import { IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ChosenFile, WindowReply } from '../../shared/ipc/windowContract.ts';
import { useWork } from '../client/useWork.ts';
import type { Work } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { Note } from '../parts/Note.tsx';
import { bytesWord, count, day, grouped, many, moment } from '../parts/text.ts';

type Info = WindowReply<'vault.info'>;

export interface BackupsProps {
  readonly info: Info;
  /** Why nothing can be changed. */
  readonly why: string | undefined;
}

export function Backups({ info, why }: BackupsProps): ReactElement {
  const mayKeep = ['officer', 'custodian'].includes(info.principal.role);
  const whyNot = why ?? (mayKeep ? undefined : 'Only officers and custodians back the vault up and rehearse a restore');
  return (
    <Block title="Backup">
      <Newest info={info} />
      <div className="two">
        <MakeBackup why={whyNot} days={info.newestBackup?.remindAfterDays} />
        <TryBackup why={whyNot} />
      </div>
    </Block>
  );
}

function Newest({ info: { newestBackup: newest, logEntries } }: Pick<BackupsProps, 'info'>): ReactElement {
  if (newest === undefined) return <Note kind="ink">This vault was never backed up. A disk that fails, or a file that is deleted, takes every software key with it.</Note>;
  const since = Math.max(0, logEntries - newest.logEntries);
  return <p>The newest backup is of <b>{moment(newest.takenAt)}</b>. Since then the log grew by {many(since, 'entry', 'entries')}: a restore would not have what they did. An unlock says so once it is {many(newest.remindAfterDays, 'day')} old.</p>;
}

const reminders = ['7', '30', '90', '365'] as const;

function MakeBackup({ why, days = 30 }: { readonly why: string | undefined; readonly days: number | undefined }): ReactElement {
  const work = useWork('Back the vault up');
  const [remind, setRemind] = useState<string>(String(days));
  const [made, setMade] = useState<WindowReply<'vault.backup'> & { readonly file: ChosenFile }>();
  const make = async () => {
    setMade(undefined);
    const done = await work.run(async (control) => {
      const file = await call('host.chooseFile', { use: 'new-backup', name: `${day(Date.now()).replaceAll(' ', '-')}.strongroom-backup` });
      return { file, ...(await call('vault.backup', { out: file.grant, remindAfterDays: Number(remind) }, control)) };
    });
    setMade(done);
  };
  const choices: readonly string[] = reminders.some((one) => one === remind) ? reminders : [remind, ...reminders];
  return (
    <div className="stack">
      <h3>Make one</h3>
      {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="No backup was written; the vault is as it was." />}
      <p className="muted">One sealed file, written while the vault is open, read back and verified. Put it on another disk, in another place. It opens by the passphrase of today.</p>
      <Field label="Remind me" value={remind} choices={choices} words={(value) => `after ${many(Number(value), 'day')}`} onChange={setRemind} />
      <div><Act why={why} loading={work.busy} leftSection={<IconCopy size={16} />} onClick={() => void make()}>Back up now…</Act></div>
      {made === undefined ? null : (
        <Note kind="ink">
          <p role="status"><b>{made.file.name}</b> is written and verified: {many(made.keys, 'key')}, {bytesWord(made.backup.bytes)}, log entry {made.logEntry}.</p>
          {made.notInIt.map((line) => <p key={line}>{sentence(line)}</p>)}
          <p className="mono small" style={{ overflowWrap: 'anywhere' }}>SHA-256 of the vault in it: {grouped(made.backup.sha256)}</p>
        </Note>
      )}
    </div>
  );
}

/** `1.4 s`. */
function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${count(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** What a restore would undo, in a sentence. */
function lostWords({ lost, wouldComeBack }: WindowReply<'vault.drill'>): string {
  const back = wouldComeBack === 0 ? '' : ` ${many(wouldComeBack, 'key version')} that ${wouldComeBack === 1 ? 'was' : 'were'} destroyed since would open again.`;
  if (lost.entries === 0) return `A restore would lose nothing.${back}`;
  return `A restore now would lose ${many(lost.entries, 'log entry', 'log entries')}, ${many(lost.keys, 'key')} and ${many(lost.versions, 'key version')} made since.${back}`;
}

function TryBackup({ why }: { readonly why: string | undefined }): ReactElement {
  const work = useWork('Open a backup');
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [checked, setChecked] = useState<WindowReply<'vault.backupCheck'>>();
  const [drilled, setDrilled] = useState<WindowReply<'vault.drill'>>();
  const [file] = files;
  /** A grant is for one use. */
  const start = () => {
    setFiles([]);
    setChecked(undefined);
    setDrilled(undefined);
  };
  const check = async () => {
    if (file === undefined) return;
    start();
    setChecked(await work.run((control) => call('vault.backupCheck', { backup: file.grant }, control)));
  };
  const drill = async () => {
    start();
    setDrilled(await work.run((control) => call('vault.drill', file === undefined ? {} : { backup: file.grant }, control)));
  };
  return (
    <div className="stack">
      <h3>Would it help?</h3>
      {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="Nothing was restored, and the vault is as it was." />}
      <FileDrop label="A backup" use="backup" files={files} onFiles={setFiles} />
      <TryActs file={file} work={work} why={why} onCheck={() => void check()} onDrill={() => void drill()} />
      {checked === undefined ? null : <Checked {...checked} />}
      {drilled === undefined ? null : <Drilled drill={drilled} />}
    </div>
  );
}

interface TryActsProps {
  readonly file: ChosenFile | undefined;
  readonly work: Work;
  readonly why: string | undefined;
  readonly onCheck: () => void;
  readonly onDrill: () => void;
}

function TryActs({ file, work, why, onCheck, onDrill }: TryActsProps): ReactElement {
  return (
    <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
      <Act why={why} loading={work.busy} onClick={onDrill}>{file === undefined ? 'Rehearse with a copy taken now' : 'Rehearse a restore'}</Act>
      <Act why={file === undefined ? 'Choose the backup first' : undefined} loading={work.busy} onClick={onCheck}>Check it by itself</Act>
    </div>
  );
}

function ageWords(days: number): string {
  return days === 0 ? 'from today' : `${many(days, 'day')} old`;
}

function Checked({ backup, ageDays, keys, entries, rows, findings }: WindowReply<'vault.backupCheck'>): ReactElement {
  return (
    <Note kind="ink">
      <p role="status"><b>The backup is whole</b>: {moment(backup.takenAt)}, {ageWords(ageDays)}; {many(keys, 'key')}, {many(entries, 'log entry', 'log entries')} and {many(rows, 'row')} were verified.</p>
      {findings.map((line) => <p key={line} className="muted">{sentence(line)}</p>)}
    </Note>
  );
}

function Drilled({ drill }: { readonly drill: WindowReply<'vault.drill'> }): ReactElement {
  return (
    <Note kind="ink">
      <p role="status"><b>It would help</b>: opened, verified and compared with this vault in {seconds(drill.milliseconds)}. It is {ageWords(drill.ageDays)}, log entry {drill.logEntry}.</p>
      <p>{lostWords(drill)}</p>
      {drill.findings.map((line) => <p key={line} className="muted">{sentence(line)}</p>)}
    </Note>
  );
}
