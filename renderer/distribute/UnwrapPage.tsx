/** A wrapped key taken in: by RSA-OAEP or RSA-AES-KWP with a transport key, by AES-KW or AES-KWP with a wrapping key. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { algorithmFacts } from '../../shared/lifecycle/purposes.ts';
import { algorithms, wrapFormats } from '../../shared/model/terms.ts';
import type { Algorithm, WrapFormat } from '../../shared/model/terms.ts';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';
import { at, go, usePlace } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import type { KeyView } from '../keys/KeysPage.tsx';
import { placeWord } from '../keys/KeysPage.tsx';
import { Act } from '../parts/Act.tsx';
import { isPair } from '../parts/algorithmText.ts';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { KeyField } from '../parts/KeyField.tsx';
import { NewKeyFields, fitted, useNameFault } from '../parts/NewKeyFields.tsx';
import type { NewKey } from '../parts/NewKeyFields.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { formatWord } from '../parts/text.ts';
import { ImportKind } from './ImportPage.tsx';
import { OaepFields, oaepRequest, usualOaep } from './OaepFields.tsx';
import { named } from '../theme/named.ts';

function formatsOf(opener: KeyView): readonly WrapFormat[] {
  const rsa = opener.purpose === 'key-transport';
  return wrapFormats.filter((format) => format.startsWith('rsa') === rsa);
}

/** OAEP alone has room for a secret key, AES-KW only for lengths that 8 divides: a private key needs AES-KWP. */
function carried(format: WrapFormat): readonly Algorithm[] {
  return format.includes('kwp') ? algorithms : algorithms.filter((algorithm) => !isPair(algorithm));
}

const usual: Readonly<Record<string, WrapFormat>> = { 'key-wrapping': 'aes-kwp', 'key-transport': 'rsa-oaep-sha256' };

export function UnwrapPage(): ReactElement {
  const keys = useAnswer('key.list', {}).value?.keys;
  const openers = keys?.filter(({ purpose, state }) => (purpose === 'key-transport' || purpose === 'key-wrapping') && state !== 'destroyed');
  if (openers === undefined) return <div className="page" role="status">Reading the keys…</div>;
  if (openers[0] === undefined)
    return (
      <Page crumb={<a href={at('keys')}>Keys</a>} title="Import a key">
        <div className="stack"><ImportKind now="wrapped" /></div>
        <Empty title="No key to open it with" action={<Button variant="filled" onClick={() => go('generate', 'key-transport')}>Generate a transport key</Button>}>A wrapped key is opened by a key-transport key (RSA-OAEP, RSA-AES-KWP) or a key-wrapping key (AES-KW, AES-KWP) of this vault. Give the public half of a transport key to whoever sends you keys.</Empty>
      </Page>
    );
  return <Unwrap openers={openers} first={openers[0]} />;
}

function Unwrap({ openers, first }: { readonly openers: readonly KeyView[]; readonly first: KeyView }): ReactElement {
  const { more } = usePlace();
  const [opener, setOpener] = useState(more ?? first.name);
  const [format, setFormat] = useState<WrapFormat>();
  const [oaep, setOaep] = useState(usualOaep);
  const [wanted, setWanted] = useState<NewKey>({ name: '', purpose: 'data-encryption', algorithm: 'aes-256', exportable: false });
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const work = useWork(`Importing ${wanted.name}`);
  const fault = useNameFault(wanted.name);
  const chosen = openers.find((key) => key.name === opener) ?? first;
  const formats = formatsOf(chosen);
  const used = format !== undefined && formats.includes(format) ? format : (usual[chosen.purpose] ?? 'aes-kwp');
  const key = fitted(wanted, carried(used));
  const [file] = files;
  const stuck = file === undefined ? 'Choose the file with the wrapped key' : key.name === '' || fault !== undefined ? 'Give it a name that no other key has' : undefined;
  const take = async () => {
    if (file === undefined) return;
    const made = await work.run((control) => call('key.unwrap', { ...key, with: chosen.name, format: used, ...oaepRequest(used, oaep), in: file.grant }, control));
    setFiles([]); // a grant is good for one use
    if (made !== undefined) go('key', made.key.name);
  };
  return (
    <Page
      crumb={<a href={at('keys')}>Keys</a>}
      title="Import a key"
      foot={
        <>
          <Button variant="subtle" color="gray" onClick={() => go('keys')}>Cancel</Button>
          <div className="fill small muted">{stuck ?? `It will live where ${chosen.name} lives: ${placeWord(chosen.place.name)}`}</div>
          <Act variant="filled" {...named} loading={work.busy} why={stuck} onClick={() => void take()}>Import {key.name}</Act>
        </>
      }
    >
      <div className="stack wide" style={{ margin: 0 }}>
        <ImportKind now="wrapped" />
        {work.error === undefined ? null : <ErrorPanel error={work.error} {...(work.error.code === 'unwrap-failed' ? { unchanged: 'No key was made. Why it does not open is not told apart: the wrong key, hash, label or format look alike.' } : {})} />}
        <FileDrop label="File with the wrapped key" use="wrapped-key" files={files} onFiles={setFiles} />
        <div className="formgrid">
          <KeyField label="Opened with" keys={openers} value={chosen.name} onChange={setOpener} />
          <Field label="Wrapped by" value={used} choices={formats} words={formatWord} onChange={setFormat} />
        </div>
        <OaepFields format={used} value={oaep} onChange={setOaep} />
        <NewKeyFields value={key} onChange={setWanted} algorithms={carried(used)} fault={fault} />
        {algorithmFacts[key.algorithm].kind === 'pair' ? <Note>A private key travels as PKCS#8. It is recomputed and used once before it is kept, and its public half is made from it.</Note> : null}
      </div>
    </Page>
  );
}
