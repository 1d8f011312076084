/** The same key on other tokens: which version, how it was proved, and whether it is still there. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { at } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { CopyDialog } from '../copy/CopyDialog.tsx';
import { DestroyCopy } from '../copy/DestroyCopy.tsx';
import type { KeyShown } from '../keys/KeyDetail.tsx';
import { placeWord } from '../keys/KeysPage.tsx';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { moment } from '../parts/text.ts';

type CopyView = KeyShown['copies'][number];

export function CopiesBlock({ shown: { key, copies } }: { readonly shown: KeyShown }): ReactElement {
  const [copying, setCopying] = useState(false);
  const [destroying, setDestroying] = useState<CopyView>();
  const work = useWork(`The place of ${key.name}`);
  const promote = (to: string) => void work.run(() => call('key.promote', { key: key.name, to }));
  return (
    <Block title="On other tokens" aside={key.state === 'destroyed' ? undefined : <button type="button" className="link" onClick={() => setCopying(true)}>Copy to a token…</button>}>
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {copies.length === 0 ? <p className="muted">It is in one place only.</p> : (
        <div className="t-edge">
          <table>
            <thead><tr><th style={{ width: 70 }}>Version</th><th>Token</th><th className="hide-n">Proved by</th><th style={{ width: 184 }}>Since</th><th style={{ width: 108 }}>State</th><th style={{ width: 232 }} className="right">Next</th></tr></thead>
            <tbody>{copies.map((copy) => <CopyRow key={copy.id} copy={copy} onPromote={key.state === 'destroyed' ? undefined : promote} onDestroy={setDestroying} />)}</tbody>
          </table>
        </div>
      )}
      {destroying === undefined ? null : <DestroyCopy copy={destroying} onClose={() => setDestroying(undefined)} />}
      {copying ? <CopyDialog of={{ key: key.name, place: key.place.name }} onClose={() => setCopying(false)} /> : null}
    </Block>
  );
}

interface CopyRowProps {
  readonly copy: CopyView;
  readonly onPromote: ((to: string) => void) | undefined;
  readonly onDestroy: (copy: CopyView) => void;
}

function CopyRow({ copy, onPromote, onDestroy }: CopyRowProps): ReactElement {
  const { version, place, proof, at: since, state, destroyedAt } = copy;
  const { serial } = place;
  return (
    <tr>
      <td className="num">{version}</td>
      <td className="wraps">{serial === undefined ? placeWord(place.name) : <a href={at('tokens', serial)}>{place.name}</a>}</td>
      <td className="hide-n">{proof}</td>
      <td>{moment(since)}</td>
      <td>{state === 'held' ? <span className="tag ink">held</span> : <span title={destroyedAt === undefined ? undefined : moment(destroyedAt)}>destroyed</span>}</td>
      <td className="right">
        {state !== 'held' || serial === undefined ? <span className="faint">nothing</span> : (
          <span style={{ display: 'inline-flex', gap: 20 }}>
            {onPromote === undefined ? null : <button type="button" className="link" onClick={() => onPromote(serial)}>Make it the place</button>}
            <button type="button" className="link" onClick={() => onDestroy(copy)} aria-label={`Destroy the copy on ${place.name}`}>Destroy…</button>
          </span>
        )}
      </td>
    </tr>
  );
}
