/** NSS softokn through the one door: its parameters are a field of the module's entry, approved and kept; its token is initialised, and its keys are used. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nssModulePath, nssParameters } from '../fixtures/nssToken.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let t: TestCore;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-nss-'));
  t = makeTestCore();
  await t.create();
  writeFileSync(t.path('in'), 'to be signed');
}, 60_000);
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

test('token add: what the module is told stands in the sentence and in the log', async () => {
  const parameters = nssParameters(folder, 'nss');
  const { tokens } = await t.call('token.add', { module: t.files.read(nssModulePath()), parameters });
  expect(tokens.map(({ label }) => label)).toContain('nss');
  expect(t.asked.at(-1)?.details).toContain(`it is told when it starts: ${parameters}`);
  expect(JSON.stringify(await t.call('audit.list', {}))).toContain('dbTokenDescription');
  expect(await t.refused('token.add', { module: t.files.read(nssModulePath()), parameters: 'a\nb' })).toMatchObject({ code: 'request-invalid' });
});

test('token init sets its first PIN, and the parameters last over a lock', async () => {
  const found = (await t.call('token.list', {})).tokens.find(({ label }) => label === 'nss');
  expect(found?.condition).toEqual(['it is not initialised']);
  await t.call('token.init', { module: nssModulePath(), slot: found?.slot ?? -1, label: 'nss' });
  await t.call('vault.lock', {});
  await t.unlock();
  expect((await t.call('token.list', {})).tokens.find(({ label }) => label === 'nss')?.condition).toEqual(['ready']);
});

test('a key on it signs and is destroyed', async () => {
  await t.call('key.generate', { name: 'signer', purpose: 'signature', algorithm: 'ec-p256', place: 'nss' });
  await t.call('key.sign', { key: 'signer', files: [t.read('in')], signatures: [t.write('in.sig')], mechanism: 'ecdsa-sha256' });
  expect(await t.call('key.verify', { key: 'signer', in: t.read('in'), signature: t.read('in.sig'), mechanism: 'ecdsa-sha256' })).toMatchObject({ valid: true });
  expect((await t.call('key.destroy', { key: 'signer', reason: 'done' })).certificate).toMatchObject({ objectsDestroyed: 2, objectsAfter: 0 });
});

test('what it can do is asked of it: no Edwards curves', async () => {
  const info = await t.call('token.info', { token: 'nss' });
  expect(info.keys).toEqual([]);
  expect(info.algorithms).toEqual(expect.arrayContaining(['aes-256', 'hmac-sha256', 'rsa-2048', 'ec-p521']));
  expect(info.algorithms).not.toContain('ed25519');
});
