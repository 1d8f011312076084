/** What modules store and what they enforce, as it is found out by throw-away keys: known of each, and kept in the vault. */
import { afterEach, describe, expect, test } from 'vitest';
import type { KeyGuard } from '../../shared/model/terms.ts';
import { openToken } from '../fixtures/openModules.ts';
import { openNss } from '../fixtures/nssToken.ts';
import { makeOpencryptokiToken } from '../fixtures/opencryptokiToken.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTpmToken } from '../fixtures/tpmToken.ts';
import type { KeyProvider } from '../../electron/vault/providers/provider.ts';
import { makeTokenCore } from '../fixtures/tokenCore.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function enforced({ trials }: KeyProvider): Promise<Partial<Record<KeyGuard, boolean | undefined>>> {
  return Object.fromEntries(((await trials?.guards()) ?? []).map(({ guard, enforced: does }) => [guard, does]));
}

describe('each module', () => {
  test('SoftHSM enforces all that it stores', async () => {
    const token = makeSoftHsmToken();
    const { provider, modules } = await openToken(token);
    closers.push(async () => {
      await modules.close();
      token.remove();
    });
    const found = await provider.trials.guards();
    expect(found.every(({ stored, enforced: does }) => stored === true && does === true), JSON.stringify(found)).toBe(true);
    expect(found).toHaveLength(6);
    expect(token.pkcs11Tool('--list-objects').trim(), 'nothing is left on it').toBe('');
  });

  test('NSS wraps what must not leave, and asks for no PIN before each use', async () => {
    const nss = await openNss('guards');
    closers.push(() => nss.close());
    expect(await enforced(nss.provider)).toMatchObject({ extractable: false, sensitive: true, usage: true, 'wrap-with-trusted': false, 'always-authenticate': false });
  });

  test('openCryptoki asks for no PIN before each use', async () => {
    const module = await makeOpencryptokiToken();
    closers.push(() => module.close());
    expect(await enforced(module.provider)).toMatchObject({ extractable: true, sensitive: true, 'always-authenticate': false });
  });

  test('of a TPM nothing is concluded: it takes no key that could be thrown away', async () => {
    const module = await makeTpmToken();
    closers.push(() => module.close());
    expect(Object.values(await enforced(module.provider)).every((does) => does === undefined)).toBe(true);
  });
});

describe('in the vault', () => {
  test('what was tried is kept per model and firmware, told with the key, and tried again when asked', async () => {
    const { token, t } = await makeTokenCore('tried');
    closers.push(async () => {
      await t.close();
      token.remove();
    });
    await t.call('key.generate', { name: 'stays', purpose: 'data-encryption', algorithm: 'aes-256', place: 'tried' });
    const probes = async () => (await t.call('audit.list', { limit: 1000 })).entries.filter(({ body }) => body['act'] === 'token.probe').length;
    expect(await probes()).toBe(1);
    const { guards } = await t.call('key.show', { key: 'stays' });
    expect(guards?.map(({ guard, guardedBy }) => [guard, guardedBy])).toEqual([['extractable', 'token and Strongroom'], ['sensitive', 'token'], ['usage', 'token and Strongroom']]);
    await t.call('vault.lock', {});
    await t.unlock();
    const before = Date.now();
    expect((await t.call('token.info', { token: 'tried' })).guards).toHaveLength(6);
    expect([await probes(), Date.now() - before < 5000]).toEqual([1, true]);
    expect(await t.call('token.probe', { token: 'tried' })).toMatchObject({ keptAt: expect.any(String) as string, model: 'SoftHSM v2' });
    expect(await probes()).toBe(2);
    expect((await t.call('vault.check', {}))).toBeDefined();
  });
});
