/** A generation that takes long holds up nobody where the module was seen to serve several callers. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProviderKey } from '../../electron/vault/providers/provider.ts';
import type { FaultModule } from '../fixtures/faultModule.ts';
import { makeFaultModule } from '../fixtures/faultModule.ts';
import { openToken } from '../fixtures/openModules.ts';
import type { OpenedToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

const digest = new Uint8Array(createHash('sha256').update('signed').digest());
const request = (label: string, algorithm: 'rsa-4096' | 'rsa-2048' | 'ec-p256') => ({ id: new Uint8Array(randomBytes(16)), label, algorithm, purpose: 'signature', exportable: false }) as const;

let token: SoftHsmToken;
let fault: FaultModule;
let opened: OpenedToken;
let signer: ProviderKey;

beforeAll(async () => {
  token = makeSoftHsmToken('aside');
  fault = makeFaultModule(token);
  opened = await openToken(token, { module: fault });
  signer = await opened.provider.generate(request('signer', 'ec-p256'));
}, 60_000);
afterAll(async () => {
  await opened.modules.close();
  token.remove();
});

const sign = async () => (await opened.provider.sign({ ref: signer.ref, mechanism: 'ecdsa-sha256', inputs: [digest] }))[0]?.ok;

/** What ended in which order. */
async function inOrder(works: Readonly<Record<string, () => Promise<unknown>>>): Promise<readonly string[]> {
  const order: string[] = [];
  await Promise.all(Object.entries(works).map(async ([name, work]) => {
    await work();
    order.push(name);
  }));
  return order;
}

describe('SoftHSM', () => {
  test('lists and signs while an RSA-4096 pair is made, and the pair is as asked', async () => {
    const order = await inOrder({
      generate: async () => expect(await opened.provider.generate(request('large', 'rsa-4096'))).toMatchObject({ label: 'large', algorithm: 'rsa-4096', exportable: false }),
      list: async () => expect((await opened.provider.list()).map(({ label }) => label)).toEqual(['signer']),
      sign: async () => expect(await sign()).toBe(true),
    });
    expect(order).toEqual(['list', 'sign', 'generate']);
    expect(token.pkcs11Tool('--list-objects', '--type', 'privkey')).toContain('large');
  });

  test('two pairs are made side by side, each under its own name', async () => {
    const pairs = await Promise.all(['one', 'two'].map((label) => opened.provider.generate(request(label, 'rsa-2048'))));
    expect(pairs.map(({ label }) => label)).toEqual(['one', 'two']);
    expect((await opened.provider.list()).map(({ label }) => label)).toEqual(expect.arrayContaining(['one', 'two']));
  });

  test('a crash in the middle costs what was under way, with an error each, and the next call works', async () => {
    fault.order('C_GenerateKeyPair crash');
    const making = opened.provider.generate(request('never', 'rsa-2048'));
    await expect(making).rejects.toMatchObject({ code: 'module-crashed' });
    expect(await sign()).toBe(true);
    fault.order('C_GenerateKeyPair error 0x30');
    await expect(opened.provider.generate(request('neither', 'rsa-2048'))).rejects.toMatchObject({ code: 'token-refused' });
    const before = opened.questions.length;
    expect([await sign(), opened.questions.length - before], 'the login of the others was left alone').toEqual([true, 0]);
  });

  test('a vault that locks does not wait for the pair', async () => {
    const other = await openToken(token);
    await other.provider.list();
    const making = other.provider.generate(request('abandoned', 'rsa-4096')).catch((error: unknown) => error);
    await other.provider.list();
    const began = Date.now();
    await other.modules.close();
    expect(Date.now() - began, 'milliseconds').toBeLessThan(4000);
    await making;
  });
});
