/** Keys to another token in a real Chromium: the plan before anything is made, the act at the prompt, the copies on the page of the key, and a copy that takes the place. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lookAt } from '../fixtures/looks.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { addSecondToken } from '../fixtures/twoTokens.ts';
import { makeVault, openWindow } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';
import { askBridge, goTo } from '../fixtures/windowPage.ts';

let token: SoftHsmToken;
let window: TestWindow;
let page: Page;

beforeAll(async () => {
  token = makeSoftHsmToken('officers');
  addSecondToken(token, 'backup');
  window = await openWindow({ environment: token.environment });
  ({ page } = window);
  await makeVault(window);
  await goTo(page, 'tokens');
  await page.locator('li', { hasText: 'SoftHSM 2' }).getByRole('button').first().click();
  await window.approve('libsofthsm2.so');
  await page.getByRole('link', { name: /officers/ }).waitFor();
  const asking = askBridge(page, 'key.generate', { name: 'payroll', purpose: 'data-encryption', algorithm: 'aes-256', place: 'officers', exportable: true });
  await window.answer({ PIN: token.userPin }, 'Enter PIN');
  await asking;
  await askBridge(page, 'key.generate', { name: 'bound', purpose: 'data-encryption', algorithm: 'aes-256', place: 'officers' });
}, 60_000);
afterAll(async () => {
  await window.close();
  token.remove();
});

const dialog = () => page.getByRole('dialog');
/** Each scheme and each size once. */
const twice = [['light', 1280, 800], ['dark', 900, 600]] as const;

test('the plan shows what can go and what stays, and why, before anything is made', async () => {
  await goTo(page, 'tokens');
  await page.getByRole('link', { name: /officers/ }).click();
  await page.getByRole('button', { name: 'Copy keys to…' }).click();
  await dialog().getByRole('radio', { name: /^backup/ }).click({ force: true });
  await dialog().getByRole('button', { name: 'Look ahead…' }).click();
  await window.answer({ PIN: token.userPin }, 'Enter PIN');
  await dialog().getByText('1 of 2 key versions can go').waitFor();
  expect(await dialog().getByRole('region', { name: 'The plan' }).textContent()).toMatch(/payroll version 1.*128 bits of strength of its own 256.*bound version 1.*CKA_EXTRACTABLE is false and can never be changed/);
  await lookAt('copy-plan', page);
});

test('the loss of strength is accepted, the prompt asks for the label, and what came of it is told', async () => {
  await dialog().getByLabel('Let them travel at 128 bits of strength').check();
  await dialog().getByRole('button', { name: 'Copy what can go' }).click();
  await window.approve('backup');
  await dialog().getByText('payroll version 1 is on backup, proved by encryption.').waitFor();
  expect(await dialog().textContent()).toContain('Left out: "bound" version 1 never leaves its place');
  await lookAt('copy-done', page, twice);
  await dialog().getByRole('button', { name: 'Done' }).click();
});

test('the page of the key shows its copies; one takes the place', async () => {
  await goTo(page, 'key/payroll');
  const row = page.getByRole('row', { name: /backup/ });
  expect(await row.textContent()).toMatch(/1.*backup.*encryption.*held/);
  await lookAt('key-copies', page, twice);
  await row.getByRole('button', { name: 'Make it the place' }).click();
  await page.getByRole('row', { name: /officers/ }).waitFor();
  const { key } = await askBridge(page, 'key.show', { key: 'payroll' });
  expect(key).toMatchObject({ place: { name: 'backup' } });
});

test('a copy goes alone: the one that is left where it was', async () => {
  await page.getByRole('button', { name: 'Destroy the copy on officers' }).click();
  await dialog().getByLabel('Why').fill('the token is retired');
  await dialog().getByRole('button', { name: 'Destroy the copy of payroll' }).click();
  await window.approve('payroll');
  await page.getByRole('row', { name: /officers.*destroyed/ }).waitFor();
  await lookAt('key-copy-destroyed', page, twice);
});

test('nothing was complained of: no script error, no violation of the policy of the pages', () => {
  expect(window.complaints).toEqual([]);
});
