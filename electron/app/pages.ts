/** The two pages and their addresses: a scheme of our own, so that no file of the disk and no server is ever a page of ours. */
import { protocol } from 'electron';
import type { CustomScheme, Session } from 'electron';
import type { Bundle } from '../host/window/bundle.ts';

export const scheme = 'strongroom';
export const windowOrigin = `${scheme}://window`;
export const promptOrigin = `${scheme}://prompt`;

/** Before the application is ready. */
export const schemes: CustomScheme[] = [{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: false, corsEnabled: false, stream: false } }];

export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged(schemes);
}

export interface Bundles {
  readonly window: Bundle;
  readonly prompt: Bundle;
}

/** SECURITY: a page is a file of its own bundle, by exact name; everything else does not exist (checklist 1, 18) */
export function answerFor(bundles: Bundles, method: string, address: string): Response {
  const url = new URL(address);
  const bundle = url.host === 'window' ? bundles.window : url.host === 'prompt' ? bundles.prompt : undefined;
  const served = method === 'GET' && url.search === '' ? bundle?.get(url.pathname) : undefined;
  if (served === undefined) return new Response(undefined, { status: 404 });
  return new Response(new Uint8Array(served.body), { status: 200, headers: { ...served.headers } });
}

export function servePages(session: Session, bundles: Bundles): void {
  session.protocol.handle(scheme, (request) => answerFor(bundles, request.method, request.url));
}
