/** A vault that a token opens, alone or together with a passphrase, on SoftHSM: and what is refused. */
import { execFileSync } from 'node:child_process';
import { encodeCanonical, decodeCanonical } from '../../electron/vault/crypto/canonicalCbor.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { makeTokenCore } from '../fixtures/tokenCore.ts';

let token: SoftHsmToken;
let t: TestCore;

beforeEach(async () => {
  ({ token, t } = await makeTokenCore('officers'));
  await t.call('key.generate', { name: 'files', purpose: 'data-encryption', algorithm: 'aes-256' });
});
afterEach(async () => {
  await t.close();
  token.remove();
});

const unlock = (way?: 'passphrase' | 'token' | 'both') => t.core.call('vault.unlock', { file: t.files.read(t.vaultPath), ...(way === undefined ? {} : { with: way }) });
const lock = () => t.call('vault.lock', {});
const sql = (text: string) => execFileSync('sqlite3', [t.vaultPath, text]).toString().trim();

async function withoutPassphraseWay(): Promise<void> {
  const { ways } = await t.call('vault.ways', {});
  await t.call('vault.removeWay', { way: ways.find(({ mode }) => mode === 'passphrase')?.id ?? '' });
}

describe('by the token alone', () => {
  test('opens the vault with its PIN, and what is guarded is approved by the PIN', async () => {
    expect(await t.call('vault.addWay', { mode: 'token', token: 'officers' })).toMatchObject({ note: expect.stringContaining('PIN') });
    await lock();
    t.answers.passphrase = 'nobody knows it any more';
    expect(await unlock('token')).toMatchObject({ ok: true, value: { principal: { name: 'Ada Officer' } } });
    await withoutPassphraseWay();
    expect((await t.call('vault.ways', {})).ways).toMatchObject([{ mode: 'token', open: true, token: 'officers' }]);
    await t.call('key.destroy', { key: 'files', reason: 'no longer needed' });
    await t.call('vault.check', {});
    await lock();
    expect(await unlock()).toMatchObject({ ok: true });
  });

  test('not with a wrong PIN, and not without the token', async () => {
    await t.call('vault.addWay', { mode: 'token', token: 'officers' });
    await lock();
    t.answers.pin = '000000';
    expect(await unlock('token')).toMatchObject({ ok: false, error: { code: 'pin-wrong' } });
    t.answers.pin = token.userPin;
    token.remove();
    expect(await unlock('token')).toMatchObject({ ok: false });
    expect(await unlock('passphrase')).toMatchObject({ ok: true });
    token = makeSoftHsmToken('officers');
  });
});

test('KEY-USE-PURPOSE: the key that opens the vault is not adopted for another purpose', async () => {
  await t.call('vault.addWay', { mode: 'token', token: 'officers' });
  const [opener] = (await t.call('token.info', { token: 'officers' })).keys;
  expect(await t.refused('key.adopt', { key: opener?.ref ?? '', name: 'opener', purpose: 'data-encryption' })).toMatchObject({ code: 'refused', rule: 'KEY-USE-PURPOSE', message: expect.stringContaining('opens this vault') });
  await lock();
  expect(await unlock('token')).toMatchObject({ ok: true });
});

describe('by both together', () => {
  test('neither the passphrase nor the token alone opens it any more', async () => {
    await t.call('vault.addWay', { mode: 'both', token: 'officers' });
    await lock();
    expect(await unlock('both')).toMatchObject({ ok: true });
    await withoutPassphraseWay();
    await lock();
    expect(await unlock('passphrase')).toMatchObject({ ok: false, error: { code: 'not-found' } });
    expect(await unlock('token')).toMatchObject({ ok: false, error: { code: 'not-found' } });
    t.answers.passphrase = 'not the passphrase at all';
    expect(await unlock()).toMatchObject({ ok: false, error: { code: 'wrong-passphrase' } });
    t.answers.passphrase = 'correct horse battery';
    expect(await unlock()).toMatchObject({ ok: true });
    t.answers.newPassphrase = 'a wholly other passphrase';
    await t.call('vault.passwd', { unlockCost: 'minimum' });
    expect((await t.call('vault.ways', {})).ways.map(({ mode }) => mode)).toEqual(['both']);
    t.answers.passphrase = 'a wholly other passphrase';
    await t.call('key.destroy', { key: 'files', reason: 'no longer needed' });
    await t.call('vault.renew', { unlockCost: 'minimum' });
    expect((await t.call('vault.ways', {})).ways.map(({ mode }) => mode), 'a renewal takes no factor away').toEqual(['both']);
    await lock();
    expect(await unlock()).toMatchObject({ ok: true, value: { epoch: 2 } });
  });
});

/** What another program writes into the locked file. */
function doctor(part: Record<string, unknown>): void {
  const parameters = decodeCanonical(Uint8Array.from(Buffer.from(sql("SELECT hex(parameters) FROM access WHERE length(parameters) > 200"), 'hex'))) as { token: Record<string, unknown> };
  const doctored = encodeCanonical({ ...parameters, token: { ...parameters.token, ...part } } as never);
  sql(`UPDATE access SET parameters = X'${Buffer.from(doctored).toString('hex')}' WHERE length(parameters) > 200`);
}

test('a module that the file names and this product does not know is loaded only once it was confirmed', async () => {
  await t.call('vault.addWay', { mode: 'token', token: 'officers' });
  await lock();
  doctor({ modulePath: '/tmp/evil.so' });
  t.answers.confirm = () => 'no';
  expect(await unlock('token')).toMatchObject({ ok: false, error: { code: 'confirmation-wrong' } });
  expect(t.asked.at(-1)?.sentence).toContain('/tmp/evil.so');
});

test('SECURITY: what a known module is told when it starts is confirmed too, and is no longer than a person could have given', async () => {
  await t.call('vault.addWay', { mode: 'token', token: 'officers' });
  await lock();
  t.answers.confirm = () => 'no';
  doctor({ parameters: "configdir='sql:/tmp/evil'" });
  expect(await unlock('token')).toMatchObject({ ok: false, error: { code: 'confirmation-wrong' } });
  expect(t.asked.at(-1)?.details.join()).toContain("it is told when it starts: configdir='sql:/tmp/evil'");
  const questions = t.asked.length;
  doctor({ parameters: 'x'.repeat(4097) });
  expect(await unlock('token')).toMatchObject({ ok: false });
  expect(t.asked).toHaveLength(questions);
});
