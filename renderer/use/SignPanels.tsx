/** Signatures of files: made in one batch, verified with the public half. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { signatureMechanisms } from '../../shared/model/terms.ts';
import type { SignatureMechanism } from '../../shared/model/terms.ts';
import type { ChosenFile, WindowReply } from '../../shared/ipc/windowContract.ts';
import { go } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Note } from '../parts/Note.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { count, many, mechanismWord } from '../parts/text.ts';
import { WorkProgress } from '../parts/WorkProgress.tsx';
import { namesFor } from './UsePage.tsx';
import type { PanelProps } from './UsePage.tsx';

function NoSigner(): ReactElement {
  return <Empty title="No key to sign with" action={<Button variant="filled" onClick={() => go('generate')}>Generate a key</Button>}>Files are signed with an RSA key whose purpose is signature. On a token, the key never leaves it.</Empty>;
}

export function Sign(props: PanelProps): ReactElement {
  const names = namesFor(props, 'signature');
  const [key, setKey] = useState(names[0] ?? '');
  const [mechanism, setMechanism] = useState<SignatureMechanism>('rsa-pss-sha256');
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [done, setDone] = useState<WindowReply<'key.sign'> & { readonly names: readonly string[] }>();
  const work = useWork(`Signing with ${key}`);
  if (names.length === 0) return <NoSigner />;
  const start = async () => {
    const signatures = files.flatMap(({ beside }) => (beside === undefined ? [] : [beside.grant]));
    const signed = await work.run((control) => call('key.sign', { key, mechanism, files: files.map(({ grant }) => grant), signatures }, control));
    setDone(signed === undefined ? undefined : { ...signed, names: files.map(({ name }) => name) });
    setFiles([]);
  };
  return (
    <>
      <div className="formgrid">
        <Field label="Key" value={key} choices={names} words={(name) => name} onChange={setKey} />
        <Field label="Scheme" value={mechanism} choices={signatureMechanisms} words={mechanismWord} onChange={setMechanism} />
      </div>
      <FileDrop label="Files to sign" use="sign" several files={files} onFiles={setFiles} />
      <p className="small muted">Each signature goes beside its file, as NAME.sig. A file that is there already is not overwritten.</p>
      <WorkProgress work={work} what="Signing" />
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {done === undefined ? null : (
        <Note kind="ink">
          <span role="status">{many(done.signed, 'file')} signed with version {done.version} of {done.key}, log entry {count(done.logEntry)}.</span>
          <ul>{done.items.map(({ ok, error }, index) => (ok ? null : <li key={done.names[index]} className="red">{done.names[index]}: {error}</li>))}</ul>
        </Note>
      )}
      <div>
        <Act variant="filled" loading={work.busy} why={files.length === 0 ? 'Choose a file first' : undefined} onClick={() => void start()}>Sign {files.length === 0 ? '' : many(files.length, 'file')}</Act>
        {files.length === 0 ? <span className="small muted" style={{ marginLeft: 12 }}>Choose a file first</span> : null}
      </div>
    </>
  );
}

export function Verify(props: PanelProps): ReactElement {
  const names = namesFor(props, 'signature');
  const [key, setKey] = useState(names[0] ?? '');
  const [mechanism, setMechanism] = useState<SignatureMechanism>('rsa-pss-sha256');
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [signatures, setSignatures] = useState<readonly ChosenFile[]>([]);
  const [valid, setValid] = useState<string>();
  const work = useWork(`Verifying with ${key}`);
  if (names.length === 0) return <NoSigner />;
  const [file] = files;
  const [signature] = signatures;
  const ready = file !== undefined && signature !== undefined;
  const start = async () => {
    if (file === undefined || signature === undefined) return;
    setValid(undefined);
    const verified = await work.run((control) => call('key.verify', { key, mechanism, in: file.grant, signature: signature.grant }, control));
    if (verified !== undefined) setValid(`The signature of ${file.name} is valid, by version ${verified.version} of ${verified.key}, which is ${verified.state}.`);
    setFiles([]);
    setSignatures([]);
  };
  return (
    <>
      <div className="formgrid">
        <Field label="Key" value={key} choices={names} words={(name) => name} onChange={setKey} />
        <Field label="Scheme" value={mechanism} choices={signatureMechanisms} words={mechanismWord} onChange={setMechanism} />
      </div>
      <FileDrop label="File" use="verify" files={files} onFiles={setFiles} />
      <FileDrop label="Its signature" use="signature" files={signatures} onFiles={setSignatures} />
      {work.error === undefined ? null : <ErrorPanel error={work.error} {...(work.error.code === 'signature-invalid' ? { title: 'The signature is not valid' } : {})} />}
      {valid === undefined ? null : <Note kind="ink"><span role="status">✓ {valid}</span></Note>}
      <div>
        <Act variant="filled" loading={work.busy} why={ready ? undefined : 'Choose the file and its signature first'} onClick={() => void start()}>Verify</Act>
        {ready ? null : <span className="small muted" style={{ marginLeft: 12 }}>Choose the file and its signature first</span>}
      </div>
    </>
  );
}
