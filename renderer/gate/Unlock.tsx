/** The vault that is to be opened: its file, the words of its genesis, and what will be asked. */
import { Button } from '@mantine/core';
import { IconEye, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';
import { changed } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call, infoOf } from '../client/vaultClient.ts';
import { useWindow } from '../client/windowState.ts';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { moment } from '../parts/text.ts';
import { Words } from '../parts/Words.tsx';

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

const first = { variant: 'filled' } as const;
const quiet = { variant: 'subtle', color: 'gray' } as const;

/** Codes of a file that is not what was seen of its vault: to look at it is the safe way. */
const otherCopies: readonly ErrorInfo['code'][] = ['vault-rolled-back', 'vault-forked'];

/** @param chosen a file that is chosen later is another gate: its `key` is the grant */
export function Unlock({ chosen }: { readonly chosen: ChosenFile | undefined }): ReactElement {
  const { host, refresh } = useWindow();
  const [picked, setPicked] = useState(host.recent[0]?.id);
  const [file, setFile] = useState(chosen);
  const work = useWork();
  const recent = host.recent.find(({ id }) => id === picked) ?? host.recent[0];
  const looked = useLook(file === undefined ? recent?.id : undefined);
  const shown = file ?? recent;
  const unlock = async (readOnly: boolean) => {
    if (shown === undefined) return;
    const opened = await work.run(async () => {
      const asked = file !== undefined && file.grant !== used ? file : await grantAnew(shown);
      if (file !== undefined) setFile({ ...asked, grant: used });
      return await call('vault.unlock', { file: asked.grant, ...(readOnly ? { readOnly: true } : {}) });
    });
    if (opened !== undefined) location.hash = '#/overview';
    await refresh();
    changed();
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
          <Openings lookFirst={error !== undefined && otherCopies.includes(error.code)} busy={work.busy} onOpen={unlock} />
          {looked.genesis === undefined ? null : <Genesis hex={looked.genesis} />}
        </div>
      </div>
      <Recent picked={file === undefined ? recent?.id : undefined} onPick={(id) => {
        setFile(undefined);
        work.clear();
        setPicked(id);
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
