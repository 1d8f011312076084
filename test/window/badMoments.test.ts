/** Bad moments of a vault file, in the real window: each says what happened, what is unchanged and what to do, and the window goes on. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdVault, makeStoredVault, nothingSpins, rememberVaults, showsError } from '../fixtures/badMoments.ts';
import { closes, openWindow, passphrase, pressButton } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-bad-'));
const path = (...names: string[]) => join(folder, ...names);
const small = path('small');
const names = ['good', 'held', 'tampered', 'newer', 'older', 'missing'];
let window: TestWindow;
/** Why there is no small disk here, or undefined. */

/** A disk of one mebibyte: a real limit of the system. */
function mountSmall(): string | undefined {
  mkdirSync(small);
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux mounts a small disk';
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'this container may not mount a small disk';
  }
}

const noDisk = mountSmall();
/** Tests on a real small disk, where one can be had; else it is said that they did not run. */
const disks = noDisk === undefined ? ['on a real disk'] : [];
if (noDisk !== undefined) process.stderr.write(`tests of full and read-only disks did not run: ${noDisk}\n`);

/** Fills the small disk but for some bytes. @returns a function that makes room again */
function fill(left: number): () => void {
  const { bavail, bsize } = statfsSync(small);
  writeFileSync(join(small, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - left)));
  return () => rmSync(join(small, 'filler'));
}

beforeAll(async () => {
  for (const name of names) await makeStoredVault(path(`${name}.strongroom`)); // no two are copies of one vault: that is a bad moment of its own
  await makeStoredVault(join(small, 'small.strongroom'));
  execFileSync('sqlite3', [path('tampered.strongroom'), 'UPDATE principal SET revision = 7']);
  execFileSync('sqlite3', [path('newer.strongroom'), 'PRAGMA user_version = 99']);
  rememberVaults(folder, [...names.map((name) => path(`${name}.strongroom`)), join(small, 'small.strongroom')]);
  rmSync(path('missing.strongroom'));
  window = await openWindow({ folder });
});
afterAll(async () => {
  await window.close();
  if (noDisk === undefined) execFileSync('umount', ['-l', small]);
  rmSync(folder, { recursive: true, force: true });
});

/** At the gate: one of the vaults that were opened here before. */
async function pick(name: string): Promise<void> {
  const { page } = window;
  const shown = page.getByRole('heading', { name: `${name}.strongroom` });
  const other = page.locator('section[aria-label="Recent vaults"] button.plain', { hasText: `${name}.strongroom` });
  await shown.or(other).first().waitFor();
  if (!(await shown.isVisible())) await other.click();
  await shown.waitFor();
}
const unlock = () => window.page.getByRole('button', { name: 'Unlock', exact: true }).click();
const give = (typed = passphrase) => window.answer({ Passphrase: typed }, 'Unlock');
const isOpen = () => window.page.getByRole('heading', { name: /The vault is open, and empty|need/ }).first().waitFor();
const lock = async () => {
  await window.page.getByRole('button', { name: /^Lock/ }).click();
  await window.page.getByRole('button', { name: 'Unlock', exact: true }).waitFor();
};
async function opensAfterAll(name = 'good'): Promise<void> {
  await pick(name);
  await unlock();
  await give();
  await isOpen();
  await lock();
}

/** In an open vault: a key, to the last step. */
async function generate(name: string): Promise<void> {
  const { page } = window;
  await page.evaluate("location.hash = '#/generate'");
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: `Generate ${name}` }).click();
}

describe('at the unlock', () => {
  test('a wrong passphrase: nothing is opened; then the right one works, and the vault says that one was wrong', async () => {
    await pick('good');
    await unlock();
    await give('not the right one');
    expect(await showsError(window.page, 'wrong-passphrase')).toContain('Nothing was opened. The try is noted');
    await unlock();
    await give();
    await isOpen();
    await window.page.getByText('1 failed attempt to unlock since the last time').waitFor();
    await lock();
  });

  test('a question that is put off: the same button asks again', async () => {
    await pick('good');
    await unlock();
    const prompt = await window.prompt();
    await pressButton(prompt, 'Not now');
    await showsError(window.page, 'declined');
    await opensAfterAll();
  });

  test('a vault that another program has open: it says so before a passphrase is asked, and opens once it is free', async () => {
    const holder = await holdVault(path('held.strongroom'));
    await pick('held');
    await unlock();
    expect(await showsError(window.page, 'vault-in-use')).toContain('Lock it there');
    holder.kill('SIGKILL');
    await new Promise((resolve) => holder.once('exit', resolve));
    await opensAfterAll('held');
  });

  test('a row that another program edited: the row is named, the file is left as it is, and another vault can be opened', async () => {
    const before = readFileSync(path('tampered.strongroom'));
    await pick('tampered');
    await unlock();
    await give();
    const said = await showsError(window.page, 'vault-tampered');
    expect(said).toMatch(/the row [0-9a-f]{8} of the table "principal" was edited/i);
    expect(said).toContain('restore a backup');
    expect(readFileSync(path('tampered.strongroom')).equals(before)).toBe(true);
    await opensAfterAll();
  });

  test('an older copy of the file: what is missing is asked about, a refusal leaves it as it is, it opens read-only, and is used once the number is typed', async () => {
    const { page } = window;
    copyFileSync(path('older.strongroom'), path('kept'));
    await opensAfterAll('older');
    copyFileSync(path('kept'), path('older.strongroom'));
    await pick('older');
    await unlock();
    await give();
    const prompt = await window.prompt();
    await prompt.getByText(/the newest 1 entry is missing/).waitFor();
    await prompt.getByText(/keys that were destroyed in them are in it again/i).waitFor();
    await pressButton(prompt, 'Not now');
    expect(await showsError(page, 'vault-rolled-back')).toMatch(/the newest 1 entry is missing.*The file was not written to.*open this one read-only/is);
    expect(readFileSync(path('older.strongroom')).equals(readFileSync(path('kept')))).toBe(true);
    await page.getByRole('button', { name: 'Open read-only' }).click();
    await give();
    await isOpen();
    await page.getByText(/the file is an older copy of the vault/i).waitFor();
    await lock();
    await unlock();
    await give();
    await window.answer({ 'Type the': '1' }, 'Use this copy');
    await isOpen();
    await page.evaluate("location.hash = '#/log'");
    await page.getByText(/An older copy was confirmed as the vault/).first().waitFor();
    await lock();
    await opensAfterAll('older');
  });

  test('a vault of a newer Strongroom: it is said at once, and the file is left as it is', async () => {
    const before = readFileSync(path('newer.strongroom'));
    await pick('newer');
    await showsError(window.page, 'vault-newer');
    await unlock();
    expect(await showsError(window.page, 'vault-newer')).toContain('99');
    expect(readFileSync(path('newer.strongroom')).equals(before)).toBe(true);
    await pick('good');
    await nothingSpins(window.page);
  });

  test('a file that is gone: it is said at once, and the vault can be forgotten', async () => {
    const { page } = window;
    await page.locator('section[aria-label="Recent vaults"]').getByText(/not there now/).waitFor();
    await pick('missing');
    await showsError(page, 'vault-not-found');
    await unlock();
    await showsError(page, 'vault-not-found');
    await pick('good');
    await page.getByRole('button', { name: 'Forget missing.strongroom' }).click();
    await expect.poll(() => page.getByText('missing').count()).toBe(0);
    await opensAfterAll();
  });

  test('a prompt that the person closes: that is no answer, and the same button asks again', async () => {
    await pick('good');
    await unlock();
    const prompt = await window.prompt();
    await closes(prompt, prompt.close());
    await showsError(window.page, 'declined');
    await opensAfterAll();
  });
});

describe('read-only', () => {
  test('a vault that was opened so says it in the bar, and a change is refused', async () => {
    const { page } = window;
    const before = readFileSync(path('good.strongroom'));
    await pick('good');
    await page.getByRole('button', { name: 'Open read-only' }).click();
    await give();
    await isOpen();
    await page.locator('.bar').getByText('read-only').waitFor();
    await page.getByText(/leaves no trace in the log/i).waitFor();
    await generate('payroll');
    expect(await showsError(page, 'vault-read-only')).toContain('The file was not written to');
    await lock();
    expect(readFileSync(path('good.strongroom')).equals(before)).toBe(true);
  });

  test.each(disks)('a disk that cannot be written: the vault opens read-only and says it, %s', async () => {
    const { page } = window;
    execFileSync('mount', ['-o', 'remount,ro', small]);
    await pick('small');
    await unlock();
    await give();
    await isOpen();
    await page.locator('.bar').getByText('read-only').waitFor();
    await page.getByText(/cannot be written by this user/i).waitFor();
    await lock();
    execFileSync('mount', ['-o', 'remount,rw', small]);
    await opensAfterAll('small');
  });
});

describe('a full disk', () => {
  test.each(disks)('at the unlock: it is said, the vault is as it was, and opens once there is room, %s', async () => {
    const before = readFileSync(join(small, 'small.strongroom'));
    const makeRoom = fill(0);
    await pick('small');
    await unlock();
    await give();
    expect(await showsError(window.page, 'disk-full')).toContain('Nothing was changed');
    expect(readFileSync(join(small, 'small.strongroom')).equals(before)).toBe(true);
    makeRoom();
    await opensAfterAll('small');
  });

  test.each(disks)('in the middle of the work: the key is not made, no half of a file is left, and both are done once there is room, %s', async () => {
    const { page } = window;
    await pick('small');
    await unlock();
    await give();
    await isOpen();
    let makeRoom = fill(0);
    await generate('payroll');
    await showsError(page, 'disk-full');
    makeRoom();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'payroll' }).waitFor();
    writeFileSync(join(small, 'wages'), Buffer.alloc(300_000, 'wages'));
    makeRoom = fill(120_000);
    const encrypt = async () => {
      await page.getByRole('button', { name: 'Choose…' }).click();
      await window.choose(join(small, 'wages'));
      await page.getByRole('button', { name: 'Encrypt', exact: true }).click();
    };
    await page.evaluate("location.hash = '#/use/payroll/encrypt'");
    await encrypt();
    await showsError(page, 'disk-full');
    expect(readdirSync(small).filter((name) => !name.startsWith('small.strongroom')).toSorted()).toEqual(['filler', 'wages']);
    makeRoom();
    await encrypt();
    await page.getByText('wages is encrypted under version 1 of payroll').waitFor();
    expect(existsSync(join(small, 'wages.sr'))).toBe(true);
    await lock();
  });
});

describe('a window that opened no vault before', () => {
  let fresh: TestWindow;
  beforeAll(async () => {
    mkdirSync(path('fresh'));
    fresh = await openWindow({ folder: path('fresh') });
  });
  afterAll(() => fresh.close());
  const unlockFresh = () => fresh.page.getByRole('button', { name: 'Unlock', exact: true }).click();

  test('a file that is no vault: the error stays beside its name, and another can be chosen', async () => {
    writeFileSync(path('letter.txt'), 'a letter');
    await fresh.page.getByRole('button', { name: 'Open a vault' }).click();
    await fresh.choose(path('letter.txt'));
    await fresh.page.getByRole('heading', { name: 'letter.txt' }).waitFor();
    await unlockFresh();
    await showsError(fresh.page, 'vault-foreign');
    expect(await fresh.page.getByRole('heading', { name: 'letter.txt' }).isVisible()).toBe(true);
    await fresh.page.getByRole('button', { name: 'Open a vault' }).click();
    await fresh.choose(path('good.strongroom'));
    await fresh.page.getByRole('heading', { name: 'good.strongroom' }).waitFor();
    expect(await fresh.page.locator('section.error').count(), 'the error was about the other file').toBe(0);
  });

  test('a wrong passphrase for a file that was chosen: its path is offered again, and the right one opens it', async () => {
    await unlockFresh();
    await fresh.answer({ Passphrase: 'not the right one' }, 'Unlock');
    await showsError(fresh.page, 'wrong-passphrase');
    await unlockFresh();
    const again = await fresh.prompt();
    expect(await again.getByLabel('Path of the file').inputValue()).toBe(path('good.strongroom'));
    await pressButton(again, 'Open');
    await fresh.answer({ Passphrase: passphrase }, 'Unlock');
    await fresh.page.getByText('The vault is open, and empty').waitFor();
    await nothingSpins(fresh.page);
  });

  // Root may read every file.
  test.each(process.getuid?.() === 0 ? [] : ['by its mode'])('a file that this user may not read, %s', async () => {
    await fresh.page.getByRole('button', { name: /^Lock/ }).click();
    chmodSync(path('held.strongroom'), 0);
    await fresh.page.getByRole('button', { name: 'Open another vault' }).click();
    await fresh.choose(path('held.strongroom'));
    await unlockFresh();
    await showsError(fresh.page, 'file-unreadable');
  });
});

test('nothing was complained of: no script error, no violation of the policy of the pages', () => {
  expect(window.complaints).toEqual([]);
});
