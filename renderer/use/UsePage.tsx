/** Keys at work: encrypt, decrypt, sign, verify files, make and verify their tags; and what a device says of a key. Results go beside the files, or where a person says. */
import { Checkbox, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { at, usePlace } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { Page } from '../parts/Page.tsx';
import type { KeyView } from '../keys/KeysPage.tsx';
import { VerifyAttestation } from './AttestationPanel.tsx';
import { Decrypt, Encrypt } from './EncryptPanels.tsx';
import { CheckTag, MakeTags } from './MacPanels.tsx';
import { Sign } from './SignPanel.tsx';
import { Verify } from './VerifyPanel.tsx';

const jobs = ['encrypt', 'decrypt', 'sign', 'verify', 'tag', 'check', 'attestation'] as const;
type Job = (typeof jobs)[number];

const titles: Readonly<Record<Job, string>> = { encrypt: 'Encrypt a file', decrypt: 'Decrypt a file', sign: 'Sign files', verify: 'Verify signatures', tag: 'Make authentication codes', check: 'Verify an authentication code', attestation: 'Verify an attestation' };
const words: Readonly<Record<Job, string>> = { encrypt: 'Encrypt', decrypt: 'Decrypt', sign: 'Sign', verify: 'Verify', tag: 'Tag', check: 'Check a tag', attestation: 'Attestation' };
const jobsOf: Readonly<Partial<Record<KeyView['purpose'], Job>>> = { signature: 'sign', authentication: 'sign', mac: 'tag', 'data-encryption': 'encrypt' };

function jobOf(key: KeyView | undefined, wanted: string | undefined): Job {
  const asked = jobs.find((job) => job === wanted);
  return asked ?? (key === undefined ? undefined : jobsOf[key.purpose]) ?? 'sign';
}

export function UsePage(): ReactElement {
  const { of: name, more } = usePlace();
  const keys = useAnswer('key.list', {}).value?.keys;
  const [chosen, setChosen] = useState<Job>();
  if (keys === undefined) return <div className="page" role="status">Reading the keys…</div>;
  const job = chosen ?? jobOf(keys.find((key) => key.name === name), more);
  const usable = keys.filter(({ state }) => state !== 'destroyed');
  const common = { keys: usable, preferred: name };
  return (
    <Page crumb={<><a href={at('keys')}>Keys</a>{name === undefined ? '' : <> / <a href={at('key', name)}>{name}</a></>}</>} title={titles[job]} actions={<SegmentedControl aria-label="What to do" value={job} onChange={(value) => setChosen(value as Job)} data={jobs.map((value) => ({ value, label: words[value] }))} transitionDuration={0} />}>
      <div className="wide" style={{ display: 'flex', flexDirection: 'column', gap: 16, margin: 0 }}>
        {job === 'encrypt' ? <Encrypt {...common} /> : null}
        {job === 'decrypt' ? <Decrypt {...common} /> : null}
        {job === 'sign' ? <Sign {...common} /> : null}
        {job === 'verify' ? <Verify {...common} /> : null}
        {job === 'tag' ? <MakeTags {...common} /> : null}
        {job === 'check' ? <CheckTag {...common} /> : null}
        {job === 'attestation' ? <VerifyAttestation /> : null}
      </div>
    </Page>
  );
}

export interface PanelProps {
  readonly keys: readonly KeyView[];
  readonly preferred: string | undefined;
}

/** The keys of these purposes, the preferred one first. */
export function keysFor({ keys, preferred }: PanelProps, purposes: readonly KeyView['purpose'][]): readonly KeyView[] {
  return keys.filter(({ purpose }) => purposes.includes(purpose)).toSorted((a, b) => Number(b.name === preferred) - Number(a.name === preferred));
}

export function Elsewhere({ checked, onChange, beside }: { readonly checked: boolean; readonly onChange: (checked: boolean) => void; readonly beside: string }): ReactElement {
  return <Checkbox label="Write the result somewhere else" description={`Without this it goes beside the file, as ${beside}. A file that is there already is not overwritten.`} checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />;
}
