/** A wrapped key taken in: by RSA-OAEP with a transport key, or by AES-KW or AES-KWP with a wrapping key. It becomes a key here, never bytes. */
import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import { purposes, wrapFormats } from '../../shared/model/terms.ts';
import type { Algorithm, Purpose, WrapFormat } from '../../shared/model/terms.ts';
import { nameFault } from '../../shared/validation/name.ts';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';
import { at, go } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Page } from '../parts/Page.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { formatWord, purposeWords, upper } from '../parts/text.ts';
import { placeWord } from '../keys/KeysPage.tsx';

/** What travels in this version: AES keys. */
const travelling = purposes.filter((purpose) => purposeFacts[purpose].algorithms.includes('aes-256'));

export function ImportPage(): ReactElement {
  const keys = useAnswer('key.list', {}).value?.keys;
  const openers = keys?.filter(({ purpose, state }) => (purpose === 'key-transport' || purpose === 'key-wrapping') && state !== 'destroyed') ?? [];
  const [opener, setOpener] = useState<string>();
  const [format, setFormat] = useState<WrapFormat>();
  const [name, setName] = useState('');
  const [purpose, setPurpose] = useState<Purpose>('data-encryption');
  const [algorithm, setAlgorithm] = useState<Algorithm>('aes-256');
  const [exportable, setExportable] = useState(false);
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const work = useWork();
  const chosen = openers.find((key) => key.name === opener) ?? openers[0];
  if (keys === undefined) return <div className="page" role="status">Reading the keys…</div>;
  if (chosen === undefined) return <Empty title="No key to import with" action={<Button variant="filled" onClick={() => go('generate')}>Generate a transport key</Button>}>A wrapped key is opened by a key-transport key (RSA-OAEP) or a key-wrapping key (AES-KW, AES-KWP) of this vault. Give the public half of a transport key to whoever sends you keys.</Empty>;
  const formats = wrapFormats.filter((one) => one.startsWith('rsa') === (chosen.purpose === 'key-transport'));
  const used = format !== undefined && formats.includes(format) ? format : (formats.find((one) => one === 'rsa-oaep-sha256' || one === 'aes-kwp') ?? formats[0] ?? 'aes-kwp');
  const fault = name === '' ? undefined : keys.some((key) => key.name === name) ? 'a key has this name already' : nameFault(name);
  const [file] = files;
  const stuck = file === undefined ? 'Choose the file with the wrapped key' : name === '' || fault !== undefined ? 'Give it a name that no other key has' : undefined;
  const take = async () => {
    if (file === undefined) return;
    const fields = { name, purpose, algorithm, exportable, with: chosen.name, in: file.grant };
    const made = await work.run((control) => (used.startsWith('rsa') ? call('key.import', { ...fields, format: used as 'rsa-oaep-sha1' }, control) : call('key.unwrap', { ...fields, format: used as 'aes-kw' }, control)));
    setFiles([]);
    if (made !== undefined) go('key', made.key.name);
  };
  return (
    <Page
      crumb={<a href={at('keys')}>Keys</a>}
      title="Import a wrapped key"
      foot={
        <>
          <Button variant="subtle" color="gray" onClick={() => go('keys')}>Cancel</Button>
          <div className="fill small muted">{stuck ?? `It will live where ${chosen.name} lives: ${placeWord(chosen.place.name)}`}</div>
          <Act variant="filled" loading={work.busy} why={stuck} onClick={() => void take()}>Import {name}</Act>
        </>
      }
    >
      <div className="wide" style={{ margin: 0, display: 'flex', flexDirection: 'column', gap: 16 }}>
        {work.error === undefined ? null : <ErrorPanel error={work.error} />}
        <FileDrop label="File with the wrapped key" use="wrapped-key" files={files} onFiles={setFiles} />
        <div className="formgrid">
          <Field label="Opened with" value={chosen.name} choices={openers.map((key) => key.name)} words={(one) => one} onChange={setOpener} />
          <Field label="Wrapped by" value={used} choices={formats} words={formatWord} onChange={setFormat} />
          <TextInput label="Name here" value={name} error={fault} onChange={(event) => setName(event.currentTarget.value)} />
          <Field label="Purpose" value={purpose} choices={travelling} words={(one) => purposeWords[one]} onChange={setPurpose} />
          <Field label="Algorithm" value={algorithm} choices={purposeFacts[purpose].algorithms} words={upper} onChange={setAlgorithm} />
        </div>
        <Checkbox label="Let it be wrapped out again" checked={exportable} onChange={(event) => setExportable(event.currentTarget.checked)} />
      </div>
    </Page>
  );
}
