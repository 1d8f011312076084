/** Keys between tokens of different makers: SoftHSM, NSS softokn and openCryptoki, each through its own module; what one refuses is said, and leaves nothing. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestInput } from '../../shared/ipc/contract.ts';
import { namespaceLauncher } from '../fixtures/namespaceLauncher.ts';
import { nssModulePath, nssParameters } from '../fixtures/nssToken.ts';
import { makeOpencryptokiToken, opencryptokiModulePath } from '../fixtures/opencryptokiToken.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import type { ModuleUnderTest } from '../fixtures/startedModule.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let token: SoftHsmToken;
let cryptoki: ModuleUnderTest;
let nssFolder: string;
let t: TestCore;

beforeAll(async () => {
  token = makeSoftHsmToken('officers');
  cryptoki = await makeOpencryptokiToken();
  nssFolder = mkdtempSync(join(tmpdir(), 'strongroom-nss-'));
  t = makeTestCore({ token, launcher: namespaceLauncher(cryptoki.pid) });
  await t.create();
  for (const path of [token.modulePath, opencryptokiModulePath()]) await t.call('token.add', { module: t.files.read(path) });
  const { tokens } = await t.call('token.add', { module: t.files.read(nssModulePath()), parameters: nssParameters(nssFolder, 'nss') });
  await t.call('token.init', { module: nssModulePath(), slot: tokens.find(({ label }) => label === 'nss')?.slot ?? -1, label: 'nss' });
  writeFileSync(t.path('in'), 'to be signed');
}, 60_000);
afterAll(async () => {
  await t.close();
  await cryptoki.close();
  token.remove();
  rmSync(nssFolder, { recursive: true, force: true });
});

type Made = Pick<RequestInput<'key.generate'>, 'purpose' | 'algorithm'>;
const secrets: Readonly<Record<string, Made>> = {
  cipher: { purpose: 'data-encryption', algorithm: 'aes-128' },
  tags: { purpose: 'mac', algorithm: 'hmac-sha256' },
  kek: { purpose: 'key-wrapping', algorithm: 'aes-128' },
};
const pairs: Readonly<Record<string, Made>> = {
  curve: { purpose: 'signature', algorithm: 'ec-p256' },
  release: { purpose: 'signature', algorithm: 'rsa-2048' },
};
const [secretNames, pairNames] = [Object.keys(secrets), Object.keys(pairs)];

/** Moved, so that each token in turn is the only one that has them. */
async function move(keys: readonly string[], to: string, more: Partial<RequestInput<'key.copy'>> = {}): Promise<readonly string[]> {
  const { moved, notes, copies } = await t.call('key.copy', { keys: [...keys], to, move: true, acceptStrength: 128, ...more });
  expect([moved.map(({ place }) => place.name), notes, copies.map(({ state }) => state)]).toEqual([keys.map(() => to), [], keys.map(() => 'destroyed')]);
  return copies.map(({ proof }) => proof);
}

const why = async (keys: readonly string[], to: string) => (await t.call('key.planCopy', { keys: [...keys], to })).versions.map(({ goes, why: reason }) => (goes ? 'goes' : reason));

/** The token signs, openssl verifies. */
async function signs(key: string): Promise<void> {
  const file = `${key}-${(await t.call('key.show', { key })).key.place.name}.sig`;
  await t.call('key.public', { key, out: t.write(`${file}.pem`) });
  await t.call('key.sign', { key, files: [t.read('in')], signatures: [t.write(file)], mechanism: key === 'curve' ? 'ecdsa-sha256' : 'rsa-pkcs1-sha256' });
  expect(execFileSync('openssl', ['dgst', '-sha256', '-verify', `${file}.pem`, '-signature', file, 'in'], { cwd: t.folder }).toString()).toContain('Verified OK');
}

describe('SoftHSM and NSS', () => {
  test('secret keys go from token to token, there and back', async () => {
    for (const [name, made] of Object.entries({ ...secrets, ...pairs })) await t.call('key.generate', { name, ...made, place: 'officers', exportable: true });
    const proofs = ['encryption', 'mac', 'wrapping'];
    expect(await move(secretNames, 'nss')).toEqual(proofs);
    expect(await move(secretNames, 'officers')).toEqual(proofs);
  });

  test('NSS opens no wrapped private key, and says so before; in clear it takes them, and they come back wrapped', async () => {
    expect(await why(pairNames, 'nss')).toEqual(['ec-p256', 'rsa-2048'].map((algorithm) => `the token "nss" opens no wrapped private keys of ${algorithm}`));
    expect(await move(pairNames, 'nss', { ephemeralKey: 'computer' })).toEqual(['signature', 'signature']);
    for (const key of pairNames) await signs(key);
    expect(await move(pairNames, 'officers')).toEqual(['signature', 'signature']);
    for (const key of pairNames) await signs(key);
  });
});

describe('SoftHSM and openCryptoki', () => {
  test('what could not be proved there is not copied, and what it has not is said', async () => {
    const nothing = (name: string, what: string) => `the token "officers" and the token "opencryptoki" have no operation in common that would prove that both hold "${name}" (${what})`;
    expect(await why([...secretNames, 'curve'], 'opencryptoki')).toEqual(['goes', 'goes', nothing('kek', 'aes-128, key-wrapping'), 'the token "opencryptoki" has no ec-p256 keys']);
  });

  test('what it opens it keeps otherwise than it is told: nothing is left, and another way is named', async () => {
    const refused = await t.refused('key.copy', { keys: ['tags'], to: 'opencryptoki', acceptStrength: 128 });
    expect(refused).toMatchObject({ code: 'token-refused', nextStep: expect.stringContaining('--ephemeral-key computer') });
    expect((await t.call('token.info', { token: 'opencryptoki' })).keys).toEqual([]);
  });

  test('in clear it takes secret keys and RSA; secret keys come back from token to token, RSA stays', async () => {
    expect(await move(['cipher', 'tags', 'release'], 'opencryptoki', { ephemeralKey: 'computer' })).toEqual(['encryption', 'mac', 'signature']);
    await signs('release');
    expect(await move(['cipher', 'tags'], 'officers')).toEqual(['encryption', 'mac']);
    expect(await why(['release'], 'officers')).toEqual(['the token "opencryptoki" does not wrap private keys of rsa-2048: "release" stays on it']);
  });
});
