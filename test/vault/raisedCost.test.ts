/** A vault made on a slower computer: an unlock here makes guessing as dear as it should be. The faster computer is a fake: it finds every derivation cheap. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { argon2Floor } from '../../electron/vault/crypto/passphraseKey.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { createVault } from '../../electron/vault/unlock/createVault.ts';
import type { NewVault } from '../../electron/vault/unlock/createVault.ts';
import { unlockVault } from '../../electron/vault/unlock/unlockVault.ts';

const found = { memoryKiB: 128 * 1024, passes: 3, lanes: 4 };

vi.mock('../../electron/vault/crypto/passphraseKey.ts', async (original) => ({ ...(await original<object>()), isCheap: () => true, calibrateArgon2: () => Promise.resolve(found) }));

const folder = mkdtempSync(join(tmpdir(), 'strongroom-raised-'));
const path = join(folder, 'a.strongroom');
const clock = { now: () => Date.now() };
const secret = () => SecretBytes.own(new TextEncoder().encode('correct horse battery'));

async function make(cost: NewVault['cost']): Promise<void> {
  rmSync(path, { force: true });
  (await createVault({ path, personName: 'Ada', passphrase: secret(), cost, clock })).close();
}

async function unlock(readOnly = false): Promise<{ readonly raised: boolean; readonly entries: number }> {
  const { vault, findings } = await unlockVault({ path, passphrase: secret(), clock, readOnly });
  const entries = vault.log.size;
  vault.close();
  return { raised: findings.some((finding) => finding.includes('its cost was raised')), entries };
}

beforeEach(() => make(argon2Floor));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('it is raised once, and the passphrase stays the same', async () => {
  expect(await unlock()).toEqual({ raised: true, entries: 3 });
  expect(await unlock()).toEqual({ raised: false, entries: 4 });
});

test('not in a read-only opening, and not where the least was asked for', async () => {
  expect(await unlock(true)).toEqual({ raised: false, entries: 1 });
  await make('minimum');
  expect(await unlock()).toEqual({ raised: false, entries: 2 });
});

test('never lowered, where the computer is busy', async () => {
  await make({ ...found, memoryKiB: 256 * 1024 });
  expect(await unlock()).toEqual({ raised: false, entries: 2 });
});
