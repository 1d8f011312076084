/** The log: every entry, its proof of inclusion, the verification of the whole, and the export that a third party checks. */
import { Button } from '@mantine/core';
import { IconBan, IconCheck, IconCircle, IconCircleXFilled, IconFileExport, IconSearch, IconShieldCheck } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement, RefObject } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { go, usePlace } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { inField, useKeys } from '../frame/shortcuts.ts';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import { count, grouped, many, shortMoment } from '../parts/text.ts';
import { EntryDetail } from './EntryDetail.tsx';
import { useKeyNames } from './EntryRows.tsx';
import { outcomeOf, sentenceOfEntry, withIntents } from '../../shared/log/sentences.ts';
import type { EntryView, Outcome } from '../../shared/log/sentences.ts';

const marks: Readonly<Record<Outcome, ReactElement>> = {
  Done: <IconCheck size={14} aria-hidden="true" />,
  Intent: <IconCircle size={14} aria-hidden="true" />,
  Refused: <IconBan size={14} aria-hidden="true" />,
  Failed: <IconCircleXFilled size={14} aria-hidden="true" />,
};

export function OutcomeMark({ entry }: { readonly entry: EntryView }): ReactElement {
  const outcome = outcomeOf(entry);
  return (
    <span className={`state ${outcome === 'Failed' ? 'bad' : outcome === 'Refused' ? '' : 'q'}`} style={outcome === 'Refused' ? { fontWeight: 600 } : undefined}>
      {marks[outcome]}
      {outcome}
    </span>
  );
}

/** As many of the newest as one look takes; older ones are asked for. */
const atOnce = 2000;

export function LogPage(): ReactElement {
  const { of } = usePlace();
  const info = useAnswer('vault.info', {}).value;
  const [most, setMost] = useState(atOnce);
  const from = info === undefined ? undefined : Math.max(0, Math.min(info.logEntries - most, Number(of ?? info.logEntries)));
  const { value, error, reload } = useAnswer('audit.list', from === undefined ? undefined : { from, limit: 10_000 });
  const keyNames = useKeyNames();
  const names = useMemo(() => withIntents(keyNames, value?.entries ?? []), [keyNames, value]);
  const [text, setText] = useState('');
  const [current, setCurrent] = useState(of === undefined ? undefined : Number(of));
  const search = useRef<HTMLInputElement>(null);
  const work = useWork('Verifying or exporting the log');
  const [verified, setVerified] = useState<WindowReply<'audit.verify'>>();
  const [exported, setExported] = useState<string>();
  const rows = useMemo(() => {
    const said = (value?.entries ?? []).map((entry) => [entry, sentenceOfEntry(entry, names)] as const).reverse();
    return text === '' ? said : said.filter(([entry, words]) => `${entry.seq} ${words} ${outcomeOf(entry)}`.toLowerCase().includes(text.toLowerCase()));
  }, [value, names, text]);
  useKeys((event) => {
    if (inField(event)) return false;
    return event.key === '/' ? search.current?.focus() : false;
  });
  const verify = async () => setVerified(await work.run(() => call('audit.verify', {})));
  const exportLog = async () => {
    const done = await work.run(async (control) => {
      const file = await call('host.chooseFile', { use: 'export-log', name: 'log.jsonl' });
      return { ...(await call('audit.export', { out: file.grant }, control)), name: file.name };
    });
    if (done !== undefined) setExported(`${many(done.entries, 'entry', 'entries')} written to ${done.name}. Anybody verifies it without this vault: strongroom audit verify --log ${done.name} --genesis ${done.genesisFingerprint}`);
  };
  const chosen = rows.find(([{ seq }]) => seq === current)?.[0] ?? rows[0]?.[0];
  return (
    <div className="split">
      <div className="listpane">
        <header className="head" style={{ padding: '14px var(--gutter) 10px' }}>
          <div><h1>Log <span className="faint num" style={{ fontWeight: 400 }}>{info === undefined ? '' : count(info.logEntries)}</span></h1></div>
          <div className="actions">
            <Button loading={work.busy} onClick={verify}>Verify now</Button>
            <Button leftSection={<IconFileExport size={16} />} loading={work.busy} onClick={exportLog}>Export log…</Button>
          </div>
        </header>
        <div style={{ padding: '0 var(--gutter) 12px', display: 'flex', flexDirection: 'column', gap: 8 }}>
          {error === undefined ? null : <ErrorPanel error={error} onRetry={reload} />}
          {work.error === undefined ? null : <ErrorPanel error={work.error} />}
          {exported === undefined ? null : <Note kind="ink"><span role="status" style={{ overflowWrap: 'anywhere' }}>{exported}</span></Note>}
          <Verified verified={verified} />
        </div>
        <LogFilter text={text} onText={setText} searchRef={search} from={from} onOlder={() => setMost(most + 8000)} />
        <EntryTable rows={rows} current={chosen?.seq} onCurrent={setCurrent} />
        <div className="hints" aria-hidden="true"><span><kbd>↑ ↓</kbd> move</span><span><kbd>/</kbd> filter</span></div>
      </div>
      {chosen === undefined ? <aside className="detail" /> : <EntryDetail key={chosen.seq} entry={chosen} names={names} onKey={(name) => go('key', name)} />}
    </div>
  );
}

interface LogFilterProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly searchRef: RefObject<HTMLInputElement | null>;
  /** The first entry that was asked for; older ones are there where it is not 0. */
  readonly from: number | undefined;
  readonly onOlder: () => void;
}

function LogFilter({ text, onText, searchRef, from, onOlder }: LogFilterProps): ReactElement {
  return (
    <div className="filters" role="search">
      <span className="input" style={{ height: 28, width: 210, padding: '0 8px', fontSize: 12 }}>
        <IconSearch size={14} aria-hidden="true" />
        <input ref={searchRef} aria-label="Filter by typing" placeholder="Filter by typing" value={text} onChange={(event) => onText(event.currentTarget.value)} style={{ border: 0, background: 'none', outline: 0, flex: 1, minWidth: 0, color: 'inherit', font: 'inherit' }} />
        <kbd>/</kbd>
      </span>
      {from === undefined || from === 0 ? null : <button type="button" className="pill" onClick={onOlder}>Show older than {count(from)}</button>}
    </div>
  );
}

function Verified({ verified }: { readonly verified: WindowReply<'audit.verify'> | undefined }): ReactElement {
  if (verified === undefined) return <p className="small muted">The unlock has verified the log. <i>Verify now</i> does it again, from the first entry.</p>;
  return (
    <div className="note" role="status">
      <IconShieldCheck size={16} aria-hidden="true" />
      <div className="grow">
        <b>Whole log verifies: {many(verified.entries, 'entry', 'entries')}, none changed, none missing</b>
        <div className="small muted">{sentence(verified.statement)}</div>
        <div className="mono small muted" style={{ overflowWrap: 'anywhere' }}>root {grouped(verified.root)}</div>
      </div>
    </div>
  );
}

interface EntryTableProps {
  readonly rows: readonly (readonly [EntryView, string])[];
  readonly current: number | undefined;
  readonly onCurrent: (seq: number) => void;
}

const grid = { display: 'grid', gridTemplateColumns: '64px 84px minmax(0, 1fr) 96px' } as const;

function EntryTable({ rows, current, onCurrent }: EntryTableProps): ReactElement {
  const scroll = useRef<HTMLDivElement>(null);
  const now = useMemo(() => Date.now(), []);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => 34, overscan: 8 });
  const index = Math.max(0, rows.findIndex(([{ seq }]) => seq === current));
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the chosen row moves
  useEffect(() => virtual.scrollToIndex(index), [index]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -rows.length, End: rows.length }[event.key];
    if (step === undefined) return;
    const next = rows[Math.min(rows.length - 1, Math.max(0, index + step))];
    if (next !== undefined) onCurrent(next[0].seq);
    event.preventDefault();
  };
  return (
    <>
      <div className="khead" style={grid} role="presentation"><span>Entry</span><span>Time</span><span>What</span><span>Outcome</span></div>
      <div className="scroll" ref={scroll} role="grid" aria-label="Log entries" aria-rowcount={rows.length} tabIndex={0} aria-activedescendant={current === undefined ? undefined : `entry-${current}`} onKeyDown={onKeyDown}>
        <div className="virtual" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index: at, start }) => {
            const row = rows[at];
            if (row === undefined) return null;
            const [entry, words] = row;
            return (
              <div key={entry.seq} id={`entry-${entry.seq}`} role="row" aria-rowindex={at + 1} aria-selected={entry.seq === current} className={`krow ${entry.seq === current ? 'current' : ''}`} style={{ ...grid, transform: `translateY(${start}px)` }} onClick={() => onCurrent(entry.seq)} onKeyDown={undefined}>
                <span role="gridcell" className="num faint">{count(entry.seq)}</span>
                <span role="gridcell" className="num muted">{shortMoment(entry.time, now)}</span>
                <span role="gridcell" title={words}>{words}</span>
                <span role="gridcell"><OutcomeMark entry={entry} /></span>
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}
