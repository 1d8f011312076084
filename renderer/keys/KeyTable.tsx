/** The table of keys: only the rows that are seen exist; arrows move, Enter opens, Space selects. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import { attestationVerdictTexts } from '../../shared/model/attestation.ts';
import { go } from '../client/route.ts';
import { StateMark } from '../parts/StateMark.tsx';
import { day, purposeWords, shortMoment, untilWords } from '../parts/text.ts';
import { algorithmWord } from '../parts/algorithmText.ts';
import { placeWord } from './KeysPage.tsx';
import type { KeyView } from './KeysPage.tsx';
import { Middle } from '../parts/Middle.tsx';

export interface KeyTableProps {
  /** In their order. */
  readonly rows: readonly KeyView[];
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
  readonly current: string | undefined;
  readonly onCurrent: (name: string) => void;
  readonly picked: ReadonlySet<string>;
  readonly onPick: (picked: ReadonlySet<string>) => void;
  readonly now: number;
}

type Column = 'name' | 'purpose' | 'algorithm' | 'place' | 'state' | 'due' | 'used';

const columns: readonly (readonly [Column, string, string])[] = [
  ['name', 'Name', ''],
  ['purpose', 'Purpose', ''],
  ['algorithm', 'Algorithm', 'hide-n'],
  ['place', 'Place', 'hide-n'],
  ['state', 'State', ''],
  ['due', 'Next due', ''],
  ['used', 'Last used', 'hide-n'],
];

/** What a column is sorted by. */
function sortKey(key: KeyView, column: Column): string {
  const never = '9';
  return { name: key.name.toLowerCase(), purpose: key.purpose, algorithm: key.algorithm, place: key.place.name, state: key.state, due: key.state === 'compromised' ? '0' : (key.nextDue?.at ?? never), used: key.lastUsed ?? '' }[column];
}

export interface Sorting {
  readonly column: Column;
  readonly down: boolean;
}

export function sorted(keys: readonly KeyView[], { column, down }: Sorting): readonly KeyView[] {
  const by = keys.map((key) => [sortKey(key, column), key] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const rows = by.map(([, key]) => key);
  return down ? rows.reverse() : rows;
}

/** Toggles one name. */
function toggled(picked: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(picked);
  if (!next.delete(name)) next.add(name);
  return next;
}

export function KeyTable({ rows, sorting, onSort, current, onCurrent, picked, onPick, now }: KeyTableProps): ReactElement {
  const scroll = useRef<HTMLDivElement>(null);
  const height = window.innerWidth <= 1040 ? 32 : 34;
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => height, overscan: 8 });
  const index = Math.max(0, rows.findIndex(({ name }) => name === current));
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the chosen row moves
  useEffect(() => virtual.scrollToIndex(index), [index]);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -rows.length, End: rows.length };
    const step = steps[event.key];
    const row = rows[index];
    if (step !== undefined) {
      const next = rows[Math.min(rows.length - 1, Math.max(0, index + step))];
      if (next !== undefined) onCurrent(next.name);
    } else if (event.key === 'Enter' && row !== undefined) go('key', row.name);
    else if (event.key === ' ' && row !== undefined) onPick(toggled(picked, row.name));
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div className="khead" role="presentation">
        {columns.map(([column, title, className]) => (
          <span key={column} className={className}>
            <button type="button" onClick={() => onSort({ column, down: sorting.column === column && !sorting.down })} aria-label={`Sort by ${title}`}>
              {title} {sorting.column === column ? (sorting.down ? '↓' : '↑') : ''}
            </button>
          </span>
        ))}
      </div>
      <div className="scroll" ref={scroll} role="grid" aria-label="Keys" aria-rowcount={rows.length} aria-multiselectable="true" tabIndex={0} aria-activedescendant={rows[index] === undefined ? undefined : `key-${rows[index].id}`} onKeyDown={onKeyDown}>
        <div className="virtual" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index: at, start }) => {
            const key = rows[at];
            if (key === undefined) return null;
            return <KeyRow key={key.id} keyView={key} at={at} start={start} current={at === index} picked={picked.has(key.name)} now={now} onPress={(event) => (event.ctrlKey ? onPick(toggled(picked, key.name)) : onCurrent(key.name))} />;
          })}
        </div>
      </div>
    </>
  );
}

/** Where it is, and for a key on a token whether it was born there: said beside the cell, since one cut in its middle would read as its opposite. */
function placed({ place, attestation }: KeyView): string {
  return attestation === undefined ? placeWord(place.name) : `${placeWord(place.name)}, ${attestationVerdictTexts[attestation]}`;
}

interface KeyRowProps {
  readonly keyView: KeyView;
  readonly at: number;
  readonly start: number;
  readonly current: boolean;
  readonly picked: boolean;
  readonly now: number;
  readonly onPress: (event: { readonly ctrlKey: boolean }) => void;
}

function KeyRow({ keyView: key, at, start, current, picked, now, onPress }: KeyRowProps): ReactElement {
  return (
    <div id={`key-${key.id}`} role="row" aria-rowindex={at + 1} aria-selected={picked || current} className={`krow ${current ? 'current' : ''} ${picked ? 'picked' : ''}`} style={{ transform: `translateY(${start}px)` }} onClick={onPress} onDoubleClick={() => go('key', key.name)} onKeyDown={undefined}>
      <span role="gridcell" className="name" title={key.name} aria-label={key.name}>
        <Middle name={`${picked ? '✓ ' : ''}${key.name}`} />
      </span>
      <span role="gridcell" className="muted" title={purposeWords[key.purpose]}>{purposeWords[key.purpose]}</span>
      <span role="gridcell" className="muted hide-n">{algorithmWord(key.algorithm)}</span>
      <span role="gridcell" className="muted hide-n" title={placed(key)} aria-label={placed(key)}><Middle name={placeWord(key.place.name)} /></span>
      <span role="gridcell"><StateMark state={key.state} /></span>
      <span role="gridcell" className="num"><Due keyView={key} now={now} /></span>
      <span role="gridcell" className="num faint hide-n">{key.lastUsed === undefined ? 'never' : shortMoment(key.lastUsed, now)}</span>
    </div>
  );
}

function Due({ keyView: { state, nextDue }, now }: { readonly keyView: KeyView; readonly now: number }): ReactElement {
  if (state === 'compromised') return <b className="red">Act now</b>;
  if (nextDue === undefined) return <span className="faint">none</span>;
  const over = Date.parse(nextDue.at) < now;
  return over ? <b title={untilWords(nextDue.at, now)}>{day(nextDue.at)}, over</b> : <span title={untilWords(nextDue.at, now)}>{day(nextDue.at)}</span>;
}
