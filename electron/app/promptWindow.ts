/** The trusted prompt in Electron: a window of its own over the edge of the main one, which takes no input and lies under a veil that its page cannot lift. */
import { BrowserWindow, ipcMain, WebContentsView } from 'electron';
import type { IpcMainInvokeEvent, Session } from 'electron';
import type { PromptAnswer, Sitting } from '../../shared/ipc/promptContract.ts';
import { promptChannel } from '../../shared/ipc/channels.ts';
import type { PromptOpener, PromptWindow } from '../host/window/promptDesk.ts';
import { nobody } from '../host/window/windowWire.ts';
import { isMainFrameAt } from './guardedContents.ts';
import { promptOrigin } from './pages.ts';
import { promptSize, promptWindowOptions } from './windowOptions.ts';

type Handlers = Parameters<PromptOpener['open']>[1];

interface Open {
  readonly window: BrowserWindow;
  readonly sitting: Sitting;
  readonly handlers: Handlers;
}

const veilColor = '#D910181A';

export class ElectronPrompt implements PromptOpener {
  readonly #main: BrowserWindow;
  readonly #preload: string;
  readonly #session: Session;
  readonly #veil = new WebContentsView();
  #open: Open | undefined;

  constructor(main: BrowserWindow, preload: string, session: Session) {
    this.#main = main;
    this.#preload = preload;
    this.#session = session;
    this.#veil.setBackgroundColor(veilColor);
    ipcMain.handle(promptChannel, (event, kind: unknown, value: unknown) => this.#onCall(event, kind, value));
  }

  /** What the prompt's page says. */
  #onCall(event: IpcMainInvokeEvent, kind: unknown, value: unknown): unknown {
    const open = this.#open;
    // SECURITY: the prompt that is open, its main frame at its own address, or nobody (checklist 17)
    if (open === undefined || event.sender !== open.window.webContents || !isMainFrameAt(event.senderFrame, open.window.webContents, promptOrigin)) throw nobody();
    if (kind === 'sitting') return open.sitting;
    if (kind === 'answer') open.handlers.onAnswer(value as PromptAnswer);
    return kind === 'complete' ? [] : undefined; // files come from the system's dialogs here
  }

  /** SECURITY: the main window takes no input meanwhile, and a veil lies over its page that the page does not own. */
  #cover(on: boolean): void {
    if (this.#main.isDestroyed()) return;
    this.#main.setEnabled(!on);
    if (!on) return this.#main.contentView.removeChildView(this.#veil);
    const { width, height } = this.#main.getContentBounds();
    this.#veil.setBounds({ x: 0, y: 0, width, height });
    this.#main.contentView.addChildView(this.#veil);
  }

  /** @throws Error where its page does not load: then the main window is free again */
  async open(sitting: Sitting, handlers: Handlers): Promise<PromptWindow> {
    const window = new BrowserWindow(promptWindowOptions(this.#preload, this.#session, this.#main));
    const close = () => {
      if (!window.isDestroyed()) window.destroy();
    };
    const open: Open = { window, sitting, handlers };
    this.#open = open;
    this.#cover(true);
    window.setContentProtection(true); // SECURITY: no screenshot or screen share shows what is typed, where the platform has it
    window.removeMenu();
    const { x, y, width } = this.#main.getBounds();
    window.setPosition(Math.max(0, x + width - promptSize.width + 80), y + 70);
    window.on('closed', () => this.#onClosed(open));
    try {
      await window.loadURL(`${promptOrigin}/`);
      window.show();
    } catch (error) {
      close();
      throw error;
    }
    return { close };
  }

  #onClosed(open: Open): void {
    open.handlers.onClosed();
    if (this.#open !== open) return; // SECURITY: a prompt that closes late does not lift the veil of the one that is open now
    this.#open = undefined;
    this.#cover(false);
  }
}
