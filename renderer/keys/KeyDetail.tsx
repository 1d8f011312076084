/** The chosen key beside the table: its two clocks, its facts, its last events, and the next act. */
import { Button } from '@mantine/core';
import { IconArrowBarToRight, IconChevronRight, IconRefresh } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { at, go } from '../client/route.ts';
import { Act } from '../parts/Act.tsx';
import { Facts } from '../parts/Facts.tsx';
import { AttestationTag } from '../parts/AttestationTag.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { StateMark } from '../parts/StateMark.tsx';
import { count, day, grouped, many, moment, purposeWords } from '../parts/text.ts';
import { algorithmWord } from '../parts/algorithmText.ts';
import { MiniTimeline } from '../key/Timeline.tsx';
import { whyNot } from '../key/mayDo.ts';
import { placeWord } from './KeysPage.tsx';
import { goUse } from './usedAt.ts';

export type KeyShown = WindowReply<'key.show'>;
export type VersionView = KeyShown['versions'][number];

export function newestOf({ key, versions }: KeyShown): VersionView | undefined {
  return versions.find(({ number }) => number === key.version);
}

/** `18,204 of 1,048,576 to protect, 3 to process`. The limit of GCM is said as the standard says it (SP 800-38D §8.3). */
export function usedWords({ protections, processings, useLimit }: VersionView): string {
  const limit = useLimit === undefined ? '' : useLimit === 2 ** 32 ? ' of 2³²' : ` of ${count(useLimit)}`;
  return `${count(protections)}${limit} to protect, ${count(processings)} to process`;
}

export function KeyDetail({ name }: { readonly name: string }): ReactElement {
  const { value, error, reload } = useAnswer('key.show', { key: name });
  const newest = value === undefined ? undefined : newestOf(value);
  if (error !== undefined) return <aside className="detail"><div className="in"><ErrorPanel error={error} onRetry={reload} /></div></aside>;
  if (value === undefined || newest === undefined) return <aside className="detail" aria-busy="true" aria-label={name} />;
  const { key, distributions } = value;
  return (
    <aside className="detail" aria-label={`The key ${name}`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls is in reach of the keyboard */}
      <div className="in" tabIndex={0} role="region" aria-label="Facts of the key">
        <div>
          <div style={{ display: 'flex', gap: 8, alignItems: 'baseline' }}>
            <h2 style={{ fontSize: 16, flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>{key.name}</h2>
            <a className="link" href={at('key', key.name)}>Open <IconChevronRight size={14} style={{ verticalAlign: -2 }} aria-hidden="true" /></a>
          </div>
          <StateMark state={key.state} /> <span className="muted">version {newest.number} of {value.versions.length}</span>
        </div>
        <MiniTimeline version={newest} />
        <Facts
          rows={[
            ['Purpose', purposeWords[key.purpose]],
            ['Algorithm', algorithmWord(key.algorithm)],
            ['Place', placeWord(key.place.name)],
            newest.attestation === undefined ? undefined : ['Birth', <span key="birth"><AttestationTag verdict={newest.attestation.verdict} /> <span className="small muted">{sentence(newest.attestation.reason)}</span></span>],
            newest.kcv === undefined ? undefined : [`KCV (${newest.kcv.method.toUpperCase()})`, <span className="mono" key="kcv">{grouped(newest.kcv.value)}</span>],
            ['Used', usedWords(newest)],
            ['Last used', newest.lastUsed === undefined ? 'never' : moment(newest.lastUsed)],
            ['Held by', distributions.length === 0 ? 'nobody else' : <a key="held" href={at('key', key.name)}>{many(distributions.length, 'distribution')}</a>],
            ['Leaves', key.exportable ? 'only wrapped: to a confirmed recipient, or under another key' : 'never: it was not made exportable'],
          ]}
        />
        <div>
          <h3>Last events</h3>
          <ul className="hist">
            {newest.history.toReversed().slice(0, 3).map(({ state, at: when, reason }) => (
              <li key={`${state}${when}`}>
                <time dateTime={when}>{day(when)}</time>
                <span>
                  <StateMark state={state} />
                  {reason === undefined ? '' : `: ${reason}`}
                </span>
              </li>
            ))}
          </ul>
        </div>
      </div>
      <div className="act">
        <Button onClick={() => goUse(key)}>Use</Button>
        <Act leftSection={<IconRefresh size={14} />} why={whyNot(value, 'rotate')} onClick={() => go('key', key.name, 'rotate')}>Rotate</Act>
        <Act leftSection={<IconArrowBarToRight size={14} />} why={whyNot(value, 'export or wrap')} onClick={() => go('distribute', key.name)}>Distribute</Act>
      </div>
    </aside>
  );
}
