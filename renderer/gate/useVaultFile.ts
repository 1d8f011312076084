/** The vault file that the gate is about: one that was opened here before, or one that was chosen; and a grant for each thing that is done with it. */
import { useEffect, useState } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';
import { call, infoOf } from '../client/vaultClient.ts';
import { useWindow } from '../client/windowState.ts';

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

export interface VaultFile {
  readonly shown: Pick<ChosenFile, 'name' | 'folder'> | undefined;
  readonly looked: Looked;
  /** Which of those that were opened before it is. */
  readonly recent: string | undefined;
  /** Its path will be asked for again. */
  readonly asksPath: boolean;
  /** A grant for one use. */
  takeGrant(): Promise<string>;
  pick(recent: string): void;
}

export function useVaultFile(chosen: ChosenFile | undefined): VaultFile {
  const { host } = useWindow();
  const [picked, setPicked] = useState(host.recent[0]?.id);
  const [file, setFile] = useState(chosen);
  const recent = host.recent.find(({ id }) => id === picked) ?? host.recent[0];
  const looked = useLook(file === undefined ? recent?.id : undefined);
  const takeGrant = async () => {
    const asked = file !== undefined && file.grant !== used ? file : await grantAnew(file ?? recent ?? { name: '' });
    if (file !== undefined) setFile({ ...asked, grant: used });
    return asked.grant;
  };
  const pick = (id: string) => {
    setFile(undefined);
    setPicked(id);
  };
  return { shown: file ?? recent, looked, recent: file === undefined ? recent?.id : undefined, asksPath: file?.grant === used, takeGrant, pick };
}
