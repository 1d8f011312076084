/** How the two windows are made. Written out although much of it is Electron's default: a default is somebody else's decision. */
import type { BrowserWindowConstructorOptions, Session, WebPreferences } from 'electron';

function preferences(preload: string, session: Session): WebPreferences {
  return {
    preload,
    session,
    sandbox: true, // SECURITY: the page runs in the sandbox of the system (checklist 4)
    contextIsolation: true, // SECURITY: the page does not reach the preload's objects (checklist 3)
    nodeIntegration: false, // SECURITY: nor Node (checklist 2)
    nodeIntegrationInWorker: false, // SECURITY: nor from a worker
    nodeIntegrationInSubFrames: false, // SECURITY: nor from a frame
    webSecurity: true, // SECURITY: one origin does not read another (checklist 6)
    allowRunningInsecureContent: false, // SECURITY: (checklist 8)
    experimentalFeatures: false, // SECURITY: (checklist 9)
    enableBlinkFeatures: '', // SECURITY: (checklist 10)
    webviewTag: false, // SECURITY: (checklist 12)
    navigateOnDragDrop: false, // SECURITY: a dropped file is not opened as a page
    spellcheck: false,
    plugins: false,
    safeDialogs: true,
    disableDialogs: true, // SECURITY: a page opens no dialog that looks like the system's
    autoplayPolicy: 'document-user-activation-required',
  };
}

export interface WindowPlace {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
}

export function mainWindowOptions(preload: string, session: Session, place: WindowPlace): BrowserWindowConstructorOptions {
  return { ...place, minWidth: 640, minHeight: 400, show: false, title: 'Strongroom', backgroundColor: '#F3F5F5', webPreferences: preferences(preload, session) };
}

export const promptSize = { width: 420, height: 520 } as const;

export function promptWindowOptions(preload: string, session: Session, parent: BrowserWindowConstructorOptions['parent']): BrowserWindowConstructorOptions {
  return {
    ...promptSize,
    ...(parent === undefined ? {} : { parent }),
    modal: false, // a modal sheet could not stand over the edge of its parent
    useContentSize: true,
    resizable: false,
    minimizable: false,
    maximizable: false,
    fullscreenable: false,
    alwaysOnTop: true,
    skipTaskbar: true,
    show: false,
    title: 'Strongroom prompt',
    backgroundColor: '#FBFAF6',
    webPreferences: preferences(preload, session),
  };
}
