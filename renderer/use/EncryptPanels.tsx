/** Files under an AES key: the key seals a key of the file, and the file is streamed. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { ChosenFile, FileUse } from '../../shared/ipc/windowContract.ts';
import { go } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import type { Work } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import type { CallControl } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Note } from '../parts/Note.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { KeyField } from '../parts/KeyField.tsx';
import { bytesWord, count } from '../parts/text.ts';
import { WorkProgress } from '../parts/WorkProgress.tsx';
import { DecryptCbc } from './DecryptCbc.tsx';
import { Elsewhere, keysFor } from './UsePage.tsx';
import type { PanelProps } from './UsePage.tsx';

/** Where the result goes: beside the file, or where a person says. */
async function outputOf(file: ChosenFile, elsewhere: boolean, use: FileUse): Promise<string> {
  if (!elsewhere && file.beside !== undefined) return file.beside.grant;
  return (await call('host.chooseFile', { use, name: file.beside?.name ?? file.name })).grant;
}

interface FileWorkProps {
  readonly label: string;
  readonly use: 'encrypt' | 'decrypt';
  readonly verb: string;
  readonly work: Work;
  readonly run: (file: ChosenFile, out: string, control: CallControl) => Promise<ReactNode>;
}

/** One file in, one file out. */
export function FileWork({ label, use, verb, work, run }: FileWorkProps): ReactElement {
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [elsewhere, setElsewhere] = useState(false);
  const [done, setDone] = useState<ReactNode>();
  const [file] = files;
  const start = async () => {
    if (file === undefined) return;
    setDone(undefined);
    const result = await work.run(async (control) => run(file, await outputOf(file, elsewhere, `${use}ed`), control));
    setFiles([]); // a grant is good for one use
    setDone(result);
  };
  return (
    <>
      <FileDrop label={label} use={use} files={files} onFiles={setFiles} />
      <Elsewhere checked={elsewhere} onChange={setElsewhere} beside={file?.beside?.name ?? (use === 'encrypt' ? 'NAME.sr' : 'its name without .sr')} />
      <WorkProgress work={work} what={verb} />
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {done === undefined ? null : <Note kind="ink"><span role="status">{done}</span></Note>}
      <div>
        <Act variant="filled" loading={work.busy} why={file === undefined ? 'Choose a file first' : undefined} onClick={() => void start()}>{verb}</Act>
        {file === undefined ? <span className="small muted" style={{ marginLeft: 12 }}>Choose a file first</span> : null}
      </div>
    </>
  );
}

export function Encrypt(props: PanelProps): ReactElement {
  const keys = keysFor(props, ['data-encryption']);
  const [key, setKey] = useState(keys[0]?.name ?? '');
  const work = useWork(`Encrypting under ${key}`);
  if (keys.length === 0) return <Empty title="No key to encrypt with" action={<Button variant="filled" onClick={() => go('generate', 'data-encryption')}>Generate a key</Button>}>Files are encrypted under an AES key whose purpose is data encryption.</Empty>;
  return (
    <>
      <KeyField label="Key" keys={keys} value={key} onChange={setKey} />
      <FileWork
        label="File to encrypt"
        use="encrypt"
        verb="Encrypt"
        work={work}
        run={async (file, out, control) => {
          const { version, bytesOut, logEntry } = await call('key.encrypt', { key, in: file.grant, out }, control);
          return `${file.name} is encrypted under version ${version} of ${key}: ${bytesWord(bytesOut)}, log entry ${count(logEntry)}.`;
        }}
      />
    </>
  );
}

export function Decrypt(props: PanelProps): ReactElement {
  const work = useWork('Decrypting');
  const [accepted, setAccepted] = useState<string>();
  const [cbc, setCbc] = useState(false);
  const compromised = work.error?.rule === 'KEY-USE-STATE';
  return (
    <>
      <p className="muted">Which key and version a file needs stands in its header.</p>
      <FileWork
        label="File to decrypt"
        use="decrypt"
        verb="Decrypt"
        work={work}
        run={async (file, out, control) => {
          const { key, version, bytesOut, logEntry } = await call('key.decrypt', { in: file.grant, out, ...(accepted === undefined || accepted === '' ? {} : { acceptCompromised: accepted }) }, control);
          return `${file.name} is decrypted with version ${version} of ${key}: ${bytesWord(bytesOut)}, log entry ${count(logEntry)}.`;
        }}
      />
      {compromised ? (
        <div className="field">
          <label htmlFor="accepted">Its key is compromised. Type the name of the key to use it all the same, at your risk</label>
          <span className="input"><input id="accepted" value={accepted ?? ''} onChange={(event) => setAccepted(event.currentTarget.value)} style={{ border: 0, background: 'none', outline: 0, flex: 1, color: 'inherit', font: 'inherit' }} /></span>
        </div>
      ) : null}
      <div><button type="button" className="link" aria-expanded={cbc} onClick={() => setCbc(!cbc)}>A file that another program encrypted by AES-CBC…</button></div>
      {cbc ? <DecryptCbc {...props} /> : null}
    </>
  );
}
