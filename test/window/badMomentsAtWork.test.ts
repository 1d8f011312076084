/** Bad moments in the middle of work, in the real window: a token that is pulled, a module that hangs or crashes, a cancel, a core that ends. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, ftruncateSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { knownModules } from '../../electron/host/knownModules.ts';
import type { HostState } from '../../shared/ipc/windowContract.ts';
import { rememberVaults, nothingSpins, showsError } from '../fixtures/badMoments.ts';
import { makeFaultModule } from '../fixtures/faultModule.ts';
import type { FaultModule } from '../fixtures/faultModule.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import { closes, openWindow, passphrase, pressButton } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';

let token: SoftHsmToken;
let fault: FaultModule;
let window: TestWindow;
let folder: string;
const path = (name: string) => join(folder, name);
const timeLimits = { call: 5000, generate: 10_000 };

/** A vault with a key on the token that misbehaves on order, and one in the file. */
async function makeVaultWithToken(): Promise<void> {
  const variables = Object.keys(fault.environment);
  const knownModule = { name: 'a module that fails on order', paths: { [process.platform]: [fault.modulePath] }, variables, folders: [token.folder] };
  const t = makeTestCore({ token: fault, knownModule, folder });
  Object.assign(t.answers, { pin: token.userPin, passphrase, newPassphrase: passphrase });
  await t.create();
  await t.call('token.add', { module: t.files.read(fault.modulePath) });
  await t.call('key.generate', { name: 'signer', purpose: 'signature', algorithm: 'rsa-2048', place: 'faulty' });
  await t.call('key.generate', { name: 'cipher', purpose: 'data-encryption', algorithm: 'aes-256' });
  await t.close();
  rememberVaults(folder, [t.vaultPath]);
  window = await openWindow({ folder, environment: fault.environment, knownModules: [...knownModules(), knownModule], timeLimits });
}

/** Whether any map in the page's memory still has an answer of the vault, by its method. */
async function keepsAnswers(page: Page): Promise<boolean> {
  const session = await page.context().newCDPSession(page);
  try {
    const { result } = await session.send('Runtime.evaluate', { expression: 'Map.prototype' });
    const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: result.objectId ?? '' });
    const keeps = String((maps: readonly Map<unknown, unknown>[]) => maps.some((map) => [...map.keys()].some((key) => /^(key|vault|token|log)\.\w+ \{/.test(String(key)))));
    const answer = await session.send('Runtime.callFunctionOn', { objectId: objects.objectId ?? '', functionDeclaration: `function () { return (${keeps})(this); }`, returnByValue: true });
    return answer.result.value as boolean;
  } finally {
    await session.detach();
  }
}

beforeAll(async () => {
  token = makeSoftHsmToken('faulty');
  fault = makeFaultModule(token);
  folder = join(token.folder, 'window');
  execFileSync('mkdir', [folder]);
  await makeVaultWithToken();
  await unlock();
});
afterAll(async () => {
  await window.close();
  token.remove();
});

const go = (place: string) => window.page.evaluate(`location.hash = '#/${place}'`);
async function unlock(): Promise<void> {
  await window.page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await window.answer({ Passphrase: passphrase }, 'Unlock');
  await window.page.getByRole('heading', { name: /need/ }).waitFor();
}

let files = 0;
/** To the press on the button; what comes of it is the test's to see. */
async function sign(): Promise<string> {
  const { page } = window;
  files += 1;
  const name = `file-${files}`;
  writeFileSync(path(name), name);
  await go('keys');
  await go('use/signer/sign');
  await page.getByRole('button', { name: 'Choose…' }).click();
  await window.choose(path(name));
  await page.getByRole('button', { name: 'Sign 1 file' }).click();
  return name;
}
const givePin = () => window.answer({ PIN: token.userPin }, 'Enter PIN');
async function signs({ pin }: { readonly pin: boolean }): Promise<void> {
  const name = await sign();
  if (pin) await givePin();
  await window.page.getByText('1 file signed with version 1 of signer').waitFor();
  expect(existsSync(path(`${name}.sig`))).toBe(true);
  await nothingSpins(window.page);
}

describe('a module', () => {
  test('signs, after its PIN; the next signature asks for none', async () => {
    await signs({ pin: true });
    await signs({ pin: false });
  });

  test.each([
    ['hangs', 'C_Sign hang', 'token-timeout'],
    ['crashes', 'C_Sign crash', 'module-crashed'],
    ['says something impossible', 'C_Sign huge', 'module-malformed'],
  ])('that %s costs one signature: the window says so, and the next one works after the PIN', async (_, order, code) => {
    fault.order(order);
    const name = await sign();
    const said = await showsError(window.page, code);
    expect(said).toContain('The vault goes on');
    expect([fault.waiting(), existsSync(path(`${name}.sig`))]).toEqual([false, false]);
    await signs({ pin: true });
  });

  test('that crashes again and again is given up: the page of tokens says why, and Try again starts it anew', async () => {
    const { page } = window;
    const storm = setInterval(() => fault.waiting() || fault.order('C_GetSlotList crash'), 5);
    try {
      const listed = () => page.evaluate("strongroom.methods['token.list']({}, crypto.randomUUID()).then((answer) => JSON.stringify(answer))");
      await expect.poll(listed, { timeout: 30_000 }).toContain('failed 5 times in a row and is not started any more');
    } finally {
      clearInterval(storm);
      fault.order('C_Nothing print'); // in the place of the last one
    }
    await sign();
    expect(await showsError(page, 'module-given-up')).toContain('Try again');
    await go('tokens');
    await page.locator('nav').getByRole('alert').getByText(/failed 5 times in a row and is not started any more/).waitFor();
    await nothingSpins(page);
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.locator('nav').getByRole('alert').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Look inside…' }).waitFor();
    await signs({ pin: true });
  });

  test('that hangs when its tokens are listed: the page of tokens says so and shows the rest, and looking again works', async () => {
    const { page } = window;
    fault.order('C_GetSlotList hang');
    await go('tokens');
    await page.getByRole('alert').getByText(/did not answer/).first().waitFor(); // beside the module, or in the corner where the watch for tokens met it
    await nothingSpins(page);
    const lookInside = page.getByRole('button', { name: 'Look inside…' });
    const again = page.getByRole('button', { name: /^(Look|Try) again/ }).first();
    await lookInside.or(again).first().waitFor(); // where the watch met it, the list was asked anew already
    if (!(await lookInside.isVisible())) await again.click();
    await lookInside.waitFor();
  });

  test('whose PIN is asked for when the vault locks by itself: the prompt closes, and the work is answered', async () => {
    const { page } = window;
    await sign();
    const prompt = await window.prompt();
    await closes(prompt, window.host.router.lock('nobody was at the window'));
    await page.getByText('Locked: nobody was at the window').waitFor();
    await nothingSpins(page);
    await unlock();
    await signs({ pin: true });
  });
});

test('a vault that locks by itself while nothing is under way leaves none of its answers in the page', async () => {
  await go('keys');
  await expect.poll(() => keepsAnswers(window.page)).toBe(true);
  await window.host.router.lock('nobody was at the window');
  await window.page.getByText('Locked: nobody was at the window').waitFor();
  await expect.poll(() => keepsAnswers(window.page)).toBe(false);
  await unlock();
});

describe('a token that is pulled', () => {
  const away = () => renameSync(join(token.folder, 'tokens'), join(token.folder, 'away'));
  const back = () => renameSync(join(token.folder, 'away'), join(token.folder, 'tokens'));

  test('between two signatures: the window says so, and once it is back the next one works after the PIN', async () => {
    away();
    const name = await sign();
    expect(await showsError(window.page, 'token-(refused|absent)')).toMatch(/try again/i);
    expect(existsSync(path(`${name}.sig`))).toBe(false);
    back();
    await signs({ pin: true });
  });

  test('for longer: the page of tokens has it as absent, its key stays in the inventory, and looking again finds it', async () => {
    const { page } = window;
    away();
    await sign();
    await showsError(page, 'token-(refused|absent)');
    await go('tokens');
    await page.getByRole('link', { name: /faulty\s*Absent/ }).waitFor();
    await nothingSpins(page);
    await go('keys');
    await page.getByText('signer').first().waitFor();
    back();
    await go('tokens');
    await page.getByRole('button', { name: 'Look again' }).first().click();
    await page.getByRole('button', { name: 'Look inside…' }).waitFor();
  });

  test('while its PIN is asked for: the window says so, and once it is back the PIN is asked for again', async () => {
    const { page } = window;
    await sign();
    const prompt = await window.prompt();
    away();
    await prompt.getByLabel('PIN').fill(token.userPin);
    await pressButton(prompt, 'Enter PIN');
    await showsError(page, '(token|pin|module)-[a-z-]+');
    back();
    await signs({ pin: true });
  });
});

describe('work that is cancelled', () => {
  /** A file of nothing, that takes no room. */
  function large(name: string, mebibytes: number): void {
    const descriptor = openSync(path(name), 'w');
    ftruncateSync(descriptor, mebibytes * 1024 * 1024);
    closeSync(descriptor);
  }
  const encrypt = async (name: string) => {
    const { page } = window;
    await go('keys');
    await go('use/cipher/encrypt');
    await page.getByRole('button', { name: 'Choose…' }).click();
    await window.choose(path(name));
    await page.getByRole('button', { name: 'Encrypt', exact: true }).click();
  };

  test('in the middle of 300 MiB: it stops, nothing is left of the result, and the next encryption works', async () => {
    const { page } = window;
    large('large', 300);
    const before = readdirSync(folder).toSorted();
    await encrypt('large');
    await page.getByText(/: [1-9]\d? %/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    const said = await showsError(page, 'cancelled');
    expect(said).toContain('Nothing was changed');
    expect(readdirSync(folder).toSorted()).toEqual(before);
    writeFileSync(path('little'), 'little');
    await encrypt('little');
    await page.getByText('little is encrypted under version 1 of cipher').waitFor();
    rmSync(path('large'));
  });

  test('by the end of the core: the window says so, every call is answered, and nothing is left of the result', async () => {
    const { page } = window;
    large('large', 300);
    await encrypt('large');
    await page.getByText(/: [1-9]\d? %/).waitFor();
    await window.host.core.terminate();
    await page.getByRole('alertdialog', { name: 'The core has ended' }).waitFor();
    expect(await showsError(page, 'core-gone')).toMatch(/What was committed is in the vault.*start Strongroom again/s);
    const { value } = (await page.evaluate("strongroom.methods['host.state']({}, 'state')")) as { value: HostState };
    const calls = [['vault.info', {}], ['key.list', {}], ['vault.lock', {}], ['host.openRecent', { id: value.recent[0]?.id }]] as const;
    const codes = await page.evaluate(`Promise.all(${JSON.stringify(calls)}.map(async ([method, request], index) => (await strongroom.methods[method](request, 'after ' + index)).error.code))`);
    expect(codes).toEqual(calls.map(() => 'core-gone'));
    expect(existsSync(path('large.sr')), 'a result appears whole or not at all').toBe(false);
  });
});

test('nothing was complained of: no script error, no violation of the policy of the pages', () => {
  expect(window.complaints).toEqual([]);
});
