/** The record of a key on paper: what it is, its versions and periods, who holds it, and where in the log to look. */
import { Button } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { attestationVerdictTexts } from '../../shared/model/attestation.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { at, usePlace } from '../client/route.ts';
import { useWindow } from '../client/windowState.ts';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { formatWord, grouped, moment, purposeWords, stateWords } from '../parts/text.ts';
import { algorithmWord } from '../parts/algorithmText.ts';
import { placeWord } from '../keys/KeysPage.tsx';
import { usedWords } from '../keys/KeyDetail.tsx';
import { Facts } from '../parts/Facts.tsx';

export function RecordPage(): ReactElement {
  const { of: name = '' } = usePlace();
  const { host } = useWindow();
  const { value, error } = useAnswer('key.show', { key: name });
  const info = useAnswer('vault.info', {}).value;
  if (error !== undefined) return <div className="page"><ErrorPanel error={error} /></div>;
  if (value === undefined || info === undefined) return <div className="page" role="status">Reading the key…</div>;
  const { key, versions, distributions, copies } = value;
  return (
    <article className="record">
      <div className="noprint" style={{ display: 'flex', gap: 8, marginBottom: 16 }}>
        <a href={at('key', name)} style={{ flex: 1 }}>Back to the key</a>
        <Button leftSection={<IconPrinter size={16} />} onClick={() => print()}>Print</Button>
      </div>
      <h1>Record of the key {key.name}</h1>
      <p className="muted">Printed {moment(Date.now())} from {host.vault?.name} by {info.principal.name}, at log entry {info.logEntries - 1}.</p>
      <div style={{ margin: '16px 0' }}>
        <Facts
          rows={[
            ['Purpose', purposeWords[key.purpose]],
            ['Algorithm', algorithmWord(key.algorithm)],
            ['Place', placeWord(key.place.name)],
            ['Leaves', key.exportable ? 'only wrapped: to a confirmed recipient, under another key, or to another token' : 'never'],
            ['Vault', <span key="v" className="mono">{grouped(info.vaultId)}</span>],
            ['Genesis', <span key="g" className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(info.genesisFingerprint)}</span>],
            ['Log root', <span key="r" className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(info.logRoot)}</span>],
          ]}
        />
      </div>
      {versions.map((version) => (
        <section key={version.number} style={{ marginBottom: 16 }}>
          <h2>Version {version.number}: {stateWords[version.state]}</h2>
          <Facts
            rows={[
              ['Reference', <span key="ref" className="mono" style={{ overflowWrap: 'anywhere' }}>{version.ref}</span>],
              version.fingerprint === undefined ? undefined : ['SHA-256 (SPKI)', <span key="f" className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(version.fingerprint)}</span>],
              version.kcv === undefined ? undefined : [`KCV (${version.kcv.method.toUpperCase()})`, <span key="kcv" className="mono">{grouped(version.kcv.value)}</span>],
              ['Origin', version.origin],
              version.attestation === undefined ? undefined : ['Attestation', `${attestationVerdictTexts[version.attestation.verdict]}: ${version.attestation.reason}`],
              ['May protect to', version.originatorUsageEnd === undefined ? 'not set' : moment(version.originatorUsageEnd)],
              ['May process to', version.recipientUsageEnd === undefined ? 'not set' : moment(version.recipientUsageEnd)],
              ['Used', usedWords(version)],
              ...version.history.map(({ state, at: when, reason }): [string, string] => [stateWords[state], `${moment(when)}${reason === undefined ? '' : `: ${reason}`}`]),
            ]}
          />
        </section>
      ))}
      <h2>On other tokens</h2>
      {copies.length === 0 ? <p>None.</p> : (
        <ul>{copies.map(({ id, place, version, proof, at: when, state, destroyedAt }) => <li key={id}>Version {version} on {place.name}, proved by {proof}, {moment(when)}; {state === 'held' || destroyedAt === undefined ? 'held' : `destroyed ${moment(destroyedAt)}`}</li>)}</ul>
      )}
      <h2>Distributions</h2>
      {distributions.length === 0 ? <p>None.</p> : (
        <ul>{distributions.map(({ id, to, version, format, at: when, sha256 }) => <li key={id}>Version {version} to {to.name}, {formatWord(format)}, {moment(when)}; file SHA-256 <span className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(sha256)}</span></li>)}</ul>
      )}
    </article>
  );
}
