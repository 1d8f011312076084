/** After a new epoch: the software keys that copies of the file from before still hold, until each was rotated. */
import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { KeyState } from '../../shared/model/terms.ts';
import { at, go } from '../client/route.ts';
import { setSinceEpoch, useSinceEpoch } from '../client/sinceEpoch.ts';
import type { SinceEpoch } from '../client/sinceEpoch.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { Block } from '../parts/Block.tsx';
import { sentence } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import { stateWords } from '../parts/text.ts';

interface Held {
  readonly key: string;
  /** The newest version that a copy holds. */
  readonly newest: number;
  readonly versions: string;
  readonly state: string;
}

/** One line for each key, however many of its versions a copy holds. */
function byKey(rotate: SinceEpoch['rotate']): readonly Held[] {
  return [...Map.groupBy(rotate, ({ key }) => key)].map(([key, versions]) => {
    const sorted = versions.toSorted((a, b) => a.version - b.version);
    const [oldest, newest] = [sorted[0], sorted.at(-1)];
    return { key, newest: newest?.version ?? 0, state: newest?.state ?? '', versions: sorted.length === 1 ? `version ${newest?.version}` : `versions ${oldest?.version} to ${newest?.version}` };
  });
}

export function ToRotate(): ReactElement | null {
  const since = useSinceEpoch();
  const keys = useAnswer('key.list', {}).value?.keys ?? [];
  if (since === undefined) return null;
  const held = byKey(since.rotate);
  const isRotated = ({ key, newest }: Held) => (keys.find(({ name }) => name === key)?.version ?? 0) > newest;
  const left = held.filter((one) => !isRotated(one)).length;
  return (
    <Block title="Since the new epoch" aside={<button type="button" className="link" onClick={() => setSinceEpoch(undefined)}>Done with this list</button>}>
      <Note kind="ink"><p role="status"><b>{since.how}</b></p><p>{sentence(since.note)}</p></Note>
      {held.length === 0 ? <p className="muted">No software key was in the vault: nothing needs to be rotated.</p> : (
        <>
          <p>{left === 0 ? 'Every key of the list was rotated.' : `${left} of ${held.length} still to rotate. What the old versions protected is as secret as the copies are: protect it anew with the new ones.`}</p>
          <ul className="rows panel">{held.map((one) => <HeldRow key={one.key} held={one} rotated={isRotated(one)} />)}</ul>
          <p className="small muted">The list is shown until the vault locks; the log keeps when the epoch began.</p>
        </>
      )}
    </Block>
  );
}

function HeldRow({ held: { key, versions, state }, rotated }: { readonly held: Held; readonly rotated: boolean }): ReactElement {
  const mayRotate = !rotated && state !== 'pre-activation';
  return (
    <li>
      <span className="grow"><a href={at('key', key)}><b className="two-l" style={{ color: 'var(--text)' }}>{key}</b></a><span className="small muted">{versions}, {(stateWords[state as KeyState] ?? state).toLowerCase()}</span></span>
      {rotated ? <span className="tag">rotated</span> : <Button h={26} px={9} fz={12} aria-label={`${mayRotate ? 'Rotate' : 'Review'} ${key}`} onClick={() => go('key', key, mayRotate ? 'rotate' : undefined)}>{mayRotate ? 'Rotate' : 'Review'}</Button>}
    </li>
  );
}
