/** What long work does now, how far it is, and a cancel. */
import { Button, Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Work } from '../client/useWork.ts';
import { bytesWord, count } from './text.ts';

export function WorkProgress({ work, what }: { readonly work: Work; readonly what: string }): ReactElement | null {
  if (!work.busy) return null;
  const { progress } = work;
  const percent = progress === undefined || progress.total === 0 ? 0 : (100 * progress.done) / progress.total;
  const number = (value: number) => (progress?.unit === 'bytes' ? bytesWord(value) : count(value));
  return (
    <div className="panel" style={{ padding: '12px 14px' }} role="status">
      <div style={{ display: 'flex', gap: 12, alignItems: 'center' }}>
        <div style={{ flex: 1 }}>
          <b>{progress === undefined ? what : `${progress.what}: ${Math.floor(percent)} %`}</b>
          <div className="small muted">{progress === undefined ? 'waiting for the vault, the token or your answer at the prompt' : `${number(progress.done)} of ${number(progress.total)}`}</div>
        </div>
        <Button onClick={work.cancel}>Cancel</Button>
      </div>
      <Progress value={percent} size={6} mt={8} aria-label={what} />
    </div>
  );
}
