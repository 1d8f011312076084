/** The application's menu, with each platform's habits. It acts through the same keys as the window; nothing in it reaches around the contract. */
import { app, Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';
import { externalLinks, openExternal } from './guardedContents.ts';

export interface MenuActions {
  readonly lock: () => void;
}

const help: MenuItemConstructorOptions = {
  role: 'help',
  submenu: ['NIST SP 800-57 Part 1', 'PKCS#11'].map((label, index) => ({ label, click: () => void openExternal(externalLinks[index] ?? '') })),
};

function template({ lock }: MenuActions): MenuItemConstructorOptions[] {
  const isMac = process.platform === 'darwin';
  const lockItem: MenuItemConstructorOptions = { label: 'Lock', accelerator: 'CmdOrCtrl+L', click: lock };
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: 'Vault', submenu: [lockItem, { type: 'separator' }, isMac ? { role: 'close' } : { role: 'quit' }] },
    { role: 'editMenu' },
    { label: 'View', submenu: [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { type: 'separator' }, { role: 'togglefullscreen' }, ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' } as const])] },
    { role: 'windowMenu' },
    help,
  ];
}

export function setMenu(actions: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(template(actions)));
}
