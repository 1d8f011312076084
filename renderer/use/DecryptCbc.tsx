/** What other programs encrypted by AES-CBC long ago: it is opened, with a warning, and nothing is made so. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Field } from '../parts/Field.tsx';
import { KeyField } from '../parts/KeyField.tsx';
import { Note } from '../parts/Note.tsx';
import { bytesWord, count } from '../parts/text.ts';
import { FileWork } from './EncryptPanels.tsx';
import { keysFor } from './UsePage.tsx';
import type { PanelProps } from './UsePage.tsx';

export function DecryptCbc(props: PanelProps): ReactElement {
  const keys = keysFor(props, ['data-encryption']);
  const [key, setKey] = useState(keys[0]?.name ?? '');
  const [iv, setIv] = useState('');
  const [padding, setPadding] = useState<'pkcs7' | 'none'>('pkcs7');
  const work = useWork(`Decrypting with ${key}`);
  if (keys.length === 0) return <p className="muted">Import the AES key of that program first, for data encryption.</p>;
  const vector = iv.replace(/[\s:]/g, '').toLowerCase();
  const fault = vector === '' || /^[0-9a-f]{32}$/.test(vector) ? undefined : '16 bytes in hex: 32 digits';
  return (
    <div className="stack">
      <Note kind="ink"><b>Nothing proves that such a file was not changed.</b> Compare what comes out with something that you know, and encrypt it anew here.</Note>
      <div className="formgrid">
        <KeyField label="Key" keys={keys} value={key} onChange={setKey} />
        <Field label="What fills the last block" value={padding} choices={['pkcs7', 'none']} words={(one) => (one === 'pkcs7' ? 'PKCS#7, as usual' : 'nothing')} onChange={setPadding} />
        <TextInput label="Initialization vector in hex" description="Empty: the first 16 bytes of the file are it." value={iv} error={fault} onChange={(event) => setIv(event.currentTarget.value)} />
      </div>
      <FileWork
        label="File that was encrypted by AES-CBC"
        use="decrypt"
        verb="Decrypt by AES-CBC"
        work={work}
        run={async (file, out, control) => {
          const { version, bytesOut, logEntry } = await call('key.decryptCbc', { key, in: file.grant, out, padding, ...(vector === '' ? {} : { iv: vector }) }, control);
          return `${file.name} is decrypted with version ${version} of ${key}: ${bytesWord(bytesOut)}, log entry ${count(logEntry)}.`;
        }}
      />
    </div>
  );
}
