/** Where Electron's program is: named, installed, or fetched by its own installer; else why it is not. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Found {
  readonly program: string | undefined;
  /** Why there is none; for people. */
  readonly why: string;
}

const inside: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
const withoutNetwork = 5 * 60_000;

/** The program in a folder of Electron's. */
function programIn(folder: string): string | undefined {
  const program = join(folder, inside[process.platform] ?? 'electron');
  return existsSync(program) ? program : undefined;
}

/** @param folder of the npm package @param environment where ELECTRON_OVERRIDE_DIST_PATH may stand */
export function findElectron(folder: string, environment: NodeJS.ProcessEnv, fetchIt: (folder: string) => boolean = fetchElectron): Found {
  const { ELECTRON_OVERRIDE_DIST_PATH: named, ELECTRON_SKIP_BINARY_DOWNLOAD: skip } = environment;
  if (named !== undefined && named !== '') return { program: programIn(named), why: `ELECTRON_OVERRIDE_DIST_PATH names ${named}, which holds no Electron` };
  const installed = programIn(join(folder, 'dist'));
  if (installed !== undefined) return { program: installed, why: '' };
  if (!existsSync(join(folder, 'package.json'))) return { program: undefined, why: 'the package electron is not installed' };
  if (skip !== undefined && skip !== '') return { program: undefined, why: 'ELECTRON_SKIP_BINARY_DOWNLOAD keeps Electron from being fetched' };
  if (!fetchIt(folder)) return { program: undefined, why: `Electron ${versionOf(folder)} is not on this machine and could not be fetched from its publisher` };
  return { program: programIn(join(folder, 'dist')), why: 'its installer left no program' };
}

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Electron's own installer, which checks what it fetched against the checksums in its package. Without a network it fails at once. */
function fetchElectron(folder: string): boolean {
  return spawnSync(process.execPath, [join(folder, 'install.js')], { stdio: ['ignore', 'inherit', 'ignore'], timeout: withoutNetwork }).status === 0;
}
