/** Authentication codes of files: tags made in one batch, and one verified. */
import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { batchLimit } from '../../shared/ipc/method.ts';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';
import { go } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import type { CallControl } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { KeyField } from '../parts/KeyField.tsx';
import { Note } from '../parts/Note.tsx';
import { count, many } from '../parts/text.ts';
import { WorkProgress } from '../parts/WorkProgress.tsx';
import { FileJobList } from './FileJobList.tsx';
import { keysFor } from './UsePage.tsx';
import type { PanelProps } from './UsePage.tsx';
import { useFileJobs } from './useFileJobs.ts';
import type { FileJob } from './useFileJobs.ts';

function NoMacKey(): ReactElement {
  return <Empty title="No key for authentication codes" action={<Button variant="filled" onClick={() => go('generate', 'mac')}>Generate a key</Button>}>A tag shows who shares the key that a file is unchanged: HMAC, or CMAC with an AES key. Its purpose is message authentication.</Empty>;
}

export function MakeTags(props: PanelProps): ReactElement {
  const keys = keysFor(props, ['mac']);
  const [key, setKey] = useState(keys[0]?.name ?? '');
  const [written, setWritten] = useState(false);
  const files = useFileJobs(written);
  const work = useWork(`Making tags with ${key}`);
  if (keys.length === 0) return <NoMacKey />;
  const { waiting } = files;
  const tagBatch = async (batch: readonly FileJob[], control: CallControl) => {
    const ids = batch.map(({ id }) => id);
    files.set(ids, () => ({ state: 'working', result: undefined }));
    const tags = written ? { tags: batch.flatMap(({ file: { beside } }) => (beside === undefined ? [] : [beside.grant])) } : {};
    try {
      const { items } = await call('key.mac', { key, files: batch.map(({ file }) => file.grant), ...tags }, control);
      files.set(ids, (place) => (items[place]?.ok === true ? { state: 'done', result: <Tag hex={items[place]?.tag} file={written ? batch[place]?.file.beside?.name : undefined} /> } : { state: 'failed', result: sentence(items[place]?.error ?? 'no tag was made') }));
    } catch (error) {
      files.set(ids, () => ({ state: 'failed', result: 'No tag was made, as said above. Drop it again.' }));
      throw error;
    }
  };
  const start = () =>
    work.run(async (control) => {
      for (let from = 0; from < waiting.length; from += batchLimit) await tagBatch(waiting.slice(from, from + batchLimit), control);
    });
  return (
    <>
      <KeyField label="Key" keys={keys} value={key} onChange={setKey} />
      <FileDrop label="Files, of at most 4 MiB" use="mac" several files={[]} onFiles={files.add} />
      <Checkbox label="Write each tag beside its file, as NAME.mac" description="Without this they are shown here, in hex. A file that is there already is not overwritten." checked={written} onChange={(event) => setWritten(event.currentTarget.checked)} />
      <WorkProgress work={work} what="Making tags" />
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      <div>
        <Act variant="filled" loading={work.busy} why={waiting.length === 0 ? 'Choose a file first' : undefined} onClick={() => void start()}>Make {waiting.length === 0 ? 'tags' : many(waiting.length, 'tag')}</Act>
        {waiting.length === 0 ? <span className="small muted" style={{ marginLeft: 12 }}>Choose a file first</span> : null}
      </div>
      <FileJobList files={files} doneWord="Done" />
    </>
  );
}

function Tag({ hex, file }: { readonly hex: string | undefined; readonly file: string | undefined }): ReactElement {
  return <>{file === undefined ? null : <b>{file} </b>}{hex === undefined ? null : <span className="mono" style={{ overflowWrap: 'anywhere' }}>{hex}</span>}</>;
}

export function CheckTag(props: PanelProps): ReactElement {
  const keys = keysFor(props, ['mac']);
  const [key, setKey] = useState(keys[0]?.name ?? '');
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [tagFiles, setTagFiles] = useState<readonly ChosenFile[]>([]);
  const [typed, setTyped] = useState('');
  const [valid, setValid] = useState<string>();
  const work = useWork(`Verifying a tag with ${key}`);
  if (keys.length === 0) return <NoMacKey />;
  const [file] = files;
  const [tagFile] = tagFiles;
  const hex = typed.replace(/[\s:]/g, '').toLowerCase();
  const stuck = file === undefined ? 'Choose the file first' : tagFile === undefined && hex === '' ? 'Give its tag: as a file, or in hex' : undefined;
  const start = async () => {
    if (file === undefined) return;
    setValid(undefined);
    const given = tagFile === undefined ? { tag: hex } : { tagFile: tagFile.grant };
    const found = await work.run((control) => call('key.verifyMac', { key, in: file.grant, ...given }, control));
    if (found !== undefined) setValid(`The tag of ${file.name} is right, by version ${found.version} of ${found.key}, which is ${found.state}. Log entry ${count(found.logEntry)}.`);
    setFiles([]); // a grant is good for one use
    setTagFiles([]);
  };
  return (
    <>
      <KeyField label="Key" keys={keys} value={key} onChange={setKey} />
      <FileDrop label="File" use="mac" files={files} onFiles={setFiles} />
      <FileDrop label="File with its tag" use="tag" files={tagFiles} onFiles={setTagFiles} />
      {tagFile === undefined ? <TextInput label="Or the tag in hex" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} /> : null}
      {work.error === undefined ? null : <ErrorPanel error={work.error} {...(work.error.code === 'signature-invalid' ? { title: 'The tag is not right' } : {})} />}
      {valid === undefined ? null : <Note kind="ink"><span role="status">✓ {valid}</span></Note>}
      <div>
        <Act variant="filled" loading={work.busy} why={stuck} onClick={() => void start()}>Verify the tag</Act>
        {stuck === undefined ? null : <span className="small muted" style={{ marginLeft: 12 }}>{stuck}</span>}
      </div>
    </>
  );
}
