/** Work that was interrupted and waits for its token: asked now, at the click of a button, and told piece by piece. */
import { Button } from '@mantine/core';
import { IconCheck, IconHourglass } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import { many, moment } from '../parts/text.ts';

type Reconciled = WindowReply<'vault.reconcile'>;
type Piece = Pick<Reconciled['settled'][number], 'act' | 'place' | 'begun'>;

function wordsOf({ act, place, begun }: Piece): string {
  return `${act} ${place.kind === 'software' ? 'in this vault' : `on the token ${place.name}`}, begun ${moment(begun)}`;
}

export interface InterruptedWorkProps {
  /** Pieces of work that wait. */
  readonly waiting: number;
  readonly readOnly: boolean;
}

/** Nothing where nothing waits and nothing was settled just now. */
export function InterruptedWork({ waiting, readOnly }: InterruptedWorkProps): ReactElement | null {
  const work = useWork('Settling interrupted work');
  const [done, setDone] = useState<Reconciled>();
  if (waiting === 0 && done === undefined) return null;
  const settle = async () => {
    const reconciled = await work.run((control) => call('vault.reconcile', {}, control));
    if (reconciled !== undefined) setDone(reconciled);
  };
  return (
    <Block title="Interrupted work">
      {waiting === 0 ? null : (
        <Note kind="ink">
          {many(waiting, 'piece')} of work ended in the middle and {waiting === 1 ? 'waits' : 'wait'} for a place that has to be asked what became of it. {readOnly ? 'The vault was opened read-only: open it for writing to settle it.' : 'A token asks for its PIN.'}
          {readOnly ? null : <Button mt={8} loading={work.busy} onClick={settle}>Settle now</Button>}
        </Note>
      )}
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      <ul className="policy" aria-live="polite">
        {done?.settled.map((piece) => <li key={wordsOf(piece)}><IconCheck size={16} aria-hidden="true" /><span>{sentence(`${wordsOf(piece)}: ${piece.how}`)}</span></li>)}
        {done?.waiting.map((piece) => <li key={wordsOf(piece)}><IconHourglass size={16} aria-hidden="true" /><span>{sentence(`${wordsOf(piece)} still waits: ${piece.why}`)}</span></li>)}
      </ul>
    </Block>
  );
}
