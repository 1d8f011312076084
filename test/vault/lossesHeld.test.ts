/** What fails half way or is laid back by hand costs nothing: a restore that does not come to its epoch, a destroyed key in a damaged vault. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { VaultFile } from '../../electron/vault/unlock/vaultFile.ts';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let t: TestCore;
afterEach(() => t.close());

test('a restore that fails before its epoch gives nothing up: its file is gone, and the vault it was taken of is the vault', async () => {
  const home = makeTestCore();
  t = makeTestCore({ folder: home.folder, anchorsPath: home.path('anchors.json') });
  await t.create();
  await t.call('vault.backup', { out: t.write('b') });
  await t.call('key.generate', { name: 'later', purpose: 'data-encryption', algorithm: 'aes-256' });
  await t.call('vault.lock', {});
  const full = vi.spyOn(VaultFile.prototype, 'renew').mockRejectedValue(new StrongroomError('disk-full', 'the disk is full'));
  expect(await t.refused('vault.restore', { backup: t.read('b'), file: t.write('restored') })).toMatchObject({ code: 'disk-full' });
  full.mockRestore();
  expect(existsSync(t.path('restored'))).toBe(false);
  t.answers.confirm = () => 'no';
  expect(await t.unlock()).toMatchObject({ keys: 1, readOnly: false });
  await home.close();
});

test('a destroyed key that was laid back into a damaged vault stays destroyed in what is salvaged', async () => {
  t = makeTestCore();
  await t.create();
  await t.call('key.generate', { name: 'files', purpose: 'data-encryption', algorithm: 'aes-256' });
  writeFileSync(t.path('plain'), 'secret');
  await t.call('key.encrypt', { key: 'files', in: t.read('plain'), out: t.write('p.sr') });
  await t.call('vault.lock', {});
  copyFileSync(t.vaultPath, t.path('old'));
  await t.unlock();
  await t.call('key.destroy', { key: 'files', reason: 'no longer needed' });
  await t.call('vault.lock', {});
  const laidBack = ['version', '"materialKey"', 'material'].map((table) => `INSERT OR REPLACE INTO main.${table} SELECT * FROM o.${table};`).join(' ');
  execFileSync('sqlite3', [t.vaultPath, `ATTACH '${t.path('old')}' AS o; ${laidBack} DELETE FROM main.entry WHERE seq = (SELECT max(seq) - 1 FROM main.entry);`]);
  const { losses } = await t.call('vault.salvage', { damaged: t.files.read(t.vaultPath), file: t.write('new.strongroom'), unlockCost: 'minimum' });
  expect(losses.length).toBeGreaterThan(0);
  expect(await t.core.call('key.decrypt', { in: t.read('p.sr'), out: t.write('again') })).toMatchObject({ ok: false });
  expect(existsSync(t.path('again'))).toBe(false);
});
