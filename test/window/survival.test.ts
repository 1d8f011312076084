/** A vault that survives, in a real Chromium: a recovery sheet before the first key, a lost passphrase, foreign hands, an identity file, a token, a lost disk, a damaged file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { chooseSeal, closes, openWindow, passphrase, pressButton } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';

let token: SoftHsmToken;
let window: TestWindow;
/** What opens the vault now. */
let present = passphrase;

beforeAll(async () => {
  token = makeSoftHsmToken('officers');
  window = await openWindow({ environment: token.environment });
});
afterAll(async () => {
  await window.close();
  token.remove();
});

const go = (place: string) => window.page.evaluate((hash) => {
  location.hash = hash;
}, `#/${place}`);
const unlockWith = (secret: string) => window.answer({ Passphrase: secret }, 'Unlock');
const lock = () => window.page.keyboard.press('Control+l');

/** The words as the page has them, in its list. */
const wordsOn = (name: string) => [...readFileSync(window.path(name), 'utf8').matchAll(/<li>(\w+)<\/li>/g)].map(([, word]) => word ?? '');

async function setPassphrase(next: string): Promise<void> {
  await window.answer({ 'New passphrase': next, 'The same again': next }, 'Set passphrase');
  present = next;
}

/** Presses, says where the page goes, and leaves the prompt at the words. */
async function beginSheet(button: string, name: string): Promise<void> {
  await window.page.getByRole('button', { name: button }).click();
  await window.choose(window.path(name));
  await unlockWith(present);
}

async function generate(name: string): Promise<void> {
  const { page } = window;
  await go('generate');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: `Generate ${name}` }).click();
  await page.getByRole('heading', { name }).waitFor();
}

async function encrypt(): Promise<void> {
  const { page } = window;
  writeFileSync(window.path('plain'), 'what is kept');
  await go('use/files/encrypt');
  await page.getByRole('button', { name: 'Choose…' }).click();
  await window.choose(window.path('plain'));
  await page.getByRole('button', { name: 'Encrypt', exact: true }).click();
  await page.getByText('plain is encrypted under version 1').waitFor();
}

async function requireKey(out: string): Promise<void> {
  const { page } = window;
  await go('use/files/decrypt');
  await page.getByRole('button', { name: 'Choose…' }).click();
  await window.choose(window.path('plain.sr'));
  await page.getByLabel('Write the result somewhere else').check();
  await page.getByRole('button', { name: 'Decrypt', exact: true }).click();
  await window.choose(window.path(out));
  await page.getByText('plain.sr is decrypted').waitFor();
  expect(readFileSync(window.path(out), 'utf8')).toBe('what is kept');
}

describe('a new vault', () => {
  test('offers a recovery sheet before the first key; later is an answer, and the overview says what is missing', async () => {
    const { page } = window;
    await page.getByLabel('Your name').fill('Ada Officer');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Make the vault' }).click();
    await chooseSeal(window);
    await window.choose(window.path('keys.strongroom'));
    await setPassphrase(passphrase);
    await page.getByRole('heading', { name: 'Before the first key' }).waitFor();
    await page.getByRole('button', { name: 'Later' }).click();
    await page.getByText('What is this key for?').waitFor();
    await go('overview');
    await page.getByText('There is no recovery sheet.').waitFor();
  });

  test('a key, and a file under it', async () => {
    await generate('files');
    await encrypt();
  });
});

describe('the recovery sheet', () => {
  test('put off at the words, nothing of it is left', async () => {
    const { page } = window;
    await go('overview');
    await page.getByRole('button', { name: 'Make one…' }).click();
    await beginSheet('Make a recovery sheet…', 'sheet.html');
    const prompt = await window.prompt();
    await prompt.getByLabel('Words of the sheet').waitFor();
    await pressButton(prompt, 'Not now');
    await page.getByText('nothing of one is left on the disk').waitFor();
    expect(() => readFileSync(window.path('sheet.html'))).toThrow('ENOENT');
  });

  test('is read back in the prompt, which names the place of a slip; then the file is to be deleted', async () => {
    const { page } = window;
    await beginSheet('Make a recovery sheet…', 'sheet.html');
    const prompt = await window.prompt();
    const field = prompt.getByLabel('Words of the sheet');
    await field.waitFor();
    const words = wordsOn('sheet.html');
    expect(words.length).toBe(22);
    const read = () => prompt.getByRole('button', { name: 'Read the words' }).click();
    for (const [typed, fault] of [[words.with(4, 'aardwolf'), 'word 5 is none that stands there'], [words.slice(0, 21), 'typed were 21']] as const) {
      await field.fill(typed.join(' '));
      await read();
      await prompt.getByRole('alert').getByText(fault).waitFor();
    }
    await field.fill(words.join('\n').toUpperCase());
    await prompt.getByText('22 of 22 words').waitFor();
    await closes(prompt, read());
    await page.getByText('The sheet opens the vault from now on').waitFor();
    await page.getByText('Now delete sheet.html').waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { name: 'Nothing needs you today' }).waitFor();
    await page.waitForTimeout(200);
    expect(await page.getByText('There is no recovery sheet.').count()).toBe(0);
  });

  test('opens the locked vault with a new passphrase, and the key works; the keys to rotate are named', async () => {
    const { page } = window;
    await lock();
    await page.getByRole('button', { name: 'Recover with the sheet…' }).click();
    await window.answer({ 'Words of the sheet': wordsOn('sheet.html').join(' ') }, 'Read the words');
    await setPassphrase('a wholly other passphrase');
    await page.getByText('The vault was recovered with its sheet, and epoch 2 has begun.').waitFor();
    await page.getByText('There is none. If the passphrase is lost').waitFor();
    await requireKey('after the recovery');
    await page.keyboard.press('Alt+6');
    await page.getByText('1 of 1 key still to rotate').waitFor();
    await page.getByRole('button', { name: 'Rotate files' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('copies of the file hold it');
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate files' }).click();
    await page.getByRole('button', { name: 'Done' }).click();
    await go('vault');
    await page.getByText('Every key of the list was rotated.').waitFor();
  });

  test('is used up; the old passphrase opens nothing, the new one does, and the list of keys went with the lock', async () => {
    const { page } = window;
    await lock();
    await page.getByRole('button', { name: 'Recover with the sheet…' }).click();
    await window.answer({ 'Words of the sheet': wordsOn('sheet.html').join(' ') }, 'Read the words');
    await page.getByText('This vault has no recovery sheet').waitFor();
    await page.getByRole('button', { name: 'Unlock' }).click();
    await unlockWith(passphrase);
    await page.getByText('Nothing was opened').waitFor();
    await page.getByRole('button', { name: 'Unlock' }).click();
    await unlockWith(present);
    await page.getByText('There is no recovery sheet.').waitFor();
    await go('vault');
    await page.getByText('Ways in').first().waitFor();
    expect(await page.getByText('Every key of the list').count()).toBe(0);
  });
});

describe('ways in', () => {
  test('a sheet is removed after the passphrase; the way that opened the vault says why it stays', async () => {
    const { page } = window;
    await beginSheet('Make a recovery sheet…', 'second.html');
    await (await window.prompt()).getByLabel('Words of the sheet').waitFor(); // the page is written by then
    await window.answer({ 'Words of the sheet': wordsOn('second.html').join(' ') }, 'Read the words');
    const sheet = page.getByRole('row', { name: /Recovery sheet/ });
    await sheet.waitFor(); // the table is as it stays: a row that moves under the pointer says nothing
    await page.getByRole('row', { name: /Passphrase/ }).getByRole('button', { name: 'Remove…' }).hover();
    await page.getByText('It opened the vault: open the vault by another way').waitFor();
    await sheet.getByRole('button', { name: 'Remove…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the recovery sheet' }).click();
    await unlockWith(present);
    await page.getByText(/opens this file no more/).waitFor();
    await sheet.waitFor({ state: 'detached' });
  });

  test('another passphrase, while an identity file keeps the one of before: taken in, it opens the vault again', async () => {
    const { page } = window;
    await page.getByRole('button', { name: 'Export my identity…' }).click();
    await window.choose(window.path('ada.strongroom-id'));
    await page.getByText('ada.strongroom-id is written').waitFor();
    const before = present;
    await page.getByRole('button', { name: 'Change the passphrase…' }).click();
    await window.answer({ Passphrase: present }, 'Unlock');
    await setPassphrase('yet another long passphrase');
    await page.getByText('The passphrase was changed').waitFor();
    await page.getByRole('region', { name: 'Identity file' }).getByRole('button', { name: 'Choose…' }).click();
    await window.choose(window.path('ada.strongroom-id'));
    await page.getByRole('button', { name: 'Import the identity' }).click();
    await unlockWith(present);
    await unlockWith(before);
    await page.getByText('The vault opens with the passphrase of the identity file from now on').waitFor();
    present = before;
  });
});

describe('a new epoch', () => {
  test('takes the present passphrase and a new one, and names what to rotate', async () => {
    const { page } = window;
    await page.getByRole('button', { name: 'Begin a new epoch…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Begin the new epoch' }).click();
    await unlockWith(present);
    await setPassphrase('a passphrase of the third epoch');
    await page.getByText('Epoch 3 has begun').waitFor();
    await page.locator('li', { hasText: 'files' }).getByText('versions 1 to 2, active').waitFor();
    await requireKey('after the epoch');
    await lock();
    await page.getByRole('button', { name: 'Unlock' }).click();
    await unlockWith(present);
    await page.getByRole('heading', { name: 'Nothing needs you today' }).waitFor();
    await go('log');
    for (const said of ['Epoch 3 began: everything was sealed anew', 'The vault was recovered with its sheet: epoch 2 began', 'An identity was imported', 'A recovery sheet was removed']) await page.getByText(said).first().waitFor();
  });
});

describe('a token', () => {
  test('is added as a way in, and opens the vault by its PIN alone', async () => {
    const { page } = window;
    await go('tokens');
    await page.locator('li', { hasText: 'SoftHSM 2' }).getByRole('button').first().click();
    await window.answer({ 'Type the': 'libsofthsm2.so', 'Your passphrase': present }, /libsofthsm2.so$/);
    await page.getByRole('link', { name: /officers/ }).waitFor();
    await go('vault');
    await page.getByRole('button', { name: 'Add a token…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^officers \(/).click();
    await dialog.getByText('By the token alone').click();
    await dialog.getByRole('button', { name: 'Add the token' }).click();
    await unlockWith(present);
    await window.answer({ PIN: token.userPin }, 'Enter PIN');
    await page.getByText('The token opens the vault from now on').waitFor();
    await page.getByRole('row', { name: /Token officers/ }).waitFor();
    await lock();
    await page.getByRole('button', { name: 'By a token…' }).click();
    await page.getByRole('menuitem', { name: 'By the token alone' }).click();
    await window.answer({ PIN: token.userPin }, 'Enter PIN');
    await page.getByRole('heading', { name: 'Nothing needs you today' }).waitFor();
    await go('vault');
    await page.getByRole('row', { name: /Token officers.*opened the vault/ }).waitFor();
    await lock();
    await page.getByRole('button', { name: 'Unlock' }).click();
    await unlockWith(present);
    await page.getByRole('heading', { name: 'Nothing needs you today' }).waitFor();
  });
});

describe('a backup', () => {
  const chooseBackup = async () => {
    await window.page.locator('section, .card').filter({ hasText: 'ackup' }).getByRole('button', { name: 'Choose…' }).first().click();
    await window.choose(window.path('keys.strongroom-backup'));
    await window.page.locator('.drop').getByText('keys.strongroom-backup').waitFor();
  };

  test('is made while the vault is open, checked by itself, and rehearsed: what a restore would lose is said', async () => {
    const { page } = window;
    await go('vault');
    await page.getByText('This vault was never backed up.').waitFor();
    await page.getByRole('button', { name: 'Back up now…' }).click();
    await window.answer({ 'Path of the file': window.path('keys.strongroom-backup') }, 'Back up');
    await page.getByText('is written and verified: 1 key').waitFor();
    await page.getByText('The newest backup is of').waitFor();
    await chooseBackup();
    await page.getByRole('button', { name: 'Check it by itself' }).click();
    await unlockWith(present);
    await page.getByText('The backup is whole').waitFor();
    await generate('late');
    await go('vault');
    await chooseBackup();
    await page.getByRole('button', { name: 'Rehearse a restore' }).click();
    await unlockWith(present);
    await page.getByText('It would help').waitFor();
    await page.getByText('1 key and 1 key version made since').waitFor();
  });

  test('is restored at the gate as a new vault in a new epoch; the key works, and what came after is not there', async () => {
    const { page } = window;
    await lock();
    await page.getByRole('button', { name: 'Restore a backup…' }).click();
    await chooseBackup();
    await page.getByRole('button', { name: 'Check it first' }).click();
    await unlockWith(present);
    await page.getByText('Choose it again to restore it').waitFor();
    await chooseBackup();
    await page.getByRole('button', { name: 'Restore as a new vault…' }).click();
    await window.choose(window.path('restored.strongroom'));
    await unlockWith(present);
    await page.getByText(/was restored, and epoch 4 has begun/).waitFor();
    await requireKey('after the restore');
    await go('keys');
    await page.getByText('files').first().waitFor();
    expect(await page.getByText('late', { exact: true }).count()).toBe(0);
  });
});

describe('a damaged vault', () => {
  test('is salvaged into a new one where it does not open: the key works, the losses are named, the damaged file stays', async () => {
    const { page } = window;
    await lock();
    const damaged = readFileSync(window.path('restored.strongroom')).subarray(0, -4096);
    writeFileSync(window.path('damaged.strongroom'), damaged);
    await page.getByRole('button', { name: 'Open another vault' }).click();
    await window.choose(window.path('damaged.strongroom'));
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('vault-truncated').waitFor();
    await page.getByRole('button', { name: 'Salvage what still opens…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Salvage into a new vault…' }).click();
    await window.choose(window.path('salvaged.strongroom'));
    await window.choose(window.path('damaged.strongroom'));
    await unlockWith(present);
    await setPassphrase('the passphrase of the salvaged vault');
    await page.getByText('were saved into this new vault').waitFor();
    await page.getByText(/^(\d+ loss|Nothing was lost)/).first().waitFor();
    await requireKey('after the salvage');
    expect(readFileSync(window.path('damaged.strongroom')).equals(damaged)).toBe(true);
  });
});

test('nothing was complained of: no script error, no violation of the policy of the pages', () => {
  expect(window.complaints).toEqual([]);
});
