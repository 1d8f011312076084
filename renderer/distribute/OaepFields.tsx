/** What RSA-OAEP does beyond its hash: both sides must do the same, and nothing of it is guessed (RFC 8017, 7.1). */
import { TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { oaepHashes } from '../../shared/model/terms.ts';
import type { OaepHash, WrapFormat } from '../../shared/model/terms.ts';
import { isUnderRsa, oaepHashOf } from '../../shared/model/wrapFormats.ts';
import { Field } from '../parts/Field.tsx';
import { hashWord } from '../parts/text.ts';

export interface Oaep {
  readonly mgfHash: OaepHash | 'same';
  readonly label: string;
}

export const usualOaep: Oaep = { mgfHash: 'same', label: '' };

/** As fields of a request; none where the format has no OAEP in it. */
export function oaepRequest(format: WrapFormat, { mgfHash, label }: Oaep): { mgfHash?: OaepHash; label?: string } {
  if (!isUnderRsa(format)) return {};
  return { ...(mgfHash === 'same' ? {} : { mgfHash }), ...(label === '' ? {} : { label }) };
}

export function OaepFields({ format, value, onChange }: { readonly format: WrapFormat; readonly value: Oaep; readonly onChange: (value: Oaep) => void }): ReactElement | null {
  const own = oaepHashOf(format);
  if (own === undefined) return null;
  const hash = hashWord(own);
  return (
    <details className="more-of">
      <summary>Other parameters of OAEP{value.mgfHash === 'same' && value.label === '' ? '' : ' (changed)'}</summary>
      <div className="formgrid">
        <Field label="Hash of MGF1" description="Old Java and some clouds use SHA-1 here whatever the hash." value={value.mgfHash} choices={['same', ...oaepHashes]} words={(one) => (one === 'same' ? `${hash}, as OAEP` : hashWord(one))} onChange={(mgfHash) => onChange({ ...value, mgfHash })} />
        <TextInput label="Label" description="Empty, unless both sides agreed on a text." maxLength={200} value={value.label} onChange={(event) => onChange({ ...value, label: event.currentTarget.value })} />
      </div>
    </details>
  );
}
