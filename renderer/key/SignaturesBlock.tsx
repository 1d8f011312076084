/** What a key signed, as the log has it: what must be looked at when the key is lost. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useAnswer } from '../client/useAnswer.ts';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { count, many, mechanismWord, moment, shellWord } from '../parts/text.ts';

const made = { yes: 'Made', no: 'Not made', unknown: 'Interrupted' } as const;
const shownAtMost = 50;

export function SignaturesBlock({ name }: { readonly name: string }): ReactElement {
  const [since, setSince] = useState('');
  const { value, error } = useAnswer('key.signatures', { key: name, ...(since === '' ? {} : { since }) });
  const newest = value?.signatures.toSorted((a, b) => b.logEntry - a.logEntry) ?? [];
  return (
    <Block title="Signatures" aside={<span className="since"><span aria-hidden="true">Since</span> <TextInput type="date" aria-label="Since the day, in UTC" value={since} onChange={(event) => setSince(event.currentTarget.value)} /></span>}>
      {error === undefined ? null : <ErrorPanel error={error} />}
      {value === undefined ? null : newest.length === 0 ? <p className="muted">{since === '' ? 'It signed nothing yet.' : 'It signed nothing since that day.'}</p> : (
        <div className="t-edge">
          <table>
            <thead><tr><th style={{ width: 180 }}>Signed</th><th style={{ width: 60 }}>Version</th><th className="hide-n">Form and scheme</th><th>SHA-256 of the file</th><th style={{ width: 96 }}>Signature</th><th style={{ width: 70 }} className="right">Entry</th></tr></thead>
            <tbody>
              {newest.slice(0, shownAtMost).map(({ time, version, act, format, mechanism, sha256, made: how, files, logEntry }, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a batch has many of one entry
                <tr key={`${logEntry} ${place}`}>
                  <td>{moment(time)}</td>
                  <td className="num">{version}</td>
                  <td className="hide-n muted">{act === 'key.requestCertificate' ? 'certificate request' : `${format}, ${mechanismWord(mechanism)}`}</td>
                  <td className="mono clip" title={sha256}>{sha256 === undefined ? `${many(files ?? 1, 'file')}, not known which` : `${sha256.slice(0, 16)}…`}</td>
                  <td>{how === 'yes' ? made.yes : <span className="tag ink">{made[how]}</span>}</td>
                  <td className="num right">{count(logEntry)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {newest.length > shownAtMost || value?.more === true ? <p className="small muted">The newest {shownAtMost} of {value?.more === true ? 'more than ' : ''}{count(newest.length)} are shown; all of them: <span className="mono">strongroom key signatures {shellWord(name)}</span></p> : null}
    </Block>
  );
}
