/** The files of a built page, by exact name: what is not in the bundle does not exist. With each goes the policy that cuts the page off from everything else. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { styleNonce } from '../../../shared/ipc/styleNonce.ts';

export interface Served {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

// SECURITY: nothing from elsewhere, nothing to elsewhere, no inline script, no string that becomes markup
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' 'nonce-${styleNonce}'`,
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

const always = {
  'content-security-policy': policy,
  'cross-origin-opener-policy': 'same-origin', // SECURITY: pages of two windows do not reach each other
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY', // SECURITY: nobody frames the prompt
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), clipboard-read=(), display-capture=(), usb=(), hid=(), serial=(), bluetooth=(), midi=(), payment=(), fullscreen=(), picture-in-picture=()',
  'cache-control': 'no-store',
};

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile());
}

export class Bundle {
  readonly #files: ReadonlyMap<string, Served>;

  /** @param folder where the build put the page; its `index.html` is also `/` @throws Error where it was not built */
  constructor(folder: string) {
    const read = (name: string): [string, Served] => {
      const type = types[extname(name)] ?? 'application/octet-stream';
      return [`/${name.replaceAll('\\', '/')}`, { body: readFileSync(join(folder, name)), headers: { ...always, 'content-type': type } }];
    };
    const files = new Map(filesOf(folder).map(read));
    const index = files.get('/index.html');
    if (index === undefined) throw new Error(`the window was not built: ${folder} has no index.html`);
    files.set('/', index);
    this.#files = files;
  }

  get(path: string): Served | undefined {
    return this.#files.get(path);
  }
}
