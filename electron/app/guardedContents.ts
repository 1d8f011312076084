/** What no page may do: navigate away, open windows, embed others, have a menu of the browser's. */
import { app, shell } from 'electron';
import type { WebContents } from 'electron';
import { scheme } from './pages.ts';

/** What the help menu leads to; nothing of a page's making is ever opened. */
export const externalLinks: readonly string[] = ['https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final', 'https://docs.oasis-open.org/pkcs11/pkcs11-base/v3.1/pkcs11-base-v3.1.html'];

/** SECURITY: exactly one of the list, or nothing (checklist 15) */
export async function openExternal(url: string): Promise<void> {
  if (externalLinks.includes(url)) await shell.openExternal(url);
}

export function guardContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' })); // SECURITY: no window but ours (checklist 14)
  contents.on('will-navigate', (event) => event.preventDefault()); // SECURITY: a page stays where it is (checklist 13)
  contents.on('will-redirect', (event) => event.preventDefault()); // SECURITY: also when it is sent elsewhere
  contents.on('will-frame-navigate', (event) => event.preventDefault()); // SECURITY: and so do its frames
  contents.on('will-attach-webview', (event) => event.preventDefault()); // SECURITY: nothing is embedded (checklist 11, 12)
  contents.on('context-menu', (event) => event.preventDefault());
  if (app.isPackaged) contents.on('devtools-opened', () => contents.closeDevTools()); // SECURITY: no inspector in what ships
}

/** Every page that ever comes to be, also one that nobody foresaw. */
export function guardAllContents(): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
}

/** Whether a frame is the main frame of these contents, at exactly this origin. */
export function isMainFrameAt(frame: { readonly url: string; readonly parent: unknown } | null, contents: WebContents, origin: string): boolean {
  // SECURITY: empty addresses and about:blank are nobody (checklist 17)
  return frame !== null && frame === contents.mainFrame && frame.parent === null && frame.url.startsWith(`${origin}/`) && origin.startsWith(`${scheme}://`);
}
