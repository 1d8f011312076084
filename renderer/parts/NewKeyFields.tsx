/** What a key that comes from elsewhere is here: its name, its one purpose, its algorithm, and whether it may leave again. */
import { Checkbox, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import type { Algorithm, Purpose } from '../../shared/model/terms.ts';
import { purposes } from '../../shared/model/terms.ts';
import { nameFault } from '../../shared/validation/name.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { algorithmWord, proposedFor } from './algorithmText.ts';
import { Field } from './Field.tsx';
import { purposeWords } from './text.ts';

export interface NewKey {
  readonly name: string;
  readonly purpose: Purpose;
  readonly algorithm: Algorithm;
  readonly exportable: boolean;
}

/** What is wrong with a name, or undefined; nothing is wrong with one that is not there yet. */
export function useNameFault(name: string): string | undefined {
  const keys = useAnswer('key.list', {}).value?.keys;
  if (name === '') return undefined;
  return keys?.some((key) => key.name === name) === true ? 'a key has this name already' : nameFault(name);
}

/** The purposes that a key of one of these algorithms can have. */
export function purposesOf(algorithms: readonly Algorithm[]): readonly Purpose[] {
  return purposes.filter((purpose) => purposeFacts[purpose].algorithms.some((algorithm) => algorithms.includes(algorithm)));
}

function algorithmsIn(purpose: Purpose, possible: readonly Algorithm[]): readonly Algorithm[] {
  return purposeFacts[purpose].algorithms.filter((algorithm) => possible.includes(algorithm));
}

/** The same key as far as it is possible: a purpose that fits, an algorithm that fits it. */
export function fitted(key: NewKey, possible: readonly Algorithm[], allowed: readonly Purpose[] = purposesOf(possible)): NewKey {
  const purpose = allowed.includes(key.purpose) ? key.purpose : (allowed[0] ?? key.purpose);
  const fits = algorithmsIn(purpose, possible);
  return { ...key, purpose, algorithm: fits.includes(key.algorithm) ? key.algorithm : proposedFor(purpose, fits) };
}

export interface NewKeyFieldsProps {
  readonly value: NewKey;
  readonly onChange: (value: NewKey) => void;
  /** What it can be: all, or what a file or a token says. */
  readonly algorithms: readonly Algorithm[];
  /** Narrower than what the algorithms allow. */
  readonly purposes?: readonly Purpose[];
  readonly fault: string | undefined;
  /** False where its place says whether it may leave. */
  readonly asksExportable?: boolean;
}

export function NewKeyFields({ value, onChange, algorithms: possible, purposes: allowed = purposesOf(possible), fault, asksExportable = true }: NewKeyFieldsProps): ReactElement {
  return (
    <>
      <div className="formgrid">
        <TextInput label="Name here" value={value.name} error={fault} onChange={(event) => onChange({ ...value, name: event.currentTarget.value })} />
        <Field label="Purpose" value={value.purpose} choices={allowed} words={(one) => purposeWords[one]} onChange={(purpose) => onChange(fitted({ ...value, purpose }, possible, allowed))} />
        <Field label="Algorithm" value={value.algorithm} choices={algorithmsIn(value.purpose, possible)} words={algorithmWord} onChange={(algorithm) => onChange({ ...value, algorithm })} />
      </div>
      {asksExportable ? <Checkbox label="Let it be wrapped out again" description="Without this it never leaves, and that cannot be changed later." checked={value.exportable} onChange={(event) => onChange({ ...value, exportable: event.currentTarget.checked })} /> : null}
    </>
  );
}
