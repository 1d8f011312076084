/** One key: its life to scale, what may be done now and why not, who holds it, its history. */
import { Button, Menu } from '@mantine/core';
import { IconArrowBarToRight, IconCheck, IconDots, IconPlayerPlay, IconRefresh, IconX } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { ReactElement } from 'react';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { at, go, usePlace } from '../client/route.ts';
import { inField, useKeys } from '../frame/shortcuts.ts';
import { newestOf, usedWords } from '../keys/KeyDetail.tsx';
import type { KeyShown, VersionView } from '../keys/KeyDetail.tsx';
import { placeWord } from '../keys/KeysPage.tsx';
import { goUse } from '../keys/usedAt.ts';
import { EntryRows } from '../log/EntryRows.tsx';
import { Act } from '../parts/Act.tsx';
import { AttestationTag } from '../parts/AttestationTag.tsx';
import { Block } from '../parts/Block.tsx';
import { GuardList } from '../parts/GuardList.tsx';
import { Page } from '../parts/Page.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { StateMark } from '../parts/StateMark.tsx';
import { day, formatWord, grouped, moment, originAdvice, originWords, purposeWords } from '../parts/text.ts';
import { algorithmWord, isPair } from '../parts/algorithmText.ts';
import { ActDialog } from './ActDialog.tsx';
import type { KeyAct } from './ActDialog.tsx';
import { whyNot } from './mayDo.ts';
import { PublicDialog } from './PublicDialog.tsx';
import { AttestationBlock } from './AttestationBlock.tsx';
import { CertificateBlock } from './CertificateBlock.tsx';
import { CopiesBlock } from './CopiesBlock.tsx';
import { SignaturesBlock } from './SignaturesBlock.tsx';
import { Timeline } from './Timeline.tsx';

const acts: readonly KeyAct[] = ['activate', 'suspend', 'resume', 'deactivate', 'compromise', 'destroy'];
const actWords: Readonly<Record<KeyAct, string>> = { rotate: 'Rotate…', activate: 'Activate…', suspend: 'Suspend…', resume: 'Resume…', deactivate: 'Deactivate…', compromise: 'Declare compromised…', destroy: 'Destroy…' };
/** What the core calls them when it tells what may be done. */
const coreNames: Readonly<Record<KeyAct, string>> = { rotate: 'rotate', activate: 'activate', suspend: 'suspend', resume: 'resume', deactivate: 'deactivate', compromise: 'declare compromised', destroy: 'destroy' };

function isAct(name: string | undefined): name is KeyAct {
  return name !== undefined && Object.hasOwn(actWords, name);
}

export function KeyPage(): ReactElement {
  const { of: name = '', more } = usePlace();
  const { value, error, reload } = useAnswer('key.show', { key: name });
  const [asked, setAsked] = useState<{ readonly act: KeyAct; readonly version?: number } | undefined>(isAct(more) ? { act: more } : undefined);
  const [showPublic, setShowPublic] = useState(false);
  const now = useMemo(() => Date.now(), []);
  useKeys((event) => {
    if (inField(event) || asked !== undefined) return false;
    if (event.key === 'r') return setAsked({ act: 'rotate' });
    if (event.key === 'd') return go('distribute', name);
    if (event.key === 'u' && value !== undefined) return goUse(value.key);
    return event.key === 'Escape' ? go('keys') : false;
  });
  if (error !== undefined && value === undefined) return <Page title={name} crumb={<a href={at('keys')}>Keys</a>}><ErrorPanel error={error} onRetry={reload} /></Page>;
  if (value === undefined) return <div className="page" role="status">Reading the key…</div>;
  const newest = newestOf(value);
  if (newest === undefined) return <div className="page" role="status">Reading the key…</div>;
  return (
    <Page
      crumb={<><a href={at('keys')}>Keys</a> / {purposeWords[value.key.purpose]}</>}
      title={<span style={{ overflowWrap: 'anywhere' }}>{value.key.name}</span>}
      sub={<Subtitle shown={value} newest={newest} />}
      actions={<Actions shown={value} onAct={(act) => setAsked({ act })} onPublic={() => setShowPublic(true)} />}
    >
      <Block title="Life" aside={<Legend />}>
        <Timeline versions={value.versions} now={now} />
      </Block>
      <div className="cols">
        <Versions shown={value} onDestroy={(version) => setAsked({ act: 'destroy', version })} />
        <MayDo shown={value} />
      </div>
      <Guards shown={value} />
      {newest.attestation === undefined ? null : <AttestationBlock name={name} version={newest} attestation={newest.attestation} />}
      {isPair(value.key.algorithm) ? <CertificateBlock name={name} version={newest} /> : null}
      {purposeFacts[value.key.purpose].operations.includes('sign') ? <SignaturesBlock name={name} /> : null}
      <CopiesBlock shown={value} />
      <Distributions shown={value} />
      <History name={name} />
      {showPublic ? <PublicDialog name={name} algorithm={value.key.algorithm} onClose={() => setShowPublic(false)} /> : null}
      {asked === undefined ? null : <ActDialog shown={value} act={asked.act} version={asked.version} onClose={() => setAsked(undefined)} />}
    </Page>
  );
}

function Subtitle({ shown: { key }, newest }: { readonly shown: KeyShown; readonly newest: VersionView }): ReactElement {
  return (
    <span style={{ display: 'flex', gap: '0 16px', flexWrap: 'wrap' }}>
      <StateMark state={key.state} />
      <span>{algorithmWord(key.algorithm)}</span>
      <span>{placeWord(key.place.name)}</span>
      {newest.attestation === undefined ? null : <AttestationTag verdict={newest.attestation.verdict} reason={sentence(newest.attestation.reason)} />}
      {newest.kcv === undefined ? null : <span className="mono">KCV {grouped(newest.kcv.value)}</span>}
      <span>{usedWords(newest)}</span>
    </span>
  );
}

function Legend(): ReactElement {
  return (
    <span className="legend" aria-hidden="true">
      <span><i className="orig live" />Originator usage: may protect</span>
      <span><i className="recip" />Recipient usage: may process</span>
    </span>
  );
}

interface ActionsProps {
  readonly shown: KeyShown;
  readonly onAct: (act: KeyAct) => void;
  readonly onPublic: () => void;
}

function Actions({ shown, onAct, onPublic }: ActionsProps): ReactElement {
  const { name } = shown.key;
  return (
    <>
      <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => goUse(shown.key)} className="hide-n">Use</Button>
      <Act leftSection={<IconArrowBarToRight size={16} />} why={whyNot(shown, 'export or wrap')} onClick={() => go('distribute', name)}>Distribute</Act>
      <Act variant="filled" leftSection={<IconRefresh size={16} />} why={whyNot(shown, 'rotate')} onClick={() => onAct('rotate')}>Rotate now</Act>
      <Menu transitionProps={{ duration: 0 }} position="bottom-end">
        <Menu.Target>
          <Button aria-label="More"><IconDots size={16} /></Button>
        </Menu.Target>
        <Menu.Dropdown>
          {acts.map((act) => {
            const why = whyNot(shown, coreNames[act]);
            return (
              <Menu.Item key={act} {...(act === 'destroy' || act === 'compromise' ? { color: 'red' } : {})} {...(why === undefined ? {} : { 'data-disabled': true })} aria-disabled={why !== undefined} onClick={() => why === undefined && onAct(act)}>
                {actWords[act]}
                {why === undefined ? null : <span className="small muted two-l">{sentence(why)}</span>}
              </Menu.Item>
            );
          })}
          <Menu.Divider />
          {purposeFacts[shown.key.purpose].operations.includes('derive') ? <Menu.Item onClick={() => go('derive', name)}>Derive a key…</Menu.Item> : null}
          {isPair(shown.key.algorithm) ? <Menu.Item onClick={onPublic}>Public half…</Menu.Item> : null}
          <Menu.Item onClick={() => go('record', name)}>Record, to print…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function Versions({ shown, onDestroy }: { readonly shown: KeyShown; readonly onDestroy: (version: number) => void }): ReactElement {
  return (
    <Block title="Versions">
      <div className="t-edge">
        <table>
          <thead>
            <tr><th style={{ width: 70 }}>Version</th><th style={{ width: 132 }}>State</th><th>Used</th><th className="hide-n" style={{ width: 110 }}>Last used</th><th style={{ width: 92 }} className="right">Next</th></tr>
          </thead>
          <tbody>
            {shown.versions.toSorted((a, b) => b.number - a.number).map((version) => (
              <tr key={version.number}>
                <td className="num">{version.number}</td>
                <td><StateMark state={version.state} /></td>
                <td className="muted">{usedWords(version)}</td>
                <td className="muted hide-n"><span title={version.lastUsed === undefined ? undefined : moment(version.lastUsed)}>{version.lastUsed === undefined ? 'never' : day(version.lastUsed)}</span></td>
                <td className="right">{version.state === 'destroyed' ? <span className="faint">nothing</span> : <button type="button" className="link" onClick={() => onDestroy(version.number)} aria-label={`Destroy version ${version.number}`}>Destroy…</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Oddities versions={shown.versions} />
    </Block>
  );
}

/** How a version came, where that calls for something, and what was odd about it. */
function Oddities({ versions }: { readonly versions: readonly VersionView[] }): ReactElement | null {
  const told = versions.filter(({ state, origin, notes = [] }) => state !== 'destroyed' && (origin !== 'generated' || notes.length > 0));
  if (told.length === 0) return null;
  return (
    <ul className="policy">
      {told.map(({ number, origin, notes = [] }) => (
        <li key={number} style={{ display: 'block' }}>
          <b>Version {number}</b> {originWords[origin]}. {[originAdvice[origin], ...notes.map(sentence)].filter((line) => line !== undefined).join(' ')}
        </li>
      ))}
    </ul>
  );
}

/** The rules themselves, asked in advance. */
function MayDo({ shown: { mayDo } }: { readonly shown: KeyShown }): ReactElement {
  return (
    <Block title="What may be done now">
      <ul className="policy">
        {mayDo.map(({ act, allowed, why }) => (
          <li key={act}>
            {allowed ? <IconCheck size={16} aria-label="allowed" /> : <IconX size={16} aria-label="not allowed" />}
            <span>
              <b>{act.charAt(0).toUpperCase() + act.slice(1)}</b>
              {why === undefined ? '' : `: ${sentence(why)}`}
            </span>
          </li>
        ))}
      </ul>
    </Block>
  );
}

function Guards({ shown: { guards } }: { readonly shown: KeyShown }): ReactElement | null {
  return guards === undefined || guards.length === 0 ? null : <Block title="Who guards it"><GuardList guards={guards} /></Block>;
}

function Distributions({ shown: { distributions, key } }: { readonly shown: KeyShown }): ReactElement {
  return (
    <Block title="Distributions" aside={<a href={at('distribute', key.name)}>Distribute</a>}>
      {distributions.length === 0 ? (
        <p className="muted">It was handed to nobody.</p>
      ) : (
        <div className="t-edge">
          <table>
            <thead>
              <tr><th>Recipient</th><th style={{ width: 70 }}>Version</th><th>Format</th><th className="hide-n">Strength</th><th style={{ width: 184 }}>Sent</th><th style={{ width: 104 }}>Receipt</th></tr>
            </thead>
            <tbody>
              {distributions.map(({ id, to, version, format, at: sent, receipt, effectiveStrength, harvestable }) => (
                <tr key={id}>
                  <td className="wraps">{to.kind === 'recipient' ? <a href={at('recipients', to.name)}>{to.name}</a> : <>under the key <a href={at('key', to.name)}>{to.name}</a></>}</td>
                  <td className="num">{version}</td>
                  <td className="wraps">{formatWord(format)}</td>
                  <td className="hide-n" title={harvestable ? 'recorded today, it could be opened by a later quantum computer' : undefined}>{effectiveStrength} bits{harvestable ? ', harvestable' : ''}</td>
                  <td>{moment(sent)}</td>
                  <td>{receipt === 'here' ? 'here' : <span className="tag ink">outstanding</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Block>
  );
}

function History({ name }: { readonly name: string }): ReactElement {
  const { value, error } = useAnswer('audit.list', { key: name, limit: 10_000 });
  return (
    <Block title="History" aside={<a href={at('log')}>Show the log</a>}>
      {error === undefined ? null : <ErrorPanel error={error} />}
      <div className="panel">
        <EntryRows entries={(value?.entries ?? []).toReversed().slice(0, 30)} />
      </div>
    </Block>
  );
}
