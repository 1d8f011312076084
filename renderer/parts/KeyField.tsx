/** One key of the vault: of a few by a select of the system, of many by typing a part of the name. */
import { Select } from '@mantine/core';
import { useMemo } from 'react';
import type { ReactElement } from 'react';
import type { KeyView } from '../keys/KeysPage.tsx';
import { algorithmWord } from './algorithmText.ts';
import { Field } from './Field.tsx';

/** Nobody looks for a name in a longer list. */
const few = 100;
/** More are found by typing on. */
const shownAtMost = 50;

export interface KeyFieldProps {
  readonly label: string;
  readonly keys: readonly KeyView[];
  /** The name of the chosen one. */
  readonly value: string;
  readonly onChange: (name: string) => void;
  readonly withAlgorithm?: boolean;
  /** What may be chosen in place of a key; its value is no name of a key. */
  readonly other?: { readonly value: ''; readonly label: string };
}

export function KeyField({ label, keys, value, onChange, withAlgorithm = false, other }: KeyFieldProps): ReactElement {
  const words = useMemo(() => new Map([...keys.map(({ name, algorithm }) => [name, withAlgorithm ? `${name} (${algorithmWord(algorithm)})` : name] as const), ...(other === undefined ? [] : [[other.value, other.label] as const])]), [keys, withAlgorithm, other]);
  if (words.size <= few) return <Field label={label} value={value} choices={[...words.keys()]} words={(name) => words.get(name) ?? name} onChange={onChange} />;
  return <Many label={label} words={words} value={value} onChange={onChange} />;
}

interface ManyProps extends Pick<KeyFieldProps, 'label' | 'value' | 'onChange'> {
  readonly words: ReadonlyMap<string, string>;
}

function Many({ label, words, value, onChange }: ManyProps): ReactElement {
  const data = useMemo(() => [...words].map(([name, word]) => ({ value: name, label: word })), [words]);
  return <Select label={label} description={`One of ${words.size.toLocaleString('en')}: type a part of its name.`} data={data} value={value} onChange={(name) => name !== null && onChange(name)} searchable allowDeselect={false} limit={shownAtMost} withScrollArea={false} nothingFoundMessage="No key is named like that" comboboxProps={{ withinPortal: false, transitionProps: { duration: 0 } }} />;
}
