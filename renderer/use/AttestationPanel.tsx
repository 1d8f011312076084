/** Somebody's attestation verified: for a partner's wrapping key, say, before anything is wrapped to it. Nothing of it is kept. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ChosenFile, WindowReply } from '../../shared/ipc/windowContract.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { AttestationFacts } from '../parts/AttestationFacts.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';

export function VerifyAttestation(): ReactElement {
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [keys, setKeys] = useState<readonly ChosenFile[]>([]);
  const [serial, setSerial] = useState('');
  const [found, setFound] = useState<WindowReply<'attestation.verify'>>();
  const work = useWork('Verifying an attestation');
  const [key] = keys;
  const stuck = files.length === 0 ? 'Choose the attestation first' : undefined;
  const start = async () => {
    setFound(undefined);
    const wanted = serial.trim();
    const result = await work.run(() => call('attestation.verify', { files: files.map(({ grant }) => grant), ...(key === undefined ? {} : { key: key.grant }), ...(wanted === '' ? {} : { serial: wanted }) }));
    setFiles([]); // a grant is good for one use
    setKeys([]);
    if (result !== undefined) setFound(result);
  };
  return (
    <>
      <FileDrop label="The attestation, and the certificate of its device" use="attestation" several files={files} onFiles={setFiles} />
      <FileDrop label="The key that must be attested (may be left out)" use="verifying-key" files={keys} onFiles={setKeys} />
      <TextInput label="Serial number that the device must have (may be left out)" value={serial} onChange={(event) => setSerial(event.currentTarget.value)} />
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      <div>
        <Act variant="filled" loading={work.busy} why={stuck} onClick={() => void start()}>Verify</Act>
        {stuck === undefined ? null : <span className="small muted" style={{ marginLeft: 12 }}>{stuck}</span>}
      </div>
      {found === undefined ? null : <AttestationFacts found={found} />}
    </>
  );
}
