/** Files by the system's own dialogs: the page never names one. */
import { dialog } from 'electron';
import type { BrowserWindow, OpenDialogOptions, SaveDialogOptions } from 'electron';
import { withEnding } from '../host/window/fileDesk.ts';
import type { FileChooser } from '../host/window/fileDesk.ts';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { fileUses } from '../../shared/ipc/windowContract.ts';
import type { FileUse } from '../../shared/ipc/windowContract.ts';

const vaultFilter = { name: 'Strongroom vaults', extensions: ['strongroom'] };

function openOptions(use: FileUse, start: string): OpenDialogOptions {
  const { sentence, verb } = fileUses[use];
  return { title: sentence, buttonLabel: verb, defaultPath: start, properties: ['openFile', 'dontAddToRecent'], ...(use === 'open-vault' ? { filters: [vaultFilter] } : {}) };
}

function saveOptions(use: FileUse, start: string): SaveDialogOptions {
  const { sentence, verb } = fileUses[use];
  return { title: sentence, buttonLabel: verb, defaultPath: start, properties: ['createDirectory', 'showOverwriteConfirmation', 'dontAddToRecent'], ...(use === 'new-vault' ? { filters: [vaultFilter] } : {}) };
}

function putOff(): StrongroomError {
  return new StrongroomError('declined', 'no file was chosen; nothing was done', { nextStep: 'ask again when it should be done' });
}

export function systemChooser(window: BrowserWindow): FileChooser {
  return {
    choose: async (use, start) => {
      if (fileUses[use].access === 'read') {
        const { filePaths } = await dialog.showOpenDialog(window, openOptions(use, start));
        if (filePaths[0] === undefined) throw putOff();
        return { path: filePaths[0], replace: false };
      }
      const { filePath } = await dialog.showSaveDialog(window, saveOptions(use, start));
      if (filePath === '') throw putOff();
      // The system's dialog has asked about a file that is there. A vault is never overwritten: the core refuses.
      return { path: withEnding(filePath, use), replace: use !== 'new-vault' };
    },
  };
}
