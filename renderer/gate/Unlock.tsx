/** The vault that is to be opened: its file, the words of its genesis, and what will be asked. */
import { Button, Menu } from '@mantine/core';
import { IconEye, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { ChosenFile, WindowRequest } from '../../shared/ipc/windowContract.ts';
import { setAftermath } from '../client/aftermath.ts';
import { go } from '../client/route.ts';
import type { PageName } from '../client/route.ts';
import { changed } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import type { CallControl } from '../client/vaultClient.ts';
import { useWindow } from '../client/windowState.ts';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { moment } from '../parts/text.ts';
import { Words } from '../parts/Words.tsx';
import { Salvage } from './Salvage.tsx';
import { useVaultFile } from './useVaultFile.ts';

/** `operations.strongroom`, its ending faint. */
export function VaultName({ name }: { readonly name: string }): ReactElement {
  const ending = '.strongroom';
  const [begin, end] = name.endsWith(ending) ? [name.slice(0, -ending.length), ending] : [name, ''];
  return (
    <>
      {begin}
      <span className="faint">{end}</span>
    </>
  );
}

const first = { variant: 'filled' } as const;
const quiet = { variant: 'subtle', color: 'gray' } as const;

/** Codes of a file that does not open as it is, and of which something may be saved. */
const damages: readonly ErrorInfo['code'][] = ['vault-tampered', 'vault-truncated'];
/** Codes of a file that is not as it was left: to look at it is the safe way. */
const lookedAtFirst: readonly string[] = [...damages, 'vault-rolled-back', 'vault-forked'];

/** The ways in that a person may name; without a name the usual one is taken. */
type Named = NonNullable<WindowRequest<'vault.unlock'>['with']>;

/** What opens the vault, and where the window goes on. */
function useOpenings(takeGrant: () => Promise<string>) {
  const { refresh } = useWindow();
  const work = useWork();
  const open = <T,>(way: (grant: string, control: CallControl) => Promise<T>) => work.run(async (control) => way(await takeGrant(), control));
  const goOn = async (place: PageName | undefined) => {
    if (place !== undefined) go(place);
    await refresh();
    changed();
  };
  const unlock = async (readOnly: boolean, named?: Named) => {
    const opened = await open((grant) => call('vault.unlock', { file: grant, ...(readOnly ? { readOnly: true } : {}), ...(named === undefined ? {} : { with: named }) }));
    await goOn(opened === undefined ? undefined : 'overview');
  };
  const recover = async () => {
    const done = await open((grant, control) => call('vault.recover', { file: grant }, control));
    if (done !== undefined) setAftermath({ title: 'Since the recovery', how: `The vault was recovered with its sheet, and epoch ${done.vault.epoch} has begun.`, notes: [done.note], rotate: done.rotate });
    await goOn(done === undefined ? undefined : 'vault');
  };
  return { work, unlock, recover };
}

/** @param chosen a file that is chosen later is another gate: its `key` is the grant */
export function Unlock({ chosen, onRestore }: { readonly chosen: ChosenFile | undefined; readonly onRestore: () => void }): ReactElement {
  const { host } = useWindow();
  const file = useVaultFile(chosen);
  const [salvaging, setSalvaging] = useState(false);
  const { work, unlock, recover } = useOpenings(file.takeGrant);
  const { shown, looked } = file;
  if (shown === undefined) return <p className="lede">No vault was opened here yet.</p>;
  const error = work.error ?? looked.error;
  return (
    <div className="card">
      <div className="sheet">
        <div className="pad" style={{ borderBottom: '1px solid var(--line)', gap: 2 }}>
          <span className="small muted">Unlock vault</span>
          <h1 style={{ overflowWrap: 'anywhere' }}>
            <VaultName name={shown.name} />
          </h1>
          <span className="mono small muted" style={{ overflowWrap: 'anywhere' }}>
            {shown.folder}
          </span>
        </div>
        <div className="pad">
          {error === undefined ? null : <ErrorPanel error={error} />}
          <div>
            <p className="lab">What will be asked</p>
            <p className="small muted">
              <IconEye size={16} className="i" aria-hidden="true" /> {file.asksPath ? 'The path of the file again, then your' : 'Your'} passphrase, in a window {host.sealed ? 'with your seal' : 'of its own'}
            </p>
          </div>
          <Openings lookFirst={error !== undefined && lookedAtFirst.includes(error.code)} busy={work.busy} onOpen={unlock} />
          {error !== undefined && damages.includes(error.code) ? <Damaged busy={work.busy} onSalvage={() => setSalvaging(true)} /> : null}
          {looked.genesis === undefined ? null : <Genesis hex={looked.genesis} />}
        </div>
        <OtherWays busy={work.busy} onToken={(named) => unlock(false, named)} onRecover={recover} onRestore={onRestore} />
      </div>
      {salvaging ? <Salvage name={shown.name} grantAnew={file.takeGrant} onClose={() => setSalvaging(false)} /> : null}
      <Recent picked={file.recent} onPick={(id) => {
        work.clear();
        file.pick(id);
      }} />
    </div>
  );
}

/** Two ways to open it; the one that is likely meant comes in colour. */
function Openings({ lookFirst, busy, onOpen }: { readonly lookFirst: boolean; readonly busy: boolean; readonly onOpen: (readOnly: boolean) => void }): ReactElement {
  return (
    <div style={{ display: 'flex', gap: 8 }}>
      <Button {...(lookFirst ? quiet : first)} style={{ flex: 1 }} loading={busy} onClick={() => onOpen(false)}>
        Unlock
      </Button>
      <Button {...(lookFirst ? first : quiet)} disabled={busy} onClick={() => onOpen(true)}>
        Open read-only
      </Button>
    </div>
  );
}

interface OtherWaysProps {
  readonly busy: boolean;
  readonly onToken: (named: Named) => void;
  readonly onRecover: () => void;
  readonly onRestore: () => void;
}

/** What else opens it, or another of it. */
function OtherWays({ busy, onToken, onRecover, onRestore }: OtherWaysProps): ReactElement {
  return (
    <div className="gate-foot">
      <Menu position="bottom-start" transitionProps={{ duration: 0 }}>
        <Menu.Target><Button {...quiet} px={8} disabled={busy}>By a token…</Button></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onToken('token')}>By the token alone</Menu.Item>
          <Menu.Item onClick={() => onToken('both')}>By passphrase and token</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button {...quiet} px={8} disabled={busy} onClick={onRecover}>Recover with the sheet…</Button>
      <Button {...quiet} px={8} disabled={busy} onClick={onRestore}>Restore a backup…</Button>
    </div>
  );
}

function Damaged({ busy, onSalvage }: { readonly busy: boolean; readonly onSalvage: () => void }): ReactElement {
  return (
    <div style={{ display: 'flex', gap: 8, alignItems: 'center', flexWrap: 'wrap' }}>
      <span className="small muted" style={{ flex: 1, minWidth: 160 }}>Looking at it changes nothing. Without a backup, what still opens can be saved.</span>
      <Button disabled={busy} onClick={onSalvage}>Salvage what still opens…</Button>
    </div>
  );
}

function Genesis({ hex }: { readonly hex: string }): ReactElement {
  return (
    <details>
      <summary>Words of its genesis: the same as on your record?</summary>
      <div style={{ marginTop: 8 }}>
        <Words hex={hex} />
        <p className="small muted">The file says this of itself; the unlock checks it against the log.</p>
      </div>
    </details>
  );
}

function Recent({ picked, onPick }: { readonly picked: string | undefined; readonly onPick: (id: string) => void }): ReactElement | null {
  const { host, refresh } = useWindow();
  const others = host.recent.filter(({ id }) => id !== picked);
  if (others.length === 0) return null;
  const forget = async (id: string) => {
    await call('host.forgetRecent', { id });
    await refresh();
  };
  return (
    <section style={{ marginTop: 16 }} aria-label="Recent vaults">
      <h3>Recent vaults</h3>
      <ul className="rows panel" style={{ marginTop: 6 }}>
        {others.map(({ id, name, folder, lastOpened, there }) => (
          <li key={id}>
            <button type="button" className="plain grow" onClick={() => onPick(id)}>
              <b>
                <VaultName name={name} />
              </b>
              <span className="small muted two-l">
                {folder} · {there ? `opened ${moment(lastOpened)}` : 'not there now'}
              </span>
            </button>
            <button type="button" className="link" aria-label={`Forget ${name}`} onClick={() => forget(id)}>
              <IconX size={16} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
