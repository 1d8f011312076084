/** Keys at work: encrypt, decrypt, sign, verify files. Results go beside the files, or where a person says. */
import { Checkbox, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { at, usePlace } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { Page } from '../parts/Page.tsx';
import type { KeyView } from '../keys/KeysPage.tsx';
import { Decrypt, Encrypt } from './EncryptPanels.tsx';
import { Sign, Verify } from './SignPanels.tsx';

const jobs = ['encrypt', 'decrypt', 'sign', 'verify'] as const;
type Job = (typeof jobs)[number];

const titles: Readonly<Record<Job, string>> = { encrypt: 'Encrypt a file', decrypt: 'Decrypt a file', sign: 'Sign files', verify: 'Verify a signature' };

function jobOf(key: KeyView | undefined, wanted: string | undefined): Job {
  const asked = jobs.find((job) => job === wanted);
  return asked ?? (key?.purpose === 'signature' ? 'sign' : 'encrypt');
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
    <Page crumb={<><a href={at('keys')}>Keys</a>{name === undefined ? '' : <> / <a href={at('key', name)}>{name}</a></>}</>} title={titles[job]} actions={<SegmentedControl aria-label="What to do" value={job} onChange={(value) => setChosen(value as Job)} data={jobs.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))} transitionDuration={0} />}>
      <div className="wide" style={{ display: 'flex', flexDirection: 'column', gap: 16, margin: 0 }}>
        {job === 'encrypt' ? <Encrypt {...common} /> : null}
        {job === 'decrypt' ? <Decrypt /> : null}
        {job === 'sign' ? <Sign {...common} /> : null}
        {job === 'verify' ? <Verify {...common} /> : null}
      </div>
    </Page>
  );
}

export interface PanelProps {
  readonly keys: readonly KeyView[];
  readonly preferred: string | undefined;
}

/** The keys of a purpose, the preferred one first. */
export function namesFor({ keys, preferred }: PanelProps, purpose: KeyView['purpose']): readonly string[] {
  const names = keys.filter((key) => key.purpose === purpose).map(({ name }) => name);
  return preferred !== undefined && names.includes(preferred) ? [preferred, ...names.filter((name) => name !== preferred)] : names;
}

export function Elsewhere({ checked, onChange, beside }: { readonly checked: boolean; readonly onChange: (checked: boolean) => void; readonly beside: string }): ReactElement {
  return <Checkbox label="Write the result somewhere else" description={`Without this it goes beside the file, as ${beside}. A file that is there already is not overwritten.`} checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />;
}
