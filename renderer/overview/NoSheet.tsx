/** That there is no recovery sheet, for as long as there is none. */
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useAnswer } from '../client/useAnswer.ts';
import { go } from '../client/route.ts';
import { Act } from '../parts/Act.tsx';
import { useWhyReadOnly } from '../vault/mayChange.ts';

export function NoSheet(): ReactElement | null {
  const ways = useAnswer('vault.ways', {}).value?.ways;
  const why = useWhyReadOnly();
  if (ways === undefined || ways.some(({ mode }) => mode === 'recovery')) return null;
  return (
    <section className="note ink" aria-label="No recovery sheet" style={{ alignItems: 'center' }}>
      <IconAlertTriangle size={16} aria-hidden="true" />
      <div className="grow"><b>There is no recovery sheet.</b> A lost passphrase is then a lost vault.</div>
      <Act h={26} px={9} fz={12} why={why} onClick={() => go('sheet')}>Make one…</Act>
    </section>
  );
}
