/** The life of a key, to scale: above, the period in which a version may protect; below, the one in which what it protected may be processed. */
import type { CSSProperties, ReactElement } from 'react';
import type { VersionView } from '../keys/KeyDetail.tsx';
import { StateMark } from '../parts/StateMark.tsx';
import { day, untilWords } from '../parts/text.ts';

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Life {
  readonly version: VersionView;
  /** When it became active, or was made. */
  readonly start: number;
  readonly protect: Span | undefined;
  readonly process: Span | undefined;
  readonly destroyed: number | undefined;
}

function timeOf({ history }: VersionView, state: string): number | undefined {
  const found = history.find((change) => change.state === state);
  return found === undefined ? undefined : Date.parse(found.at);
}

/** Where a version's protection ended: by its period, or before by a change of state. */
function lifeOf(version: VersionView): Life {
  const start = timeOf(version, 'active') ?? Date.parse(version.history[0]?.at ?? new Date().toISOString());
  const destroyed = timeOf(version, 'destroyed');
  const ended = Math.min(timeOf(version, 'deactivated') ?? Infinity, timeOf(version, 'compromised') ?? Infinity, destroyed ?? Infinity);
  const protectEnd = Math.min(ended, version.originatorUsageEnd === undefined ? Infinity : Date.parse(version.originatorUsageEnd));
  const processEnd = Math.min(destroyed ?? Infinity, version.recipientUsageEnd === undefined ? Infinity : Date.parse(version.recipientUsageEnd));
  const span = (to: number): Span | undefined => (Number.isFinite(to) && to > start ? { from: start, to } : undefined);
  return { version, start, protect: version.state === 'pre-activation' ? undefined : span(protectEnd), process: version.state === 'pre-activation' ? undefined : span(processEnd), destroyed };
}

const aYear = 365.25 * 86_400_000;

interface Scale {
  readonly from: number;
  readonly to: number;
  readonly years: readonly number[];
}

/** Whole years around everything that is drawn. */
function scaleOf(lives: readonly Life[], now: number): Scale {
  const times = lives.flatMap(({ start, protect, process }) => [start, protect?.to ?? start, process?.to ?? start]);
  const first = new Date(Math.min(now, ...times)).getUTCFullYear();
  const last = new Date(Math.max(now, ...times)).getUTCFullYear();
  const step = Math.max(1, Math.ceil((last - first + 1) / 10));
  const years = Array.from({ length: Math.ceil((last - first + 1) / step) }, (_, index) => first + index * step);
  return { from: Date.UTC(first, 0), to: Date.UTC(first + years.length * step, 0), years };
}

function percent(time: number, { from, to }: { from: number; to: number }): string {
  return `${(100 * (time - from)) / (to - from)}%`;
}

function bar(span: Span, scale: { from: number; to: number }): CSSProperties {
  return { left: percent(span.from, scale), width: `${(100 * (span.to - span.from)) / (scale.to - scale.from)}%` };
}

/** The period to protect, cut at today: what is past is ink, what lives is accent, what comes is outline. */
function Protect({ span, live, now, scale }: { readonly span: Span; readonly live: boolean; readonly now: number; readonly scale: Scale | Span }): ReactElement {
  if (!live) return <i className="b orig" style={bar(span, scale)} />;
  return (
    <>
      <i className="b orig live" style={bar({ from: span.from, to: Math.min(now, span.to) }, scale)} />
      {span.to > now ? <i className="b orig future" style={bar({ from: now, to: span.to }, scale)} /> : null}
    </>
  );
}

function endWords({ version, protect, process, destroyed }: Life, now: number): string {
  if (destroyed !== undefined) return day(destroyed);
  if (version.state === 'active' && protect !== undefined) return `protects ${untilWords(new Date(protect.to).toISOString(), now).replace(/^in /, 'for ')}`;
  return process === undefined ? '' : `processes to ${day(process.to)}`;
}

export function Timeline({ versions, now }: { readonly versions: readonly VersionView[]; readonly now: number }): ReactElement {
  const lives = versions.toSorted((a, b) => b.number - a.number).map(lifeOf);
  const scale = scaleOf(lives, now);
  const today = { '--t': (now - scale.from) / (scale.to - scale.from) } as CSSProperties;
  const grid = { backgroundSize: `calc(100% / ${scale.years.length}) 100%` };
  return (
    <>
      <div className="tl" aria-hidden="true" style={today}>
        <div className="axis">
          <span />
          <div className="lane grid" style={grid}>
            {scale.years.map((year) => (
              <span key={year} style={{ left: percent(Date.UTC(year, 0), scale) }}>{year}</span>
            ))}
          </div>
          <span />
        </div>
        {lives.map((life) => (
          <div key={life.version.number} className={`row ${life.version.state === 'active' ? 'now' : ''}`}>
            <div className="l">
              <div><b>Version {life.version.number}</b></div>
              <div className="small muted">since {day(life.start)}</div>
            </div>
            <div className="lane grid" style={grid}>
              {life.protect === undefined ? null : <Protect span={life.protect} live={life.version.state === 'active'} now={now} scale={scale} />}
              {life.process === undefined ? null : <i className="b recip" style={bar(life.process, scale)} />}
            </div>
            <div className="r">
              <div><StateMark state={life.version.state} /></div>
              <div className="small muted">{endWords(life, now)}</div>
            </div>
          </div>
        ))}
        <div className="today"><b>{day(now)}</b></div>
      </div>
      <TimelineTable lives={lives} />
    </>
  );
}

/** The same for who reads instead of looks. */
function TimelineTable({ lives }: { readonly lives: readonly Life[] }): ReactElement {
  return (
    <table className="sr">
      <caption>Versions and their periods</caption>
      <thead>
        <tr><th>Version</th><th>State</th><th>May protect</th><th>May process</th></tr>
      </thead>
      <tbody>
        {lives.map(({ version, protect, process }) => (
          <tr key={version.number}>
            <td>{version.number}</td>
            <td>{version.state}</td>
            <td>{protect === undefined ? 'no' : `${day(protect.from)} to ${day(protect.to)}`}</td>
            <td>{process === undefined ? 'no' : `${day(process.from)} to ${day(process.to)}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One version, for the pane beside the table. */
export function MiniTimeline({ version }: { readonly version: VersionView }): ReactElement | null {
  const now = Date.now();
  const life = lifeOf(version);
  const end = Math.max(life.process?.to ?? 0, life.protect?.to ?? 0);
  if (end === 0) return <p className="small muted">No period runs: it is in the state {version.state}.</p>;
  const scale = { from: life.start, to: Math.max(end, life.start + aYear / 12) };
  const t = (now - scale.from) / (scale.to - scale.from);
  return (
    <figure aria-label={`Version ${version.number}: may protect until ${life.protect === undefined ? 'never' : day(life.protect.to)}, may process until ${life.process === undefined ? 'never' : day(life.process.to)}`}>
      <h3>Version {version.number}{life.protect === undefined ? '' : version.state === 'active' ? `, protect until ${day(life.protect.to)}` : `, protected until ${day(life.protect.to)}`}</h3>
      <div className="mini" style={{ '--t': Math.min(1, Math.max(0, t)), marginTop: 6, padding: 0 } as CSSProperties} aria-hidden="true">
        {life.protect === undefined ? null : <Protect span={life.protect} live={version.state === 'active'} now={now} scale={scale} />}
        {life.process === undefined ? null : <i className="recip" style={bar(life.process, scale)} />}
        <i className="today" />
      </div>
      <div className="small muted" style={{ display: 'flex', justifyContent: 'space-between', marginTop: 2 }} aria-hidden="true">
        <span>{day(life.start)}</span>
        <span>{day(scale.to)}</span>
      </div>
      <div className="legend" style={{ marginTop: 6 }} aria-hidden="true">
        <span><i className="orig live" />may protect</span>
        <span><i className="recip" />may process</span>
      </div>
    </figure>
  );
}
