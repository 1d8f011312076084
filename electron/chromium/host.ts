/** The Chromium host, whole: window, prompt, core in its thread. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildLauncher, KnownModule, WorkerPorts } from '../vault/index.ts';
import { makeChildLauncher } from '../host/childLauncher.ts';
import { knownModules } from '../host/knownModules.ts';
import { Bundle } from '../host/window/bundle.ts';
import { anchorsPath, settingsPath } from '../host/userFolders.ts';
import { SettingsFile } from '../host/window/settingsFile.ts';
import { startWindowHost } from '../host/window/windowHost.ts';
import type { WindowHost } from '../host/window/windowHost.ts';
import { openChromiumWindow } from './chromiumWindow.ts';
import type { ChromiumWindow } from './chromiumWindow.ts';
import type { LaunchChromium } from './launch.ts';

const root = join(import.meta.dirname, '../..');
const childProgram = fileURLToPath(new URL('../pkcs11-host/main.ts', import.meta.url));

/** What this host protects less, for the frame of the window. */
export const evaluation = 'Evaluation window: page and prompt share a browser. For production, run the Electron application or the command line.';

export interface ChromiumHostOptions extends LaunchChromium {
  readonly version: string;
  /** For tests: the variables and places of the host. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly settingsPath?: string;
  readonly anchorsPath?: string;
  readonly folder?: string;
  readonly launcher?: ChildLauncher;
  readonly deafFor?: number;
  readonly knownModules?: readonly KnownModule[];
  readonly timeLimits?: WorkerPorts['timeLimits'];
  /** For tests: another program of the core's thread. */
  readonly worker?: URL;
  /** For tests: another page in the window. */
  readonly windowBundle?: Bundle;
}

export interface ChromiumHost extends WindowHost {
  readonly window: ChromiumWindow;
}

export async function startChromiumHost(options: ChromiumHostOptions): Promise<ChromiumHost> {
  const environment = options.environment ?? process.env;
  const bundles = { window: options.windowBundle ?? new Bundle(join(root, 'out/window/renderer')), prompt: new Bundle(join(root, 'out/window/prompt')) };
  const window = await openChromiumWindow(options, bundles);
  const host = startWindowHost({
    about: { host: 'chromium', evaluation, version: options.version },
    launcher: options.launcher ?? makeChildLauncher({ program: childProgram, programFolder: root }),
    knownModules: options.knownModules ?? knownModules(),
    environment,
    settings: new SettingsFile(options.settingsPath ?? settingsPath(environment, homedir())),
    anchorsPath: options.anchorsPath ?? anchorsPath(environment, homedir()),
    opener: window.prompts,
    emit: window.emit,
    folder: options.folder ?? homedir(),
    ...(options.deafFor === undefined ? {} : { deafFor: options.deafFor }),
    ...(options.timeLimits === undefined ? {} : { timeLimits: options.timeLimits }),
    ...(options.worker === undefined ? {} : { worker: options.worker }),
  });
  await window.load(host.router);
  const close = async () => {
    await host.close();
    await window.close();
  };
  return { ...host, window, close };
}
