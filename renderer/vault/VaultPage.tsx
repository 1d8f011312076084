/** The vault and its safety: who gets in and how, what opens it when the passphrase is lost, and what makes foreign copies worthless. */
import type { ReactElement } from 'react';
import { useAnswer } from '../client/useAnswer.ts';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Page } from '../parts/Page.tsx';
import { AftermathPart } from './AftermathPart.tsx';
import { AboutVault } from './AboutVault.tsx';
import { Backups } from './Backups.tsx';
import { IdentityFile } from './IdentityFile.tsx';
import { useWhyReadOnly } from './mayChange.ts';
import { NewEpoch } from './NewEpoch.tsx';
import { RecoverySheet } from './RecoverySheet.tsx';
import { WaysIn } from './WaysIn.tsx';

export function VaultPage(): ReactElement {
  const info = useAnswer('vault.info', {});
  const ways = useAnswer('vault.ways', {});
  const why = useWhyReadOnly();
  const error = info.error ?? ways.error;
  if (error !== undefined) return <Page title="Vault and safety"><ErrorPanel error={error} onRetry={ways.error === undefined ? info.reload : ways.reload} /></Page>;
  if (info.value === undefined || ways.value === undefined) return <div className="page" role="status">Reading the vault…</div>;
  const sheets = ways.value.ways.filter(({ mode }) => mode === 'recovery').length;
  return (
    <Page title="Vault and safety" sub={`Epoch ${info.value.epoch}. ${ways.value.ways.length === 1 ? 'There is one way in.' : `There are ${ways.value.ways.length} ways in.`}`}>
      <AftermathPart />
      <WaysIn ways={ways.value.ways} role={info.value.principal.role} why={why} />
      <div className="two">
        <RecoverySheet sheets={sheets} why={why} />
        <NewEpoch role={info.value.principal.role} why={why} />
      </div>
      <Backups info={info.value} why={why} />
      <IdentityFile why={why} />
      <AboutVault info={info.value} />
    </Page>
  );
}
