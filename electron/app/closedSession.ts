/** The session of both windows: in memory, without a network, without permissions, downloads and devices. */
import { session } from 'electron';
import type { Session } from 'electron';
import { scheme } from './pages.ts';

/** Held in memory: no `persist:` before its name. */
export const partition = 'strongroom';

function isOurs(url: string): boolean {
  return url.startsWith(`${scheme}://`) || url.startsWith('blob:strongroom://') || url.startsWith('devtools://');
}

export function closedSession(): Session {
  const closed = session.fromPartition(partition, { cache: false });
  closed.setPermissionRequestHandler((_contents, _permission, answer) => answer(false)); // SECURITY: no camera, no microphone, no notifications… (checklist 5)
  closed.setPermissionCheckHandler(() => false); // SECURITY: and none is said to be granted
  closed.setDevicePermissionHandler(() => false); // SECURITY: no device is handed to a page
  closed.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isOurs(details.url) })); // SECURITY: the pages have no network
  closed.setProxy({ mode: 'fixed_servers', proxyRules: 'socks5://127.0.0.1:9', proxyBypassRules: '<-loopback>' }).catch(() => undefined); // SECURITY: what slips by ends at a port where nobody listens
  closed.on('will-download', (event) => event.preventDefault()); // SECURITY: files are written by the core alone
  closed.setSpellCheckerEnabled(false); // SECURITY: a dictionary would be fetched, and would see what is typed
  return closed;
}
