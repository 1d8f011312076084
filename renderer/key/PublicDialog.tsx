/** The public half of a pair, for whoever verifies its signatures or sends keys to it. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { algorithmFacts } from '../../shared/lifecycle/purposes.ts';
import type { Algorithm } from '../../shared/model/terms.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Choices } from '../parts/Choices.tsx';
import { Words } from '../parts/Words.tsx';

const formats = ['pem', 'der', 'jwk', 'openssh'] as const;
type Format = (typeof formats)[number];
const formatNames: Readonly<Record<Format, string>> = { pem: 'PEM (SPKI)', der: 'DER (SPKI)', jwk: 'JWK', openssh: 'OpenSSH' };
const formatWhy: Readonly<Record<Format, string>> = { pem: 'What most programs read.', der: 'The same in bytes, for devices.', jwk: 'For web services (RFC 7517).', openssh: 'A line for authorized_keys or allowed_signers.' };
const endings: Readonly<Record<Format, string>> = { pem: 'pem', der: 'der', jwk: 'jwk', openssh: 'pub' };

/** Why there is no such file for a key: OpenSSH knows the older keys that sign, and no others. */
function noFile(format: Format, algorithm: Algorithm): string | undefined {
  const { family } = algorithmFacts[algorithm];
  if (format === 'openssh' && (family === 'x25519' || family.startsWith('ml-'))) return 'OpenSSH has no public keys of this kind.';
  return undefined;
}

export function PublicDialog({ name, algorithm, onClose }: { readonly name: string; readonly algorithm: Algorithm; readonly onClose: () => void }): ReactElement {
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
        <p className="lab">Form of the file</p>
        <Choices label="Form of the file" value={format} onChange={setFormat} options={formats.map((value) => ({ value, title: formatNames[value], why: formatWhy[value], no: noFile(value, algorithm) }))} />
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
