/** A lock that comes while a vault is being opened: it does not open after all. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCore, FileGrantTable, SecretBytes } from '../../electron/vault/index.ts';
import type { Core } from '../../electron/vault/index.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let t: TestCore;
let core: Core;
let files: FileGrantTable;
let asked: () => void;
let give: (text: string) => void;
let waits: Promise<void>;

beforeEach(async () => {
  t = makeTestCore();
  await t.create();
  await t.call('vault.lock', {});
  files = new FileGrantTable();
  waits = new Promise((resolve) => {
    asked = resolve;
  });
  const passphrase = () => new Promise<SecretBytes>((resolve) => {
    give = (text) => resolve(SecretBytes.take(new TextEncoder().encode(text)));
    asked();
  });
  const never = () => Promise.reject(new Error('not asked here'));
  core = createCore({ prompt: { passphrase, newPassphrase: passphrase, pin: never, newPin: never, approve: never, confirm: never }, files, clock: { now: () => t.now }, launcher: { isolation: { kind: 'process', sentence: '' }, launch: () => { throw new Error('no module here'); } }, host: { environment: {}, home: t.folder, knownModules: [], attestationIssuers: [] } });
});
afterEach(async () => {
  await core.close();
  await t.close();
});

test.each(['vault.unlock', 'vault.create'] as const)('%s', async (method) => {
  const opening = method === 'vault.unlock' ? core.call(method, { file: files.read(t.vaultPath) }) : core.call(method, { file: files.write(t.path('new.strongroom'), false), person: 'Eve', unlockCost: 'minimum' });
  await waits;
  await core.call('vault.lock', {});
  give(t.answers.passphrase);
  expect(await opening).toMatchObject({ ok: false, error: { code: 'locked' } });
  expect(await core.call('vault.info', {})).toMatchObject({ ok: false, error: { code: 'locked' } });
  expect(await t.unlock()).toMatchObject({ keys: 0 }); // and nobody holds its file
});
