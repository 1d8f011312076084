/** What needs the officer today: what is due, what is outstanding, what the unlock found, and the health of the keys by purpose. */
import { Button } from '@mantine/core';
import { IconArrowBarToRight, IconDeviceUsb, IconHourglass, IconPlus, IconShield } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { purposes } from '../../shared/model/terms.ts';
import { at, go } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { isDueSoon, placeWord } from '../keys/KeysPage.tsx';
import type { KeyView } from '../keys/KeysPage.tsx';
import { Block } from '../parts/Block.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Page } from '../parts/Page.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { NoSheet } from './NoSheet.tsx';
import { count, day, many, purposeWords, untilWords } from '../parts/text.ts';
import { InterruptedWork } from './InterruptedWork.tsx';

interface Need {
  readonly key: KeyView;
  readonly when: string;
  readonly sub: string;
  readonly what: string;
  readonly verb: string;
  readonly urgent: boolean;
}

/** What a key needs now: what is compromised first, then what is over, then what ends soon. */
function needOf(key: KeyView, now: number): Need | undefined {
  if (key.state === 'compromised') return { key, when: 'act now', sub: '', what: 'Compromised: tell the holders, then destroy it.', verb: 'Contain', urgent: true };
  if (key.state === 'destroyed' || key.nextDue === undefined || !isDueSoon(key, now)) return undefined;
  const { what, at: due } = key.nextDue;
  const over = Date.parse(due) < now;
  const protecting = what === 'originator-usage period';
  const sentenceOf = protecting ? (over ? 'Protecting is refused since then. Processing continues.' : 'Then it protects no more. Rotate it before.') : over ? 'Nothing that it protected may be processed any more.' : 'Then what it protected may not be processed any more.';
  return { key, when: untilWords(due, now), sub: day(due), what: sentenceOf, verb: protecting ? 'Rotate' : 'Review', urgent: over };
}

function useNeeds(keys: readonly KeyView[] | undefined): readonly Need[] {
  return useMemo(() => {
    const now = Date.now();
    const rank = ({ key }: Need) => (key.state === 'compromised' ? 0 : Date.parse(key.nextDue?.at ?? ''));
    return (keys ?? []).flatMap((key) => needOf(key, now) ?? []).sort((a, b) => rank(a) - rank(b));
  }, [keys]);
}

export function OverviewPage(): ReactElement {
  const info = useAnswer('vault.info', {});
  const keys = useAnswer('key.list', {});
  const distributions = useAnswer('distribution.list', {});
  const needs = useNeeds(keys.value?.keys);
  const error = info.error ?? keys.error ?? distributions.error;
  if (error !== undefined) return <Page title="Overview"><ErrorPanel error={error} onRetry={info.reload} /></Page>;
  if (info.value === undefined || keys.value === undefined) return <div className="page" role="status">Reading the vault…</div>;
  if (keys.value.keys.length === 0) return <Beginning vault={info.value} />;
  const outstanding = (distributions.value?.distributions ?? []).filter(({ receipt }) => receipt === 'outstanding').length;
  const compromised = keys.value.keys.filter(({ state }) => state === 'compromised').length;
  return (
    <Page
      title={needs.length === 0 ? 'Nothing needs you today' : `${needs.length === 1 ? 'One thing needs' : `${count(needs.length)} things need`} you`}
      sub={`${new Intl.DateTimeFormat('en-GB', { weekday: 'long' }).format(new Date())} ${day(Date.now())}. ${needs.length === 0 ? 'Every key is inside its periods' : 'Everything else is inside its periods'}; the log verifies up to entry ${count(info.value.logEntries - 1)}.`}
      actions={<Button variant="filled" leftSection={<IconPlus size={16} />} rightSection={<kbd className="hide-n">G</kbd>} onClick={() => go('generate')}>Generate key</Button>}
    >
      <NoSheet />
      <nav className="tally" aria-label="Numbers">
        <Tally href={at('keys', 'due')} icon={<IconHourglass size={16} aria-hidden="true" />} title="Due in 30 days" value={needs.length} sub={compromised === 0 ? 'none is compromised' : `${compromised} compromised`} />
        <Tally href={at('keys')} icon={<IconShield size={16} aria-hidden="true" />} title="Keys" value={keys.value.keys.length} sub={`${keys.value.keys.filter(({ state }) => state === 'active').length} active`} />
        <Tally href={at('tokens')} icon={<IconDeviceUsb size={16} aria-hidden="true" />} title="On tokens" value={keys.value.keys.filter(({ place }) => place.kind === 'pkcs11').length} sub={many(new Set(keys.value.keys.flatMap(({ place }) => place.serial ?? [])).size, 'token')} />
        <Tally href={at('recipients')} icon={<IconArrowBarToRight size={16} aria-hidden="true" />} title="Receipts outstanding" value={outstanding} sub="of what was handed over" />
      </nav>
      <InterruptedWork waiting={info.value.interrupted} readOnly={info.value.readOnly} />
      <div className="cols">
        <Due needs={needs} />
        <Findings vault={info.value} />
      </div>
      <Health keys={keys.value.keys} />
    </Page>
  );
}

type Found = Pick<WindowReply<'vault.info'>, 'findings' | 'seenBefore'>;

function Beginning({ vault }: { readonly vault: WindowReply<'vault.info'> }): ReactElement {
  return (
    <>
      <Empty title="The vault is open, and empty" action={<div style={{ display: 'flex', gap: 8 }}><Button variant="filled" onClick={() => go('generate')}>Generate the first key</Button><Button onClick={() => go('tokens')}>Add a token's module</Button></div>}>
        Generate a key in the vault or on a token; add a recipient to hand keys to; what is due is shown here from then on.
      </Empty>
      <div className="page">
        <InterruptedWork waiting={vault.interrupted} readOnly={vault.readOnly} />
        <NoSheet />
        {vault.findings.length === 0 && vault.seenBefore === undefined ? null : <Findings vault={vault} />}
      </div>
    </>
  );
}

interface TallyProps {
  readonly href: string;
  readonly icon: ReactNode;
  readonly title: string;
  readonly value: number;
  readonly sub: string;
}

function Tally({ href, icon, title, value, sub }: TallyProps): ReactElement {
  return (
    <a href={href}>
      <span className="k">{icon}{title}</span>
      <span className="v">{value === 0 ? '0' : <u>{count(value)}</u>}</span>
      <span className="d">{sub}</span>
    </a>
  );
}

const shownAtMost = 6;

function Due({ needs }: { readonly needs: readonly Need[] }): ReactElement {
  return (
    <Block title="Due" aside={<a href={at('keys', 'due')}>All that is due</a>}>
      {needs.length === 0 ? <p className="muted">No period ends in the next 30 days.</p> : (
        <ul className="rows panel">
          {needs.slice(0, shownAtMost).map(({ key, when, sub, what, verb, urgent }) => (
            <li key={key.id}>
              <span className="when"><b className={urgent && key.state === 'compromised' ? 'red' : ''}>{when}</b><br />{sub}</span>
              <span className="grow"><a href={at('key', key.name)}><b className="two-l" style={{ color: 'var(--text)' }}>{key.name}</b></a><span className="small muted two-l">{what} {placeWord(key.place.name)}.</span></span>
              <Button h={26} px={9} fz={12} onClick={() => go('key', key.name, verb === 'Rotate' ? 'rotate' : undefined)} aria-label={`${verb} ${key.name}`}>{verb}</Button>
            </li>
          ))}
        </ul>
      )}
    </Block>
  );
}

function Findings({ vault }: { readonly vault: Found }): ReactElement {
  const said = [...(vault.seenBefore === undefined ? [] : [vault.seenBefore]), ...vault.findings];
  return (
    <Block title="What the unlock found">
      {said.length === 0 ? <p className="muted">The vault was made in this sitting.</p> : null}
      <ul className="policy">{said.map((finding) => <li key={finding}><IconShield size={16} aria-hidden="true" /><span>{sentence(finding)}</span></li>)}</ul>
    </Block>
  );
}

const columns = [['active', 'Active', 'm-a'], ['deactivated', 'Process only', 'm-b'], ['pre-activation', 'Pre-activation', 'm-c'], ['compromised', 'Compromised', 'm-d']] as const;

function Health({ keys }: { readonly keys: readonly KeyView[] }): ReactElement {
  const most = Math.max(1, ...purposes.map((purpose) => keys.filter((key) => key.purpose === purpose).length));
  const now = Date.now();
  return (
    <Block title="Health by purpose" aside={<span className="legend" aria-hidden="true">{columns.map(([state, word, mark]) => <span key={state}><i className={mark} />{word}</span>)}</span>}>
      <div className="t-edge">
        <table>
          <thead>
            <tr><th style={{ width: 176 }}>Purpose</th><th className="hide-n">Keys</th>{columns.map(([state, word]) => <th key={state} className="right">{word}</th>)}<th className="right">Due ≤ 30 d</th></tr>
          </thead>
          <tbody>
            {purposes.map((purpose) => {
              const own = keys.filter((key) => key.purpose === purpose);
              const number = (state: KeyView['state']) => own.filter((key) => key.state === state).length;
              return (
                <tr key={purpose}>
                  <td>{purposeWords[purpose]}</td>
                  <td className="hide-n"><span className="mix" aria-hidden="true">{columns.map(([state, , mark]) => (number(state) === 0 ? null : <i key={state} className={mark} style={{ width: `${(100 * number(state)) / most}%` }} />))}</span></td>
                  {columns.map(([state]) => <td key={state} className="right num">{number(state) === 0 ? <span className="faint">0</span> : <a href={at('keys', 'purpose', purpose)} className={state === 'compromised' ? 'red' : ''}>{count(number(state))}</a>}</td>)}
                  <td className="right num">{own.filter((key) => isDueSoon(key, now)).length || <span className="faint">0</span>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Block>
  );
}
