/** Starts a system Chromium with a fresh profile over a pipe: no listening port, no network, nothing of the person's own browser. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';

export interface LaunchChromium {
  readonly executable: string;
  /** For tests: no window on a display. */
  readonly headless: boolean;
  readonly size: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly forcedColors?: 'active';
}

export interface LaunchedChromium {
  readonly context: BrowserContext;
  /** The folder that Chromium writes to: what a page has it keep is in here. */
  readonly profile: string;
  close(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;

function flags({ size, headless }: LaunchChromium): string[] {
  return [
    '--app=data:text/html,<title>Strongroom</title>', // a window without tabs and address bar
    `--window-size=${size.width},${size.height}`,
    '--host-resolver-rules=MAP * ~NOTFOUND', // SECURITY: no name is ever looked up: the pages come from us
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

/** @throws Error where Chromium does not start */
export async function launchChromium(options: LaunchChromium): Promise<LaunchedChromium> {
  // SECURITY: the driver's own log would print what is typed, and an inspector would show it
  for (const name of ['DEBUG', 'PWDEBUG', 'NODE_OPTIONS', 'DEBUG_FILE']) delete process.env[name];
  const { chromium } = await import('playwright-core');
  const profile = mkdtempSync(join(tmpdir(), 'strongroom-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: options.executable,
    headless: options.headless,
    chromiumSandbox: !isRoot, // SECURITY: the renderer is sandboxed; root cannot have it, and a person is told
    viewport: options.headless ? { ...options.size } : null,
    acceptDownloads: false,
    bypassCSP: false,
    serviceWorkers: 'block',
    ignoreDefaultArgs: ['--enable-automation', '--disable-popup-blocking', '--password-store=basic'],
    args: flags(options),
    ...(options.headless ? { colorScheme: options.colorScheme ?? 'light' } : { colorScheme: null }),
    ...(options.forcedColors === undefined ? {} : { forcedColors: options.forcedColors }),
  });
  return {
    context,
    profile,
    close: async () => {
      await context.close().catch(() => undefined); // a person may have closed it
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
