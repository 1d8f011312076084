/** Starts a system Chromium with a fresh profile over a pipe: no listening port, no network, nothing of the person's own browser. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, BrowserType } from 'playwright-core';

export interface LaunchChromium {
  readonly executable: string;
  /** For tests: no window on a display. */
  readonly headless: boolean;
  readonly size: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
}

export interface LaunchedChromium {
  readonly context: BrowserContext;
  /** The folder that Chromium writes to: what a page has it keep is in here. */
  readonly profile: string;
  close(): Promise<void>;
}

export const isRoot = process.getuid?.() === 0;

function flags({ size, headless }: LaunchChromium): string[] {
  return [
    '--app=data:text/html,<title>Strongroom</title>', // a window without tabs and address bar
    `--window-size=${size.width},${size.height}`,
    '--proxy-server=socks5://127.0.0.1:9', // SECURITY: no name is looked up and no connection made: all goes to a port where nobody listens, and the pages come from us
    '--proxy-bypass-list=<-loopback>', // SECURITY: loopback too
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-domain-reliability',
    '--disable-sync',
    '--no-pings',
    '--disable-breakpad', // SECURITY: no crash report holds what was typed
    '--disable-extensions', // SECURITY: no code of others in the pages
    '--disable-quic',
    '--webrtc-ip-handling-policy=disable_non_proxied_udp', // SECURITY: no packet to an address that needs no name
    '--disable-blink-features=DocumentPictureInPictureAPI', // SECURITY: no page draws above the prompt
    '--no-first-run',
    '--no-default-browser-check',
    '--password-store=basic',
    '--disable-features=PasswordManagerOnboarding,AutofillServerCommunication,Translate,OptimizationHints,MediaRouter,InterestFeedContentSuggestions,DialMediaRouteProvider',
    '--disable-save-password-bubble',
    ...(headless && isRoot ? ['--test-type'] : []),
  ];
}

type PersistentOptions = NonNullable<Parameters<BrowserType['launchPersistentContext']>[1]>;

function persistentOptions(options: LaunchChromium): PersistentOptions {
  const { executable, headless, size, colorScheme = 'light' } = options;
  return {
    executablePath: executable,
    headless,
    chromiumSandbox: !isRoot, // SECURITY: the renderer is sandboxed; root cannot have it, and a person is told
    viewport: headless ? { ...size } : null,
    acceptDownloads: false,
    bypassCSP: false,
    serviceWorkers: 'block',
    ignoreDefaultArgs: ['--enable-automation', '--disable-popup-blocking', '--password-store=basic'],
    args: flags(options),
    colorScheme: headless ? colorScheme : null,
  };
}

/** The driver's own error is pages of log: what a person can do about it is one line. */
function notStarted(executable: string, cause: unknown): Error {
  return new Error(`${executable} did not start: is there a display, and may this user open a window on it? In the terminal there is: npm run cli -- --help`, { cause });
}

/** @throws Error where Chromium does not start */
export async function launchChromium(options: LaunchChromium): Promise<LaunchedChromium> {
  // SECURITY: the driver's own log would print what is typed, and an inspector would show it
  for (const name of ['DEBUG', 'PWDEBUG', 'NODE_OPTIONS', 'DEBUG_FILE']) delete process.env[name];
  const { chromium } = await import('playwright-core');
  const profile = mkdtempSync(join(tmpdir(), 'strongroom-chromium-'));
  const removeProfile = () => rm(profile, { recursive: true, force: true, maxRetries: 3 });
  const context = await chromium.launchPersistentContext(profile, persistentOptions(options)).catch(async (error: unknown) => {
    await removeProfile();
    throw notStarted(options.executable, error);
  });
  return {
    context,
    profile,
    close: async () => {
      await context.close().catch(() => undefined); // a person may have closed it
      await removeProfile();
    },
  };
}
