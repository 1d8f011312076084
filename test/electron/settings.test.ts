/** Every setting of every window, session, protocol and handler: Electron's checklist, item by item, against the stand-in. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { externalLinks, openExternal } from '../../electron/app/guardedContents.ts';
import { answerFor } from '../../electron/app/pages.ts';
import { prepare } from '../../electron/app/prelude.ts';
import { vaultAmong } from '../../electron/app/vaultArgument.ts';
import { Bundle } from '../../electron/host/window/bundle.ts';
import { startApplication } from '../fixtures/electronApp.ts';
import type { TestApplication } from '../fixtures/electronApp.ts';
import type { BrowserWindow } from '../fixtures/electronStandIn.ts';
import { app, lastCall, recorded, StandInContents, theSession, wasCalled } from '../fixtures/electronStandIn.ts';

vi.mock('electron', () => import('../fixtures/electronStandIn.ts'));

const root = join(import.meta.dirname, '../..');
let application: TestApplication;

const opened: (string | undefined)[] = [];
let first = false;

beforeAll(async () => {
  first = prepare((path) => opened.push(path));
  application = await startApplication();
});
afterAll(() => application.close());

/** What each window must say of itself, whatever Electron's defaults are or become. */
const preferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  enableBlinkFeatures: '',
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
  plugins: false,
  safeDialogs: true,
  disableDialogs: true,
};

async function promptWindow(): Promise<BrowserWindow> {
  const asked = application.call('host.chooseSeal', {});
  const { window } = await application.prompt();
  window.destroy();
  await asked;
  return window;
}

describe('the windows', () => {
  test('the main window: sandboxed, isolated, without Node, and nothing that is off by default is on', () => {
    const { webPreferences } = application.window.options as { webPreferences: Record<string, unknown> };
    expect(webPreferences).toMatchObject(preferences);
    expect(webPreferences['session']).toBe(theSession);
    expect(String(webPreferences['preload'])).toContain('windowPreload.cjs');
    expect(application.window.webContents.mainFrame.url).toBe('strongroom://window/');
  });

  test('the prompt: the same, protected from screenshots, without a menu, over the edge of the main window', async () => {
    const window = await promptWindow();
    expect((window.options as { webPreferences: unknown }).webPreferences).toMatchObject(preferences);
    expect(String((window.options['webPreferences'] as Record<string, unknown>)['preload'])).toContain('promptPreload.cjs');
    expect(window.options).toMatchObject({ width: 420, height: 520, resizable: false, minimizable: false, fullscreenable: false, alwaysOnTop: true });
    expect([window.protectedContent, wasCalled('window.removeMenu')]).toEqual([true, true]);
    expect(lastCall('window.setPosition')).toEqual([100 + 1280 - 420 + 80, 120]);
    expect(window.webContents.mainFrame.url).toBe('strongroom://prompt/');
    expect(wasCalled('contentView.addChildView') && wasCalled('contentView.removeChildView')).toBe(true);
    expect(application.window.enabled).toBe(true);
  });
});

describe('the place of the window', () => {
  test('is remembered when it closes, and taken again only where it is on a screen', async () => {
    expect(application.window.options).toMatchObject({ width: 1280, height: 800 });
    application.window.emit('close');
    const file = join(application.folder, 'config/strongroom/window.json');
    const saved = JSON.parse(readFileSync(file, 'utf8')) as { place: object };
    expect(saved.place).toEqual({ x: 100, y: 50, width: 1280, height: 800 });
    for (const [place, expected] of [
      [{ x: 30, y: 40, width: 900, height: 600 }, { x: 30, y: 40, width: 900, height: 600 }],
      [{ x: 5000, y: 40, width: 900, height: 600 }, { width: 900, height: 600 }],
    ] as const) {
      writeFileSync(file, JSON.stringify({ ...saved, place }));
      const other = await startApplication(application.folder);
      expect(other.window.options).toMatchObject(expected);
      expect(other.window.options['x']).toBe('x' in expected ? expected.x : undefined);
      await other.host.close();
    }
  });
});

describe('the session', () => {
  test('is in memory, and denies every permission, device, download and address', () => {
    expect(lastCall('session.fromPartition')).toEqual(['strongroom', { cache: false }]);
    const request = theSession.handlers['setPermissionRequestHandler'] as (contents: unknown, permission: string, answer: (granted: boolean) => void) => void;
    const granted: boolean[] = [];
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'hid', 'usb', 'fullscreen', 'openExternal']) request({}, permission, (is) => granted.push(is));
    expect(granted).toEqual(Array.from({ length: 8 }, () => false));
    expect((theSession.handlers['setPermissionCheckHandler'] as () => boolean)()).toBe(false);
    expect((theSession.handlers['setDevicePermissionHandler'] as () => boolean)()).toBe(false);
    expect(theSession.handlers['setSpellCheckerEnabled']).toBe(false);
    const event = { preventDefault: vi.fn() };
    theSession.emit('will-download', event);
    expect(event.preventDefault).toHaveBeenCalled();
  });

  test.each([
    ['strongroom://window/', false],
    ['strongroom://prompt/assets/a.js', false],
    ['https://example.com/', true],
    ['file:///etc/passwd', true],
    ['ws://example.com/', true],
    ['data:text/html,x', true],
    ['strongroom:window', true],
  ])('of a request to %s: cancelled %s', (url, cancel) => {
    const handler = theSession.handlers['onBeforeRequest'] as (details: { url: string }, answer: (result: { cancel: boolean }) => void) => void;
    const answer = vi.fn();
    handler({ url }, answer);
    expect(answer).toHaveBeenCalledWith({ cancel });
  });

  test('what slips by ends at a port where nobody listens', () => {
    expect(theSession.handlers['setProxy']).toEqual({ mode: 'fixed_servers', proxyRules: 'socks5://127.0.0.1:9', proxyBypassRules: '<-loopback>' });
  });
});

describe('the pages', () => {
  const bundles = { window: new Bundle(join(root, 'out/window/renderer')), prompt: new Bundle(join(root, 'out/window/prompt')) };

  test('a scheme of our own: standard, secure, and no more', () => {
    expect(lastCall('protocol.registerSchemesAsPrivileged')).toEqual([[{ scheme: 'strongroom', privileges: { standard: true, secure: true, supportFetchAPI: false, corsEnabled: false, stream: false } }]]);
  });

  test('come with their policy: nothing from elsewhere, no code and no markup from text', async () => {
    for (const origin of ['strongroom://window/', 'strongroom://prompt/']) {
      const { status, headers } = answerFor(bundles, 'GET', origin);
      const policy = headers.get('content-security-policy') ?? '';
      expect(status).toBe(200);
      for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'none'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"]) expect(policy).toContain(part);
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect([headers.get('x-frame-options'), headers.get('x-content-type-options'), headers.get('referrer-policy'), headers.get('cross-origin-opener-policy')]).toEqual(['DENY', 'nosniff', 'no-referrer', 'same-origin']);
    }
  });

  test.each([
    ['POST', 'strongroom://window/'],
    ['GET', 'strongroom://window/../../package.json'],
    ['GET', 'strongroom://window/%2e%2e/%2e%2e/package.json'],
    ['GET', 'strongroom://window/index.html?x'],
    ['GET', 'strongroom://other/'],
    ['GET', 'strongroom://window/nothing.js'],
  ])('%s %s is not there', (method, address) => {
    expect(answerFor(bundles, method, address).status).toBe(404);
  });
});

describe('what no page may do', () => {
  const contents = new StandInContents();
  beforeAll(() => void app.emit('web-contents-created', {}, contents));

  test.each(['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview', 'context-menu'])('%s is prevented', (name) => {
    const event = { preventDefault: vi.fn() };
    contents.emit(name, event, 'strongroom://window/');
    expect(event.preventDefault).toHaveBeenCalled();
  });

  test('a window is not opened, not even of our own', () => {
    for (const url of ['https://example.com', 'strongroom://prompt/', 'about:blank']) expect(contents.openHandler?.({ url })).toEqual({ action: 'deny' });
  });

  test('an inspector is closed in what ships', () => {
    contents.emit('devtools-opened');
    expect(wasCalled('contents.closeDevTools')).toBe(true);
  });

  test('an external address is opened only from the list, letter for letter', async () => {
    for (const url of ['https://example.com', `${externalLinks[0]}/`, 'file:///etc/passwd', '', 'javascript:alert(1)']) await openExternal(url);
    expect(wasCalled('shell.openExternal')).toBe(false);
    await openExternal(externalLinks[0] ?? '');
    expect(lastCall('shell.openExternal')).toEqual([externalLinks[0]]);
  });
});

describe('the application', () => {
  test('puts every page into the sandbox, and runs once: a second start only names its vault to the first', () => {
    expect([wasCalled('app.enableSandbox'), first]).toEqual([true, true]);
    app.emit('second-instance', {}, ['app', 'keys.strongroom'], '/vaults');
    const event = { preventDefault: vi.fn() };
    app.emit('open-file', event, '/vaults/other.strongroom');
    expect([opened, event.preventDefault.mock.calls.length]).toEqual([['/vaults/keys.strongroom', '/vaults/other.strongroom'], 1]);
    app.instanceIsFirst = false;
    expect(prepare(() => undefined)).toBe(false);
    app.instanceIsFirst = true;
  });

  test('a vault among the words of a command line', () => {
    expect(vaultAmong(['app', '--flag', 'keys.strongroom'], '/vaults')).toBe('/vaults/keys.strongroom');
    expect(vaultAmong(['app', '/b/keys.strongroom'], '/vaults')).toBe('/b/keys.strongroom');
    expect(vaultAmong(['app', '--x=keys.strongroom', 'other.txt'], '/vaults')).toBeUndefined();
    expect(vaultAmong(['keys.strongroom'], '/vaults')).toBeUndefined();
  });

  test('the menu has no inspector in what ships, and no role that reloads the page', () => {
    const text = JSON.stringify(lastCall('Menu.setApplicationMenu'));
    expect(text).toContain('"Lock"');
    expect(text).not.toMatch(/toggleDevTools|reload/i);
  });

  test('the page is told of nothing but what the contract has', () => {
    expect(new Set(recorded.filter(({ name }) => name === 'ipcMain.handle').map(({ values }) => values[0]))).toEqual(new Set(['strongroom:prompt', 'strongroom:window']));
  });
});

test("PROMPT-2: the system's dialogs count too: two that were put off pause them", async () => {
  const other = await startApplication();
  const codes: (string | undefined)[] = [];
  for (let tries = 0; tries < 3; tries += 1) codes.push((await other.call('host.chooseFile', { use: 'sign' })).error?.code);
  expect(codes).toEqual(['declined', 'declined', 'secret-unavailable']);
  await other.close();
});

describe('the built preloads', () => {
  test.each(['windowPreload', 'promptPreload'])('%s is one file that needs nothing but electron', (name) => {
    const path = join(root, `out/preload/${name}.cjs`);
    expect(existsSync(path)).toBe(true);
    const exposed: Record<string, unknown> = {};
    const required: string[] = [];
    const electron = { contextBridge: { exposeInMainWorld: (key: string, bridge: unknown) => void Object.assign(exposed, { [key]: bridge }) }, ipcRenderer: { invoke: vi.fn(), on: vi.fn() }, webUtils: { getPathForFile: () => '' } };
    const requireOnly = (wanted: string) => {
      required.push(wanted);
      if (wanted !== 'electron') throw new Error(`a sandboxed preload may not require "${wanted}"`);
      return electron;
    };
    // biome-ignore lint/security/noGlobalEval: the file is ours, and is run as Electron runs it: as the body of a function
    const run = eval(`(function (require, module, exports) { ${readFileSync(path, 'utf8')} })`) as (require: unknown, module: unknown, exports: unknown) => void;
    run(requireOnly, { exports: {} }, {});
    expect(new Set(required)).toEqual(new Set(['electron']));
    const bridge = exposed[name === 'windowPreload' ? 'strongroom' : 'strongroomPrompt'] as Record<string, unknown>;
    expect(Object.keys(exposed)).toHaveLength(1);
    expect(Object.keys(bridge).sort()).toEqual(name === 'windowPreload' ? ['cancel', 'grantDropped', 'methods', 'onEvent'] : ['answer', 'complete', 'onSitting', 'sitting']);
  });
});
