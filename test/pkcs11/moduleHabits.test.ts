/** Habits of real modules that a person meets: short PINs, a login that a card forgets, a server that ends. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import type { SignResult } from '../../electron/vault/providers/provider.ts';
import { makeOpencryptokiToken, opencryptokiSoPin } from '../fixtures/opencryptokiToken.ts';
import { makeP11KitToken } from '../fixtures/p11KitToken.ts';
import { makePivToken } from '../fixtures/pivToken.ts';
import type { PivUnderTest } from '../fixtures/pivToken.ts';
import type { ModuleUnderTest } from '../fixtures/startedModule.ts';

const secret = (text: string) => SecretBytes.own(new TextEncoder().encode(text));
const digest = new Uint8Array(createHash('sha256').update('signed').digest());
const under: ModuleUnderTest[] = [];
afterEach(async () => {
  await Promise.all(under.splice(0).map((module) => module.close()));
});

describe('openCryptoki', () => {
  test('a PIN outside of 4 to 8 bytes is refused before the token sees it', async () => {
    const module = await makeOpencryptokiToken();
    under.push(module);
    expect(module.token).toMatchObject({ minPinLength: 4, maxPinLength: 8 });
    const initialise = (userPin: string) => module.modules.initToken({ modulePath: module.token.modulePath, slot: module.token.slot, label: 'again', soPin: secret(opencryptokiSoPin), userPin: secret(userPin) });
    for (const pin of ['123', '123456789']) await expect(initialise(pin)).rejects.toMatchObject({ code: 'pin-invalid', message: '"pin" expected 4..8 bytes' });
    expect((await module.modules.tokens())[0]).toMatchObject({ label: module.token.label });
  });
});

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

describe('p11-kit client', () => {
  test('where the process that keeps the token ended, one call fails, and the next finds its way back', async () => {
    const module = await makeP11KitToken();
    under.push(module);
    const { ref } = await module.provider.generate({ id: new Uint8Array(16).fill(7), label: 'remote', algorithm: 'ec-p256', purpose: 'signature', exportable: false });
    const sign = () => module.provider.sign({ ref, mechanism: 'ecdsa-sha256', inputs: [digest] });
    expect((await sign())[0]?.ok).toBe(true);
    const keepers = childrenOf(module.pid).flatMap(childrenOf); // the server has one for each client
    expect(keepers).toHaveLength(1);
    for (const keeper of keepers) process.kill(keeper, 'SIGKILL');
    expect((await sign().catch((): readonly SignResult[] => []))[0]?.ok ?? false).toBe(false);
    expect((await sign())[0]?.ok).toBe(true);
  });
});

describe.each(['OpenSC', 'YKCS11'] as const)('a card through %s', (through) => {
  async function signs(card: PivUnderTest): Promise<boolean> {
    const key = await card.prepared('rsa-2048', 'signature');
    const [result] = await card.provider.sign({ ref: key?.ref ?? '', mechanism: 'rsa-pkcs1-sha256', inputs: [digest] });
    if (result?.ok === false) throw result.error;
    return result?.ok === true;
  }

  test('a card that another program reset signs after a new login', async () => {
    const card = await makePivToken(through);
    under.push(card);
    expect(await signs(card)).toBe(true);
    execFileSync('opensc-tool', ['--reset', 'warm'], { env: { ...process.env, ...card.environment }, stdio: 'pipe' });
    expect(await signs(card)).toBe(true);
  });
});
