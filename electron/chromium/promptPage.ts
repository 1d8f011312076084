/** The trusted prompt in Chromium: a window of its own over the main one, which takes no input and lies under a veil that its page cannot lift. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import type { PromptAnswer, Sitting } from '../../shared/ipc/promptContract.ts';
import type { PromptOpener, PromptWindow } from '../host/window/promptDesk.ts';

type Handlers = Parameters<PromptOpener['open']>[1];

const size = { width: 420, height: 520 };

interface Open {
  readonly sitting: Sitting;
  readonly handlers: Handlers;
  page: Page | undefined;
}

/** Names that go on from what was typed, folders first; a person at the prompt may see the folders of this user, as in any dialog. */
export function completions(typed: string): readonly string[] {
  const folder = typed.endsWith('/') ? typed : dirname(typed);
  const begun = typed.endsWith('/') ? '' : basename(typed);
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name.startsWith(begun) && (begun.startsWith('.') || !name.startsWith('.')));
    const ranked = entries.sort((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()) || (a.name < b.name ? -1 : 1));
    return ranked.slice(0, 50).map((entry) => join(folder, entry.name) + (entry.isDirectory() ? '/' : ''));
  } catch {
    return [];
  }
}

/** What the page is told of a wire call, by its host. */
export class PromptPages implements PromptOpener {
  readonly #main: Page;
  readonly #cdp: CDPSession;
  readonly #url: string;
  #open: Open | undefined;

  constructor(main: Page, cdp: CDPSession, url: string) {
    this.#main = main;
    this.#cdp = cdp;
    this.#url = url;
  }

  /** Whether this page is the prompt that is open now. */
  owns(page: Page): boolean {
    return this.#open?.page === page;
  }

  /** Whether a prompt was asked for and has no window yet. */
  get isExpected(): boolean {
    return this.#open !== undefined && this.#open.page === undefined;
  }

  /** Whether a page that has just opened is the prompt that we asked for: then it is taken as that, once. */
  claim(page: Page): boolean {
    if (this.#open === undefined || this.#open.page !== undefined) return false;
    this.#open.page = page;
    return true;
  }

  async open(sitting: Sitting, handlers: Handlers): Promise<PromptWindow> {
    this.#open = { sitting, handlers, page: undefined };
    await this.#veil(true);
    const page = await this.#newWindow();
    page.on('close', handlers.onClosed);
    void this.#place(page);
    return { close: () => void this.#close(page) };
  }

  /** @throws Error where none opens: then the main window is free again */
  async #newWindow(): Promise<Page> {
    try {
      const [page] = await Promise.all([this.#main.context().waitForEvent('page', { timeout: 10_000 }), this.#openWindow()]);
      return page;
    } catch (error) {
      this.#open = undefined;
      await this.#veil(false);
      throw error;
    }
  }

  /** In a world of its own: it works even if the page replaced `window.open`, and the page cannot reach the window. */
  async #openWindow(): Promise<void> {
    const { frameTree } = await this.#cdp.send('Page.getFrameTree');
    const { executionContextId } = await this.#cdp.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'strongroom' });
    await this.#cdp.send('Runtime.evaluate', { contextId: executionContextId, userGesture: true, expression: `window.open(${JSON.stringify(this.#url)}, '_blank', 'popup,noopener,width=${size.width},height=${size.height}')` });
  }

  /** SECURITY: the main window takes no input while the prompt is open, and lies under a veil of the browser's, not of its page's. */
  async #veil(on: boolean): Promise<void> {
    await this.#cdp.send('Input.setIgnoreInputEvents', { ignore: on }).catch(() => undefined);
    if (!on) return void (await this.#cdp.send('Overlay.hideHighlight').catch(() => undefined));
    await this.#cdp.send('Overlay.highlightRect', { x: 0, y: 0, width: 10_000, height: 10_000, color: { r: 16, g: 24, b: 26, a: 0.55 } }).catch(() => undefined);
  }

  /** Over the edge of the main window: a page cannot draw there. */
  async #place(page: Page): Promise<void> {
    try {
      const { bounds } = await this.#cdp.send('Browser.getWindowForTarget');
      const session = await page.context().newCDPSession(page);
      const { windowId } = await session.send('Browser.getWindowForTarget');
      const left = (bounds.left ?? 0) + (bounds.width ?? 1280) - size.width + 80;
      await session.send('Browser.setWindowBounds', { windowId, bounds: { left: Math.max(0, left), top: (bounds.top ?? 0) + 70, ...size } });
      await page.setViewportSize(size).catch(() => undefined);
    } catch {
      // without a display there is no place to put it
    }
  }

  async #close(page: Page): Promise<void> {
    this.#open = undefined;
    await page.close().catch(() => undefined); // the person may have closed it
    await this.#veil(false);
  }

  /** What the prompt's page says on the wire. */
  async onWire(parts: readonly unknown[]): Promise<unknown> {
    const [kind, value] = parts;
    if (kind === 'sitting') return this.#open?.sitting;
    if (kind === 'complete') return typeof value === 'string' && this.#open?.sitting.question.kind === 'file' ? completions(value) : [];
    if (kind === 'answer') this.#open?.handlers.onAnswer(value as PromptAnswer);
    return undefined;
  }
}
