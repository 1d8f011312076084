/** The application through the stand-in's IPC: the whole line from the page to a real vault and a real token, with the prompt in between. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { promptChannel, windowChannel } from '../../shared/ipc/channels.ts';
import { contract } from '../../shared/ipc/contract.ts';
import { windowMethodNames } from '../../shared/ipc/methodNames.ts';
import { hostMethods } from '../../shared/ipc/windowContract.ts';
import { secretOf, startApplication } from '../fixtures/electronApp.ts';
import type { TestApplication } from '../fixtures/electronApp.ts';
import { answers, invokeFrom, lastCall, powerMonitor, StandInContents } from '../fixtures/electronStandIn.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

vi.mock('electron', () => import('../fixtures/electronStandIn.ts'));

const passphrase = 'correct horse battery staple';
let token: SoftHsmToken;
let application: TestApplication;

beforeAll(async () => {
  token = makeSoftHsmToken('officers');
  Object.assign(process.env, token.environment);
  application = await startApplication();
});
afterAll(async () => {
  await application.close();
  token.remove();
});

const ask = async (method: string, request: unknown) => {
  const answer = await application.call(method, request);
  if (!answer.ok) throw new Error(`${method}: ${answer.error?.code}: ${answer.error?.message}`);
  return answer.value ?? {};
};
const grant = async (use: string, path: string) => {
  Object.assign(answers, { open: path, save: path });
  return (await ask('host.chooseFile', { use }))['grant'];
};

test('the preloads carry the names of the contract, no more and no fewer', () => {
  expect([...windowMethodNames].sort()).toEqual([...Object.keys(contract), ...Object.keys(hostMethods)].sort());
});

describe('the whole line', () => {
  test('a vault is made: the system asks for its file, the prompt for its passphrase', async () => {
    const made = ask('vault.create', { file: await grant('new-vault', join(application.folder, 'keys')), person: 'Ada Officer', unlockCost: 'minimum' });
    const { window, sitting } = await application.prompt();
    expect(sitting.question.kind).toBe('newPassphrase');
    expect([application.window.enabled, window.protectedContent, window.options['parent']]).toEqual([false, true, application.window]);
    await application.answer({ secret: secretOf(passphrase) });
    expect((await made)['keys']).toBe(0);
    expect([application.window.enabled, existsSync(join(application.folder, 'keys.strongroom'))]).toEqual([true, true]);
  });

  test('a module is added, a key is made on its token and signs; its process is a utility process with a scrubbed environment', async () => {
    const adding = ask('token.add', { module: await grant('module', token.modulePath) });
    await application.answer({ typed: 'libsofthsm2.so', secret: secretOf(passphrase) });
    await adding;
    const making = ask('key.generate', { name: 'release', purpose: 'signature', algorithm: 'rsa-2048', place: 'officers' });
    await application.answer({ secret: secretOf(token.userPin) });
    await making;
    const [, , options] = lastCall('utilityProcess.fork') as [string, string[], { env: Record<string, string>; stdio: string }];
    expect(Object.keys(options.env).filter((name) => !['PATH', 'HOME', 'LANG', 'SOFTHSM2_CONF'].includes(name))).toEqual([]);
    expect(options.stdio).toBe('ignore');
    writeFileSync(join(application.folder, 'app'), 'the application');
    answers.open = join(application.folder, 'app');
    const file = (await ask('host.chooseFile', { use: 'sign' })) as { grant: string; beside: { grant: string } };
    const signed = await ask('key.sign', { key: 'release', files: [file.grant], signatures: [file.beside.grant], mechanism: 'rsa-pkcs1-sha256' });
    expect(signed['signed']).toBe(1);
    const { spki } = (await ask('key.public', { key: 'release' })) as { spki: string };
    writeFileSync(join(application.folder, 'release.der'), Buffer.from(spki, 'hex'));
    const verified = execFileSync('openssl', ['dgst', '-sha256', '-verify', 'release.der', '-keyform', 'DER', '-signature', 'app.sig', 'app'], { cwd: application.folder, encoding: 'utf8' });
    expect(verified).toContain('Verified OK');
  });

  test('every method answers a hostile request with a code that it declares', async () => {
    for (const method of windowMethodNames.filter((name) => name !== 'vault.lock' && name !== 'host.chooseSeal')) {
      const { ok, error } = await application.call(method, { nonsense: true });
      expect([method, ok, error?.code]).toEqual([method, false, 'request-invalid']);
    }
  });

  test('a cancelled dialog is declined', async () => {
    answers.open = undefined;
    const { error } = await application.call('host.chooseFile', { use: 'sign' });
    expect(error?.code).toBe('declined');
  });
});

describe('who calls', () => {
  const other = new StandInContents();
  other.mainFrame.url = 'strongroom://window/';
  test.each([
    ['another window', () => invokeFrom(other, windowChannel, ['call', 'host.state', '{}', 'x'])],
    ['a frame of the window', () => invokeFrom(application.window.webContents, windowChannel, ['call', 'host.state', '{}', 'x'], { url: 'strongroom://window/', parent: {} })],
    ['no frame', () => invokeFrom(application.window.webContents, windowChannel, ['call', 'host.state', '{}', 'x'], null)],
    ['the window at the prompt', () => invokeFrom(application.window.webContents, promptChannel, ['sitting'])],
    ['another message', () => invokeFrom(application.window.webContents, windowChannel, ['sitting'])],
  ])('%s gets no answer', async (_who, call) => {
    await expect(call()).rejects.toThrow('nobody answers here');
  });

  test.each(['', 'about:blank', 'strongroom://prompt/', 'https://strongroom.invalid/', 'strongroom://window.evil/', 'file:///window/'])('the window at %j gets no answer', async (url) => {
    const { mainFrame } = application.window.webContents;
    const before = mainFrame.url;
    mainFrame.url = url;
    await expect(invokeFrom(application.window.webContents, windowChannel, ['call', 'host.state', '{}', 'x'])).rejects.toThrow('nobody answers here');
    mainFrame.url = before;
  });
});

describe('the system', () => {
  test('a vault that is opened by double click is the one that the gate begins with', async () => {
    application.host.openVault('/vaults/other.strongroom');
    expect(application.window.webContents.sent.at(-1)).toEqual(['strongroom:event', { kind: 'recent' }]);
    const { recent } = (await ask('host.state', {})) as { recent: { name: string; folder: string; there: boolean }[] };
    expect(recent[0]).toMatchObject({ name: 'other.strongroom', folder: '/vaults', there: false });
  });

  test.each(['suspend', 'lock-screen', 'user-did-resign-active', 'shutdown'])('locks the vault on %s', async (event) => {
    if (!(await application.call('vault.info', {})).ok) {
      const opening = ask('vault.unlock', { file: await grant('open-vault', join(application.folder, 'keys.strongroom')) });
      await application.answer({ secret: secretOf(passphrase) });
      await opening;
    }
    powerMonitor.emit(event);
    await vi.waitFor(() => expect(application.window.webContents.sent.at(-1)?.[1]).toMatchObject({ kind: 'locked' }));
    expect((await application.call('vault.info', {})).error?.code).toBe('locked');
    application.window.webContents.sent.length = 0;
  });
});

test('a request that is too long is not read: it is refused as text', async () => {
  const long = JSON.stringify({ padding: 'x'.repeat(300_000) });
  const parse = vi.spyOn(JSON, 'parse');
  const answer = await invokeFrom(application.window.webContents, windowChannel, ['call', 'host.state', long, 'long']);
  const read = parse.mock.calls.filter(([text]) => text === long).length;
  parse.mockRestore();
  expect([read, (JSON.parse(String(answer)) as { ok: boolean }).ok]).toEqual([0, false]);
});
