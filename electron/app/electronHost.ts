/** The Electron host, whole: window, prompt, core in its thread. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, BrowserWindow, screen } from 'electron';
import { Bundle } from '../host/window/bundle.ts';
import { knownModules } from '../host/knownModules.ts';
import { anchorsPath, settingsPath } from '../host/userFolders.ts';
import { SettingsFile } from '../host/window/settingsFile.ts';
import { startWindowHost } from '../host/window/windowHost.ts';
import type { WindowHost } from '../host/window/windowHost.ts';
import { closedSession } from './closedSession.ts';
import { lockWithSystem } from './lockTriggers.ts';
import { setMenu } from './menu.ts';
import { makeUtilityLauncher } from './moduleProcess.ts';
import { servePages, windowOrigin } from './pages.ts';
import { ElectronPrompt } from './promptWindow.ts';
import { systemChooser } from './systemFiles.ts';
import { answerWindow, emitTo } from './windowIpc.ts';
import { mainWindowOptions } from './windowOptions.ts';
import type { WindowPlace } from './windowOptions.ts';

/** Where the build has put the parts of the application. */
export interface Parts {
  /** Folders of the two pages. */
  readonly renderer: string;
  readonly prompt: string;
  readonly preloads: { readonly window: string; readonly prompt: string };
  readonly coreWorker: string;
  readonly child: string;
}

export interface ElectronHost extends WindowHost {
  readonly window: BrowserWindow;
  /** A vault that was opened by double click: its grant waits in the window. */
  openVault(path: string): void;
}

/** Where the window was, if that is still on a screen. */
function placeOf({ place }: SettingsFile): WindowPlace {
  if (place === undefined) return { width: 1280, height: 800 };
  const isSeen = screen.getAllDisplays().some(({ workArea: { x, y, width, height } }) => place.x < x + width - 100 && place.x + place.width > x + 100 && place.y >= y - 20 && place.y < y + height - 100);
  return isSeen ? place : { width: place.width, height: place.height };
}

export async function startElectronHost(parts: Parts): Promise<ElectronHost> {
  const session = closedSession();
  servePages(session, { window: new Bundle(parts.renderer), prompt: new Bundle(parts.prompt) });
  const settings = new SettingsFile(settingsPath(process.env, homedir()));
  const window = new BrowserWindow(mainWindowOptions(parts.preloads.window, session, placeOf(settings)));
  window.on('close', () => settings.savePlace(window.getNormalBounds()));
  const emit = emitTo(window);
  const host = startWindowHost({
    about: { host: 'electron', version: app.getVersion() },
    launcher: makeUtilityLauncher(parts.child),
    knownModules: knownModules(),
    environment: process.env,
    settings,
    anchorsPath: anchorsPath(process.env, homedir()),
    opener: new ElectronPrompt(window, parts.preloads.prompt, session),
    emit,
    folder: homedir(),
    chooser: systemChooser(window),
    worker: pathToFileURL(parts.coreWorker),
  });
  answerWindow(window, host.router);
  lockWithSystem((why) => void host.router.lock(why));
  setMenu({ lock: () => void host.router.lock('you locked it') });
  window.once('ready-to-show', () => window.show());
  await window.loadURL(`${windowOrigin}/`);
  return { ...host, window, openVault: (path) => host.remember(path) };
}

/** For the application's own data: what a build has beside it. */
export function partsBeside(folder: string): Parts {
  return {
    renderer: join(folder, '../window/renderer'),
    prompt: join(folder, '../window/prompt'),
    preloads: { window: join(folder, '../preload/windowPreload.cjs'), prompt: join(folder, '../preload/promptPreload.cjs') },
    coreWorker: join(folder, 'coreWorker.js'),
    child: join(folder, 'pkcs11Host.js'),
  };
}
