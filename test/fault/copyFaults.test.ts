/** A token that hangs, crashes or lies while keys come to it: no success without the proof, and nothing of the copy is left; what cannot be destroyed at once is settled. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { contract } from '../../shared/ipc/contract.ts';
import { makeFaultModule } from '../fixtures/faultModule.ts';
import type { FaultModule } from '../fixtures/faultModule.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { addSecondToken } from '../fixtures/twoTokens.ts';

let token: SoftHsmToken;
let fault: FaultModule;
let t: TestCore;

beforeAll(async () => {
  token = makeSoftHsmToken('officers');
  addSecondToken(token, 'backup');
  fault = makeFaultModule(token);
  const variables = Object.keys(fault.environment);
  const knownModule = { name: 'a module that fails on order', paths: { [process.platform]: [fault.modulePath] }, variables, folders: [token.folder] };
  t = makeTestCore({ token: fault, knownModule, timeLimits: { call: 1_500, generate: 8_000 } });
  t.answers.pin = token.userPin;
  await t.create();
  await t.call('token.add', { module: t.files.read(fault.modulePath) });
  await t.call('key.generate', { name: 'tags', purpose: 'mac', algorithm: 'aes-128', place: 'officers', exportable: true });
  await t.call('key.generate', { name: 'cipher', purpose: 'data-encryption', algorithm: 'aes-128', place: 'officers', exportable: true });
  await t.call('key.generate', { name: 'signer', purpose: 'signature', algorithm: 'rsa-2048', place: 'officers', exportable: true });
}, 60_000);
afterAll(async () => {
  await t.close();
  token.remove();
});
afterEach(() => {
  t.answers.confirm = undefined;
  t.answers.pin = token.userPin;
});

/** Everything on the token, as another program sees it. */
const onBackup = () => token.run('pkcs11-tool', ['--module', token.modulePath, '--token-label', 'backup', '--login', '--pin', token.userPin, '--list-objects']).toString();

/** The order is given once the act is approved. */
function orderAtApproval(order: string, more: () => void = () => undefined): void {
  t.answers.confirm = ({ expected }) => {
    fault.order(order);
    more();
    return expected;
  };
}

describe('KEY-COPY-1: no copy without the proof', () => {
  test.each([
    ['tags', 'C_Sign flip', 'refused', 'KEY-COPY-1'],
    ['tags', 'C_Sign crash', 'refused', 'KEY-COPY-1'],
    ['cipher', 'C_Decrypt flip', 'refused', 'KEY-COPY-1'],
    ['signer', 'C_Sign flip', 'unwrap-failed', undefined],
    ['tags', 'C_WrapKey crash', 'module-crashed', undefined],
    ['tags', 'C_DestroyObject error 0x30 1', 'token-refused', undefined], // the first is the public key that is wrapped to
  ] as const)('%s under %s: nothing is left', async (key, order, code, rule) => {
    orderAtApproval(order);
    const refused = await t.refused('key.copy', { keys: [key], to: 'backup' });
    expect([refused.code, refused.rule], refused.message).toEqual([code, rule]);
    expect(contract['key.copy'].errors).toContain(code);
    expect(fault.waiting()).toBe(false);
    expect(onBackup()).toBe('');
    expect((await t.call('key.show', { key })).copies).toEqual([]);
    expect((await t.call('vault.info', {})).interrupted).toBe(0);
  });

  test('a clone goes on with the others, and says which has none', async () => {
    orderAtApproval('C_Sign flip');
    const { copies, left } = await t.call('token.clone', { token: 'officers', to: 'backup' });
    expect(copies.map(({ key }) => key)).toEqual(['cipher', 'tags']);
    expect(left.map(({ what }) => what)).toEqual(['"signer" version 1']);
    expect(onBackup()).not.toContain('signer');
    for (const key of ['cipher', 'tags']) await t.call('key.destroy', { key, copyOn: 'backup', reason: 'tried' });
    expect(onBackup()).toBe('');
  });
});

test('what cannot be destroyed at once waits, is named, and is settled', async () => {
  orderAtApproval('C_Sign crash', () => {
    t.answers.pin = '000000';
  });
  const refused = await t.refused('key.copy', { keys: ['tags'], to: 'backup' });
  expect(refused).toMatchObject({ code: 'refused', rule: 'KEY-COPY-1', message: expect.stringContaining('could not be destroyed again, and no copy counts'), nextStep: expect.stringContaining('vault reconcile') });
  expect(onBackup()).toContain('tags v1');
  expect((await t.call('vault.info', {})).interrupted).toBe(1);
  t.answers.pin = token.userPin;
  t.now += 201_000;
  expect((await t.call('vault.reconcile', {})).settled).toMatchObject([{ act: 'key.copy', how: 'what was made was destroyed: 2 keys' }]);
  expect(onBackup()).toBe('');
  await t.call('vault.check', {});
});

test('a move whose source cannot be destroyed now has its place all the same; what is left behind is named, and goes later', async () => {
  orderAtApproval('C_DestroyObject error 0x30 3'); // after the recipient's public key and both halves of the transport pair
  const { moved, copies, notes } = await t.call('key.copy', { keys: ['tags'], to: 'backup', move: true });
  expect(fault.waiting()).toBe(false);
  expect(moved).toMatchObject([{ name: 'tags', place: { name: 'backup' } }]);
  expect(copies).toMatchObject([{ place: { name: 'officers' }, state: 'held' }]);
  expect(notes).toEqual([expect.stringMatching(/^"tags" version 1 is still on the token "officers": .*; destroy it there by `key destroy tags --copy-on`$/)]);
  expect((await t.call('key.destroy', { key: 'tags', copyOn: 'officers', reason: 'moved' })).certificate).toMatchObject({ objectsDestroyed: 1 });
  expect((await t.call('token.info', { token: 'officers' })).keys.map(({ label }) => label)).not.toContain('tags v1');
});
