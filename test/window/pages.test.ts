/**
 * Every page, light and dark, at 1280x800 and 900x600: axe finds nothing, nothing scrolls sideways, and a picture of each is kept in `out/screens`
 * to be looked at beside the mock-ups.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wordsOf } from '../../shared/words/pgpWords.ts';
import { lookAt, screens } from '../fixtures/looks.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { closes, makeVault, openWindow, passphrase, pressButton } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';

let token: SoftHsmToken;
let window: TestWindow;

const go = (page: Page, place: string) => page.evaluate((hash) => {
  location.hash = hash;
}, `#/${place}`);

type Bridge = { methods: Record<string, (request: unknown, call: string) => Promise<{ ok: boolean; error?: { message: string } }>> };

/** Through the bridge, as the page would. */
async function ask(page: Page, method: string, request: unknown): Promise<void> {
  const answer = await page.evaluate(async ([name, wanted]) => (globalThis as unknown as { strongroom: Bridge }).strongroom.methods[name as string]?.(wanted, `seed ${Math.random()}`), [method, request] as const);
  if (answer?.ok !== true) throw new Error(`${method}: ${answer?.error?.message}`);
}

/** As long as a name may be, of the widest letters, with nowhere to break it. */
const wide = `${'W'.repeat(47)}-wide`;

const keys = [
  ['payroll', 'data-encryption', 'aes-256', { exportable: true }],
  ['db-at-rest', 'data-encryption', 'aes-256', { originatorDays: 3 }],
  ['payments-kek', 'key-wrapping', 'aes-128', { exportable: true }],
  ['settlement-interchange-eu-west-acquirer-primary', 'data-encryption', 'aes-192', {}],
  ['code-signing-2026', 'signature', 'rsa-3072', {}],
  ['inbox', 'key-transport', 'rsa-2048', {}],
  ['firmware-root', 'signature', 'rsa-2048', { inactive: true }],
  ['build-agent-signing', 'signature', 'rsa-2048', {}],
  ['archive-2023', 'data-encryption', 'aes-256', {}],
  ['backup-2021', 'data-encryption', 'aes-256', {}],
  [wide, 'signature', 'ec-p256', { exportable: true }],
] as const;

async function seed(): Promise<void> {
  const { page } = window;
  for (const [name, purpose, algorithm, more] of keys) await ask(page, 'key.generate', { name, purpose, algorithm, ...more });
  await ask(page, 'key.rotate', { key: 'payroll', reason: 'the quarter is over' });
  await ask(page, 'key.rotate', { key: 'payroll', reason: 'the next one too' });
  await ask(page, 'key.compromise', { key: 'build-agent-signing', reason: 'laptop stolen' });
  await ask(page, 'key.deactivate', { key: 'archive-2023' });
  await ask(page, 'key.suspend', { key: 'backup-2021', reason: 'audit of the host' });
  await addToken();
  await addRecipient();
}

async function addToken(): Promise<void> {
  const { page } = window;
  await go(page, 'tokens');
  await page.locator('li', { hasText: 'SoftHSM 2' }).getByRole('button').first().click();
  await window.approve('libsofthsm2.so');
  await page.getByRole('link', { name: /officers/ }).waitFor();
  const made = ask(page, 'key.generate', { name: 'release', purpose: 'signature', algorithm: 'rsa-2048', place: 'officers' });
  await window.answer({ PIN: token.userPin }, 'Enter PIN');
  await made;
}

async function addRecipient(): Promise<void> {
  const { page } = window;
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: window.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072', '-out', 'bank.key');
  openssl('pkey', '-in', 'bank.key', '-pubout', '-out', 'bank.pem');
  const fingerprint = createHash('sha256').update(openssl('pkey', '-pubin', '-in', 'bank.pem', '-pubout', '-outform', 'DER')).digest('hex');
  await go(page, 'recipients');
  await page.getByRole('button', { name: 'Add a recipient' }).click();
  await page.getByLabel('Name').fill('Acquirer North HSM');
  await page.getByRole('button', { name: 'Choose…' }).click();
  await window.choose(window.path('bank.pem'));
  await page.getByRole('button', { name: 'Add Acquirer North HSM' }).click();
  await window.answer({ 'Type the words': wordsOf(fingerprint).slice(0, 12).join(' ') }, 'Add Acquirer');
  await page.getByRole('heading', { name: 'Acquirer North HSM' }).waitFor();
  await go(page, 'distribute/payroll');
  await page.getByText('Acquirer North HSM', { exact: true }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel(/I accept/).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Wrap payroll' }).click();
  await window.choose(window.path('payroll.oaep'));
  await window.approve('payroll');
  await page.getByText('was handed over').waitFor();
}

beforeAll(async () => {
  token = makeSoftHsmToken('officers');
  window = await openWindow({ environment: token.environment });
}, 60_000);
afterAll(async () => {
  await window.close();
  token.remove();
});

const promptSize = [['light', 420, 520], ['dark', 420, 520]] as const;

describe('before a vault is open', () => {
  test('first run', async () => {
    await window.page.getByText('Make your first vault').waitFor();
    await lookAt('first-run', window.page);
  });

  test('a vault is made, and filled', async () => {
    await makeVault(window);
    await window.page.screenshot({ path: join(screens, 'overview-empty-1280-light.png') });
    await seed();
  }, 120_000);
});

/** How each page is reached, and what shows that it is there. */
interface Shown {
  readonly name: string;
  readonly place: string;
  readonly there: string;
  readonly then?: (page: Page) => Promise<unknown>;
}

const rows: readonly (readonly [string, string, string] | readonly [string, string, string, (page: Page) => Promise<unknown>])[] = [
  ['overview', 'overview', 'Health by purpose'],
  ['keys', 'keys', 'db-at-rest'],
  ['key', 'key/payroll', 'What may be done now'],
  ['key-rotate', 'key/payroll/rotate', 'Rotate payroll'],
  ['key-destroy', 'key/payroll/destroy', 'Destroy payroll', (page) => page.getByRole('dialog').getByLabel('Why').fill('replaced')],
  ['record', 'record/payroll', 'Record of the key payroll'],
  ['generate', 'generate', 'What is this key for?'],
  ['generate-place', 'generate', 'What is this key for?', async (page) => {
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText(/^officers/).waitFor();
    await page.getByText('Recommended').waitFor();
  }],
  ['use-encrypt', 'use/payroll', 'File to encrypt'],
  ['use-sign', 'use/release', 'Files to sign'],
  ['use-verify', 'use/release/verify', 'Their signatures'],
  ['distribute', 'distribute/payroll', 'Who gets it?', (page) => page.getByText('Acquirer North HSM', { exact: true }).click()],
  ['import', 'import', 'Import a key'],
  ['recipients', 'recipients', 'Compare: type what'],
  ['tokens', 'tokens', 'PINs, in words', async (page) => {
    await page.getByRole('button', { name: 'Look inside…' }).click();
    await page.getByText('Expected and found').waitFor();
  }],
  ['log', 'log', 'Outcome', (page) => page.getByRole('button', { name: 'Show the proof' }).click()],
  ['vault', 'vault', 'Ways in', (page) => page.getByText('Would it help?').waitFor()],
  ['vault-backup', 'vault', 'Ways in', (page) => page.getByText('Would it help?').scrollIntoViewIfNeeded()],
  ['vault-lower', 'vault', 'Ways in', (page) => page.getByText('Words of its genesis').scrollIntoViewIfNeeded()],
  ['vault-epoch', 'vault', 'Ways in', (page) => page.getByRole('button', { name: 'Begin a new epoch…' }).click()],
  ['sheet', 'sheet/generate', 'Before the first key'],
  ['settings', 'settings', 'Your unlock'],
  ['wide-key', `key/${wide}`, 'What may be done now'],
  ['wide-destroy', `key/${wide}/destroy`, 'Cannot be undone'],
  ['wide-sign', `use/${wide}`, 'Files to sign'],
  ['wide-distribute', `distribute/${wide}`, 'Who gets it?'],
  ['wide-record', `record/${wide}`, 'Record of the key'],
];
const places: readonly Shown[] = rows.map(([name, place, there, then]) => ({ name, place, there, ...(then === undefined ? {} : { then }) }));

describe('with a vault open', () => {
  test.each(places)('$name', async ({ name, place, there, then }) => {
    const { page } = window;
    await page.setViewportSize({ width: 1280, height: 800 });
    await go(page, 'settings');
    await go(page, 'overview');
    await go(page, place);
    await page.getByText(there).first().waitFor();
    await then?.(page);
    await page.waitForTimeout(300);
    await lookAt(name, page);
    await page.keyboard.press('Escape');
  });

  test('palette, and the keys of the keyboard', async () => {
    const { page } = window;
    await go(page, 'overview');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Find a key or an action').fill('pay');
    await page.getByRole('button', { name: /^payroll/ }).first().waitFor();
    await lookAt('palette', page);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: /need/ }).click();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await lookAt('keyboard', page, [['light', 1280, 800]]);
    await page.keyboard.press('Escape');
  });

  test('at 200 % zoom nothing is lost sideways', async () => {
    const { page } = window;
    for (const place of ['overview', 'keys', 'key/payroll', 'settings', 'log']) {
      await go(page, place);
      await page.setViewportSize({ width: 640, height: 400 }); // 1280 x 800 at 200 %
      await page.waitForTimeout(100);
      await page.screenshot({ path: join(screens, `zoom-${place.replace('/', '-')}.png`) });
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), place).toBe(true);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('in forced colours states keep their shapes', async () => {
    const { page } = window;
    await page.emulateMedia({ forcedColors: 'active' });
    await go(page, 'keys');
    await page.getByText('db-at-rest').first().waitFor();
    await page.screenshot({ path: join(screens, 'keys-forced-colors.png') });
    expect(await page.locator('.krow svg').count()).toBeGreaterThan(5);
    await page.emulateMedia({ forcedColors: 'none' });
  });
});

describe('the prompt', () => {
  /** Asks something that opens the prompt, looks at it, and puts it off. */
  async function lookAtPrompt(name: string, method: string, request: unknown): Promise<void> {
    const { page } = window;
    const asked = page.evaluate(async ([wanted, fields]) => (globalThis as unknown as { strongroom: Bridge }).strongroom.methods[wanted as string]?.(fields, `prompt ${Math.random()}`), [method, request] as const);
    const prompt = await window.prompt();
    await lookAt(name, prompt, promptSize);
    await page.screenshot({ path: join(screens, `${name}-behind.png`) });
    // A good answer or a putting-off ends it; two refusals in a row would pause the prompt.
    if (name === 'prompt-seal') await closes(prompt, prompt.locator('.tile').nth(5).click());
    else await pressButton(prompt, 'Not now');
    await asked;
  }

  test.each([
    ['prompt-destroy', 'key.destroy', { key: 'payroll', version: 1, reason: 'replaced' }],
    ['prompt-seal', 'host.chooseSeal', {}],
    ['prompt-file', 'host.chooseFile', { use: 'export-log', name: 'log.jsonl' }],
    ['prompt-seal', 'host.chooseSeal', {}],
    ['prompt-passwd', 'vault.passwd', {}],
    ['prompt-seal', 'host.chooseSeal', {}],
  ])('%s', async (name, method, request) => {
    await lookAtPrompt(name, method, request);
  });
});

describe('a recovery', () => {
  test('the sheet is made, the words at the prompt, what is left to do, and a backup', async () => {
    const { page } = window;
    await go(page, 'sheet');
    await page.getByRole('button', { name: 'Make a recovery sheet…' }).click();
    await window.choose(window.path('sheet.html'));
    await window.answer({ Passphrase: passphrase }, 'Unlock');
    const prompt = await window.prompt();
    await prompt.getByLabel('Words of the sheet').waitFor();
    const words = [...readFileSync(window.path('sheet.html'), 'utf8').matchAll(/<li>(\w+)<\/li>/g)].map(([, word]) => word);
    await prompt.getByLabel('Words of the sheet').fill(words.join(' '));
    await lookAt('prompt-words', prompt, promptSize);
    await pressButton(prompt, 'Read the words');
    await page.getByText('The sheet opens the vault from now on').waitFor();
    await lookAt('sheet-made', page);
    await go(page, 'vault');
    await page.getByRole('button', { name: 'Back up now…' }).click();
    await window.answer({ 'Path of the file': window.path('keys.strongroom-backup') }, 'Back up');
    await page.getByText('is written and verified').waitFor();
    await page.getByRole('button', { name: 'Rehearse with a copy taken now' }).click();
    await window.answer({ Passphrase: passphrase }, 'Unlock');
    await page.getByText('It would help').scrollIntoViewIfNeeded();
    await lookAt('vault-drilled', page);
    await page.keyboard.press('Control+l');
    await page.getByRole('button', { name: 'Recover with the sheet…' }).click();
    await window.answer({ 'Words of the sheet': words.join(' ') }, 'Read the words');
    await window.answer({ 'New passphrase': passphrase, 'The same again': passphrase }, 'Set passphrase');
    await page.getByText('The vault was recovered with its sheet').waitFor();
    await lookAt('vault-recovered', page);
  }, 60_000);
});

describe('locked', () => {
  test('the gate with a vault that was opened before, and a wrong passphrase', async () => {
    const { page } = window;
    await page.keyboard.press('Control+l');
    await page.getByRole('button', { name: 'Unlock' }).waitFor();
    await page.getByText('Words of its genesis').click();
    await lookAt('unlock', page);
    await page.getByRole('button', { name: 'Unlock' }).click();
    const prompt = await window.prompt();
    await lookAt('prompt-passphrase', prompt, promptSize);
    await window.answer({ Passphrase: 'not the passphrase' }, 'Unlock');
    await page.getByText('Nothing was opened').waitFor();
    await lookAt('unlock-wrong', page);
  });

  test('a backup to restore', async () => {
    const { page } = window;
    await page.getByRole('button', { name: 'Restore a backup…' }).click();
    await page.getByRole('heading', { name: 'Restore a backup' }).waitFor();
    await lookAt('restore', page);
  });

  test('a damaged vault: looked at, or salvaged', async () => {
    const { page } = window;
    const bytes = readFileSync(window.path('keys.strongroom'));
    writeFileSync(window.path('damaged.strongroom'), bytes.subarray(0, bytes.length - 5 * 4096));
    await page.getByRole('button', { name: 'Open another vault' }).click();
    await window.choose(window.path('damaged.strongroom'));
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('vault-truncated').waitFor();
    await lookAt('unlock-damaged', page);
    await page.getByRole('button', { name: 'Salvage what still opens…' }).click();
    await page.getByRole('dialog').waitFor();
    await lookAt('salvage', page);
  });
});
