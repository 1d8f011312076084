/** What the device says of a key's birth: the verdict and why, taken from the token or from files. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import type { VersionView } from '../keys/KeyDetail.tsx';
import { AttestationFacts } from '../parts/AttestationFacts.tsx';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';

type Attestation = NonNullable<VersionView['attestation']>;

export interface AttestationBlockProps {
  readonly name: string;
  readonly version: VersionView;
  readonly attestation: Attestation;
}

export function AttestationBlock({ name, version, attestation }: AttestationBlockProps): ReactElement {
  const [told, setTold] = useState<string>();
  const work = useWork(`Attestation of ${name}`);
  const take = async (fromFile: boolean) => {
    setTold(undefined);
    const done = await work.run(async (control) => call('key.attest', { key: name, version: version.number, ...(fromFile ? { files: [(await call('host.chooseFile', { use: 'attestation' })).grant] } : {}) }, control));
    if (done !== undefined) setTold(`Verified, log entry ${done.logEntry}.`);
  };
  return (
    <Block title="Attestation" aside={version.fingerprint === undefined ? undefined : <span style={{ display: 'flex', gap: 12 }}><button type="button" className="link" onClick={() => void take(false)}>Take from the token</button><button type="button" className="link" onClick={() => void take(true)}>From a file…</button></span>}>
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {told === undefined ? null : <p role="status">{told}</p>}
      <AttestationFacts found={attestation} />
    </Block>
  );
}
