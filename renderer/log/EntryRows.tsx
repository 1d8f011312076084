/** Entries as short lines, for a key's history. */
import { useMemo } from 'react';
import type { ReactElement } from 'react';
import { at } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { moment } from '../parts/text.ts';
import { sentenceOfEntry, withIntents } from '../../shared/log/sentences.ts';
import type { EntryView } from '../../shared/log/sentences.ts';

/** The names of all keys, by id. */
export function useKeyNames(): ReadonlyMap<string, string> {
  const keys = useAnswer('key.list', {}).value?.keys;
  return useMemo(() => new Map((keys ?? []).map(({ id, name }) => [id, name])), [keys]);
}

export function EntryRows({ entries }: { readonly entries: readonly EntryView[] }): ReactElement {
  const keys = useKeyNames();
  const names = withIntents(keys, entries);
  return (
    <ul className="hist" style={{ padding: '2px 14px' }}>
      {entries.map((entry) => (
        <li key={entry.seq} style={{ gridTemplateColumns: '160px 1fr' }}>
          <time dateTime={entry.time}>{moment(entry.time)}</time>
          <span>
            {sentenceOfEntry(entry, names)} <a className="mono small" href={at('log', String(entry.seq))}>#{entry.seq}</a>
          </span>
        </li>
      ))}
    </ul>
  );
}
