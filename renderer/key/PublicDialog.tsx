/** The public half of a pair, for whoever verifies its signatures or sends keys to it. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { Words } from '../parts/Words.tsx';

const formats = ['pem', 'der', 'jwk', 'openssh'] as const;
type Format = (typeof formats)[number];
const formatNames: Readonly<Record<Format, string>> = { pem: 'PEM (SPKI)', der: 'DER (SPKI)', jwk: 'JWK', openssh: 'OpenSSH' };
const endings: Readonly<Record<Format, string>> = { pem: 'pem', der: 'der', jwk: 'jwk', openssh: 'pub' };

export function PublicDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactElement {
  const { value, error } = useAnswer('key.public', { key: name });
  const [format, setFormat] = useState<Format>('pem');
  const [saved, setSaved] = useState<string>();
  const work = useWork(`Saving the public half of ${name}`);
  const save = async () => {
    const file = await work.run(async () => {
      const chosen = await call('host.chooseFile', { use: 'export-public', name: `${name}.${endings[format]}` });
      await call('key.public', { key: name, format, out: chosen.grant });
      return chosen;
    });
    setSaved(file?.name);
  };
  const failed = error ?? work.error;
  return (
    <Dialog title={`Public half of ${name}`} onClose={onClose} busy={work.busy}>
      <div style={{ display: 'flex', flexDirection: 'column', gap: 12 }}>
        {failed === undefined ? null : <ErrorPanel error={failed} />}
        {value === undefined ? null : (
          <div>
            <p className="lab">Its fingerprint, to be read to whoever gets it</p>
            <Words hex={value.fingerprint} />
          </div>
        )}
        <Field label="Form of the file" value={format} choices={formats} words={(one) => formatNames[one]} onChange={setFormat} />
        {saved === undefined ? null : <p role="status">Written to {saved}.</p>}
        <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>Done</Button>
          <Button variant="filled" loading={work.busy} onClick={save} data-autofocus>
            Save the public half…
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
