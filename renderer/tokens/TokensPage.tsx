/** Modules, their tokens, and what each token can do in words. A token that is not plugged in stays listed. */
import { Button, TextInput } from '@mantine/core';
import { IconDeviceUsb, IconFile, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { at, usePlace } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Empty } from '../parts/Empty.tsx';
import { Page } from '../parts/Page.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { InitToken } from './InitToken.tsx';
import { TokenPane } from './TokenPane.tsx';
import { named } from '../theme/named.ts';

export type TokenView = WindowReply<'token.list'>['tokens'][number];
type Failure = WindowReply<'token.list'>['failures'][number];
export type ModuleView = WindowReply<'token.modules'>['modules'][number];

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** A token's address: its serial number, or its slot while it has none. */
function idOf({ serial, slot, modulePath }: TokenView): string {
  return serial === '' ? `${fileName(modulePath)} ${slot}` : serial;
}

export function TokensPage(): ReactElement {
  const { of: wanted } = usePlace();
  const modules = useAnswer('token.modules', {});
  const tokens = useAnswer('token.list', {});
  const work = useWork();
  const [parameters, setParameters] = useState('');
  if (modules.error !== undefined) return <Page title="Tokens"><ErrorPanel error={modules.error} onRetry={modules.reload} /></Page>;
  if (modules.value === undefined) return <div className="page" role="status">Looking for modules…</div>;
  const added = modules.value.modules.filter(({ status }) => status !== 'known');
  const known = modules.value.modules.filter(({ status }) => status === 'known');
  const list = tokens.value?.tokens ?? [];
  const chosen = list.find((token) => idOf(token) === wanted) ?? list.find(({ initialized }) => initialized) ?? list[0];
  const add = async (path?: string) => {
    await work.run(async () => {
      const file = path === undefined ? await call('host.chooseFile', { use: 'module' }) : await call('host.knownModule', { path });
      return await call('token.add', { module: file.grant, ...(parameters.trim() === '' ? {} : { parameters: parameters.trim() }) });
    });
  };
  if (added.length === 0) return <NoModules known={known} busy={work.busy} error={work.error} onAdd={add}><ModuleParameters value={parameters} onChange={setParameters} /></NoModules>;
  return (
    <div className="tokens">
      <nav className="tree" aria-label="Modules and tokens">
        {added.map((module) => (
          <ModuleBranch key={module.path} module={module} tokens={list.filter(({ modulePath }) => modulePath === module.path)} chosen={chosen} failure={tokens.value?.failures.find(({ modulePath }) => modulePath === module.path)} onPin={() => void add(module.path)} onRetry={() => void work.run(() => call('token.restart', { module: module.path }))} />
        ))}
        {tokens.loading && list.length === 0 ? <p className="mod" role="status">Looking for tokens…</p> : null}
        <div style={{ padding: '12px 8px', display: 'flex', flexDirection: 'column', gap: 6 }}>
          {known.map(({ path, name }) => <Button key={path} {...named} leftSection={<IconPlus size={14} />} loading={work.busy} onClick={() => void add(path)}>Add {name}</Button>)}
          <Button loading={work.busy} onClick={() => void add()}>Add another module…</Button>
          <ModuleParameters value={parameters} onChange={setParameters} />
          <p className="small muted">{sentence(modules.value.isolation)}</p>
        </div>
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls is in reach of the keyboard */}
      <div className="scrollcol" tabIndex={0} role="region" aria-label="Token">
        {work.error === undefined ? null : <div className="page"><ErrorPanel error={work.error} /></div>}
        {tokens.error === undefined ? null : <div className="page"><ErrorPanel error={tokens.error} onRetry={tokens.reload} /></div>}
        {chosen === undefined ? <Empty title="No token is plugged in">Plug in a token of one of these modules, and it appears here. <button type="button" className="link" onClick={tokens.reload}>Look again</button></Empty> : chosen.initialized ? <TokenPane key={idOf(chosen)} token={chosen} onReload={tokens.reload} /> : <EmptySlot key={idOf(chosen)} token={chosen} />}
      </div>
    </div>
  );
}

interface BranchProps {
  readonly module: ModuleView;
  readonly tokens: readonly TokenView[];
  readonly chosen: TokenView | undefined;
  readonly failure: Failure | undefined;
  readonly onPin: () => void;
  readonly onRetry: () => void;
}

function ModuleBranch({ module: { name, path, status }, tokens, chosen, failure, onPin, onRetry }: BranchProps): ReactElement {
  return (
    <section aria-label={name}>
      <h3 className="mod" title={path}>
        <IconFile size={14} aria-hidden="true" />
        <span className="clip">{fileName(path)}</span>
      </h3>
      {status === 'changed' ? <p className="small red" style={{ padding: '0 8px' }}>It is not the file that was added. <button type="button" className="link" onClick={onPin}>Pin it anew…</button></p> : null}
      {status === 'missing' ? <p className="small red" style={{ padding: '0 8px' }}>The file is not there.</p> : null}
      {failure === undefined ? null : <p className="small red" style={{ padding: '0 8px' }} role="alert">{sentence(failure.message)} The vault goes on. <button type="button" className="link" onClick={onRetry}>Try again</button></p>}
      {tokens.map((token) => {
        const { label, condition, present, initialized } = token;
        const on = chosen !== undefined && idOf(token) === idOf(chosen) && token.modulePath === chosen.modulePath;
        return (
          <a key={idOf(token)} href={at('tokens', idOf(token))} className={`tok ${on ? 'on' : ''} ${present ? '' : 'ghost'}`} aria-current={on} style={{ color: 'inherit' }}>
            <IconDeviceUsb size={16} aria-hidden="true" />
            <span style={{ minWidth: 0 }}>
              <span className="n clip" style={{ display: 'block' }}>{initialized ? label : `Slot ${token.slot}`}</span>
              <span className="m">{present ? sentence(condition[0] ?? 'ready') : 'Absent'}</span>
            </span>
          </a>
        );
      })}
    </section>
  );
}

interface NoModulesProps {
  readonly known: readonly ModuleView[];
  readonly busy: boolean;
  readonly error: ErrorInfo | undefined;
  readonly onAdd: (path?: string) => Promise<void>;
  readonly children: ReactElement;
}

function NoModules({ known, busy, error, onAdd, children }: NoModulesProps): ReactElement {
  return (
    <Empty
      title="No token module was added yet"
      action={
        <div style={{ display: 'flex', flexDirection: 'column', gap: 12, maxWidth: 620 }}>
          {error === undefined ? null : <ErrorPanel error={error} />}
          {known.length === 0 ? null : <p className="lab">Found on this machine</p>}
          {known.length === 0 ? null : (
            <ul className="rows panel">
              {known.map(({ path, name }) => (
                <li key={path}>
                  <span className="grow"><b>{name}</b><span className="small muted two-l mono">{path}</span></span>
                  <Button variant="filled" loading={busy} onClick={() => void onAdd(path)}>Add…</Button>
                </li>
              ))}
            </ul>
          )}
          <div><Button loading={busy} onClick={() => void onAdd()}>Add another module…</Button></div>
          {children}
        </div>
      }
    >
      A token (HSM, smart card, USB token) is reached through a PKCS#11 module: a shared library of its vendor. It is pinned by path, owner and SHA-256, and runs in a process of its own. It gets PINs and acts with your rights: add only one that came from your token's vendor.
    </Empty>
  );
}

/** Some modules are told what to do when they start: it stands in the approval, and is kept with the module. */
function ModuleParameters({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }): ReactElement {
  return (
    <details className="more-of">
      <summary>Parameters of the module{value === '' ? '' : ' (given)'}</summary>
      <TextInput label="Parameters" description="NSS: configdir='sql:/FOLDER' flags= … Others take none." maxLength={4096} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
    </details>
  );
}

function EmptySlot({ token }: { readonly token: TokenView }): ReactElement {
  return (
    <Page title={`Slot ${token.slot}`} sub={`of ${fileName(token.modulePath)}`}>
      <Empty title="A token that is not initialised" action={<InitToken token={token} />}>Initialising gives it a label, a security officer PIN and a user PIN.</Empty>
    </Page>
  );
}
