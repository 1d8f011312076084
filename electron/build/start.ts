/**
 * `npm start`: opens the window. Electron where its program is here or can be fetched; else a Chromium of this system, which is said, with the
 * reason. With no display it says so and names what works without one.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildWindow } from './buildWindow.ts';
import { ensureDebianPackages } from './debianPackages.ts';
import { findElectron } from './electronProgram.ts';

const root = join(import.meta.dirname, '../..');
const { DISPLAY, WAYLAND_DISPLAY } = process.env;
const display = process.platform !== 'linux' || Boolean(DISPLAY || WAYLAND_DISPLAY);
const say = (text: string) => process.stdout.write(`${text}\n`);

function openElectron(program: string): number {
  buildWindow();
  return spawnSync(program, [root, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
}

function openChromium(why: string): number {
  if (process.platform === 'linux') ensureDebianPackages('start');
  buildWindow();
  say(`Opening the evaluation window: Strongroom in a Chromium of this system, because ${why}. Page and prompt share a browser there; for production there is the command line.`);
  return spawnSync(process.execPath, [join(root, 'electron/chromium/main.ts')], { stdio: 'inherit' }).status ?? 1;
}

function main(): number {
  if (!display) {
    say(`This machine has no display, so that no window can open. What works in the terminal:

  npm run demo              the whole job: a key generated, wrapped out, rotated, destroyed
  npm run cli -- --help     the command line
`);
    return 0; // nothing failed, and npm would bury the two commands under an error report
  }
  const { program, why } = findElectron(join(root, 'node_modules/electron'), process.env);
  return program === undefined ? openChromium(why) : openElectron(program);
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
