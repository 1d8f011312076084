/** The life of keys through the one door: states, clocks, limits, rotation, destruction; each rule refuses by its name. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTransition, transitions } from '../../shared/lifecycle/stateModel.ts';
import { keyStates } from '../../shared/model/terms.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const day = 86_400_000;
let t: TestCore;
let outputs = 0;

beforeEach(async () => {
  t = makeTestCore();
  await t.create();
  writeFileSync(t.path('in'), 'wages');
});
afterEach(() => t.close());

const data = (name: string, more: object = {}) => t.call('key.generate', { name, purpose: 'data-encryption', algorithm: 'aes-256', ...more });
const encrypt = (key: string) => ({ key, in: t.read('in'), out: t.write(`out-${++outputs}`) });
/** Confirms the new day at the prompt, as rule TIME-1 asks after a week. */
const wait = async (days: number) => {
  t.now += days * day;
};

describe('use', () => {
  test('KEY-USE-PURPOSE: a key is used for its one purpose', async () => {
    await t.call('key.generate', { name: 'kek', purpose: 'key-wrapping', algorithm: 'aes-256' });
    expect(await t.refused('key.encrypt', encrypt('kek'))).toMatchObject({ code: 'refused', rule: 'KEY-USE-PURPOSE' });
    await data('cipher');
    expect(await t.refused('key.sign', { key: 'cipher', files: [t.read('in')] })).toMatchObject({ code: 'refused', rule: 'KEY-USE-PURPOSE' });
    expect(await t.refused('key.verify', { key: 'cipher', in: t.read('in'), signature: t.read('in') })).toMatchObject({ rule: 'KEY-USE-PURPOSE' });
  });

  test('KEY-USE-STATE: a state lets a version protect, process, or neither', async () => {
    await data('k', { inactive: true });
    expect(await t.refused('key.encrypt', encrypt('k'))).toMatchObject({ rule: 'KEY-USE-STATE', message: expect.stringContaining('pre-activation') });
    await t.call('key.activate', { key: 'k' });
    const file = encrypt('k');
    await t.call('key.encrypt', file);
    const sealed = `out-${outputs}`;
    await t.call('key.suspend', { key: 'k', reason: 'audit' });
    expect(await t.refused('key.encrypt', encrypt('k'))).toMatchObject({ rule: 'KEY-USE-STATE' });
    await t.call('key.decrypt', { in: t.read(sealed), out: t.write('suspended') });
    await t.call('key.resume', { key: 'k', reason: 'done' });
    await t.call('key.encrypt', encrypt('k'));
    await t.call('key.deactivate', { key: 'k' });
    expect(await t.refused('key.encrypt', encrypt('k'))).toMatchObject({ rule: 'KEY-USE-STATE' });
    await t.call('key.decrypt', { in: t.read(sealed), out: t.write('deactivated') });
    expect(readFileSync(t.path('deactivated'), 'utf8')).toBe('wages');
    await t.call('key.compromise', { key: 'k', reason: 'lost' });
    expect(await t.refused('key.decrypt', { in: t.read(sealed), out: t.write('compromised') })).toMatchObject({ rule: 'KEY-USE-STATE', nextStep: expect.stringContaining('--accept-compromised') });
    await t.call('key.decrypt', { in: t.read(sealed), out: t.write('compromised'), acceptCompromised: 'k' });
    await t.call('key.destroy', { key: 'k', reason: 'gone' });
    expect(await t.refused('key.decrypt', { in: t.read(sealed), out: t.write('destroyed'), acceptCompromised: 'k' })).toMatchObject({ rule: 'KEY-USE-STATE' });
  });

  test('KEY-USE-ORIGINATOR-PERIOD and KEY-USE-RECIPIENT-PERIOD: the two clocks', async () => {
    await data('k', { originatorDays: 2, recipientDays: 4 });
    await t.call('key.encrypt', encrypt('k'));
    const sealed = `out-${outputs}`;
    await wait(3);
    expect(await t.refused('key.encrypt', encrypt('k'))).toMatchObject({ rule: 'KEY-USE-ORIGINATOR-PERIOD' });
    await t.call('key.decrypt', { in: t.read(sealed), out: t.write('in-time') });
    await wait(2);
    expect(await t.refused('key.decrypt', { in: t.read(sealed), out: t.write('too-late') })).toMatchObject({ rule: 'KEY-USE-RECIPIENT-PERIOD' });
  });

  test('a version whose originator-usage period ended is deactivated at the next unlock, and that is said', async () => {
    await data('k', { originatorDays: 1 });
    await t.call('vault.lock', {});
    await wait(2);
    const { findings } = await t.unlock();
    expect(findings.join()).toContain('"k" version 1 was deactivated');
    expect((await t.call('key.show', { key: 'k' })).key.state).toBe('deactivated');
  });

  test('KEY-USE-LIMIT: a version protects no more often than its limit, and counts', async () => {
    await data('k', { useLimit: 2 });
    await t.call('key.encrypt', encrypt('k'));
    await t.call('key.encrypt', encrypt('k'));
    expect(await t.refused('key.encrypt', encrypt('k'))).toMatchObject({ rule: 'KEY-USE-LIMIT' });
    const { versions } = await t.call('key.show', { key: 'k' });
    expect(versions[0]).toMatchObject({ protections: 2, processings: 0, useLimit: 2 });
    await t.call('key.rotate', { key: 'k' });
    await t.call('key.encrypt', encrypt('k'));
  });

  test('the limit of GCM with random IVs stands where none was set (SP 800-38D §8.3)', async () => {
    await data('k');
    expect((await t.call('key.show', { key: 'k' })).versions[0]?.useLimit).toBe(2 ** 32);
  });
});

describe('states', () => {
  test('KEY-STATE-1: what the model has no edge for is refused', async () => {
    await data('k');
    await t.call('key.deactivate', { key: 'k' });
    for (const method of ['key.activate', 'key.suspend', 'key.resume', 'key.deactivate'] as const)
      expect(await t.refused(method, { key: 'k', reason: 'why not' }), method).toMatchObject({ code: 'refused', rule: 'KEY-STATE-1' });
    await t.call('key.compromise', { key: 'k', reason: 'lost' });
    expect(await t.refused('key.deactivate', { key: 'k' })).toMatchObject({ rule: 'KEY-STATE-1', nextStep: expect.stringContaining('key show') as string });
    await t.call('key.destroy', { key: 'k', reason: 'gone' });
    expect(await t.refused('key.compromise', { key: 'k', reason: 'again' })).toMatchObject({ rule: 'KEY-STATE-1' });
    expect(await t.refused('key.destroy', { key: 'k', version: 1, reason: 'again' })).toMatchObject({ rule: 'KEY-STATE-1', nextStep: expect.stringContaining('nothing is left') as string });
  });

  test('KEY-STATE-1: the table has no edge that SP 800-57 forbids', () => {
    for (const from of keyStates) {
      expect(findTransition(from, 'pre-activation')).toBeUndefined();
      expect(findTransition('destroyed', from)).toBeUndefined();
      if (from !== 'destroyed') expect(findTransition('compromised', from)).toBeUndefined();
    }
    expect(findTransition('deactivated', 'active')).toBeUndefined();
    expect(transitions.every(({ from, to }) => from !== to)).toBe(true);
  });

  test('KEY-STATE-2: what asks for a reason has one', async () => {
    const { allowTransition } = await import('../../electron/vault/rules/allowTransition.ts');
    const version = { key: new Uint8Array(16), number: 1, state: 'active' as const, ref: '', label: '', origin: 'generated' as const, exportable: false, history: [] };
    for (const { from, to, reasonNeeded } of transitions) {
      const attempt = () => allowTransition({ ...version, state: from }, to, undefined, 0);
      if (reasonNeeded) expect(attempt).toThrow(expect.objectContaining({ rule: 'KEY-STATE-2' }));
      else expect(attempt).not.toThrow();
    }
  });

  test('KEY-GENERATE-1 and KEY-NAME-1: algorithm and name of a new key', async () => {
    expect(await t.refused('key.generate', { name: 'k', purpose: 'signature', algorithm: 'aes-256' })).toMatchObject({ rule: 'KEY-GENERATE-1' });
    await data('k');
    await t.call('key.destroy', { key: 'k', reason: 'gone' });
    expect(await t.refused('key.generate', { name: 'k', purpose: 'data-encryption', algorithm: 'aes-256' })).toMatchObject({ rule: 'KEY-NAME-1' });
  });

  test('names that deceive are refused, with the character by its number', async () => {
    for (const [name, said] of [['pay\u202eroll', 'U+202E'], ['pay\nroll', 'U+000A'], ['pay\u200broll', 'U+200B'], ['pay\u00a0roll', 'U+00A0'], ['-k', 'hyphen'], ['e\u0301', 'NFC'], ['', 'empty'], ['x'.repeat(53), '52 bytes']] as const) {
      const { code, message } = await t.refused('key.generate', { name, purpose: 'data-encryption', algorithm: 'aes-256' });
      expect([code, message.includes(said), /[\u202e\n\u200b\u00a0]/.test(message)], message).toEqual(['request-invalid', true, false]);
    }
  });
});

describe('rotation', () => {
  test('makes a linked successor in the same place; the predecessor only processes, and is found by its files', async () => {
    await data('k', { exportable: true });
    await t.call('key.encrypt', encrypt('k'));
    const sealed = `out-${outputs}`;
    const { version, predecessor } = await t.call('key.rotate', { key: 'k', reason: 'yearly' });
    expect(version).toMatchObject({ number: 2, state: 'active', predecessor: 1 });
    expect(predecessor).toMatchObject({ number: 1, state: 'deactivated' });
    await t.call('key.decrypt', { in: t.read(sealed), out: t.write('old') });
    expect((await t.call('key.encrypt', encrypt('k'))).version).toBe(2);
    expect((await t.call('key.list', {})).keys).toHaveLength(1);
    expect((await t.call('key.show', { key: 'k' })).versions.map(({ number }) => number)).toEqual([1, 2]);
  });

  test('a key that was never activated is not rotated', async () => {
    await data('k', { inactive: true });
    expect(await t.refused('key.rotate', { key: 'k' })).toMatchObject({ rule: 'KEY-STATE-1' });
  });

  test('a compromised predecessor stays compromised', async () => {
    await data('k');
    await t.call('key.compromise', { key: 'k', reason: 'lost', occurred: new Date(t.now).toISOString().slice(0, 10) });
    expect((await t.call('key.rotate', { key: 'k' })).predecessor.state).toBe('compromised');
  });

  test('signatures of a destroyed version still verify: its public half is no secret', async () => {
    await t.call('key.generate', { name: 's', purpose: 'signature', algorithm: 'rsa-2048' });
    await t.call('key.sign', { key: 's', files: [t.read('in')], signatures: [t.write('sig')] });
    await t.call('key.rotate', { key: 's' });
    await t.call('key.destroy', { key: 's', version: 1, reason: 'private half' });
    expect(await t.call('key.verify', { key: 's', in: t.read('in'), signature: t.read('sig') })).toMatchObject({ version: 1, state: 'destroyed' });
    writeFileSync(t.path('other'), 'other');
    expect(await t.refused('key.verify', { key: 's', in: t.read('other'), signature: t.read('sig') })).toMatchObject({ code: 'signature-invalid' });
  });
});

describe('destruction', () => {
  test('needs the version where more than one lives, and leaves a tombstone', async () => {
    await data('k');
    await t.call('key.rotate', { key: 'k' });
    expect(await t.refused('key.destroy', { key: 'k', reason: 'which' })).toMatchObject({ code: 'request-invalid', message: expect.stringContaining('1 (deactivated), 2 (active)') });
    const { certificate } = await t.call('key.destroy', { key: 'k', version: 1, reason: 'replaced' });
    expect(certificate).toMatchObject({ objectsBefore: 1, objectsDestroyed: 1, objectsAfter: 0, attemptedUse: 'token-key-missing' });
    expect(certificate.meaning).toContain('shredded');
    const [tombstone] = (await t.call('key.show', { key: 'k' })).versions;
    expect(tombstone).toMatchObject({ number: 1, state: 'destroyed', history: expect.arrayContaining([expect.objectContaining({ state: 'destroyed', reason: 'replaced' })]) });
    await t.call('vault.check', {});
  });
});

describe('guarded operations', () => {
  test('QUORUM-1: without the typed name, or with a wrong passphrase, nothing happens', async () => {
    await data('k');
    t.answers.confirm = () => 'K';
    expect(await t.refused('key.destroy', { key: 'k', reason: 'gone' })).toMatchObject({ code: 'confirmation-wrong' });
    t.answers.confirm = undefined;
    t.answers.passphrase = 'wrong';
    expect(await t.refused('key.destroy', { key: 'k', reason: 'gone' })).toMatchObject({ code: 'wrong-passphrase' });
    expect((await t.call('key.show', { key: 'k' })).key.state).toBe('active');
    const refusals = (await t.call('audit.list', {})).entries.filter(({ kind }) => kind === 'refusal').map(({ body }) => body.code);
    expect(refusals).toEqual(['confirmation-wrong', 'wrong-passphrase']);
  });

  test('QUORUM-2: the log has the approval, and the sentence is a function of the request alone', async () => {
    await data('k');
    await t.call('key.destroy', { key: 'k', reason: 'gone' });
    expect(t.asked.at(-1)).toMatchObject({ why: 'act', sentence: 'Destroy version 1 of the key "k" (in this vault) for good', expected: 'k' });
    const intent = (await t.call('audit.list', {})).entries.findLast(({ kind, body }) => kind === 'intent' && body.act === 'key.destroy');
    expect(intent?.approvals).toBe(1);
    await t.call('audit.verify', {});
  });

  test('QUORUM-1: an approved request runs once, for its own vault, in its time', async () => {
    const { readRequest, requireFresh, writeRequest } = await import('../../electron/vault/quorum/guardedRequest.ts');
    const state = { vaultId: new Uint8Array(16), epoch: 1, principal: { id: new Uint8Array(16) }, genesisFingerprint: new Uint8Array(32), get: () => undefined };
    const vault = state as never;
    const act = { method: 'token.init', modulePath: '/m.so', slot: 0, label: 'x' } as const;
    const { blob, hash } = writeRequest(vault, act, 1000);
    const request = readRequest(blob);
    expect(() => requireFresh(vault, request, hash, 2000)).not.toThrow();
    const stale = expect.objectContaining({ code: 'refused', rule: 'QUORUM-1' });
    expect(() => requireFresh(vault, request, hash, 1000 + day)).toThrow(stale);
    expect(() => requireFresh({ ...state, vaultId: new Uint8Array(16).fill(1) } as never, request, hash, 2000)).toThrow(stale);
    expect(() => requireFresh({ ...state, epoch: 2 } as never, request, hash, 2000)).toThrow(stale);
    expect(() => requireFresh({ ...state, get: () => ({}) } as never, request, hash, 2000)).toThrow(stale);
    expect(() => readRequest(Uint8Array.of(...blob, 0))).toThrow(expect.objectContaining({ code: 'request-invalid' }));
  });
});

describe('time and role', () => {
  test('TIME-1: a clock behind the log decides nothing; one far ahead is confirmed by a person, once', async () => {
    await data('k');
    const start = t.now;
    t.now = start - day;
    expect(await t.refused('key.rotate', { key: 'k' })).toMatchObject({ code: 'clock-untrusted', rule: 'TIME-1' });
    t.now = start + 30 * day;
    t.answers.confirm = () => '2001-01-01';
    expect(await t.refused('key.rotate', { key: 'k' })).toMatchObject({ code: 'confirmation-wrong' });
    t.answers.confirm = undefined;
    await t.call('key.rotate', { key: 'k' });
    expect(t.asked.filter(({ why }) => why === 'clock')).toHaveLength(2);
    await t.call('key.rotate', { key: 'k' });
    expect(t.asked.filter(({ why }) => why === 'clock')).toHaveLength(2);
  });

  test('TIME-1: an unlock far ahead deactivates nothing', async () => {
    await data('k', { originatorDays: 10 });
    await t.call('vault.lock', {});
    await wait(400);
    await t.unlock();
    expect((await t.call('key.show', { key: 'k' })).key.state).toBe('active');
  });

  test('ROLE-1: a role does what its methods say, and another name than the passphrase opens is refused', async () => {
    const { allowRole } = await import('../../electron/vault/rules/allowRole.ts');
    expect(() => allowRole('auditor', ['officer'], 'key.generate')).toThrow(expect.objectContaining({ code: 'refused', rule: 'ROLE-1' }));
    expect(() => allowRole('auditor', ['officer', 'auditor'], 'key.list')).not.toThrow();
    await t.call('vault.lock', {});
    expect(await t.refused('vault.unlock', { file: t.files.read(t.vaultPath), as: 'Eve' })).toMatchObject({ code: 'refused', rule: 'ROLE-1' });
    await t.call('vault.unlock', { file: t.files.read(t.vaultPath), as: 'Ada Officer' });
  });
});

describe('the same key under two names', () => {
  test('falls together: a compromise and a destruction name the other', async () => {
    await t.call('key.generate', { name: 'twin kek', purpose: 'key-wrapping', algorithm: 'aes-256' });
    await t.call('key.generate', { name: 'twin a', purpose: 'data-encryption', algorithm: 'aes-256', exportable: true });
    await t.call('key.wrap', { key: 'twin a', under: 'twin kek', out: t.write('twin.kwp') });
    const { notes } = await t.call('key.unwrap', { name: 'twin b', purpose: 'data-encryption', algorithm: 'aes-256', with: 'twin kek', in: t.read('twin.kwp') });
    expect(notes.join()).toContain('the same key as version 1 of "twin a"');
    const { touched } = await t.call('key.compromise', { key: 'twin a', reason: 'seen' });
    expect(touched.join()).toContain('the same key is version 1 of "twin b" (active, in this vault)');
    const { certificate } = await t.call('key.destroy', { key: 'twin a', reason: 'compromised' });
    expect(certificate.knownCopies.join()).toContain('the same key as version 1 of "twin b"');
    const shown = await t.call('key.show', { key: 'twin b' });
    expect(shown.versions[0]?.identity).toMatch(/^[0-9a-f]{32}$/);
  });
});
