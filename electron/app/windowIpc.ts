/** What the window's page says, over one channel whose sender is checked; and what it is told. */
import { ipcMain } from 'electron';
import type { BrowserWindow, IpcMainInvokeEvent } from 'electron';
import { windowChannel, windowEventChannel } from '../../shared/ipc/channels.ts';
import type { WindowEvent } from '../../shared/ipc/windowContract.ts';
import type { WindowRouter } from '../host/window/windowRouter.ts';
import { isMainFrameAt } from './guardedContents.ts';
import { windowOrigin } from './pages.ts';

/** The request as the page wrote it; what cannot be read is left as text, which no method takes. */
function requestOf(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    return text;
  }
}

async function onCall(router: WindowRouter, [kind, ...parts]: readonly unknown[]): Promise<unknown> {
  if (kind === 'call') return JSON.stringify(await router.call(parts[0], requestOf(parts[1]), parts[2]));
  if (kind === 'cancel') return router.cancel(parts[0]);
  if (kind === 'dropped') return await router.dropped(() => Promise.resolve(typeof parts[0] === 'string' && parts[0] !== '' ? parts[0] : undefined), parts[1]);
  throw new Error('nobody answers here');
}

export function answerWindow(window: BrowserWindow, router: WindowRouter): void {
  ipcMain.handle(windowChannel, async (event: IpcMainInvokeEvent, ...parts: unknown[]) => {
    // SECURITY: the main frame of this window at its own address, or nobody (checklist 17)
    if (event.sender !== window.webContents || !isMainFrameAt(event.senderFrame, window.webContents, windowOrigin)) throw new Error('nobody answers here');
    return await onCall(router, parts);
  });
}

export function emitTo(window: BrowserWindow): (event: WindowEvent) => void {
  return (event) => {
    if (!window.isDestroyed()) window.webContents.send(windowEventChannel, event);
  };
}
