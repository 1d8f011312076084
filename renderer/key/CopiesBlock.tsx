/** The same key on other tokens: which version, how it was proved, and whether it is still there. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { at } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { CopyDialog } from '../copy/CopyDialog.tsx';
import type { KeyShown } from '../keys/KeyDetail.tsx';
import { placeWord } from '../keys/KeysPage.tsx';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { moment } from '../parts/text.ts';

type CopyView = KeyShown['copies'][number];

export function CopiesBlock({ shown: { key, copies } }: { readonly shown: KeyShown }): ReactElement {
  const [copying, setCopying] = useState(false);
  const work = useWork(`The place of ${key.name}`);
  const promote = (to: string) => void work.run(() => call('key.promote', { key: key.name, to }));
  return (
    <Block title="On other tokens" aside={key.state === 'destroyed' ? undefined : <button type="button" className="link" onClick={() => setCopying(true)}>Copy to a token…</button>}>
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {copies.length === 0 ? <p className="muted">It is in one place only.</p> : (
        <div className="t-edge">
          <table>
            <thead><tr><th style={{ width: 70 }}>Version</th><th>Token</th><th className="hide-n">Proved by</th><th style={{ width: 184 }}>Since</th><th style={{ width: 108 }}>State</th><th style={{ width: 130 }} className="right">Next</th></tr></thead>
            <tbody>{copies.map((copy) => <CopyRow key={copy.id} copy={copy} onPromote={key.state === 'destroyed' ? undefined : promote} />)}</tbody>
          </table>
        </div>
      )}
      {copying ? <CopyDialog of={{ key: key.name, place: key.place.name }} onClose={() => setCopying(false)} /> : null}
    </Block>
  );
}

function CopyRow({ copy: { version, place, proof, at: since, state, destroyedAt }, onPromote }: { readonly copy: CopyView; readonly onPromote: ((to: string) => void) | undefined }): ReactElement {
  const { serial } = place;
  return (
    <tr>
      <td className="num">{version}</td>
      <td className="wraps">{serial === undefined ? placeWord(place.name) : <a href={at('tokens', serial)}>{place.name}</a>}</td>
      <td className="hide-n">{proof}</td>
      <td>{moment(since)}</td>
      <td>{state === 'held' ? <span className="tag ink">held</span> : <span title={destroyedAt === undefined ? undefined : moment(destroyedAt)}>destroyed</span>}</td>
      <td className="right">{state !== 'held' || serial === undefined || onPromote === undefined ? <span className="faint">nothing</span> : <button type="button" className="link" onClick={() => onPromote(serial)}>Make it the place</button>}</td>
    </tr>
  );
}
