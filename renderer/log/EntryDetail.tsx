/** One entry: what it says field by field, and the proof that it is in the log. */
import { Button } from '@mantine/core';
import { IconArrowUp, IconCircleFilled, IconSquareFilled } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useAnswer } from '../client/useAnswer.ts';
import { inField, useKeys } from '../frame/shortcuts.ts';
import { Facts } from '../parts/Facts.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { count, moment } from '../parts/text.ts';
import { OutcomeMark } from './LogPage.tsx';
import { sentenceOfEntry } from '../../shared/log/sentences.ts';
import type { EntryView, Names } from '../../shared/log/sentences.ts';

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}

interface EntryDetailProps {
  readonly entry: EntryView;
  readonly names: Names;
  readonly onKey: (name: string) => void;
}

export function EntryDetail({ entry, names, onKey }: EntryDetailProps): ReactElement {
  const [proving, setProving] = useState(false);
  const proof = useAnswer('audit.proof', proving ? { entry: entry.seq } : undefined);
  useKeys((event) => (!inField(event) && event.key === 'p' ? setProving(true) : false));
  const keyName = names.keys.get(shown(entry.body['key'] ?? names.intents.get(shown(entry.body['intent']))?.body['key']));
  return (
    <aside className="detail" aria-label={`Entry ${entry.seq}`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls is in reach of the keyboard */}
      <div className="in" tabIndex={0} role="region" aria-label="What the entry says">
        <div>
          <div className="small muted">Entry {count(entry.seq)}</div>
          <h2>{sentenceOfEntry(entry, names)}</h2>
          <OutcomeMark entry={entry} />
        </div>
        <Facts
          rows={[
            ['When', moment(entry.time)],
            ...Object.entries(entry.personal).map(([field, text]): [string, string] => [field, text]),
            ...Object.entries(entry.body).map(([field, value]): [string, ReactElement] => [field, <span key={field} className={/^[0-9a-f]{16,}$/.test(shown(value)) ? 'mono' : ''} style={{ overflowWrap: 'anywhere' }}>{shown(value)}</span>]),
            entry.approvals === 0 ? undefined : ['Approvals', String(entry.approvals)],
            ['Epoch', String(entry.epoch)],
            ['Signer', <span key="signer" className="mono" style={{ overflowWrap: 'anywhere' }}>{entry.signer}</span>],
          ]}
        />
        <div>
          <h3>Proof of inclusion</h3>
          {proof.error === undefined ? null : <ErrorPanel error={proof.error} />}
          {proof.value === undefined ? <p className="small muted">The hashes beside its way to the root: with them anybody checks that the entry is in the log.</p> : <Proof leaf={entry.leaf} {...proof.value} />}
        </div>
      </div>
      <div className="act">
        <Button loading={proof.loading} onClick={() => setProving(true)}>Show the proof</Button>
        {keyName === undefined ? null : <Button onClick={() => onKey(keyName)}>Go to the key</Button>}
      </div>
    </aside>
  );
}

function Proof({ leaf, path, root, size }: { readonly leaf: string; readonly path: readonly string[]; readonly root: string; readonly size: number }): ReactElement {
  const line = (hex: string) => <code className="mono small" title={hex} style={{ overflowWrap: 'anywhere' }}>{hex}</code>;
  return (
    <div role="status">
    <ol className="policy">
      <li><IconCircleFilled size={10} aria-label="leaf" /><span>{line(leaf)} <span className="small muted">this entry</span></span></li>
      {path.map((hash, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: hashes keep their places
        <li key={index}><IconArrowUp size={12} aria-label="with" /><span>{line(hash)}</span></li>
      ))}
      <li><IconSquareFilled size={10} aria-label="root" /><span>{line(root)} <span className="small muted">root of {count(size)} entries</span></span></li>
    </ol>
    </div>
  );
}
