/** The file of the open vault is no input and no output: reading it would drop the lock that keeps others out, writing it would be the end of the vault. */
import { spawnSync } from 'node:child_process';
import { linkSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MethodName } from '../../shared/ipc/contract.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const cli = fileURLToPath(new URL('../../electron/cli/strongroom.cjs', import.meta.url));
let t: TestCore;

beforeEach(async () => {
  t = makeTestCore();
  await t.create();
  await t.call('key.generate', { name: 'files', purpose: 'data-encryption', algorithm: 'aes-256' });
  writeFileSync(t.path('pass'), t.answers.passphrase);
});
afterEach(() => t.close());

/** Whether another program can open the vault. */
function openedElsewhere(): boolean {
  const { status } = spawnSync(process.execPath, [cli, 'key', 'list', '--vault', t.vaultPath, '--passphrase-file', t.path('pass')], { env: { PATH: process.env['PATH'], HOME: t.folder } });
  return status === 0;
}

const reading: readonly (readonly [MethodName, (file: string) => object])[] = [
  ['key.encrypt', (file) => ({ key: 'files', in: file, out: t.write('out') })],
  ['key.decrypt', (file) => ({ in: file, out: t.write('out') })],
  ['vault.drill', (backup) => ({ backup })],
  ['vault.backupCheck', (backup) => ({ backup })],
  ['identity.import', (identity) => ({ identity })],
  ['audit.verify', (log) => ({ log })],
  ['recipient.add', (key) => ({ name: 'bank', key })],
  ['token.add', (module) => ({ module })],
];

test.each(reading)('%s does not read it, and the vault stays closed to others', async (method, request) => {
  for (const name of ['test.strongroom', 'soft', 'hard']) {
    if (name === 'soft') symlinkSync(t.vaultPath, t.path(name));
    if (name === 'hard') linkSync(t.vaultPath, t.path(name));
    expect(await t.refused(method, request(t.read(name)) as never), name).toMatchObject({ code: 'vault-in-use' });
  }
  expect(openedElsewhere()).toBe(false);
  await t.call('key.generate', { name: 'later', purpose: 'data-encryption', algorithm: 'aes-256' });
});

test('no result goes over it, and no sheet that was not typed back takes it along', async () => {
  const over = () => t.files.write(t.vaultPath, true);
  for (const [method, request] of [['identity.export', { out: over() }], ['audit.export', { out: over() }], ['vault.backup', { out: over() }], ['vault.recoverySheet', { out: over() }]] as const)
    expect(await t.refused(method, request as never), method).toMatchObject({ code: 'vault-in-use' });
  await t.call('key.generate', { name: 'later', purpose: 'data-encryption', algorithm: 'aes-256' });
  await t.call('vault.lock', {});
  expect(await t.unlock()).toMatchObject({ keys: 2 });
});
