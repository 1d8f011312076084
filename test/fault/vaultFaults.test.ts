/** A module that hangs, crashes or lies, under the whole vault: one failed operation with its declared code, a log that says so, and the vault goes on. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contract } from '../../shared/ipc/contract.ts';
import { makeFaultModule } from '../fixtures/faultModule.ts';
import type { FaultModule } from '../fixtures/faultModule.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let token: SoftHsmToken;
let fault: FaultModule;
let t: TestCore;

beforeAll(async () => {
  token = makeSoftHsmToken('faulty');
  fault = makeFaultModule(token);
  const variables = Object.keys(fault.environment);
  const knownModule = { name: 'a module that fails on order', paths: { [process.platform]: [fault.modulePath] }, variables, folders: [token.folder] };
  t = makeTestCore({ token: fault, knownModule, timeLimits: { call: 1_500, generate: 4_000, pause: 20 } });
  t.answers.pin = token.userPin;
  await t.create();
  await t.call('token.add', { module: t.files.read(fault.modulePath) });
  await t.call('key.generate', { name: 'signer', purpose: 'signature', algorithm: 'rsa-2048', place: 'faulty' });
  await t.call('key.generate', { name: 'cipher', purpose: 'data-encryption', algorithm: 'aes-256', place: 'faulty' });
  await t.call('key.sign', { key: 'signer', files: [t.files.read(fault.modulePath)] });
  writeFileSync(t.path('in'), 'to be signed');
}, 60_000);
afterAll(async () => {
  await t.close();
  token.remove();
});

test.each([
  ['key.sign', 'C_Sign hang', 'token-timeout'],
  ['key.sign', 'C_Sign crash', 'module-crashed'],
  ['key.sign', 'C_Sign exit', 'module-crashed'],
  ['key.sign', 'C_Sign huge', 'module-malformed'],
  ['key.encrypt', 'C_Encrypt crash', 'module-crashed'],
  ['key.encrypt', 'C_Encrypt hang', 'token-timeout'],
  ['key.encrypt', 'C_Encrypt huge', 'module-malformed'],
  ['key.generate', 'C_GenerateKey crash', 'module-crashed'],
  ['key.sign', 'C_Sign error 0x30', 'token-refused'],
] as const)('%s under %s is %s', async (method, order, code) => {
  const name = `k-${order.replace(/\W/g, '-')}`;
  const request = {
    'key.sign': () => ({ key: 'signer', files: [t.read('in')] }),
    'key.encrypt': () => ({ key: 'cipher', in: t.read('in'), out: t.write(`${name}.out`) }),
    'key.generate': () => ({ name, purpose: 'data-encryption', algorithm: 'aes-256', place: 'faulty' }) as const,
  }[method];
  fault.order(order);
  const refused = await t.refused(method, request());
  expect(fault.waiting(), 'the module did as it was told').toBe(false);
  expect(refused.code).toBe(code);
  expect(contract[method].errors as readonly string[]).toContain(code);
  const last = (await t.call('audit.list', {})).entries.at(-1);
  expect(last?.body).toMatchObject({ act: method, ok: false, code });
  const again = await t.core.call(method, request() as never);
  expect(again, 'the next one works').toMatchObject({ ok: true });
  await t.call('vault.check', {});
});

test('a key that came to be although its operation failed is destroyed when the token is next used', async () => {
  const labels = () => token.pkcs11Tool('--list-objects', '--type', 'secrkey');
  fault.order('C_GetAttributeValue.3 crash'); // the first look at the new key
  expect((await t.refused('key.generate', { name: 'nobody', purpose: 'data-encryption', algorithm: 'aes-256', place: 'faulty' })).code).toBe('module-crashed');
  expect(labels()).toContain('nobody v1');
  expect((await t.call('vault.info', {})).interrupted).toBe(1);
  t.now += 5 * 60 * 1000; // where no sandbox ends it, its process might have been at it for some time
  await t.call('key.sign', { key: 'signer', files: [t.read('in')] });
  expect(labels()).not.toContain('nobody v1');
  expect((await t.call('vault.info', {})).interrupted).toBe(0);
  const { entries } = await t.call('audit.list', {});
  expect(entries.some(({ body }) => body.act === 'key.generate' && body.settled === 'the key that was made was destroyed')).toBe(true);
  await t.call('vault.check', {});
});

describe('a module that fails five times in a row', () => {
  async function failTillGivenUp(): Promise<void> {
    for (let time = 0; time < 5; time += 1) {
      fault.order('C_Sign crash');
      expect((await t.refused('key.sign', { key: 'signer', files: [t.read('in')] })).code).toBe('module-crashed');
    }
    expect(await t.refused('key.sign', { key: 'signer', files: [t.read('in')] })).toMatchObject({ code: 'module-given-up', nextStep: expect.stringContaining('token restart') as string });
  }
  const own = async () => (await t.call('token.modules', {})).modules.find(({ path }) => path === fault.modulePath);

  test('is given up: the lists of modules and of tokens say why, and a restart brings it back', async () => {
    await failTillGivenUp();
    expect((await own())?.trouble).toContain('given up: it failed 5 times in a row: the module\'s process ended during "sign"');
    const { tokens, failures } = await t.call('token.list', {});
    expect(failures).toMatchObject([{ modulePath: fault.modulePath, message: expect.stringContaining('is not started any more') as string, nextStep: expect.stringContaining('token restart') as string }]);
    expect(tokens.find(({ label }) => label === 'faulty')?.present).toBe(false);
    expect((await t.call('token.restart', { module: 'faultShim.so' })).tokens.map(({ label }) => label)).toContain('faulty');
    await t.call('key.sign', { key: 'signer', files: [t.read('in')] });
    expect(await own()).not.toHaveProperty('trouble');
    expect(await t.refused('token.restart', { module: 'nothing.so' })).toMatchObject({ code: 'module-not-found' });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['the vault is locked and unlocked', () => t.call('vault.lock', {}).then(() => t.unlock())],
    ['the module is added again', () => t.call('token.add', { module: t.files.read(fault.modulePath) })],
  ])('is started again once %s', async (_, again) => {
    await failTillGivenUp();
    await again();
    await t.call('key.sign', { key: 'signer', files: [t.read('in')] });
  });
});

test('TOKEN-1: a module that was changed is not loaded', async () => {
  await t.call('vault.lock', {});
  const { appendFileSync } = await import('node:fs');
  appendFileSync(fault.modulePath, 'one byte more');
  await t.unlock();
  expect(await t.refused('key.sign', { key: 'signer', files: [t.read('in')] })).toMatchObject({ code: 'module-changed', rule: 'TOKEN-1' });
  expect((await t.call('token.modules', {})).modules.find(({ path }) => path === fault.modulePath)?.status).toBe('changed');
  await t.call('token.add', { module: t.files.read(fault.modulePath) });
  expect(t.asked.at(-1)?.sentence).toContain('Pin anew');
  await t.call('key.sign', { key: 'signer', files: [t.read('in')] });
});
