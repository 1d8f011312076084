/** The form of a signature, and behind it what few need to change. */
import { Checkbox, NumberInput, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { algorithmFacts, mechanismsOf } from '../../shared/lifecycle/purposes.ts';
import type { Algorithm } from '../../shared/model/terms.ts';
import type { VersionView } from '../keys/KeyDetail.tsx';
import { Choices } from '../parts/Choices.tsx';
import { Field } from '../parts/Field.tsx';
import { Note } from '../parts/Note.tsx';
import { day, mechanismWord } from '../parts/text.ts';
import { formatOptions, outOfTime } from './signOptions.ts';
import type { SignOptions } from './signOptions.ts';

export interface SignOptionFieldsProps {
  readonly algorithm: Algorithm;
  readonly certificate: VersionView['certificate'];
  readonly value: SignOptions;
  readonly onChange: (value: SignOptions) => void;
}

export function SignOptionFields({ algorithm, certificate, value, onChange }: SignOptionFieldsProps): ReactElement {
  const mechanisms = mechanismsOf(algorithm);
  const [usual = 'rsa-pss-sha256'] = mechanisms;
  const { format } = value;
  const expired = format === 'cms' && outOfTime(certificate, Date.now());
  return (
    <>
      <p className="lab">Form of the signature</p>
      <Choices twoColumns label="Form of the signature" value={format} onChange={(chosen) => onChange({ ...value, format: chosen })} options={formatOptions(algorithm, certificate)} />
      {expired ? <Note kind="bad"><b>The certificate is out of its time</b> (to {day(certificate?.notAfter ?? '')}): who verifies will be told. <Checkbox mt={8} label="Sign all the same; it is kept in the log" checked={value.acceptExpired} onChange={(event) => onChange({ ...value, acceptExpired: event.currentTarget.checked })} /></Note> : null}
      {format === 'sshsig' ? (
        <TextInput label="What it is for (namespace)" description="Who verifies asks for the same: “file” for files, “git” for commits. Empty means file." value={value.namespace} maxLength={255} onChange={(event) => onChange({ ...value, namespace: event.currentTarget.value })} />
      ) : mechanisms.length > 1 ? (
        <details className="more-of">
          <summary>Scheme: {mechanismWord(value.mechanism ?? usual)}</summary>
          <div className="formgrid">
            <Field label="Scheme" value={value.mechanism ?? usual} choices={mechanisms} words={mechanismWord} onChange={(mechanism) => onChange({ ...value, mechanism })} />
            <RawFields algorithm={algorithm} value={value} onChange={onChange} />
          </div>
        </details>
      ) : null}
    </>
  );
}

function RawFields({ algorithm, value, onChange }: Omit<SignOptionFieldsProps, 'certificate'>): ReactElement | null {
  const { format, mechanism, encoding, saltLength } = value;
  if (format !== 'raw') return null;
  const { family } = algorithmFacts[algorithm];
  if (family === 'ec') return <Field label="Encoding" value={encoding} choices={['der', 'p1363']} words={(one) => (one === 'der' ? 'DER: what most programs read' : 'r and s side by side (IEEE P1363)')} onChange={(chosen) => onChange({ ...value, encoding: chosen })} />;
  if (family !== 'rsa' || mechanism?.startsWith('rsa-pkcs1') === true) return null;
  return <NumberInput label="Bytes of salt (may be left out)" description="Without it as many as the hash has." min={0} max={512} value={saltLength ?? ''} onChange={(bytes) => onChange({ ...value, saltLength: typeof bytes === 'number' ? bytes : undefined })} />;
}
