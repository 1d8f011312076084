/** How a signature is looked at, where its file does not show it. */
import { NumberInput, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { signatureFormats, signatureMechanisms } from '../../shared/model/terms.ts';
import type { SignatureFormat, SignatureMechanism } from '../../shared/model/terms.ts';
import { Field } from '../parts/Field.tsx';
import { mechanismWord } from '../parts/text.ts';
import { formatTitles } from './signOptions.ts';

export interface VerifyWay {
  readonly format: SignatureFormat | 'shown';
  readonly mechanism: SignatureMechanism | 'usual';
  readonly encoding: 'der' | 'p1363';
  readonly saltLength: number | undefined;
  readonly namespace: string;
}

export const usualWay: VerifyWay = { format: 'shown', mechanism: 'usual', encoding: 'der', saltLength: undefined, namespace: '' };

/** As fields of a request. */
export function wayRequest({ format, mechanism, encoding, saltLength, namespace }: VerifyWay) {
  return {
    ...(format === 'shown' ? {} : { format }),
    ...(mechanism === 'usual' ? {} : { mechanism }),
    ...(encoding === 'der' ? {} : { encoding }),
    ...(saltLength === undefined ? {} : { saltLength }),
    ...(namespace === '' ? {} : { namespace }),
  };
}

export function VerifyWayFields({ value, onChange }: { readonly value: VerifyWay; readonly onChange: (value: VerifyWay) => void }): ReactElement {
  return (
    <details className="more-of">
      <summary>Form and scheme: {value.format === 'shown' ? 'as the signature shows' : formatTitles[value.format]}{value.mechanism === 'usual' ? '' : `, ${mechanismWord(value.mechanism)}`}</summary>
      <div className="formgrid">
        <Field label="Form" value={value.format} choices={['shown', ...signatureFormats]} words={(one) => (one === 'shown' ? 'As the signature shows' : formatTitles[one])} onChange={(format) => onChange({ ...value, format })} />
        <Field label="Scheme" description="A raw signature does not tell its own." value={value.mechanism} choices={['usual', ...signatureMechanisms]} words={(one) => (one === 'usual' ? 'The one that goes with the key' : mechanismWord(one))} onChange={(mechanism) => onChange({ ...value, mechanism })} />
        <Field label="Encoding of ECDSA" value={value.encoding} choices={['der', 'p1363']} words={(one) => (one === 'der' ? 'DER' : 'r and s side by side (IEEE P1363)')} onChange={(encoding) => onChange({ ...value, encoding })} />
        <NumberInput label="The only length of an RSA-PSS salt" description="Without it any, and it is said." min={0} max={512} value={value.saltLength ?? ''} onChange={(bytes) => onChange({ ...value, saltLength: typeof bytes === 'number' ? bytes : undefined })} />
        <TextInput label="Namespace of an SSH signature" description="Without it file." value={value.namespace} maxLength={255} onChange={(event) => onChange({ ...value, namespace: event.currentTarget.value })} />
      </div>
    </details>
  );
}
