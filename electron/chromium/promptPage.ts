/** The trusted prompt in Chromium: a window of its own over the main one, which takes no input and lies under a veil that its page cannot lift. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import type { PromptAnswer, Sitting } from '../../shared/ipc/promptContract.ts';
import type { PromptOpener, PromptWindow } from '../host/window/promptDesk.ts';
import { randomWords } from '../vault/index.ts';

type Handlers = Parameters<PromptOpener['open']>[1];

const size = { width: 420, height: 520 };
/** Milliseconds in which the prompt's window must be there. */
const opensWithin = 10_000;

interface Open {
  readonly sitting: Sitting;
  readonly handlers: Handlers;
  /** Of this sitting alone. */
  readonly url: string;
  readonly claimed: PromiseWithResolvers<Page>;
  page: Page | undefined;
  /** What the browser calls it. */
  target: Promise<string> | undefined;
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

/** The name that the browser has for a page. */
async function targetOf(page: Page): Promise<string> {
  try {
    const session = await page.context().newCDPSession(page);
    const { targetInfo } = await session.send('Target.getTargetInfo');
    await session.detach();
    return targetInfo.targetId;
  } catch {
    return ''; // it was closed
  }
}

/** The prompts that are opened over a main page, one at a time. */
export class PromptPages implements PromptOpener {
  readonly #main: Page;
  readonly #cdp: CDPSession;
  readonly #url: string;
  readonly #mainTarget: Promise<string>;
  #open: Open | undefined;

  constructor(main: Page, cdp: CDPSession, url: string) {
    this.#main = main;
    this.#cdp = cdp;
    this.#url = url;
    this.#mainTarget = targetOf(main);
  }

  /** Whether this page is the prompt that is open now. The first page at the address of the sitting becomes it. */
  owns(page: Page): boolean {
    const open = this.#open;
    if (open === undefined || page === this.#main) return false;
    // SECURITY: the main page may open a window at the same moment; it does not know the address of ours
    if (open.page === undefined && page.url() === open.url) this.#claim(open, page);
    return open.page === page;
  }

  #claim(open: Open, page: Page): void {
    open.page = page;
    open.target = targetOf(page);
    open.claimed.resolve(page);
    void this.closeOthers();
  }

  /** Whether a page may read the prompt's files: it is the prompt, or may become it. */
  mayLoad(page: Page | undefined): boolean {
    return page !== this.#main && (this.isExpected || (page !== undefined && this.owns(page)));
  }

  /** Whether a prompt was asked for and has no window yet. */
  get isExpected(): boolean {
    return this.#open !== undefined && this.#open.page === undefined;
  }

  /** A page that has just opened stays where it is the prompt that was asked for. */
  async receive(page: Page): Promise<void> {
    const open = this.#open;
    if (open !== undefined && open.page === undefined) await page.waitForURL(open.url, { waitUntil: 'commit', timeout: opensWithin }).catch(() => undefined);
    if (this.owns(page)) return;
    await page.close().catch(() => undefined);
    await this.#goOn();
  }

  /** A window that is closed before it came to run may leave the page that opened it standing still, waiting for it. */
  async #goOn(): Promise<void> {
    await this.#cdp.send('Runtime.runIfWaitingForDebugger').catch(() => undefined);
  }

  /** SECURITY: closes every window that is neither the main one nor the prompt. The driver does not tell of one that never came to load anything. */
  async closeOthers(): Promise<void> {
    const open = this.#open;
    if (this.isExpected) return; // one of them is the prompt that opens: this is done again when it has
    try {
      const ours = await Promise.all([this.#mainTarget, open?.target]);
      const { targetInfos } = await this.#cdp.send('Target.getTargets');
      if (this.#open !== open || ours[0] === '') return;
      const others = targetInfos.filter(({ type, targetId }) => type === 'page' && !ours.includes(targetId));
      await Promise.all(others.map(({ targetId }) => this.#cdp.send('Target.closeTarget', { targetId })));
      await this.#goOn();
    } catch {
      // the window is being closed, or the other one was
    }
  }

  async open(sitting: Sitting, handlers: Handlers): Promise<PromptWindow> {
    const open: Open = { sitting, handlers, url: `${this.#url}#${randomWords(16).join('-')}`, claimed: Promise.withResolvers(), page: undefined, target: undefined };
    this.#open = open;
    await this.#veil(true);
    const page = await this.#newWindow(open);
    page.on('close', handlers.onClosed);
    if (page.isClosed()) handlers.onClosed();
    void this.#place(page);
    return { close: () => void this.#close(page) };
  }

  /** @throws Error where none opens: then the main window is free again */
  async #newWindow({ url, claimed }: Open): Promise<Page> {
    const timer = setTimeout(() => claimed.reject(new Error('no window opened')), opensWithin);
    try {
      const [page] = await Promise.all([claimed.promise, this.#openWindow(url)]);
      return page;
    } catch (error) {
      this.#open = undefined;
      void this.closeOthers();
      await this.#veil(false);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** In a world of its own: it works even if the page replaced `window.open`, and the page cannot reach the window. */
  async #openWindow(url: string): Promise<void> {
    const { frameTree } = await this.#cdp.send('Page.getFrameTree');
    const { executionContextId } = await this.#cdp.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'strongroom' });
    await this.#cdp.send('Runtime.evaluate', { contextId: executionContextId, userGesture: true, expression: `window.open(${JSON.stringify(url)}, '_blank', 'popup,noopener,width=${size.width},height=${size.height}')` });
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
    if (this.#open === undefined) await this.#veil(false); // SECURITY: the next prompt may be open already
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
