/** The recovery sheet: what it is for, whether there is one, and making one. */
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import { many } from '../parts/text.ts';

export function RecoverySheet({ sheets, why }: { readonly sheets: number; readonly why: string | undefined }): ReactElement {
  return (
    <Block title="Recovery sheet">
      {sheets === 0 ? (
        <Note kind="ink"><IconAlertTriangle size={16} aria-hidden="true" style={{ verticalAlign: -3, marginRight: 6 }} />There is none. If the passphrase is lost, this vault is lost with it: nobody can open it, not even who made Strongroom.</Note>
      ) : <p>There {sheets === 1 ? 'is one sheet' : `are ${many(sheets, 'sheet')}`}. Keep it where you would keep a key to the safe, and not beside a copy of the vault.</p>}
      <MakeSheet why={why} first={sheets === 0} />
    </Block>
  );
}

interface Made {
  readonly file: ChosenFile;
  readonly logEntry: number;
}

export interface MakeSheetProps {
  readonly why?: string | undefined;
  /** There is none yet. */
  readonly first: boolean;
  readonly onMade?: () => void;
}

/** Asks where the page goes, then the core asks at the prompt: the passphrase, and the words, read from the paper. */
export function MakeSheet({ why, first, onMade }: MakeSheetProps): ReactElement {
  const work = useWork('Make a recovery sheet');
  const [made, setMade] = useState<Made>();
  const make = async () => {
    setMade(undefined);
    const done = await work.run(async () => {
      const file = await call('host.chooseFile', { use: 'recovery-sheet', name: 'recovery-sheet.html' });
      const { logEntry } = await call('vault.recoverySheet', { out: file.grant });
      return { file, logEntry };
    });
    setMade(done);
    if (done !== undefined) onMade?.();
  };
  return (
    <>
      {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="No sheet was made, and nothing of one is left on the disk. What opened the vault before opens it still." />}
      {made === undefined ? <HowSheet /> : <SheetMade {...made} />}
      <div>
        <Act variant={first && made === undefined ? 'filled' : 'default'} why={why} loading={work.busy} onClick={() => void make()}>
          {first && made === undefined ? 'Make a recovery sheet…' : 'Make another sheet…'}
        </Act>
      </div>
    </>
  );
}

function HowSheet(): ReactElement {
  return (
    <div>
      <p className="lab">Have a printer at hand: the sheet counts only once it was read back.</p>
      <ol style={{ listStyle: 'decimal', paddingLeft: 20, marginTop: 6 }} className="muted">
        <li>You say where the page goes, and give your passphrase.</li>
        <li>While the prompt waits for the words, open the page that was written (a web page, <span className="mono">.html</span>) and print it.</li>
        <li>Type its 22 words from the paper into the prompt.</li>
        <li>Delete the file. The words are on the paper alone.</li>
      </ol>
    </div>
  );
}

function SheetMade({ file, logEntry }: Made): ReactElement {
  return (
    <Note kind="ink">
      <p role="status"><b>The sheet opens the vault from now on</b>, log entry {logEntry}.</p>
      <p>Now delete <b>{file.name}</b> in <span className="mono" style={{ overflowWrap: 'anywhere' }}>{file.folder}</span>, and empty the bin: whoever has it and a copy of the vault opens the vault. Put the paper away.</p>
    </Note>
  );
}
