/** PINs of a token through the one door: proved, changed, unblocked, logged; refusals explained, and the trace of calls saved. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { makeTokenCore } from '../fixtures/tokenCore.ts';

let token: SoftHsmToken;
let t: TestCore;

beforeAll(async () => {
  ({ token, t } = await makeTokenCore('officers'));
}, 60_000);
afterAll(async () => {
  await t.close();
  token.remove();
});

test('a PIN is proved for either user, and a wrong one is logged as refused', async () => {
  expect(await t.call('token.checkPin', { token: 'officers' })).toMatchObject({ token: { condition: ['ready'] } });
  expect(await t.refused('token.checkPin', { token: 'officers', user: 'so' })).toMatchObject({ code: 'pin-wrong', message: 'the SO PIN of the token "officers" is wrong' });
  t.answers.pin = token.soPin;
  expect((await t.call('token.checkPin', { token: 'officers', user: 'so' })).token.condition).toEqual(['ready']);
  t.answers.pin = '000000';
  expect(await t.refused('token.checkPin', { token: 'officers' })).toMatchObject({ code: 'pin-wrong' });
  expect((await t.call('token.list', {})).tokens.find(({ label }) => label === 'officers')?.condition).toEqual(['a wrong PIN was entered since the last right one']);
  t.answers.pin = token.userPin;
});

test('a change and an unblocking are logged before and after, done or not, with no PIN', async () => {
  await t.call('token.changePin', { token: 'officers' });
  t.answers.pin = '000000';
  expect(await t.refused('token.unblockPin', { token: 'officers' })).toMatchObject({ code: 'pin-wrong' });
  t.answers.pin = token.soPin;
  const { logEntry } = await t.call('token.unblockPin', { token: 'officers' });
  expect(await t.call('token.checkPin', { token: 'officers' })).toMatchObject({ token: { condition: ['ready'] } });
  await t.call('token.changePin', { token: 'officers' });
  const { entries } = await t.call('audit.list', {});
  const outcomes = entries.filter(({ kind, body }) => kind === 'outcome' && String(body.act).startsWith('token.'));
  expect(outcomes.map(({ body }) => [body.act, body.ok, body.code]).reverse().slice(0, 3)).toHaveLength(3);
  expect(new Set(outcomes.map(({ body }) => `${String(body.act)} ${String(body.ok)} ${String(body.code)}`))).toEqual(new Set(['token.changePin true undefined', 'token.unblockPin false pin-wrong', 'token.unblockPin true undefined']));
  expect(entries.find(({ seq }) => seq === logEntry)?.body).toMatchObject({ act: 'token.unblockPin', ok: true, serial: token.serial });
  expect(JSON.stringify(entries)).not.toContain(token.soPin);
  await t.call('vault.check', {});
});

test('the session that another PIN ended is had again by asking', async () => {
  t.answers.pin = token.soPin; // the user's since the test before
  await t.call('token.info', { token: 'officers' });
  await t.call('token.checkPin', { token: 'officers' });
  expect((await t.call('token.info', { token: 'officers' })).missing).toEqual([]);
});

test('a refusal is explained without a vault', async () => {
  const locked = makeTestCore();
  try {
    expect(await locked.call('token.explain', { code: 'CKR_PIN_LOCKED', operation: 'log-in', module: '/usr/lib/libykcs11.so.2' })).toEqual({
      number: '0xa4',
      name: 'CKR_PIN_LOCKED',
      meaning: 'the PIN is locked',
      nextStep: 'unblock it with the PUK: `ykman piv access unblock-pin`',
      error: 'pin-locked',
      module: 'YubiKey PIV (YKCS11)',
      wrongPins: 'it sets a flag after a wrong PIN, another before the last try, and then locks',
    });
    expect(await locked.call('token.explain', { code: '0x80000001' })).toMatchObject({ name: 'vendor-defined number', meaning: 'the module refused for a reason that only its vendor knows' });
    expect(await locked.refused('token.explain', { code: 'CKR_NOTHING' })).toMatchObject({ code: 'request-invalid', field: 'code' });
  } finally {
    await locked.close();
  }
});

test('the trace is saved by the name of the token or of the module, and names neither token nor folder', async () => {
  await t.call('token.trace', { token: 'officers', out: t.write('by-token.txt') });
  const { module, calls } = await t.call('token.trace', { token: 'libsofthsm2.so', out: t.write('by-module.txt') });
  expect(module).toBe('libsofthsm2.so');
  const text = readFileSync(t.path('by-token.txt'), 'utf8');
  expect(text.split('\n').slice(0, 4)).toEqual(['Strongroom call trace 1', 'module libsofthsm2.so', expect.stringMatching(/^module-sha256 [0-9a-f]{64}$/), 'family softhsm']);
  expect(text).toMatch(/ checkPin C_Login user 1 CKR_OK /);
  for (const hidden of ['officers', token.serial, token.folder, token.userPin, token.soPin, '/usr/']) expect(text).not.toContain(hidden);
  expect(readFileSync(t.path('by-module.txt'), 'utf8').trim().split('\n').filter((line) => line.endsWith(' ms'))).toHaveLength(calls);
  expect(await t.refused('token.trace', { token: 'nothing', out: t.write('never') })).toMatchObject({ code: 'token-not-found' });
  expect(await t.refused('token.trace', { token: 'officers', out: t.write('by-token.txt') })).toMatchObject({ code: 'file-exists' });
});
