/** Interrupted work in the window: the overview says that it waits, a button asks the token, and each piece is told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomBytes } from '../../electron/vault/crypto/random.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { put, VaultRecords } from '../../electron/vault/records/vaultRecords.ts';
import { unlockVault } from '../../electron/vault/unlock/unlockVault.ts';
import { axeFindings } from '../fixtures/axe.ts';
import { rememberVaults } from '../fixtures/badMoments.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import { openWindow, passphrase } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-interrupted-'));
let token: SoftHsmToken;
let window: TestWindow;

/** A vault whose program was ended while the token signed, a quarter of an hour ago. */
async function makeInterrupted(): Promise<string> {
  const t = makeTestCore({ folder, token });
  t.answers.newPassphrase = passphrase;
  t.answers.passphrase = passphrase;
  await t.create();
  await t.call('token.add', { module: t.files.read(token.modulePath) });
  await t.call('key.generate', { name: 'release', purpose: 'signature', algorithm: 'rsa-2048', place: 'officers' });
  await t.close();
  const { vault } = await unlockVault({ path: t.vaultPath, passphrase: () => Promise.resolve(SecretBytes.own(new TextEncoder().encode(passphrase))), clock: { now: () => t.now } });
  const records = new VaultRecords(vault);
  const key = records.key('release');
  const record = { act: 'key.sign', at: t.now - 15 * 60 * 1000, entry: vault.log.size, key: key.id, version: records.version(key).id, place: key.record.place };
  vault.commit({ kind: 'intent', body: { act: 'key.sign' }, puts: [put('intent', randomBytes(16), record)] });
  vault.close();
  return t.vaultPath;
}

beforeAll(async () => {
  token = makeSoftHsmToken('officers');
  rememberVaults(folder, [await makeInterrupted()]);
  window = await openWindow({ folder, environment: token.environment });
});
afterAll(async () => {
  await window.close();
  token.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('waits in the overview, is settled at the click of a button with the PIN of its token, and is gone', async () => {
  const { page } = window;
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await window.answer({ Passphrase: passphrase }, 'Unlock');
  const panel = page.getByRole('region', { name: 'Interrupted work' });
  await panel.getByText('1 piece of work ended in the middle').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await panel.getByRole('button', { name: 'Settle now' }).click();
  await window.answer({ PIN: token.userPin }, 'Enter PIN');
  await panel.getByText(/key\.sign on the token officers, begun .*: the use is counted/i).waitFor();
  await panel.getByRole('button', { name: 'Settle now' }).waitFor({ state: 'detached' });
  await page.evaluate("location.hash = '#/keys'");
  await page.evaluate("location.hash = '#/'");
  await page.getByRole('region', { name: 'What the unlock found' }).waitFor();
  expect(await panel.count()).toBe(0);
});
