/** A hostile page in the window's place asks for what it may not have: acts, secrets, files, the seal, the host's breath. `electron/chromium/HOSTILE.md` has a row for each attempt. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contract } from '../../shared/ipc/contract.ts';
import type { MethodName } from '../../shared/ipc/contract.ts';
import { windowMethodNames } from '../../shared/ipc/methodNames.ts';
import { hostMethods, windowErrors } from '../../shared/ipc/windowContract.ts';
import type { HostMethodName } from '../../shared/ipc/windowContract.ts';
import type { HostileAnswer, HostileGlobals } from '../fixtures/hostilePage.ts';
import { codeOf, grantOf, openHostile } from '../fixtures/hostileWindow.ts';
import type { HostileWindow } from '../fixtures/hostileWindow.ts';
import { passphrase, pressButton } from '../fixtures/windowHost.ts';

let hostile: HostileWindow;
let page: Page;

beforeAll(async () => {
  hostile = await openHostile();
  ({ page } = hostile);
});
afterAll(() => hostile.close());

test('tries guarded acts without the person', async () => {
  const outside = join(hostile.folder, 'stolen.oaep');
  const refused = async (method: string, request: unknown) => {
    const answer = hostile.ask(method, request);
    await hostile.notNow();
    expect(codeOf(await answer), method).toBe('declined');
  };
  const out = await hostile.chosen('export-key', 'stolen.oaep');
  await refused('key.export', { key: 'payroll', to: 'bank', acceptStrength: 128, out });
  const key = await hostile.chosen('recipient', 'thief.pem');
  await refused('recipient.add', { name: 'thief', key });
  expect(codeOf(await hostile.ask('recipient.add', { name: 'thief', key })), 'a grant is used once').toBe('request-invalid');
  await hostile.chosen();
  await refused('key.destroy', { key: 'payroll', reason: 'spite' });
  await hostile.chosen();
  await refused('token.add', { module: grantOf(await hostile.ask('host.knownModule', { path: hostile.token.modulePath })) });
  await hostile.chosen();

  const shown = (await hostile.ask('key.show', { key: 'payroll' })).value as { versions: { state: string }[]; distributions: unknown[] };
  expect([shown.versions.map(({ state }) => state), shown.distributions]).toEqual([['active'], []]);
  const { value: held = {} } = await hostile.ask('recipient.list');
  expect((held['recipients'] as { name: string }[]).map(({ name }) => name)).toEqual(['bank']);
  expect(existsSync(outside)).toBe(false);
  const { value: log = {} } = await hostile.ask('audit.list');
  const entries = log['entries'] as { kind: string; body: { method?: string } }[];
  expect(entries.filter(({ kind }) => kind === 'refusal').map(({ body }) => body.method)).toEqual(expect.arrayContaining(['key.export', 'recipient.add', 'key.destroy', 'token.add']));
});

test('tries a phished passphrase', async () => {
  const grant = '0'.repeat(32);
  const requests: readonly (readonly [string, object])[] = [
    ['key.destroy', { key: 'payroll', reason: 'spite' }], ['key.export', { key: 'payroll', to: 'bank', out: grant }], ['vault.unlock', { file: grant }],
    ['vault.passwd', {}], ['token.info', { token: 'officers' }], ['host.chooseFile', { use: 'verify' }], ['host.chooseSeal', {}],
  ];
  for (const [method, request] of requests) for (const field of ['passphrase', 'secret', 'pin', 'typed', 'confirm', 'answer']) expect(codeOf(await hostile.ask(method, { ...request, [field]: passphrase })), `${method} ${field}`).toBe('request-invalid');
  expect(page.context().pages(), 'nobody was asked').toHaveLength(1);
});

test('tries a flood of calls (WINDOW-1)', async () => {
  const flood = await page.evaluate(async () => {
    const { ask: send, strongroom } = globalThis as unknown as HostileGlobals;
    const calls = Array.from({ length: 500 }, () => send('vault.check', {}));
    const drops = Array.from({ length: 500 }, () => strongroom.grantDropped({}, 'verify'));
    return [await Promise.all(calls), await Promise.all(drops)];
  });
  const [calls = [], drops = []] = flood;
  const refused = (answers: readonly HostileAnswer[]) => answers.filter(({ error }) => error?.rule === 'WINDOW-1').length;
  expect([calls.length, drops.length]).toEqual([500, 500]);
  expect(refused(calls)).toBeGreaterThan(0);
  expect(calls.filter(({ ok }) => ok).length + refused(calls)).toBe(500);
  expect(refused(drops), 'dropped files count too').toBeGreaterThan(0);
  expect(drops.filter((answer) => !['refused', 'request-invalid'].includes(codeOf(answer)))).toEqual([]);
  expect(await hostile.isHere()).toBe(true);
});

test('tries requests of a giant (WINDOW-1)', async () => {
  for (const method of ['key.show', 'host.openRecent', 'host.chooseFile'])
    for (const size of [262_144, 2_000_000]) {
      const answer = await page.evaluate(([name, length]) => (globalThis as unknown as HostileGlobals).ask(name as string, { key: 'x'.repeat(length as number) }), [method, size]);
      expect(codeOf(answer), `${method} ${size}`).toBe('request-invalid');
    }
  expect(await hostile.isHere()).toBe(true);
});

test('tries to break the wire', async () => {
  const raw = await page.evaluate(() => {
    const send = (globalThis as unknown as Record<string, (text: unknown) => void>)['__playwright__binding__'];
    const deep = `${'{"a":['.repeat(20_000)}1${']}'.repeat(20_000)}`;
    const texts = ['garbage', 'null', '1', '{}', '{"name":"toString","seq":1,"serializedArgs":[]}', '{"name":"strongroomWire","seq":1,"serializedArgs":{}}', `{"name":"strongroomWire","seq":1,"serializedArgs":[${deep}]}`, 1, null, {}];
    return texts.map((text) => {
      try {
        send?.(text);
        return 'sent';
      } catch {
        return 'refused';
      }
    });
  });
  expect(raw).toEqual(raw.map(() => 'refused'));
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  for (const request of [deep, '{', '', 'null', '[]', 5, undefined]) for (const method of ['key.list', 'host.state']) expect(codeOf((await hostile.wire('call', method, request, 'deep')).value as HostileAnswer), String(request).slice(0, 9)).toBe('request-invalid');
  for (const name of ['', 'x'.repeat(65), undefined, 7]) expect(codeOf((await hostile.wire('call', 'key.list', '{}', name)).value as HostileAnswer)).toBe('request-invalid');
  expect(await hostile.isHere()).toBe(true);
});

test('tries what it may not say on the wire', async () => {
  for (const parts of [[], ['sitting'], ['answer', '{}'], ['complete', '/'], ['CALL'], ['__proto__'], [null], [1]]) {
    const { value, error, stack } = await hostile.wire(...parts);
    expect([value, error]).toEqual([undefined, 'nobody answers here']);
    expect(stack, 'names no place of this machine').not.toMatch(/\.ts|\.js:|node_modules/);
  }
  for (const method of ['toString', '__proto__', 'constructor', 'key', 'vault.open', '']) expect(codeOf((await hostile.wire('call', method, '{}', 'one')).value as HostileAnswer), method).toBe('request-invalid');
});

test('tries to answer the prompt itself (PROMPT-1)', async () => {
  const asked = hostile.ask('key.destroy', { key: 'payroll', reason: 'spite' });
  const prompt = await hostile.window.prompt();
  await prompt.getByLabel('Type the').fill('payr');
  const said = await page.evaluate(async (secret) => {
    const { wire: send } = globalThis as unknown as HostileGlobals;
    const answers = Array.from({ length: 40 }, (_, sitting) => ({ sitting: String(sitting), kind: 'given', typed: 'payroll', secret: Array.from(new TextEncoder().encode(secret)) }));
    return await Promise.all(answers.flatMap((answer) => [send('answer', answer), send('answer', JSON.stringify(answer)), send('sitting'), send('complete', '/')]));
  }, passphrase);
  expect(said.every(({ value, error }) => value === undefined && error === 'nobody answers here')).toBe(true);
  expect(prompt.isClosed()).toBe(false);
  expect(await prompt.getByLabel('Type the').inputValue()).toBe('payr');
  await hostile.notNow();
  expect(codeOf(await asked)).toBe('declined');
  await hostile.chosen();
});

test('tries keys and clicks while the prompt is open', async () => {
  const poke = async () => {
    await Promise.race([Promise.all([page.keyboard.press('a'), page.mouse.click(50, 50)]).catch(() => undefined), passed(700)]);
    return await page.evaluate(() => (globalThis as unknown as HostileGlobals).heard.splice(0));
  };
  expect(await poke(), 'it hears them otherwise').not.toEqual([]);
  const first = hostile.ask('host.chooseFile', { use: 'verify' });
  const second = hostile.ask('host.chooseSeal');
  await hostile.window.prompt();
  expect(await poke()).toEqual([]);
  await hostile.window.choose(join(hostile.folder, 'bank.pem'));
  await first;
  await hostile.window.prompt();
  await passed(500);
  expect(await poke(), 'the next prompt is open').toEqual([]);
  await hostile.notNow();
  await second;
  await expect.poll(poke, { timeout: 5000 }).not.toEqual([]);
  await hostile.chosen();
});

test('tries to read the seal', async () => {
  const asked = hostile.ask('host.chooseFile', { use: 'verify' });
  const prompt = await hostile.window.prompt();
  expect(await prompt.locator('header').textContent(), 'the prompt shows it').toContain(hostile.phrase);
  const found = await page.evaluate(async (wanted) => {
    const { ask: send, events } = globalThis as unknown as HostileGlobals;
    const seen = new Set<unknown>();
    const queue: unknown[] = [globalThis, document, events, { ...localStorage }, { ...sessionStorage }, document.cookie, performance.getEntries().map(String), await send('host.state', {})];
    const texts: string[] = [];
    while (queue.length > 0 && seen.size < 30_000) {
      const value = queue.pop();
      if (typeof value === 'string') texts.push(value);
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
      seen.add(value);
      for (const name of Reflect.ownKeys(value))
        try {
          queue.push((value as Record<PropertyKey, unknown>)[name]);
        } catch {
          // may not be read
        }
    }
    return { looked: seen.size, hit: texts.some((text) => text.includes(wanted)), told: JSON.stringify([await send('host.state', {}), events]) };
  }, hostile.phrase);
  expect(found.looked).toBeGreaterThan(1000);
  expect(found.hit).toBe(false);
  expect(found.told).not.toMatch(/phrase|"form"/);
  await hostile.window.choose(join(hostile.folder, 'bank.pem'));
  await asked;
});

test('tries to forge a dropped file', async () => {
  const answers = await page.evaluate(async () => {
    const { strongroom } = globalThis as unknown as HostileGlobals;
    const real = document.createElement('canvas');
    const things = [new File(['x'], 'passwd'), new Blob(['x']), '/etc/passwd', { path: '/etc/passwd' }, null, undefined, 1, () => '/etc/passwd', real];
    return await Promise.all(things.flatMap((thing) => ['verify', 'module', 'export-key', 'nothing', 7].map((use) => strongroom.grantDropped(thing, use))));
  });
  expect(new Set(answers.map(codeOf))).toEqual(new Set(['request-invalid']));
  for (const path of ['/etc/passwd', join(hostile.folder, 'bank.pem'), `${hostile.token.modulePath}/`, `/usr/../${hostile.token.modulePath}`, '', '__proto__']) expect(codeOf(await hostile.ask('host.knownModule', { path })), path).toBe('not-found');
  for (const grant of ['0'.repeat(32), 'f'.repeat(32), '/etc/passwd']) expect(codeOf(await hostile.ask('recipient.add', { name: 'thief', key: grant }))).toBe('request-invalid');
  await page.setInputFiles('input', join(hostile.folder, 'bank.pem'));
  const given = await page.evaluate(async () => {
    const file = document.querySelector('input')?.files?.[0];
    const { strongroom } = globalThis as unknown as HostileGlobals;
    return await Promise.all(['recipient', 'export-key'].map((use) => strongroom.grantDropped(file, use)));
  });
  expect(given.map(codeOf), 'a file that a person gave may be read, not written').toEqual(['done', 'request-invalid']);
});

test('tries to put a file on the disk and drop that', async () => {
  const answers = await page.evaluate(async () => {
    const { strongroom } = globalThis as unknown as HostileGlobals;
    const store = await (await navigator.storage.getDirectory()).getFileHandle('module.so', { create: true });
    interface Entry { file(done: (file: File) => void, failed: (error: unknown) => void): void; createWriter(done: (writer: { onwriteend: () => void; write(data: Blob): void }) => void): void }
    interface Files { root: { getFile(name: string, how: object, done: (entry: Entry) => void, failed: (error: unknown) => void): void } }
    const old = globalThis as unknown as { webkitRequestFileSystem(kind: number, size: number, done: (files: Files) => void, failed: (error: unknown) => void): void };
    const files = await new Promise<Files>((resolve, reject) => old.webkitRequestFileSystem(0, 1000, resolve, reject));
    const entry = await new Promise<Entry>((resolve, reject) => files.root.getFile('module.so', { create: true }, resolve, reject));
    await new Promise<void>((resolve) => entry.createWriter((writer) => {
      writer.onwriteend = resolve;
      writer.write(new Blob(['x']));
    }));
    const kept = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [await strongroom.grantDropped(await store.getFile(), 'module'), await strongroom.grantDropped(kept, 'module')];
  });
  expect(answers.map(codeOf)).toEqual(['request-invalid', 'request-invalid']);
});

test('tries to hide an open vault from the locks', async () => {
  await hostile.ask('vault.lock');
  const grant = await hostile.recentGrant();
  await page.evaluate(async () => {
    const { ask: send } = globalThis as unknown as HostileGlobals;
    const { value = {} } = await send('host.state', {});
    const [recent] = value['recent'] as [{ id: string }];
    for (let count = 0; count < 110; count += 1) await send('host.openRecent', { id: recent.id });
  }); // the host forgets which grant was of which file
  expect(codeOf(await hostile.unlock(grant))).toBe('done');
  expect(hostile.window.host.router.vaultIsOpen).toBe(true);
  await hostile.window.host.router.lock('nobody was there');
  expect(codeOf(await hostile.ask('vault.info'))).toBe('locked');
  expect(codeOf(await hostile.unlock(await hostile.recentGrant()))).toBe('done');
});

/** What a method may answer a window with. */
function declared(method: string): readonly string[] {
  const own = Object.hasOwn(contract, method) ? contract[method as MethodName].errors : hostMethods[method as HostMethodName].errors;
  return [...own, ...windowErrors];
}

test('tries to wear the person down, then hostile values for every method (PROMPT-2)', async () => {
  for (const how of ['Not now', /^Refuse/]) {
    const asked = hostile.ask('key.destroy', { key: 'payroll', reason: 'spite' });
    const prompt = await hostile.window.prompt();
    await pressButton(prompt, how);
    expect(codeOf(await asked)).toBe('declined');
  }
  expect((await hostile.ask('key.destroy', { key: 'payroll', reason: 'spite' })).error).toMatchObject({ code: 'secret-unavailable', rule: 'PROMPT-2' });
  const answers = await page.evaluate(async (methods) => {
    const { ask: send } = globalThis as unknown as HostileGlobals;
    const deep = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`) as unknown;
    const made = '0'.repeat(32);
    const values = [
      null, true, 0, -1, 1e308, '', 'x', 'x'.repeat(50_000), [], [[]], [{}], deep, () => 1, Symbol('x'), new Date(), new Uint8Array(9),
      { unknown: 1 }, { key: deep, unknown: 1 }, { constructor: { prototype: { ok: true } } }, { toString: 'x', unknown: null }, { file: made, passphrase: 'x' }, { key: made, out: made, to: made, unknown: 1 },
      { module: made, slot: -1 }, { name: '\u202e\u0000', key: made, purpose: 'none' }, { key: '../../etc/passwd', unknown: 1 }, { use: '__proto__' }, { id: '__proto__', unknown: 1 }, { settings: { appearance: 'dark', idleMinutes: 1e9 } }, { path: ['/etc/passwd'] },
    ];
    const found = [];
    for (const method of methods) for (const [index, value] of values.entries()) found.push({ method, index, answer: await send(method, value).catch((error: Error) => ({ ok: false, error: { code: 'thrown', message: error.message } })) });
    return found;
  }, windowMethodNames as readonly string[]);
  const wrong = answers.filter(({ method, answer }) => answer.ok || !declared(method).includes(codeOf(answer)));
  expect(wrong.map(({ method, index, answer }) => `${method} ${index}: ${codeOf(answer)}`)).toEqual([]);
  for (const secret of [passphrase, hostile.phrase, hostile.token.userPin, hostile.token.soPin]) expect(JSON.stringify(answers)).not.toContain(secret);
  expect(page.context().pages(), 'nobody was asked').toHaveLength(1);
  expect(await hostile.isHere()).toBe(true);
});

test('tries to change the prototypes of the host', async () => {
  for (const method of windowMethodNames.filter((name) => name !== 'vault.lock')) for (const request of ['{"__proto__":{"ok":true,"key":"payroll"}}', '{"constructor":{"prototype":{"ok":true}}}']) {
    const code = codeOf((await hostile.wire('call', method, request, 'proto')).value as HostileAnswer);
    expect([...declared(method), 'done'], method).toContain(code);
  }
  expect(({} as { ok?: boolean }).ok).toBeUndefined();
  expect(await hostile.isHere()).toBe(true);
});
