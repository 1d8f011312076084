/** Where `npm start` finds Electron, in folders made for it. The programs in them are empty files: only where they are is looked at. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findElectron } from '../../electron/build/electronProgram.ts';

const name = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform as string] ?? 'electron';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-electron-'));
  writeFileSync(join(folder, 'package.json'), '{"version":"45.5.0"}');
});
afterEach(() => rmSync(folder, { recursive: true }));

function install(into: string): string {
  const program = join(into, name);
  mkdirSync(join(program, '..'), { recursive: true });
  writeFileSync(program, '');
  return program;
}

const never = () => {
  throw new Error('nothing is fetched');
};

test('the one that is named comes first', () => {
  const program = install(join(folder, 'elsewhere'));
  install(join(folder, 'dist'));
  expect(findElectron(folder, { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'elsewhere') }, never).program).toBe(program);
});

test('a folder that is named and holds none is said', () => {
  expect(findElectron(folder, { ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' }, never)).toMatchObject({ program: undefined, why: expect.stringContaining('/nowhere') });
});

test('then the one that is installed', () => {
  const program = install(join(folder, 'dist'));
  expect(findElectron(folder, {}, never).program).toBe(program);
});

test('then it is fetched; where it cannot be, the reason names the version', () => {
  expect(findElectron(folder, {}, (into) => install(join(into, 'dist')) !== '').program).toContain(name);
  rmSync(join(folder, 'dist'), { recursive: true });
  expect(findElectron(folder, {}, () => false)).toMatchObject({ program: undefined, why: expect.stringContaining('45.5.0') });
});

test('it is not fetched against a wish, and not without its package', () => {
  expect(findElectron(folder, { ELECTRON_SKIP_BINARY_DOWNLOAD: '1' }, never).why).toContain('ELECTRON_SKIP_BINARY_DOWNLOAD');
  rmSync(join(folder, 'package.json'));
  expect(findElectron(folder, {}, never).why).toContain('not installed');
});
