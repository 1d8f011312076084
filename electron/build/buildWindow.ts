/** Builds the application, the window's two pages and the packaged command line where their sources are newer than what was built; quick when they are not. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const binaries = join(root, 'node_modules/.bin');
const built = ['out/main/main.js', 'out/preload/windowPreload.cjs', 'out/preload/promptPreload.cjs', 'out/window/renderer/index.html', 'out/window/prompt/index.html', 'out/command-line/strongroom.mjs', 'out/command-line/pkcs11Host.mjs'];
/** What the pages are made of, and what makes them. */
const sources = ['renderer', 'shared', 'electron', 'resources', 'package-lock.json'];

function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isUpToDate(): boolean {
  const files = built.map((file) => join(root, file));
  if (!files.every((file) => existsSync(file))) return false;
  const oldest = Math.min(...files.map((file) => statSync(file).mtimeMs));
  return sources.every((source) => newest(join(root, source)) < oldest);
}

function run(program: string, ...argument: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(join(binaries, program), argument, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${argument.join(' ')} failed:\n${stdout}${stderr}`);
}

/** @throws Error with what the bundler said */
export function buildWindow(): void {
  if (isUpToDate()) return;
  run('electron-vite', 'build', '-c', 'electron/build/electron.vite.config.ts');
  run('vite', 'build', '-c', 'electron/build/prompt.vite.config.ts');
  run('vite', 'build', '-c', 'electron/build/commandLine.vite.config.ts');
}
