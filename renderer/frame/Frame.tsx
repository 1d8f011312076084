/** The frame around every page of an open vault: the rail, the bar with the lock that is always there, the palette, the keys of the keyboard. */
import { IconAdjustmentsHorizontal, IconArrowBarToRight, IconClock, IconDeviceUsb, IconFileText, IconHome, IconKey, IconLock, IconSearch, IconShieldLock, IconUser, IconVault } from '@tabler/icons-react';
import { Button, Tooltip } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { useEffect, useRef } from 'react';
import type { ComponentType, ReactElement } from 'react';
import { useAnswer } from '../client/useAnswer.ts';
import { at, go, usePlace } from '../client/route.ts';
import type { PageName } from '../client/route.ts';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { useWindow } from '../client/windowState.ts';
import { VaultName } from '../gate/Unlock.tsx';
import { GeneratePage } from '../generate/GeneratePage.tsx';
import { ImportPage } from '../distribute/ImportPage.tsx';
import { DerivePage } from '../derive/DerivePage.tsx';
import { DistributePage } from '../distribute/DistributePage.tsx';
import { KeyPage } from '../key/KeyPage.tsx';
import { KeysPage } from '../keys/KeysPage.tsx';
import { LogPage } from '../log/LogPage.tsx';
import { OverviewPage } from '../overview/OverviewPage.tsx';
import { Logo } from '../parts/Logo.tsx';
import { many, zoneName } from '../parts/text.ts';
import { RecipientsPage } from '../recipients/RecipientsPage.tsx';
import { RecordPage } from '../key/RecordPage.tsx';
import { SettingsPage } from '../settings/SettingsPage.tsx';
import { TokensPage } from '../tokens/TokensPage.tsx';
import { UsePage } from '../use/UsePage.tsx';
import { SheetPage } from '../vault/SheetPage.tsx';
import { VaultPage } from '../vault/VaultPage.tsx';
import { LeftWork } from './LeftWork.tsx';
import { Palette } from './Palette.tsx';
import { KeyHelp } from './KeyHelp.tsx';
import { inField, useKeys } from './shortcuts.ts';

const content: Readonly<Record<PageName, ComponentType>> = {
  overview: OverviewPage,
  keys: KeysPage,
  key: KeyPage,
  generate: GeneratePage,
  use: UsePage,
  distribute: DistributePage,
  import: ImportPage,
  derive: DerivePage,
  recipients: RecipientsPage,
  tokens: TokensPage,
  log: LogPage,
  vault: VaultPage,
  sheet: SheetPage,
  settings: SettingsPage,
  record: RecordPage,
};

interface RailEntry {
  readonly page: PageName;
  readonly title: string;
  readonly Icon: typeof IconHome;
  /** Pages that are about the same. */
  readonly with?: readonly PageName[];
}

const rail: readonly RailEntry[] = [
  { page: 'overview', title: 'Overview', Icon: IconHome },
  { page: 'keys', title: 'Keys', Icon: IconKey, with: ['key', 'generate', 'use', 'distribute', 'import', 'derive', 'record'] },
  { page: 'tokens', title: 'Tokens', Icon: IconDeviceUsb },
  { page: 'recipients', title: 'Recipients', Icon: IconArrowBarToRight },
  { page: 'log', title: 'Log', Icon: IconFileText },
  { page: 'vault', title: 'Vault', Icon: IconShieldLock, with: ['sheet'] },
];

function RailLink({ entry: { page, title, Icon, with: others = [] }, now }: { readonly entry: RailEntry; readonly now: PageName }): ReactElement {
  const on = now === page || others.includes(now);
  return (
    <a href={at(page)} aria-current={on ? 'page' : undefined} aria-label={title} title={title}>
      <Icon size={16} aria-hidden="true" />
      <span>{title}</span>
    </a>
  );
}

/** Alt+1…9 go along the rail, Ctrl+L locks, G generates; letters act only outside fields. */
function useFrameKeys(lock: () => void): void {
  useKeys((event) => {
    if (event.ctrlKey && event.key.toLowerCase() === 'l') return lock();
    const place = rail[Number(event.key) - 1];
    if (event.altKey && place !== undefined) return go(place.page);
    if (!inField(event) && event.key === 'g') return go('generate');
    return false;
  });
}

export function Frame({ vault }: { readonly vault: { readonly name: string; readonly folder: string } }): ReactElement {
  const { host, lock } = useWindow();
  const { page, of } = usePlace();
  const main = useRef<HTMLElement>(null);
  const info = useAnswer('vault.info', {}).value;
  useFrameKeys(() => void lock());
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page takes the focus and starts at its top
  useEffect(() => {
    main.current?.scrollTo(0, 0);
    if (document.activeElement === document.body || document.activeElement?.closest('.rail') === null) main.current?.focus();
    document.title = `${page} - ${vault.name} - Strongroom`;
  }, [page, of]);
  const Content = content[page];
  return (
    <div className={`app ${host.evaluation === undefined ? '' : 'evaluated'}`}>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Go to the page
      </button>
      {host.evaluation === undefined ? null : <aside className="evaluation" aria-label="About this window">{host.evaluation}</aside>}
      <Rail now={page} info={info} />
      <Bar vault={vault.name} info={info} onLock={() => void lock()} />
      <main className="main" id="main" ref={main} tabIndex={-1} aria-label={page}>
        <Content key={`${page}/${of ?? ''}`} />
      </main>
      <LeftWork />
      <Palette />
      <KeyHelp />
    </div>
  );
}

function Clock({ agrees, sentence }: { readonly agrees: boolean; readonly sentence: string | undefined }): ReactElement {
  const label = agrees ? 'Clock agrees with log' : 'Clock disagrees with log';
  return (
    <Tooltip label={sentence ?? `Dates are in ${zoneName()}. The newest entry of the log is not later than this clock, and not more than 7 days before it.`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its tooltip must be in reach of the keyboard */}
      <span className={`chip clk ${agrees ? '' : 'tag ink'}`} tabIndex={0} role="note" aria-label={label}>
        <IconClock size={14} aria-hidden="true" />
        <span>{label}</span>
      </span>
    </Tooltip>
  );
}

type Info = WindowReply<'vault.info'> | undefined;

function Rail({ now: page, info }: { readonly now: PageName; readonly info: Info }): ReactElement {
  return (
    <nav className="rail" aria-label="Main">
      <div className="brand">
        <Logo />
        <span>Strongroom</span>
      </div>
      {rail.map((entry) => (
        <RailLink key={entry.page} entry={entry} now={page} />
      ))}
      <div className="push" />
      <RailLink entry={{ page: 'settings', title: 'Settings', Icon: IconAdjustmentsHorizontal }} now={page} />
      <div className="foot">
        {info === undefined ? '' : many(info.logEntries, 'log entry', 'log entries')}
        <br />
        {info?.solo === true ? 'Solo vault: one person' : ''}
        <br />
        Dates in {zoneName()}
      </div>
    </nav>
  );
}

function Bar({ vault, info, onLock }: { readonly vault: string; readonly info: Info; readonly onLock: () => void }): ReactElement {
  return (
    <header className="bar">
      <div className="vault">
        <IconVault size={16} aria-hidden="true" />
        <div className="clip">
          <VaultName name={vault} />
        </div>
        {info?.readOnly === true ? <span className="tag ink">read-only</span> : null}
      </div>
      <div className="fill" />
      <button type="button" className="palette" onClick={spotlight.open}>
        <IconSearch size={16} aria-hidden="true" />
        <span className="long">Find a key or an action </span>
        <kbd>Ctrl K</kbd>
      </button>
      <Clock agrees={info?.clock.agrees ?? true} sentence={info?.clock.sentence} />
      <span className="chip person">
        <IconUser size={14} aria-hidden="true" />
        <b>{info?.principal.name}</b>
      </span>
      <Button leftSection={<IconLock size={14} />} rightSection={<kbd className="hide-n">Ctrl L</kbd>} onClick={onLock}>
        Lock
      </Button>
    </header>
  );
}
