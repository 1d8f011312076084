/** Modules and tokens: loaded as pinned, told apart, absent. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeModuleFile } from '../../electron/vault/providers/pkcs11/describeModuleFile.ts';
import { Pkcs11Modules } from '../../electron/vault/providers/pkcs11/pkcs11Modules.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { openToken, testLauncher } from '../fixtures/openModules.ts';
import type { OpenedToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

let token: SoftHsmToken;
let opened: OpenedToken;

beforeAll(async () => {
  token = makeSoftHsmToken();
  opened = await openToken(token);
});

afterAll(async () => {
  await opened.modules.close();
  token.remove();
});

function emptyModules(): Pkcs11Modules {
  return new Pkcs11Modules({ launcher: testLauncher(), askPin: () => Promise.reject(new Error('nobody is asked here')) });
}

describe('TOKEN-1', () => {
  test('a module that was changed after it was pinned is not loaded', async () => {
    const copy = join(token.folder, 'module.so');
    copyFileSync(token.modulePath, copy);
    const pinned = describeModuleFile(copy);
    appendFileSync(copy, 'x');
    const modules = emptyModules();
    modules.open({ ...pinned, environment: token.environment, folders: [token.folder] });
    await expect(modules.tokens()).rejects.toMatchObject({ code: 'module-changed', rule: 'TOKEN-1' });
    modules.open({ ...describeModuleFile(token.modulePath), ownerUid: 4242 });
    const { tokens, failures } = await modules.inventory();
    expect(tokens).toEqual([]);
    expect(failures.map(({ error }) => error)).toMatchObject([
      { rule: 'TOKEN-1', message: expect.stringContaining('SHA-256') as string },
      { rule: 'TOKEN-1', message: expect.stringContaining('owner') as string },
    ]);
    rmSync(copy);
    await expect(modules.tokens()).rejects.toMatchObject({ code: 'module-not-found' });
    await modules.close();
  });

  test('a program that is no module does not load, and says so', async () => {
    const modules = emptyModules();
    modules.open(describeModuleFile(process.execPath));
    await expect(modules.tokens()).rejects.toMatchObject({ code: 'module-load-failed' });
    await modules.close();
  });
});

describe('a token that comes and goes', () => {
  test('a token that is not there is absent', async () => {
    await expect(opened.modules.provider({ serial: 'ffffffff', label: token.label })).rejects.toMatchObject({ code: 'token-absent' });
  });

  test('two tokens of one label are told apart by serial', async () => {
    await opened.provider.generate({ id: randomBytes(16), label: 'of the first', algorithm: 'aes-128', purpose: 'data-encryption', exportable: false });
    token.run('softhsm2-util', ['--init-token', '--free', '--label', token.label, '--so-pin', token.soPin, '--pin', token.userPin]);
    const again = await openToken(token);
    const sameLabel = (await again.modules.tokens()).filter((info) => info.label === token.label);
    expect(sameLabel).toHaveLength(2);
    const other = sameLabel.find((info) => info.serial !== token.serial);
    if (other === undefined) throw new Error('the second token is missing');
    expect(await (await again.modules.provider(other)).list()).toEqual([]);
    expect((await again.provider.list()).map((key) => key.label)).toEqual(['of the first']);
    await again.modules.close();
  });

  test('a token that is pulled and put back: each use in between fails, the next one works after its PIN', async () => {
    const mine = makeSoftHsmToken('pulled');
    const { modules, provider, questions } = await openToken(mine);
    await provider.list();
    const [here, away] = ['tokens', 'away'].map((name) => join(mine.folder, name)) as [string, string];
    renameSync(here, away);
    await expect(modules.provider({ serial: mine.serial, label: mine.label })).rejects.toMatchObject({ code: expect.stringMatching(/^token-/) as string });
    await expect(provider.list()).rejects.toMatchObject({ code: expect.stringMatching(/^token-/) as string });
    renameSync(away, here);
    expect(await (await modules.provider({ serial: mine.serial, label: mine.label })).list()).toEqual([]);
    expect(questions).toHaveLength(2);
    await modules.close();
    mine.remove();
  });

  test('a new token beside a token in use does not log that one out', async () => {
    await opened.provider.list();
    const before = opened.questions.length;
    const free = (await opened.modules.tokens()).find((info) => !info.flags.includes('token-initialized'));
    if (free === undefined) throw new Error('SoftHSM shows no free slot');
    const pin = () => SecretBytes.own(new TextEncoder().encode('31415926'));
    await opened.modules.initToken({ modulePath: free.modulePath, slot: free.slot, label: 'beside', soPin: pin(), userPin: pin() });
    await opened.provider.list();
    expect(opened.questions.length).toBe(before);
  });

  test('a module is opened once, and one that was not opened is not found', async () => {
    const modules = emptyModules();
    const file = describeModuleFile(token.modulePath);
    modules.open(file);
    expect(() => modules.open(file)).toThrow(expect.objectContaining({ code: 'already-exists' }));
    await expect(modules.provider({ serial: 'a', label: 'b', modulePath: '/opt/other.so' })).rejects.toMatchObject({ code: 'module-not-found' });
    await modules.close();
  });
});
