/** What the window's page says, over one channel whose sender is checked; and what it is told. */
import { ipcMain } from 'electron';
import type { BrowserWindow, IpcMainInvokeEvent } from 'electron';
import { windowChannel, windowEventChannel } from '../../shared/ipc/channels.ts';
import type { WindowEvent } from '../../shared/ipc/windowContract.ts';
import { answerWire, nobody } from '../host/window/windowWire.ts';
import type { WindowCalls } from '../host/window/windowWire.ts';
import { isMainFrameAt } from './guardedContents.ts';
import { windowOrigin } from './pages.ts';

/** The path of a dropped file, which the preload learned from Electron. */
async function pathOf(path: unknown): Promise<string | undefined> {
  return typeof path === 'string' && path !== '' ? path : undefined;
}

export function answerWindow(window: BrowserWindow, calls: WindowCalls): void {
  ipcMain.handle(windowChannel, async (event: IpcMainInvokeEvent, ...parts: unknown[]) => {
    // SECURITY: the main frame of this window at its own address, or nobody (checklist 17)
    if (event.sender !== window.webContents || !isMainFrameAt(event.senderFrame, window.webContents, windowOrigin)) throw nobody();
    return await answerWire(calls, parts, pathOf);
  });
}

export function emitTo(window: BrowserWindow): (event: WindowEvent) => void {
  return (event) => {
    if (!window.isDestroyed()) window.webContents.send(windowEventChannel, event);
  };
}
