/** Keys on a real token through the one door: seen by other programs, compared with the vault, destroyed and looked for, and settled after an interruption. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomBytes } from '../../electron/vault/crypto/random.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { put, VaultRecords } from '../../electron/vault/records/vaultRecords.ts';
import { unlockVault } from '../../electron/vault/unlock/unlockVault.ts';
import { openToken } from '../fixtures/openModules.ts';
import { softHsmModulePath } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { makeTokenCore } from '../fixtures/tokenCore.ts';

let token: SoftHsmToken;
let t: TestCore;
const pkcs11Tool = (...args: string[]) => token.pkcs11Tool(...args);

beforeAll(async () => {
  ({ token, t } = await makeTokenCore('officers'));
  writeFileSync(t.path('in'), 'to be signed');
}, 60_000);
afterAll(async () => {
  await t.close();
  token.remove();
});

test('TOKEN-1: a module is pinned, known ones are suggested, and its tokens are listed in words', async () => {
  const { modules, isolation } = await t.call('token.modules', {});
  expect(modules.find(({ status }) => status === 'pinned')).toMatchObject({ name: 'SoftHSM 2' });
  expect(isolation).toContain('process of their own');
  const { tokens } = await t.call('token.list', {});
  expect(tokens.find(({ label }) => label === 'officers')).toMatchObject({ serial: token.serial, condition: ['ready'], present: true });
});

test('a key that Strongroom made is seen and used by pkcs11-tool, and the other way round', async () => {
  await t.call('key.generate', { name: 'release', purpose: 'signature', algorithm: 'rsa-2048', place: 'officers' });
  expect(pkcs11Tool('--list-objects')).toContain('release v1');
  pkcs11Tool('--sign', '--mechanism', 'SHA256-RSA-PKCS', '--label', 'release v1', '--input-file', t.path('in'), '--output-file', t.path('tool.sig'));
  expect(await t.call('key.verify', { key: 'release', in: t.read('in'), signature: t.read('tool.sig'), mechanism: 'rsa-pkcs1-sha256' })).toMatchObject({ valid: true });
  pkcs11Tool('--keygen', '--key-type', 'AES:32', '--label', 'somebody else', '--id', 'abcd');
  const info = await t.call('token.info', { token: 'officers' });
  expect(info.keys.find(({ label }) => label === 'release v1')?.knownAs).toBe('release version 1');
  expect(info.keys.find(({ label }) => label === 'somebody else')).not.toHaveProperty('knownAs');
  expect(info).toMatchObject({ encryptsFiles: true, missing: [] });
});

test.each([['data-encryption', 'aes-256', false], ['key-wrapping', 'aes-256', true], ['signature', 'ec-p256', false], ['key-agreement', 'ec-p256', true]] as const)('what is shown before a key for %s is made is what the token has afterwards', async (purpose, algorithm, exportable) => {
  const { key } = await t.call('token.template', { purpose, exportable });
  await t.call('key.generate', { name: `shown ${purpose}`, purpose, algorithm, place: 'officers', exportable });
  const made = (await t.call('token.info', { token: 'officers' })).keys.find(({ label }) => label === `shown ${purpose} v1`);
  expect(key.length).toBeGreaterThanOrEqual(9);
  for (const { attribute, value } of key) expect([attribute, made?.attributes.includes(attribute)]).toEqual([attribute, value]);
});

test('a key that another program destroyed is missing, and can be recorded as destroyed', async () => {
  const { version } = await t.call('key.generate', { name: 'lost', purpose: 'data-encryption', algorithm: 'aes-256', place: token.serial });
  pkcs11Tool('--delete-object', '--type', 'secrkey', '--id', version.id);
  expect((await t.call('token.info', { token: 'officers' })).missing).toEqual(['lost version 1']);
  expect(await t.refused('key.encrypt', { key: 'lost', in: t.read('in'), out: t.write('never') })).toMatchObject({ code: 'token-key-missing' });
  const { certificate } = await t.call('key.destroy', { key: 'lost', reason: 'it is gone' });
  expect(certificate).toMatchObject({ objectsBefore: 0, objectsDestroyed: 0, objectsAfter: 0 });
  expect((await t.call('token.info', { token: 'officers' })).missing).toEqual([]);
});

test('KEY-EXPORT-1: a token key leaves only if its attributes say so; KEY-WRAP-1: and under a key in the same place', async () => {
  await t.call('key.generate', { name: 'stays', purpose: 'data-encryption', algorithm: 'aes-256', place: 'officers' });
  await t.call('key.generate', { name: 'leaves', purpose: 'data-encryption', algorithm: 'aes-256', place: 'officers', exportable: true });
  await t.call('key.generate', { name: 'kek', purpose: 'key-wrapping', algorithm: 'aes-256', place: 'officers' });
  await t.call('key.generate', { name: 'soft-kek', purpose: 'key-wrapping', algorithm: 'aes-256' });
  expect(await t.refused('key.wrap', { key: 'stays', under: 'kek', out: t.write('never') })).toMatchObject({ rule: 'KEY-EXPORT-1', message: expect.stringContaining('CKA_EXTRACTABLE') });
  expect(await t.refused('key.wrap', { key: 'leaves', under: 'soft-kek', out: t.write('never') })).toMatchObject({ rule: 'KEY-WRAP-1' });
  await t.call('key.wrap', { key: 'leaves', under: 'kek', out: t.write('leaves.kwp') });
});

test('a wrong PIN is one failed operation, and is logged', async () => {
  const other = makeTestCore({ token });
  await other.create();
  await other.call('token.add', { module: other.files.read(softHsmModulePath()) });
  other.answers.pin = '999999';
  expect(await other.refused('key.generate', { name: 'k', purpose: 'data-encryption', algorithm: 'aes-256', place: 'officers' })).toMatchObject({ code: 'pin-wrong' });
  other.answers.pin = token.userPin;
  await other.call('key.generate', { name: 'after', purpose: 'data-encryption', algorithm: 'aes-256', place: 'officers' });
  expect((await other.call('audit.list', {})).entries.some(({ kind, body }) => kind === 'refusal' && body.code === 'pin-wrong')).toBe(true);
  await other.close();
});

test('a token is initialised in an empty slot, and its keys live on it', async () => {
  const { tokens } = await t.call('token.list', {});
  const empty = tokens.find(({ initialized }) => !initialized);
  const made = await t.call('token.init', { module: softHsmModulePath(), slot: empty?.slot ?? -1, label: 'second' });
  expect(made.token).toMatchObject({ label: 'second', initialized: true });
  await t.call('key.generate', { name: 'on-second', purpose: 'signature', algorithm: 'rsa-2048', place: 'second' });
  expect((await t.call('key.list', { place: 'pkcs11' })).keys.find(({ name }) => name === 'on-second')?.place.name).toBe('second');
});

describe('interrupted work', () => {
  /** Leaves the vault as a crash between intent and outcome would. */
  async function interrupt(act: string, version: Uint8Array): Promise<void> {
    await t.call('vault.lock', {});
    const passphrase = () => Promise.resolve(SecretBytes.own(new TextEncoder().encode(t.answers.passphrase)));
    const { vault } = await unlockVault({ path: t.vaultPath, passphrase, clock: { now: () => t.now } });
    const place = [...new VaultRecords(vault).all('key')].find(({ record }) => record.place.kind === 'pkcs11' && record.place.label === 'officers')?.record.place;
    if (place === undefined) throw new Error('no token key in the vault');
    const id = randomBytes(16);
    const record = { act, at: t.now, entry: vault.log.size, key: randomBytes(16), version, place };
    vault.commit({ kind: 'intent', body: {}, puts: [put('intent', id, record)] });
    vault.close();
    t.now += 5 * 60 * 1000; // no module may still be at it
  }

  test('a key that nobody got is destroyed when its token is next used', async () => {
    const { modules, provider } = await openToken(token);
    const orphan = randomBytes(16);
    await provider.generate({ id: orphan, label: 'orphan', algorithm: 'aes-256', purpose: 'data-encryption', exportable: false });
    await modules.close();
    await interrupt('key.generate', orphan);
    const { findings } = await t.unlock();
    expect(findings.join()).toContain('interrupted: key.generate on the token "officers"');
    const info = await t.call('token.info', { token: 'officers' });
    expect(info.keys.map(({ label }) => label)).not.toContain('orphan');
    const settled = (await t.call('audit.list', {})).entries.findLast(({ body }) => body.code === 'interrupted');
    expect(settled?.body.settled).toBe('the key that was made was destroyed');
    await t.call('vault.lock', {});
    expect((await t.unlock()).findings.join()).not.toContain('interrupted');
  });

  test('a destruction that the token did is recorded', async () => {
    const { version } = await t.call('key.generate', { name: 'half-gone', purpose: 'data-encryption', algorithm: 'aes-256', place: 'officers' });
    pkcs11Tool('--delete-object', '--type', 'secrkey', '--id', version.id);
    await interrupt('key.destroy', new Uint8Array(Buffer.from(version.id, 'hex')));
    await t.unlock();
    await t.call('token.info', { token: 'officers' });
    expect((await t.call('key.show', { key: 'half-gone' })).key.state).toBe('destroyed');
    await t.call('vault.check', {});
  });
});
