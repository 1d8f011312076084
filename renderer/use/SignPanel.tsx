/** Files signed in one batch: dropped, signed, each with its own result beside it. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { batchLimit } from '../../shared/ipc/method.ts';
import { at, go } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import type { CallControl } from '../client/vaultClient.ts';
import { newestOf } from '../keys/KeyDetail.tsx';
import { Act } from '../parts/Act.tsx';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { KeyField } from '../parts/KeyField.tsx';
import { Note } from '../parts/Note.tsx';
import { count, many } from '../parts/text.ts';
import { WorkProgress } from '../parts/WorkProgress.tsx';
import { FileJobList } from './FileJobList.tsx';
import { SignOptionFields } from './SignOptionFields.tsx';
import { endingOf, signRequest, useOfFormat, usualOptions } from './signOptions.ts';
import type { SignOptions } from './signOptions.ts';
import { keysFor } from './UsePage.tsx';
import type { PanelProps } from './UsePage.tsx';
import { useFileJobs } from './useFileJobs.ts';
import type { FileJob } from './useFileJobs.ts';

export function NoSigner(): ReactElement {
  return <Empty title="No key to sign with" action={<Button variant="filled" onClick={() => go('generate', 'signature')}>Generate a key</Button>}>Files are signed with a key whose purpose is signature or authentication. On a token, the key never leaves it.</Empty>;
}

type Signed = WindowReply<'key.sign'>;

/** What became of one file. */
function outcome({ file }: FileJob, item: Signed['items'][number] | undefined): Pick<FileJob, 'state' | 'result'> {
  if (item?.ok === true) return { state: 'done', result: file.beside?.name };
  return { state: 'failed', result: sentence(item?.error ?? 'it was not signed') };
}

const notSigned = { state: 'failed', result: 'Not signed, as said above. Drop it again.' } as const;

export function Sign(props: PanelProps): ReactElement {
  const keys = keysFor(props, ['signature', 'authentication']);
  const [name, setName] = useState(keys[0]?.name ?? '');
  const [options, setOptions] = useState<SignOptions>(usualOptions);
  const files = useFileJobs(true);
  const [said, setSaid] = useState<string>();
  const work = useWork(`Signing with ${name}`);
  const shown = useAnswer('key.show', name === '' ? undefined : { key: name }).value;
  const key = keys.find((one) => one.name === name);
  if (key === undefined) return <NoSigner />;
  const certificate = shown === undefined ? undefined : newestOf(shown)?.certificate;
  const { waiting } = files;
  const change = (next: SignOptions) => {
    if (useOfFormat[next.format] !== useOfFormat[options.format]) files.clear(true); // the place of the result goes with the form
    setOptions(next);
  };
  const signBatch = async (batch: readonly FileJob[], control: CallControl) => {
    const ids = batch.map(({ id }) => id);
    files.set(ids, () => ({ state: 'working', result: undefined }));
    const signatures = batch.flatMap(({ file: { beside } }) => (beside === undefined ? [] : [beside.grant]));
    try {
      const { items, signed, version, logEntry } = await call('key.sign', { key: name, ...signRequest(options, key.algorithm), files: batch.map(({ file }) => file.grant), signatures }, control);
      files.set(ids, (place) => outcome(batch[place] as FileJob, items[place]));
      setSaid(`${many(signed, 'file')} signed with version ${version} of ${name}, log entry ${count(logEntry)}.`);
    } catch (error) {
      files.set(ids, () => notSigned);
      throw error;
    }
  };
  const start = () =>
    work.run(async (control) => {
      for (let from = 0; from < waiting.length; from += batchLimit) await signBatch(waiting.slice(from, from + batchLimit), control);
    });
  return (
    <>
      <KeyField label="Key" keys={keys} value={name} withAlgorithm onChange={setName} />
      <SignOptionFields algorithm={key.algorithm} certificate={certificate} value={options} onChange={change} />
      {certificate === undefined && shown !== undefined ? <p className="small muted">CMS needs a certificate: <a href={at('key', name)}>request or attach one</a>.</p> : null}
      <FileDrop label="Files to sign" use={useOfFormat[options.format]} several files={[]} onFiles={files.add} />
      <p className="small muted">Each signature goes beside its file, as {endingOf[options.format]}. A file that is there already is not overwritten. Choose the form first: with another ending the files are dropped anew.</p>
      <WorkProgress work={work} what="Signing" />
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {said === undefined || work.error !== undefined ? null : <Note kind="ink"><span role="status">{said}</span></Note>}
      <div>
        <Act variant="filled" loading={work.busy} why={waiting.length === 0 ? 'Choose a file first' : undefined} onClick={() => void start()}>Sign {waiting.length === 0 ? '' : many(waiting.length, 'file')}</Act>
        {waiting.length === 0 ? <span className="small muted" style={{ marginLeft: 12 }}>Choose a file first</span> : null}
      </div>
      <FileJobList files={files} doneWord="Signed" />
    </>
  );
}
