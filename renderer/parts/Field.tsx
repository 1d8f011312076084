/** One of a few words, by the keyboard as any select of the system. */
import { NativeSelect } from '@mantine/core';
import type { ReactElement } from 'react';

export interface FieldProps<V extends string> {
  readonly label: string;
  readonly description?: string;
  readonly value: V;
  readonly choices: readonly V[];
  readonly words: (value: V) => string;
  readonly onChange: (value: V) => void;
}

export function Field<V extends string>({ label, description, value, choices, words, onChange }: FieldProps<V>): ReactElement {
  return <NativeSelect label={label} description={description} value={value} data={choices.map((choice) => ({ value: choice, label: words(choice) }))} onChange={(event) => onChange(event.currentTarget.value as V)} />;
}
