/** The vault that is to be opened: its file, the words of its genesis, and what will be asked. */
import { Button } from '@mantine/core';
import { IconEye, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';
import { setAftermath } from '../client/aftermath.ts';
import { go } from '../client/route.ts';
import type { PageName } from '../client/route.ts';
import { changed } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call, infoOf } from '../client/vaultClient.ts';
import type { CallControl } from '../client/vaultClient.ts';
import { useWindow } from '../client/windowState.ts';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { moment } from '../parts/text.ts';
import { Words } from '../parts/Words.tsx';
import { Salvage } from './Salvage.tsx';

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

/** A grant is good for one use: looking at a file and opening it take one each, and a file that was chosen is asked for again once its own was used. */
const used = '';

function grantAnew(shown: Pick<ChosenFile, 'name'> & { readonly id?: string }): Promise<ChosenFile> {
  return shown.id === undefined ? call('host.chooseFile', { use: 'open-vault', name: shown.name }) : call('host.openRecent', { id: shown.id });
}

interface Looked {
  readonly genesis?: string;
  readonly error?: ErrorInfo;
}

/** What the file says of itself before it is opened. A file that was chosen is not looked at: its one grant is for opening it. */
function useLook(recent: string | undefined): Looked {
  const [looked, setLooked] = useState<Looked>({});
  useEffect(() => {
    if (recent === undefined) return setLooked({});
    let stale = false;
    const look = async () => call('vault.look', { file: (await call('host.openRecent', { id: recent })).grant });
    look().then(
      ({ genesisFingerprint }) => stale || setLooked({ genesis: genesisFingerprint }),
      (error: unknown) => stale || setLooked({ error: infoOf(error) }),
    );
    return () => {
      stale = true;
    };
  }, [recent]);
  return looked;
}

/** Codes of a file that does not open as it is, and of which something may be saved. */
const damages: readonly ErrorInfo['code'][] = ['vault-tampered', 'vault-truncated'];

/** @param chosen a file that is chosen later is another gate: its `key` is the grant */
export function Unlock({ chosen, onRestore }: { readonly chosen: ChosenFile | undefined; readonly onRestore: () => void }): ReactElement {
  const { host, refresh } = useWindow();
  const [picked, setPicked] = useState(host.recent[0]?.id);
  const [file, setFile] = useState(chosen);
  const [salvaging, setSalvaging] = useState(false);
  const work = useWork();
  const recent = host.recent.find(({ id }) => id === picked) ?? host.recent[0];
  const looked = useLook(file === undefined ? recent?.id : undefined);
  const shown = file ?? recent;
  /** A grant for one use. */
  const takeGrant = async () => {
    const asked = file !== undefined && file.grant !== used ? file : await grantAnew(shown ?? { name: '' });
    if (file !== undefined) setFile({ ...asked, grant: used });
    return asked.grant;
  };
  const open = <T,>(way: (grant: string, control: CallControl) => Promise<T>) => work.run(async (control) => way(await takeGrant(), control));
  const goOn = async (place: PageName | undefined) => {
    if (place !== undefined) go(place);
    await refresh();
    changed();
  };
  const unlock = async (readOnly: boolean) => {
    const opened = await open((grant) => call('vault.unlock', { file: grant, ...(readOnly ? { readOnly: true } : {}) }));
    await goOn(opened === undefined ? undefined : 'overview');
  };
  const recover = async () => {
    const done = await open((grant, control) => call('vault.recover', { file: grant }, control));
    if (done !== undefined) setAftermath({ title: 'Since the recovery', how: `The vault was recovered with its sheet, and epoch ${done.vault.epoch} has begun.`, notes: [done.note], rotate: done.rotate });
    await goOn(done === undefined ? undefined : 'vault');
  };
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
              <IconEye size={16} className="i" aria-hidden="true" /> {file?.grant === used ? 'The path of the file again, then your' : 'Your'} passphrase, in a window {host.sealed ? 'with your seal' : 'of its own'}
            </p>
          </div>
          <div style={{ display: 'flex', gap: 8 }}>
            <Button variant="filled" style={{ flex: 1 }} loading={work.busy} onClick={() => unlock(false)}>
              Unlock
            </Button>
            <Button variant="subtle" color="gray" disabled={work.busy} onClick={() => unlock(true)}>
              Open read-only
            </Button>
          </div>
          {error !== undefined && damages.includes(error.code) ? <Damaged busy={work.busy} onSalvage={() => setSalvaging(true)} /> : null}
          {looked.genesis === undefined ? null : <Genesis hex={looked.genesis} />}
        </div>
        <div className="gate-foot">
          <span className="small muted">Passphrase or file lost?</span>
          <Button variant="subtle" color="gray" px={8} disabled={work.busy} onClick={recover}>Recover with the sheet…</Button>
          <Button variant="subtle" color="gray" px={8} disabled={work.busy} onClick={onRestore}>Restore a backup…</Button>
        </div>
      </div>
      {salvaging ? <Salvage name={shown.name} grantAnew={takeGrant} onClose={() => setSalvaging(false)} /> : null}
      <Recent picked={file === undefined ? recent?.id : undefined} onPick={(id) => {
        setFile(undefined);
        work.clear();
        setPicked(id);
      }} />
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
