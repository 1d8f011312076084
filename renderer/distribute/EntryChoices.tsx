/** What a key file holds: its form, its notes, and its keys to choose from by fingerprint in words or by check value. */
import type { ReactElement } from 'react';
import { wordsOf } from '../../shared/words/pgpWords.ts';
import { algorithmWord } from '../parts/algorithmText.ts';
import { Choices } from '../parts/Choices.tsx';
import { Facts } from '../parts/Facts.tsx';
import { sentence } from '../parts/ErrorPanel.tsx';
import { grouped, many } from '../parts/text.ts';
import type { Found, Reading, SecretForm } from './useKeyFile.ts';

type Entry = Found['entries'][number];

const formWords: Readonly<Record<SecretForm, string>> = { hex: 'Its letters are hex digits', base64: 'Its letters are base64', raw: 'Its bytes are the key itself' };

export interface EntryChoicesProps {
  readonly readings: readonly Reading[];
  readonly chosen: { readonly reading: Reading; readonly entry: Entry } | undefined;
  readonly onChoose: (reading: Reading, entry: Entry) => void;
}

function idOf({ secretForm }: Reading, place: number): string {
  return `${secretForm ?? 'file'} ${place}`;
}

function Described({ entry: { fingerprint, kcv, certificates, notes } }: { readonly entry: Entry }): ReactElement {
  return (
    <>
      {fingerprint === undefined ? null : <span className="two-line">{wordsOf(fingerprint).slice(0, 6).join(' ')}, SHA-256 <span className="mono">{grouped(fingerprint.slice(0, 16))}…</span></span>}
      {kcv === undefined ? null : <span className="two-line">KCV (CMAC) <b className="mono">{grouped(kcv)}</b></span>}
      {certificates === 0 ? null : <span className="two-line">with {many(certificates, 'certificate')}</span>}
      {notes.map((note) => <span key={note} className="two-line">{sentence(note)}</span>)}
    </>
  );
}

function titleOf({ secretForm }: Reading, { name, algorithm, bits, kind }: Entry): string {
  const what = algorithm === undefined ? (kind === 'secret' ? `a secret of ${bits ?? 0} bits` : 'a pair') : algorithmWord(algorithm);
  return secretForm === undefined ? `${name}: ${what}` : `${formWords[secretForm]}: ${what}`;
}

export function EntryChoices({ readings, chosen, onChoose }: EntryChoicesProps): ReactElement | null {
  const [first] = readings;
  if (first === undefined) return null;
  const rows = readings.flatMap((reading) => reading.found.entries.map((entry, place) => ({ reading, entry, id: idOf(reading, place) })));
  const now = rows.find(({ reading, entry }) => reading === chosen?.reading && entry === chosen.entry);
  return (
    <div className="stack">
      <Facts rows={[['The file is', readings.length > 1 ? 'a secret that can be read in more than one way' : first.found.form], ['It holds', readings.length > 1 ? 'one key: compare its check value with that of its sender' : many(rows.length, 'key')], readings.length > 1 || first.found.notes.length === 0 ? undefined : ['Noted', first.found.notes.map(sentence).join(' ')]]} />
      <Choices
        label="Which key"
        value={now?.id}
        onChange={(id) => {
          const row = rows.find((one) => one.id === id);
          if (row !== undefined) onChoose(row.reading, row.entry);
        }}
        options={rows.map(({ reading, entry, id }) => ({ value: id, title: titleOf(reading, entry), why: <Described entry={entry} /> }))}
      />
    </div>
  );
}
