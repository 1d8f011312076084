/** Work that goes on after its page was left: what it is, how far, how it ended. It stays until it is read. */
import { Button, Progress } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { dismissLeftWork, useLeftWork } from '../client/useWork.ts';
import type { LeftWork as Left } from '../client/useWork.ts';
import { sentence } from '../parts/ErrorPanel.tsx';

function percentOf({ progress }: Left): number {
  return progress === undefined || progress.total === 0 ? 0 : (100 * progress.done) / progress.total;
}

export function LeftWork(): ReactElement | null {
  const works = useLeftWork();
  if (works.length === 0) return null;
  return (
    <section className="left-work" aria-label="Work that goes on">
      {works.map((work) => (
        <div key={work.id} role="status">
          <div style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
            <b style={{ flex: 1 }}>{work.what}</b>
            {work.ended === undefined ? (
              <Button h={26} px={9} fz={12} onClick={work.cancel}>Cancel</Button>
            ) : (
              <button type="button" className="plain" aria-label={`Close: ${work.what}`} onClick={() => dismissLeftWork(work.id)}>
                <IconX size={16} />
              </button>
            )}
          </div>
          {work.ended === undefined ? <Progress value={percentOf(work)} size={6} mt={6} aria-label={work.what} /> : <span>{work.ended.error === undefined ? 'Done.' : sentence(work.ended.error.message)}</span>}
        </div>
      ))}
    </section>
  );
}
