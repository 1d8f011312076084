/** Keys on a token in a real Chromium: what it cannot do is said before a key is asked of it, and keys that others made on it are taken in. */
import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropFiles } from '../fixtures/droppedFiles.ts';
import { lookAt } from '../fixtures/looks.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeVault, openWindow } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';
import { goTo } from '../fixtures/windowPage.ts';

let token: SoftHsmToken;
let window: TestWindow;
let page: Page;

const pkcs11Tool = (...args: string[]) => token.run('pkcs11-tool', ['--module', token.modulePath, '--token-label', 'officers', '--login', '--pin', token.userPin, ...args]);
const go = (place: string) => goTo(page, place);

beforeAll(async () => {
  token = makeSoftHsmToken('officers');
  window = await openWindow({ environment: token.environment });
  ({ page } = window);
  await makeVault(window);
  pkcs11Tool('--keypairgen', '--key-type', 'EC:prime256v1', '--label', 'their-signer', '--id', '0a10', '--usage-sign');
  pkcs11Tool('--keygen', '--key-type', 'AES:32', '--label', 'their-everything', '--id', '0b', '--extractable');
  await go('tokens');
  await page.locator('li', { hasText: 'SoftHSM 2' }).getByRole('button').first().click();
  await window.approve('libsofthsm2.so');
  await page.getByRole('link', { name: /officers/ }).waitFor();
}, 60_000);
afterAll(async () => {
  await window.close();
  token.remove();
});

describe('a key that another program made on the token', () => {
  test('is shown with its algorithm, what it may do and what is unsafe', async () => {
    await page.getByRole('button', { name: 'Look inside…' }).click();
    await window.answer({ PIN: token.userPin }, 'Enter PIN');
    const row = page.getByRole('row', { name: /their-signer/ });
    await row.waitFor();
    expect(await row.textContent()).toMatch(/EC P-256[\s\S]*0A10[\s\S]*signs/i);
    expect(await page.getByRole('row', { name: /their-everything/ }).textContent()).toMatch(/AES-256[\s\S]*may be wrapped out[\s\S]*unsafe/);
    await lookAt('token-found', page);
  });

  test('is adopted for a purpose that its attributes allow, and signs; openssl verifies', async () => {
    await page.getByRole('button', { name: 'Adopt their-signer…' }).click();
    await page.getByRole('dialog').getByRole('radio', { name: /^Signature/ }).waitFor({ state: 'attached' });
    expect(await page.getByRole('dialog').getByRole('radio', { name: /^Key agreement/ }).count()).toBe(0);
    await lookAt('adopt', page);
    await page.getByRole('dialog').getByRole('radio', { name: /^Signature/ }).click({ force: true });
    await page.getByLabel('Name here').fill('release');
    await page.getByRole('button', { name: 'Adopt release' }).click();
    await page.getByRole('heading', { name: 'release' }).waitFor();
    await page.getByText('was on the token already').waitFor();
    writeFileSync(window.path('app.tar'), 'the application');
    await go('use/release');
    await dropFiles(page, [window.path('app.tar')]);
    await page.getByRole('button', { name: 'Sign 1 file' }).click();
    await page.getByText('1 signed').waitFor();
    writeFileSync(window.path('release.der'), pkcs11Tool('--read-object', '--type', 'pubkey', '--id', '0a10'));
    expect(execFileSync('openssl', ['dgst', '-sha256', '-verify', 'release.der', '-keyform', 'DER', '-signature', 'app.tar.sig', 'app.tar'], { cwd: window.folder }).toString()).toContain('Verified OK');
    await go('tokens');
    await page.getByRole('button', { name: 'Look inside…' }).click();
    await page.getByRole('link', { name: 'release version 1' }).waitFor();
  });

  test('is unproven where its token attests nothing, and says so wherever it is shown; the attestation of another key is not taken', async () => {
    await go('key/release');
    const block = page.getByRole('region', { name: 'Attestation' });
    await block.getByText('This token attests nothing.').waitFor();
    expect(await block.locator('[data-verdict]').textContent()).toBe('unproven');
    await lookAt('attestation', page);
    await block.getByRole('button', { name: 'Take from the token' }).click();
    await block.getByText(/^Verified, log entry \d+/).waitFor();
    await block.getByRole('button', { name: 'From a file…' }).click();
    await window.answer({ 'Path of the file': join(import.meta.dirname, '../fixtures/attestations/yubikey-5.7.4.pem') }, 'Read');
    await block.getByText('no attestation of this key', { exact: false }).waitFor();
    await page.setViewportSize({ width: 1280, height: 800 });
    await go('keys');
    await page.getByRole('gridcell', { name: 'officers, unproven' }).waitFor();
    expect(await page.getByLabel('The key release').textContent()).toContain('unproven');
  });
});

test("somebody's attestation is verified from files, with the number that its device must have", async () => {
  await go('use/release/attestation');
  await dropFiles(page, [join(import.meta.dirname, '../fixtures/attestations/yubikey-5.7.4.pem')]);
  await page.getByLabel(/^Serial number/).fill('32718477');
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await page.getByText('The YubiKey with the serial number 32718477 made the key itself', { exact: false }).waitFor();
  expect(await page.locator('[data-verdict]').textContent()).toBe('generated on device');
  await lookAt('attestation-verified', page, [['light', 900, 600], ['dark', 1280, 800]]);
  await page.setViewportSize({ width: 1280, height: 800 });
});

describe('a key that is asked of the token', () => {
  test('what it cannot make is shown with the reason, and is not chosen; what is proposed is what it can', async () => {
    await go('generate/signature');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText(/^officers \(/).click();
    await page.getByRole('button', { name: 'Ask the token…' }).click();
    await page.getByText('Recommended').waitFor();
    const refused = page.getByRole('radio', { name: /^ML-DSA-65/ });
    await refused.click({ force: true });
    expect(await refused.isChecked()).toBe(false);
    await page.getByText('officers does not make it').first().waitFor();
    await page.getByText('officers does not make it').first().scrollIntoViewIfNeeded();
    await lookAt('generate-token', page);
    await page.getByRole('radio', { name: /^EC P-384/ }).click({ force: true });
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('Name').fill('on-token');
    await page.getByRole('button', { name: 'Continue' }).click();
    const asked = page.getByRole('region', { name: 'What the token is asked for' });
    await asked.getByText('CKA_SENSITIVE').waitFor();
    expect(await asked.textContent()).toMatch(/It never leaves, not even wrapped[\s\S]*It signs/);
    await lookAt('generate-review-token', page);
    await page.getByRole('button', { name: 'Generate on-token' }).click();
    await page.getByRole('heading', { name: 'on-token' }).waitFor();
    const guards = page.getByRole('region', { name: 'Who guards it' });
    await guards.getByText('Guarded by the token, and Strongroom.').first().waitFor();
    await guards.scrollIntoViewIfNeeded();
    await lookAt('key-guards', page);
    expect(pkcs11Tool('--list-objects').toString()).toContain('on-token v1');
  });
});

describe('a token that is pulled and put back', () => {
  const folders = () => {
    const tokens = join(token.folder, 'tokens');
    const own = readdirSync(tokens).find((name) => statSync(join(tokens, name)).isDirectory()) ?? '';
    return [join(tokens, own), join(token.folder, 'away')] as const;
  };
  const compare = () => page.getByRole('button', { name: 'Compare…' }).click();

  test('is said to be gone wherever one is; what should be on it is shown meanwhile', async () => {
    await go('tokens');
    await compare();
    await page.getByText('It was looked at for the first time').waitFor();
    const [here, away] = folders();
    await go('log');
    renameSync(here, away);
    await page.getByRole('alert').filter({ hasText: 'officers is gone' }).waitFor({ timeout: 3000 });
    await go('tokens');
    await page.getByRole('region', { name: 'Should be on it' }).getByRole('link', { name: 'release version 1' }).waitFor();
    await lookAt('token-absent', page);
    await page.getByRole('button', { name: 'Forget officers' }).click();
    await page.getByText('TOKEN-2').waitFor();
    renameSync(away, here);
    await page.getByRole('alert').filter({ hasText: 'officers is there' }).getByRole('link', { name: 'Compare it…' }).click();
    await page.getByRole('button', { name: 'Compare…' }).waitFor();
  });

  test('each difference is named, with what to do; keys of others are kept as they are once somebody says so', async () => {
    pkcs11Tool('--keygen', '--key-type', 'AES:16', '--label', 'new-here', '--id', '0c');
    pkcs11Tool('--delete-object', '--type', 'privkey', '--id', '0a10');
    await compare();
    await window.answer({ PIN: token.userPin }, 'Enter PIN');
    const differences = page.getByRole('region', { name: 'Differences' });
    await differences.getByRole('row', { name: /Missing release version 1/ }).waitFor();
    expect(await differences.getByRole('row', { name: /new-here/ }).textContent()).toContain('It was not there before');
    await lookAt('token-differences', page);
    await differences.getByRole('button', { name: 'Keep as they are now' }).click();
    await differences.getByText('Kept: from now on this is expected.').waitFor();
    await compare();
    await differences.getByRole('row', { name: /new-here/ }).waitFor({ state: 'detached' });
    expect(await differences.getByRole('row').count(), 'its head, and the key of the vault').toBe(2);
  });
});

describe("the token's PIN", () => {
  test('is changed at the prompt, which says what lengths the token takes, and proved', async () => {
    await go('tokens');
    await page.getByRole('button', { name: 'Change…', exact: true }).click();
    const prompt = await window.prompt();
    expect(await prompt.getByText('it has 4 to 255 bytes').textContent()).toContain('a letter outside of ASCII counts more than one');
    await window.answer({ PIN: token.userPin }, 'Enter PIN');
    await window.answer({ 'New PIN': 'Schlüssel-5', 'The same again': 'Schlüssel-5' }, 'Set PIN');
    await page.getByText('The PIN was changed.').waitFor();
    await page.getByRole('button', { name: 'Prove…' }).click();
    await window.answer({ PIN: token.userPin }, 'Enter PIN');
    await page.getByText('is wrong', { exact: false }).first().waitFor();
    await lookAt('token-pin-wrong', page);
    await page.getByRole('button', { name: 'Prove…' }).click();
    await window.answer({ PIN: 'Schlüssel-5' }, 'Enter PIN');
    await page.getByText('The PIN is right.').waitFor();
  });
});

test('nothing was complained of: no script error, no violation of the policy of the pages', () => {
  expect(window.complaints).toEqual([]);
});
