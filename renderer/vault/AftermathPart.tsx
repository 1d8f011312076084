/** What is left to do since the vault was recovered, renewed, restored or salvaged: keys to rotate until each was, losses, notes. */
import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { KeyState } from '../../shared/model/terms.ts';
import { setAftermath, useAftermath } from '../client/aftermath.ts';
import type { Aftermath } from '../client/aftermath.ts';
import { at, go } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { Block } from '../parts/Block.tsx';
import { sentence } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import { many, stateWords } from '../parts/text.ts';

export function AftermathPart(): ReactElement | null {
  const left = useAftermath();
  if (left === undefined) return null;
  return (
    <Block title={left.title} aside={<button type="button" className="link" onClick={() => setAftermath(undefined)}>I have read this</button>}>
      <Note kind="ink">
        <p role="status"><b>{left.how}</b></p>
        {left.notes.map((note) => <p key={note}>{sentence(note)}</p>)}
      </Note>
      {left.losses === undefined ? null : <Losses losses={left.losses} />}
      {left.rotate === undefined ? null : <ToRotate rotate={left.rotate} />}
      <p className="small muted">This is shown until the vault locks; the log keeps what was done.</p>
    </Block>
  );
}

function Losses({ losses }: { readonly losses: readonly string[] }): ReactElement {
  if (losses.length === 0) return <p>Nothing was lost but the log of before.</p>;
  return (
    <div>
      <p className="lab">{many(losses.length, 'loss', 'losses')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls is in reach of the keyboard */}
      <ul className="rows panel losses" tabIndex={0} aria-label="Losses">{losses.map((loss) => <li key={loss}>{sentence(loss)}</li>)}</ul>
    </div>
  );
}

interface Held {
  readonly key: string;
  /** The newest version that a copy holds. */
  readonly newest: number;
  readonly versions: string;
  readonly state: string;
}

/** One line for each key, however many of its versions a copy holds. */
function byKey(rotate: NonNullable<Aftermath['rotate']>): readonly Held[] {
  return [...Map.groupBy(rotate, ({ key }) => key)].map(([key, versions]) => {
    const sorted = versions.toSorted((a, b) => a.version - b.version);
    const [oldest, newest] = [sorted[0], sorted.at(-1)];
    return { key, newest: newest?.version ?? 0, state: newest?.state ?? '', versions: sorted.length === 1 ? `version ${newest?.version}` : `versions ${oldest?.version} to ${newest?.version}` };
  });
}

function ToRotate({ rotate }: { readonly rotate: NonNullable<Aftermath['rotate']> }): ReactElement {
  const keys = useAnswer('key.list', {}).value?.keys ?? [];
  const held = byKey(rotate);
  if (held.length === 0) return <p className="muted">No software key was in the vault: nothing needs to be rotated.</p>;
  const isRotated = ({ key, newest }: Held) => (keys.find(({ name }) => name === key)?.version ?? 0) > newest;
  const still = held.filter((one) => !isRotated(one)).length;
  return (
    <>
      <p>{still === 0 ? 'Every key of the list was rotated.' : `${still} of ${many(held.length, 'key')} still to rotate. What the old versions protected is as secret as the copies are: protect it anew with the new ones.`}</p>
      <ul className="rows panel">{held.map((one) => <HeldRow key={one.key} held={one} rotated={isRotated(one)} />)}</ul>
    </>
  );
}

function HeldRow({ held: { key, versions, state }, rotated }: { readonly held: Held; readonly rotated: boolean }): ReactElement {
  const mayRotate = state !== 'pre-activation';
  return (
    <li>
      <span className="grow"><a href={at('key', key)}><b className="two-l" style={{ color: 'var(--text)' }}>{key}</b></a><span className="small muted">{versions}, {(stateWords[state as KeyState] ?? state).toLowerCase()}</span></span>
      {rotated ? <span className="tag">rotated</span> : <Button h={26} px={9} fz={12} aria-label={`${mayRotate ? 'Rotate' : 'Review'} ${key}`} onClick={() => go('key', key, mayRotate ? 'rotate' : undefined)}>{mayRotate ? 'Rotate' : 'Review'}</Button>}
    </li>
  );
}
