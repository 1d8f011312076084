/** A vault of format 1 and a file it encrypted, written once and kept: every later version of the program must open them. */
import { copyFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeTestCore } from '../fixtures/testCore.ts';

const stored = (name: string) => fileURLToPath(new URL(`../fixtures/vaults/${name}`, import.meta.url));

test('a vault of format 1 opens, checks, and decrypts what it encrypted', async () => {
  const t = makeTestCore();
  copyFileSync(stored('v1.strongroom'), t.vaultPath);
  copyFileSync(stored('v1.encrypted'), t.path('encrypted'));
  t.now = Date.UTC(2026, 10, 20, 10);
  const { findings } = await t.unlock();
  const raised = findings.some((finding) => finding.includes('its cost was raised')) ? 1 : 0; // its cost was that of another computer
  const { genesisFingerprint, entries } = await t.call('audit.verify', {});
  expect([genesisFingerprint.slice(0, 16), entries]).toEqual(['7a76ce1967227184', 10 + raised]);
  const { keys } = await t.call('key.list', {});
  expect(keys.map(({ name, algorithm, state }) => `${name} ${algorithm} ${state}`)).toEqual(['files aes-256 active', 'releases rsa-2048 active']);
  await t.call('vault.check', {});
  await t.call('key.decrypt', { in: t.read('encrypted'), out: t.write('plain') });
  expect(readFileSync(t.path('plain'), 'utf8')).toBe('what version 1 wrote\n');
  await t.close();
});

test('a vault of format 1 in its second epoch opens, and by its recovery sheet; its backup of before is whole', async () => {
  const t = makeTestCore();
  copyFileSync(stored('v1-epoch.strongroom'), t.vaultPath);
  copyFileSync(stored('v1-epoch.encrypted'), t.path('encrypted'));
  copyFileSync(stored('v1.strongroom-backup'), t.path('backup'));
  t.now = Date.UTC(2026, 10, 29, 10);
  expect(await t.unlock()).toMatchObject({ epoch: 2, genesisFingerprint: expect.stringMatching(/^fac12bc71c186cfa/) });
  await t.call('vault.lock', {});
  t.answers.words = () => readFileSync(stored('v1-epoch.words'), 'utf8');
  expect(await t.call('vault.recover', { file: t.files.read(t.vaultPath), unlockCost: 'minimum' })).toMatchObject({ vault: { epoch: 3 } });
  await t.call('vault.check', {});
  await t.call('key.decrypt', { in: t.read('encrypted'), out: t.write('plain') });
  expect(readFileSync(t.path('plain'), 'utf8')).toBe('what version 1 wrote\n');
  expect(await t.call('vault.backupCheck', { backup: t.read('backup') })).toMatchObject({ keys: 1 });
  await t.close();
});
