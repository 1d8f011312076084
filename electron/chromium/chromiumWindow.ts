/**
 * The window of Strongroom in a system Chromium: pages by exact name from the bundles, everything else cut off, one wire whose caller is checked.
 * Only this file and the two beside it know the driver.
 */
import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import type { CDPSession, Frame, Page, Request, Route } from 'playwright-core';
import { windowMethodNames } from '../../shared/ipc/methodNames.ts';
import type { WindowEvent } from '../../shared/ipc/windowContract.ts';
import type { Bundle } from '../host/window/bundle.ts';
import { answerWire, nobody } from '../host/window/windowWire.ts';
import type { WindowCalls } from '../host/window/windowWire.ts';
import { launchChromium } from './launch.ts';
import type { LaunchChromium, LaunchedChromium } from './launch.ts';
import { promptScript, windowScript, wireScript } from './pageScripts.ts';
import { PromptPages } from './promptPage.ts';

/** Reserved names (RFC 6761): they lead nowhere, and are secure contexts. */
export const windowOrigin = 'https://strongroom.invalid';
/** SECURITY: another site, not only another origin: Chromium gives it a process of its own. */
export const promptOrigin = 'https://strongroom-prompt.invalid';

export interface ChromiumWindow {
  readonly page: Page;
  readonly prompts: PromptPages;
  emit(event: WindowEvent): void;
  /** Loads the page: from now on it may call. */
  load(calls: WindowCalls): Promise<void>;
  /** Called when a person closes the window. */
  onClosed(listener: () => void): void;
  close(): Promise<void>;
}

export interface Bundles {
  readonly window: Bundle;
  readonly prompt: Bundle;
}

/** The frame that asks; none for the first request of a window that is just opening. */
function frameOf(request: Request): Frame | undefined {
  try {
    return request.frame();
  } catch {
    return undefined;
  }
}

/** Which bundle a frame may read: the main window's, or the prompt's while one is open. */
function bundleFor(origin: string, frame: Frame | undefined, bundles: Bundles, prompts: PromptPages): Bundle | undefined {
  if (frame !== undefined && frame.parentFrame() !== null) return undefined; // SECURITY: nothing of ours is framed
  if (origin === windowOrigin) return bundles.window;
  if (origin !== promptOrigin) return undefined;
  return prompts.mayLoad(frame?.page()) ? bundles.prompt : undefined;
}

/** SECURITY: a page gets its own bundle by exact name, and nothing else: no other address, no other method, no frame. */
async function serve(route: Route, request: Request, bundles: Bundles, prompts: PromptPages): Promise<void> {
  const url = new URL(request.url());
  const bundle = bundleFor(url.origin, frameOf(request), bundles, prompts);
  const served = request.method() !== 'GET' || url.search !== '' ? undefined : bundle?.get(url.pathname);
  if (served === undefined) return await route.abort('aborted');
  await route.fulfill({ status: 200, headers: { ...served.headers }, body: served.body });
}

/** A page that was served by us; a blob's address has the same origin. */
function isAt(frame: Frame, origin: string): boolean {
  return frame.url().startsWith(`${origin}/`);
}

function ownMainFrame(source: { page: Page; frame: Frame }, page: Page, origin: string): boolean {
  return source.page === page && source.frame === page.mainFrame() && isAt(source.frame, origin);
}

/** Whether a file is one that the browser keeps for a page, who wrote what is in it. */
function isKeptForPage(path: string, profile: string): boolean {
  return realpathSync(path).startsWith(realpathSync(profile) + sep);
}

/** The path of a `File` of the page, as the browser knows it: a file that a page made has none. */
async function pathOfFile(page: Page, profile: string, index: unknown): Promise<string | undefined> {
  if (typeof index !== 'number' || !Number.isSafeInteger(index)) return undefined;
  const session = await page.context().newCDPSession(page);
  try {
    const { result } = await session.send('Runtime.evaluate', { expression: `strongroomFile(${index})` });
    if (result.objectId === undefined) return undefined;
    const { path } = await session.send('DOM.getFileInfo', { objectId: result.objectId });
    return path === '' || isKeptForPage(path, profile) ? undefined : path; // SECURITY: nobody dropped what the page itself put on the disk
  } catch {
    return undefined;
  } finally {
    await session.detach().catch(() => undefined);
  }
}

async function prepare({ context, profile }: LaunchedChromium, page: Page, cdp: CDPSession, bundles: Bundles, prompts: PromptPages, calls: () => WindowCalls | undefined): Promise<void> {
  await context.exposeBinding('strongroomWire', async (source, ...parts: unknown[]) => {
    const asWindow = calls();
    // SECURITY: who calls is told by the browser: this page's main frame at this origin, or nobody
    if (asWindow !== undefined && ownMainFrame(source, page, windowOrigin)) return await answerWire(asWindow, parts, (file) => pathOfFile(page, profile, file));
    if (prompts.owns(source.page) && ownMainFrame(source, source.page, promptOrigin)) return await prompts.onWire(parts);
    throw nobody();
  });
  await context.addInitScript(wireScript, { promptOrigin });
  await context.addInitScript(windowScript, { origin: windowOrigin, names: windowMethodNames });
  await context.addInitScript(promptScript, { origin: promptOrigin });
  // A window that is closed while it asks needs no answer.
  await context.route('**/*', (route, request) => serve(route, request, bundles, prompts).catch(() => undefined));
  // SECURITY: a window that the page opens is closed; the only other window is the prompt
  context.on('page', (opened) => void prompts.receive(opened));
  cdp.on('Target.targetCreated', () => void prompts.closeOthers());
  await cdp.send('Target.setDiscoverTargets', { discover: true });
  // SECURITY: the page stays where it is
  page.on('framenavigated', (frame) => void (frame === page.mainFrame() && !isAt(frame, windowOrigin) ? page.goto(`${windowOrigin}/`).catch(() => undefined) : undefined));
  page.on('dialog', (dialog) => void dialog.dismiss().catch(() => undefined));
}

export async function openChromiumWindow(options: LaunchChromium, bundles: Bundles): Promise<ChromiumWindow> {
  const launched = await launchChromium(options);
  const { context, close } = launched;
  const page = context.pages()[0] ?? (await context.newPage());
  const cdp = await context.newCDPSession(page);
  await cdp.send('DOM.enable');
  await cdp.send('Overlay.enable');
  const prompts = new PromptPages(page, cdp, `${promptOrigin}/`);
  let calls: WindowCalls | undefined;
  await prepare(launched, page, cdp, bundles, prompts, () => calls);
  return {
    page,
    prompts,
    emit: (event) => void page.evaluate((told) => (globalThis as unknown as { strongroomEvent?: (event: unknown) => void }).strongroomEvent?.(told), event).catch(() => undefined),
    load: async (given) => {
      calls = given;
      await page.goto(`${windowOrigin}/`);
    },
    onClosed: (listener) => page.on('close', listener),
    close,
  };
}
