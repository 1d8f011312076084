/** What was compared: every difference with what to do about it, and what should be on a token that is away. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconCirclePlus, IconReplace, IconSwitchHorizontal } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { at } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { algorithmWord } from '../parts/algorithmText.ts';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import { StateMark } from '../parts/StateMark.tsx';
import { grouped, many, moment } from '../parts/text.ts';

type Compared = WindowReply<'token.compare'>;
type Difference = Compared['differences'][number];

const findings: Readonly<Record<Difference['kind'], readonly [word: string, icon: typeof IconReplace]>> = {
  'other-key': ['Another key', IconReplace],
  missing: ['Missing', IconAlertCircle],
  changed: ['Changed', IconSwitchHorizontal],
  extra: ['New', IconCirclePlus],
};

export interface ComparedProps {
  readonly compared: Compared;
  readonly busy: boolean;
  readonly onAccept: () => void;
}

export function ComparedKeys({ compared: { differences, keys, before, kept, logEntry }, busy, onAccept }: ComparedProps): ReactElement {
  const foreign = differences.filter(({ knownAs }) => knownAs === undefined);
  if (differences.length === 0) return <Note kind="ink"><span role="status">{before === undefined ? `It was looked at for the first time: ${many(keys, 'key')}. From now on it is held against this.` : `All is as expected: ${many(keys, 'key')}, compared before on ${moment(before)}.`} Log entry {logEntry}.</span></Note>;
  return (
    <Block title="Differences" aside={`${many(differences.length, 'difference')} since ${before === undefined ? 'the records of this vault' : moment(before)}, log entry ${logEntry}`}>
      <div className="t-edge">
        <table>
          <thead><tr><th style={{ width: 128 }}>Finding</th><th style={{ width: '30%' }}>Key</th><th>What to do</th></tr></thead>
          <tbody>{differences.map((one) => <DifferenceRow key={`${one.kind} ${one.ref}`} difference={one} />)}</tbody>
        </table>
      </div>
      {foreign.length === 0 || kept ? null : <div style={{ marginTop: 12, display: 'flex', gap: 12, alignItems: 'center' }}><Button loading={busy} onClick={onAccept}>Keep as they are now</Button><span className="small muted">Of {many(foreign.length, 'key')} that {foreign.length === 1 ? 'is' : 'are'} not of this vault. Keys of this vault are always expected as they were made.</span></div>}
      {kept && foreign.length > 0 ? <p className="small muted" role="status">Kept: from now on this is expected.</p> : null}
    </Block>
  );
}

function DifferenceRow({ difference: { kind, label, id, knownAs, words, nextStep } }: { readonly difference: Difference }): ReactElement {
  const [word, Icon] = findings[kind];
  return (
    <tr>
      <td style={{ verticalAlign: 'top', paddingTop: 7 }}><span className={`state ${kind === 'extra' ? '' : 'red'}`}><Icon size={14} aria-hidden="true" />{word}</span></td>
      <td className="wraps">{knownAs === undefined ? <>label “{label}”</> : <a href={at('key', knownAs.replace(/ version \d+$/, ''))}>{knownAs}</a>}{id === '' ? null : <span className="two-line small muted">CKA_ID <span className="mono">{grouped(id)}</span></span>}</td>
      <td className="wraps"><span className="two-line">{sentence(words)}</span><span className="two-line small muted">{sentence(nextStep)}</span></td>
    </tr>
  );
}

/** Of a token that is away. */
export function ExpectedKeys({ serial }: { readonly serial: string }): ReactElement | null {
  const expected = useAnswer('token.expected', { token: serial });
  if (expected.error !== undefined) return <ErrorPanel error={expected.error} onRetry={expected.reload} />;
  if (expected.value === undefined) return null;
  const { keys, others, lastCompared } = expected.value;
  return (
    <Block title="Should be on it" aside={lastCompared === undefined ? 'never compared' : `compared ${moment(lastCompared)}`}>
      {keys.length + others.length === 0 ? <p className="muted">No key of this vault lives on it.</p> : (
        <div className="t-edge">
          <table>
            <thead><tr><th style={{ width: '40%' }}>Key</th><th>Algorithm</th><th style={{ width: 130 }}>State</th></tr></thead>
            <tbody>
              {keys.map(({ name, version, algorithm, state, ref }) => <tr key={ref}><td className="wraps"><a href={at('key', name)}>{name} version {version}</a></td><td>{algorithmWord(algorithm)}</td><td><StateMark state={state} /></td></tr>)}
              {others.map(({ label, id, kind, algorithm }) => <tr key={`${kind} ${id} ${label}`}><td className="wraps">label “{label}”</td><td>{algorithm === undefined ? 'not known' : algorithmWord(algorithm)}</td><td className="muted">not of this vault</td></tr>)}
            </tbody>
          </table>
        </div>
      )}
    </Block>
  );
}
