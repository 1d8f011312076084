/** A recovery sheet before the first key, or whenever there is none: now, or later with the reason said. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { go, pages, usePlace } from '../client/route.ts';
import { Page } from '../parts/Page.tsx';
import { useWhyReadOnly } from './mayChange.ts';
import { MakeSheet } from './RecoverySheet.tsx';

/** Where a new vault goes on: what is next is in the address. */
export function SheetPage(): ReactElement {
  const { of } = usePlace();
  const next = pages.find((page) => page === of);
  const [made, setMade] = useState(false);
  const why = useWhyReadOnly();
  return (
    <div className="wide">
      <Page
        title={next === undefined ? 'Make a recovery sheet' : 'Before the first key: another way in'}
        sub={made ? 'The sheet is another way into the vault.' : 'Nobody can recover a passphrase for you. A recovery sheet is a second way into the vault: 22 words on paper.'}
      >
        <MakeSheet first why={why} onMade={() => setMade(true)} />
        <div style={{ display: 'flex', gap: 8, alignItems: 'center', borderTop: '1px solid var(--line)', paddingTop: 12 }}>
          <span className="small muted" style={{ flex: 1 }}>{made ? '' : 'Without a sheet, a lost passphrase is a lost vault. The overview goes on saying so.'}</span>
          <Button variant={made ? 'filled' : 'default'} onClick={() => go(next ?? 'overview')}>{made ? 'Go on' : 'Later'}</Button>
        </div>
      </Page>
    </div>
  );
}
