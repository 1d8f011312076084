/** All keys: a dense table that renders what is seen, type-to-filter, filters, many at once, and the chosen key beside it. */
import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconPlus, IconSearch, IconX } from '@tabler/icons-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { keyStates, purposes } from '../../shared/model/terms.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { go, usePlace } from '../client/route.ts';
import { inField, useKeys } from '../frame/shortcuts.ts';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { count, many, purposeWords, stateWords } from '../parts/text.ts';
import { goUse } from './usedAt.ts';
import { KeyDetail } from './KeyDetail.tsx';
import { KeyTable, sorted } from './KeyTable.tsx';
import type { Sorting } from './KeyTable.tsx';
import { SelectedKeys } from './SelectedKeys.tsx';

export type KeyView = WindowReply<'key.list'>['keys'][number];

/** What is shown; each narrows. */
export interface Filters {
  readonly text: string;
  readonly state: string | undefined;
  readonly purpose: string | undefined;
  readonly place: string | undefined;
  readonly dueSoon: boolean;
}

const notDestroyed = 'not destroyed';
const dueWithin = 30 * 86_400_000;

export function isDueSoon({ nextDue }: KeyView, now: number): boolean {
  return nextDue !== undefined && Date.parse(nextDue.at) - now < dueWithin;
}

function fits(key: KeyView, { text, state, purpose, place, dueSoon }: Filters, now: number): boolean {
  if (state === notDestroyed ? key.state === 'destroyed' : state !== undefined && key.state !== state) return false;
  if (purpose !== undefined && key.purpose !== purpose) return false;
  if (place !== undefined && key.place.name !== place) return false;
  if (dueSoon && !isDueSoon(key, now)) return false;
  return text === '' || `${key.name} ${key.algorithm} ${purposeWords[key.purpose]} ${key.place.name}`.toLowerCase().includes(text.toLowerCase());
}

/** A filter from the address: `state`, `purpose`, `place` or `due`, so that numbers on other pages can lead here. */
function filtersOf(of: string | undefined, more: string | undefined): Filters {
  const none = { text: '', state: notDestroyed, purpose: undefined, place: undefined, dueSoon: false };
  if (of === 'due') return { ...none, dueSoon: true };
  if (of === 'state') return { ...none, state: more };
  if (of === 'purpose') return { ...none, purpose: more };
  if (of === 'place') return { ...none, place: more };
  return none;
}

/** What stays the same for a moment: while somebody types or runs along the rows, nothing is asked. Milliseconds. */
const settlesIn = 150;

function useSettled(value: string | undefined): string | undefined {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settled === undefined ? 0 : settlesIn);
    return () => clearTimeout(timer);
  }, [value, settled]);
  return settled;
}

export function KeysPage(): ReactElement {
  const { of, more } = usePlace();
  const { value, error, reload } = useAnswer('key.list', {});
  const [filters, setFilters] = useState(() => filtersOf(of, more));
  const [current, setCurrent] = useState<string>();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const search = useRef<HTMLInputElement>(null);
  const deferred = useDeferredValue(filters);
  const now = useMemo(() => Date.now(), []);
  const all = value?.keys;
  const shown = useMemo(() => (all ?? []).filter((key) => fits(key, deferred, now)), [all, deferred, now]);
  const [sorting, setSorting] = useState<Sorting>({ column: 'due', down: false });
  const rows = useMemo(() => sorted(shown, sorting), [shown, sorting]);
  const chosen = rows.find(({ name }) => name === current) ?? rows[0];
  const settled = useSettled(chosen?.name);
  useKeys((event) => {
    if (inField(event)) return false;
    if (event.key === '/') return search.current?.focus();
    if (chosen !== undefined && event.key === 'd') return go('distribute', chosen.name);
    if (chosen !== undefined && event.key === 'r') return go('key', chosen.name, 'rotate');
    if (chosen !== undefined && event.key === 'u') return goUse(chosen);
    return false;
  });
  if (error !== undefined) return <div className="page"><ErrorPanel error={error} onRetry={reload} /></div>;
  if (all === undefined) return <div className="page" role="status">Reading the keys…</div>;
  if (all.length === 0) return <NoKeys />;
  return (
    <div className="split">
      <div className="listpane">
        <header className="head" style={{ padding: '14px var(--gutter) 10px' }}>
          <div>
            <h1>
              Keys <span className="faint num" style={{ fontWeight: 400 }}>{count(shown.length)}</span>
            </h1>
          </div>
          <div className="actions">
            <Button onClick={() => go('import')}>Import</Button>
            <Button variant="filled" leftSection={<IconPlus size={16} />} onClick={() => go('generate')}>Generate</Button>
          </div>
        </header>
        <FilterBar filters={filters} onChange={setFilters} keys={all} shown={shown.length} searchRef={search} />
        <KeyTable rows={rows} sorting={sorting} onSort={setSorting} current={chosen?.name} onCurrent={setCurrent} picked={picked} onPick={setPicked} now={now} />
        {picked.size > 0 ? <SelectedKeys names={[...picked]} keys={all} onClear={() => setPicked(new Set())} /> : <Hints />}
      </div>
      {chosen === undefined ? <aside className="detail"><div className="in"><p className="muted">No key fits the filter.</p></div></aside> : <KeyDetail key={settled} name={settled ?? chosen.name} />}
    </div>
  );
}

function Hints(): ReactElement {
  return (
    <div className="hints" aria-hidden="true">
      <span><kbd>↑ ↓</kbd> move</span>
      <span><kbd>Enter</kbd> open</span>
      <span><kbd>R</kbd> rotate</span>
      <span><kbd>D</kbd> distribute</span>
      <span><kbd>Space</kbd> select</span>
      <span><kbd>?</kbd> all keys</span>
    </div>
  );
}

function NoKeys(): ReactElement {
  return (
    <Empty title="No keys yet" action={<div style={{ display: 'flex', gap: 8 }}><Button variant="filled" onClick={() => go('generate')}>Generate the first key</Button><Button onClick={() => go('import', 'file')}>Import a key file</Button></div>}>
      A key has one purpose, one place and two clocks: how long it may protect, and how long what it protected may be processed. Strongroom keeps its life from the first day to the proof that it is gone.
    </Empty>
  );
}

interface FilterBarProps {
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
  readonly keys: readonly KeyView[];
  /** How many keys fit the filters. */
  readonly shown: number;
  readonly searchRef: React.RefObject<HTMLInputElement | null>;
}

function FilterBar({ filters, onChange, keys, shown, searchRef }: FilterBarProps): ReactElement {
  const places = useMemo(() => [...new Set(keys.map(({ place }) => place.name))], [keys]);
  const due = useMemo(() => keys.filter((key) => isDueSoon(key, Date.now())).length, [keys]);
  return (
    <div className="filters" role="search">
      <span className="input" style={{ height: 28, width: 190, flex: '0 1 190px', padding: '0 8px', fontSize: 12 }}>
        <IconSearch size={14} aria-hidden="true" />
        <input ref={searchRef} aria-label="Filter by typing" placeholder="Filter by typing" value={filters.text} onChange={(event) => onChange({ ...filters, text: event.currentTarget.value })} style={{ border: 0, background: 'none', outline: 0, flex: 1, minWidth: 0, color: 'inherit', font: 'inherit' }} />
        <kbd>/</kbd>
      </span>
      <Pill label="State" value={filters.state} words={(value) => (value === notDestroyed ? 'Not destroyed' : stateWords[value as keyof typeof stateWords])} choices={[notDestroyed, ...keyStates]} onChange={(state) => onChange({ ...filters, state })} />
      <Pill label="Purpose" value={filters.purpose} words={(value) => purposeWords[value as keyof typeof purposeWords]} choices={purposes} onChange={(purpose) => onChange({ ...filters, purpose })} />
      <Pill label="Place" value={filters.place} words={placeWord} choices={places} onChange={(place) => onChange({ ...filters, place })} />
      <button type="button" className={`pill ${filters.dueSoon ? 'on' : 'dash'}`} aria-pressed={filters.dueSoon} onClick={() => onChange({ ...filters, dueSoon: !filters.dueSoon })}>
        Due ≤ 30 d <b>{due}</b>
      </button>
      <span className="sr" role="status">{many(shown, 'key')} shown</span>
    </div>
  );
}

export function placeWord(name: string): string {
  return name === 'software' ? 'Vault store' : name;
}

interface PillProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly words: (value: string) => string;
  readonly choices: readonly string[];
  readonly onChange: (value: string | undefined) => void;
}

function Pill({ label, value, words, choices, onChange }: PillProps): ReactElement {
  if (value !== undefined)
    return (
      <button type="button" className="pill on" onClick={() => onChange(undefined)} aria-label={`${label}: ${words(value)}. Show all`}>
        {words(value)} <IconX size={12} aria-hidden="true" />
      </button>
    );
  return (
    <Menu transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className="pill">
          {label} <IconChevronDown size={12} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((choice) => (
          <Menu.Item key={choice} onClick={() => onChange(choice)}>
            {words(choice)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
