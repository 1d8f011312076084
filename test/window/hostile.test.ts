/** A hostile page in the window's place: it has the origin and the bridge, and gets no secret, no guarded act and no way out. `electron/chromium/HOSTILE.md` has a row for each attempt. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { promptOrigin, windowOrigin } from '../../electron/chromium/chromiumWindow.ts';
import { wordsOf } from '../../shared/words/pgpWords.ts';
import { contract } from '../../shared/ipc/contract.ts';
import type { MethodName } from '../../shared/ipc/contract.ts';
import { hostMethods, windowErrors, windowMethodNames } from '../../shared/ipc/windowContract.ts';
import type { HostMethodName } from '../../shared/ipc/windowContract.ts';
import { makeHostileBundle } from '../fixtures/hostilePage.ts';
import type { HostileAnswer, HostileBundle, HostileGlobals } from '../fixtures/hostilePage.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeVault, openWindow, passphrase } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';

let folder: string;
let token: SoftHsmToken;
let hostile: HostileBundle;
let window: TestWindow;
let page: Page;
let phrase: string;
/** Addresses that answered a page with something. */
const loaded: string[] = [];

const ask = (method: string, request: unknown = {}): Promise<HostileAnswer> => page.evaluate(([name, asked]) => (globalThis as unknown as HostileGlobals).ask(name as string, asked), [method, request]);
const wire = (...parts: unknown[]) => page.evaluate((given) => (globalThis as unknown as HostileGlobals).wire(...given), parts);
const codeOf = (answer: HostileAnswer) => answer.error?.code ?? 'done';
const grantOf = (answer: HostileAnswer) => String(answer.value?.['grant']);
const isHere = async () => expect(codeOf(await ask('host.state'))).toBe('done');

/** A press that closes the prompt, perhaps before the button is up again. */
async function press(prompt: Page, name: string | RegExp): Promise<void> {
  await Promise.all([prompt.waitForEvent('close'), prompt.getByRole('button', { name }).click().catch(() => undefined)]);
}

/** The person puts it off. */
async function notNow(): Promise<void> {
  await press(await window.prompt(), 'Not now');
}

/** The person answers a harmless question: refusals are counted from the start again. */
async function chosen(use: string, path: string): Promise<string> {
  const answer = ask('host.chooseFile', { use });
  await window.choose(path);
  return grantOf(await answer);
}

async function unlock(grant: string): Promise<HostileAnswer> {
  const answer = ask('vault.unlock', { file: grant });
  await window.answer({ Passphrase: passphrase }, 'Unlock');
  return await answer;
}

async function recentGrant(): Promise<string> {
  const { value = {} } = await ask('host.state');
  const [recent] = value['recent'] as [{ id: string }];
  return grantOf(await ask('host.openRecent', { id: recent.id }));
}

/** A vault with a key and a recipient, made in the window as it is. */
async function makeHoldings(): Promise<void> {
  const normal = await openWindow({ folder, environment: token.environment });
  await makeVault(normal);
  page = normal.page;
  const call = (method: string, request: unknown) => page.evaluate(([name, asked]) => (globalThis as unknown as { strongroom: { methods: Record<string, (request: unknown, call: string) => Promise<HostileAnswer>> } }).strongroom.methods[name as string]?.(asked, 'made'), [method, request]);
  await call('key.generate', { name: 'payroll', purpose: 'data-encryption', algorithm: 'aes-256', exportable: true });
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const name of ['bank', 'thief']) {
    openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072', '-out', `${name}.key`);
    openssl('pkey', '-in', `${name}.key`, '-pubout', '-out', `${name}.pem`);
  }
  const fingerprint = createHash('sha256').update(openssl('pkey', '-pubin', '-in', 'bank.pem', '-pubout', '-outform', 'DER')).digest('hex');
  const choosing = call('host.chooseFile', { use: 'recipient' });
  await normal.choose(normal.path('bank.pem'));
  const adding = call('recipient.add', { name: 'bank', key: (await choosing)?.value?.['grant'] });
  await normal.answer({ 'Type the words': wordsOf(fingerprint).slice(0, 12).join(' ') }, /bank/);
  expect((await adding)?.ok).toBe(true);
  await normal.close();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-hostile-vault-'));
  token = makeSoftHsmToken('officers');
  await makeHoldings();
  phrase = (JSON.parse(readFileSync(join(folder, 'settings', 'window.json'), 'utf8')) as { seal: { phrase: string } }).seal.phrase;
  hostile = makeHostileBundle();
  window = await openWindow({ folder, environment: token.environment, windowBundle: hostile.bundle });
  ({ page } = window);
  page.context().on('response', (response) => void loaded.push(response.url()));
  expect(codeOf(await unlock(await recentGrant()))).toBe('done');
});
afterAll(async () => {
  await window.close();
  hostile.remove();
  token.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('tries guarded acts without the person', async () => {
  const outside = join(folder, 'stolen.oaep');
  const refused = async (method: string, request: unknown) => {
    const answer = ask(method, request);
    await notNow();
    expect(codeOf(await answer), method).toBe('declined');
  };
  const out = await chosen('export-key', outside);
  await refused('key.export', { key: 'payroll', to: 'bank', acceptStrength: 128, out });
  const key = await chosen('recipient', join(folder, 'thief.pem'));
  await refused('recipient.add', { name: 'thief', key });
  expect(codeOf(await ask('recipient.add', { name: 'thief', key })), 'a grant is used once').toBe('request-invalid');
  await chosen('verify', join(folder, 'bank.pem'));
  await refused('key.destroy', { key: 'payroll', reason: 'spite' });
  await chosen('verify', join(folder, 'bank.pem'));
  await refused('token.add', { module: grantOf(await ask('host.knownModule', { path: token.modulePath })) });
  await chosen('verify', join(folder, 'bank.pem'));

  const shown = (await ask('key.show', { key: 'payroll' })).value as { versions: { state: string }[]; distributions: unknown[] };
  expect([shown.versions.map(({ state }) => state), shown.distributions]).toEqual([['active'], []]);
  const { value: held = {} } = await ask('recipient.list');
  expect((held['recipients'] as { name: string }[]).map(({ name }) => name)).toEqual(['bank']);
  expect(existsSync(outside)).toBe(false);
  const { value: log = {} } = await ask('audit.list');
  const entries = log['entries'] as { kind: string; body: { method?: string } }[];
  expect(entries.filter(({ kind }) => kind === 'refusal').map(({ body }) => body.method)).toEqual(expect.arrayContaining(['key.export', 'recipient.add', 'key.destroy', 'token.add']));
});

test('tries a phished passphrase', async () => {
  const grant = '0'.repeat(32);
  const requests: readonly (readonly [string, object])[] = [
    ['key.destroy', { key: 'payroll', reason: 'spite' }], ['key.export', { key: 'payroll', to: 'bank', out: grant }], ['vault.unlock', { file: grant }],
    ['vault.passwd', {}], ['token.info', { token: 'officers' }], ['host.chooseFile', { use: 'verify' }], ['host.chooseSeal', {}],
  ];
  for (const [method, request] of requests) for (const field of ['passphrase', 'secret', 'pin', 'typed', 'confirm', 'answer']) expect(codeOf(await ask(method, { ...request, [field]: passphrase })), `${method} ${field}`).toBe('request-invalid');
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
  expect(new Set(drops.map(codeOf))).toEqual(new Set(['refused', 'request-invalid']));
  await isHere();
});

test('tries requests of a giant (WINDOW-1)', async () => {
  for (const method of ['key.show', 'host.openRecent', 'host.chooseFile'])
    for (const size of [262_144, 2_000_000]) {
      const answer = await page.evaluate(([name, length]) => (globalThis as unknown as HostileGlobals).ask(name as string, { key: 'x'.repeat(length as number) }), [method, size]);
      expect(codeOf(answer), `${method} ${size}`).toBe('request-invalid');
    }
  await isHere();
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
  for (const request of [deep, '{', '', 'null', '[]', 5, undefined]) for (const method of ['key.list', 'host.state']) expect(codeOf((await wire('call', method, request, 'deep')).value as HostileAnswer), String(request).slice(0, 9)).toBe('request-invalid');
  for (const name of ['', 'x'.repeat(65), undefined, 7]) expect(codeOf((await wire('call', 'key.list', '{}', name)).value as HostileAnswer)).toBe('request-invalid');
  await isHere();
});

test('tries what it may not say on the wire', async () => {
  for (const parts of [[], ['sitting'], ['answer', '{}'], ['complete', '/'], ['CALL'], ['__proto__'], [null], [1]]) {
    const { value, error, stack } = await wire(...parts);
    expect([value, error]).toEqual([undefined, 'nobody answers here']);
    expect(stack, 'names no place of this machine').not.toMatch(/\.ts|\.js:|node_modules/);
  }
  for (const method of ['toString', '__proto__', 'constructor', 'key', 'vault.open', '']) expect(codeOf((await wire('call', method, '{}', 'one')).value as HostileAnswer), method).toBe('request-invalid');
});

test('tries to leave for another page', async () => {
  const before = loaded.length;
  const places = ['https://example.com/', `${promptOrigin}/`, `${promptOrigin}/index.html`, 'data:text/html,<h1>x</h1>', 'about:blank', 'file:///etc/passwd', 'chrome://version', 'javascript:void(globalThis.ran=true)', 'blob'];
  for (const place of places) {
    await page.evaluate((to) => void setTimeout(() => {
      globalThis.location.href = to === 'blob' ? URL.createObjectURL(new Blob(['<h1>x</h1>'], { type: 'text/html' })) : to;
    }), place);
    await passed(250);
    await expect.poll(() => page.url(), { timeout: 5000 }).toBe(`${windowOrigin}/`);
    await page.locator('main', { hasText: 'hostile' }).waitFor();
  }
  await expect.poll(() => page.evaluate(() => 'ask' in globalThis)).toBe(true);
  expect(loaded.slice(before).filter((url) => !url.startsWith(`${windowOrigin}/`) && !url.startsWith(`blob:${windowOrigin}/`))).toEqual([]);
  await isHere();
});

/** What the browser itself says is open. */
async function windows(): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  const { targetInfos } = await session.send('Target.getTargets');
  await session.detach();
  return targetInfos.filter(({ type }) => type === 'page').map(({ url }) => url);
}

test('tries to open windows', async () => {
  const before = loaded.length;
  const kinds = ['', 'popup,width=420,height=520', 'noopener'];
  for (const [index, address] of ['https://example.com/', `${promptOrigin}/`, `${promptOrigin}/#a-b`, `${windowOrigin}/`, 'about:blank', '', 'data:text/html,x', `${promptOrigin}/`].entries())
    await page.evaluate(([to, how]) => void open(to, '_blank', how), [address, kinds[index % kinds.length]]);
  await expect.poll(windows, { timeout: 10_000 }).toEqual([`${windowOrigin}/`]);
  expect(loaded.slice(before).filter((url) => !url.startsWith(`${windowOrigin}/`)), 'the prompt is not served unasked').toEqual([]);
  expect(await page.evaluate(() => 'documentPictureInPicture' in globalThis)).toBe(false);
});

test('tries to be taken for the prompt', async () => {
  const asked = page.evaluate(async () => {
    const answer = (globalThis as unknown as HostileGlobals).ask('host.chooseSeal', {});
    for (const address of ['about:blank', 'https://strongroom-prompt.invalid/', 'about:blank', '/']) {
      const opened = open(address, '_blank', 'popup');
      opened?.document.write('<main>type your passphrase</main>');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return answer;
  }).catch(() => ({ ok: false }));
  await expect.poll(async () => (await windows()).filter((url) => url !== `${windowOrigin}/`), { timeout: 10_000 }).toEqual([expect.stringMatching(/^https:\/\/strongroom-prompt\.invalid\/#/)]);
  await notNow();
  await asked;
  await chosen('verify', join(folder, 'bank.pem'));
});

test('tries frames', async () => {
  const before = loaded.length;
  const framed = await page.evaluate(async (addresses) => {
    const found = [];
    for (const address of addresses) {
      const frame = document.createElement('iframe');
      if (address !== '') frame.src = address;
      document.body.append(frame);
      const inside = frame.contentWindow as unknown as HostileGlobals & { strongroomWire?: (...parts: unknown[]) => Promise<unknown> };
      await new Promise((resolve) => setTimeout(resolve, 100));
      try {
        found.push([typeof inside.strongroom, await inside.strongroomWire?.('call', 'host.state', '{}', 'framed').catch((error: Error) => error.message)]);
      } catch {
        found.push('another origin');
      }
      frame.remove();
    }
    return found;
  }, ['', 'about:blank', `${windowOrigin}/`, `${promptOrigin}/`, 'data:text/html,x']);
  expect(framed.slice(0, 2)).toEqual([['undefined', 'nobody answers here'], ['undefined', 'nobody answers here']]);
  expect(framed.slice(2).every((found) => found === 'another origin')).toBe(true);
  expect(loaded.slice(before), 'nothing was served').toEqual([]);
});

test('tries to reach the network', async () => {
  let reached = 0;
  const tcp = createServer((socket) => {
    reached += 1;
    socket.destroy();
  });
  const udp = createSocket('udp4').on('message', () => {
    reached += 1;
  });
  await Promise.all([new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve)), new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))]);
  const refused = await page.evaluate(async ([tcpPort, udpPort]) => {
    const to = `127.0.0.1:${tcpPort}`;
    const add = (tag: string, attributes: Record<string, string>) => {
      const made = Object.assign(document.createElement(tag), attributes);
      document.body.append(made);
      return made;
    };
    const attempts: (() => unknown)[] = [
      () => fetch(`http://${to}/`).catch(() => undefined),
      () => navigator.sendBeacon(`http://${to}/`, 'leak'),
      () => new WebSocket(`ws://${to}/`),
      () => new EventSource(`http://${to}/`),
      () => {
        const request = new XMLHttpRequest();
        request.open('POST', `http://${to}/`);
        request.send('leak');
      },
      () => add('img', { src: `http://${to}/leak.png` }),
      () => add('video', { src: `http://${to}/leak` }),
      () => ['preconnect', 'dns-prefetch', 'prefetch', 'preload', 'stylesheet', 'modulepreload'].map((rel) => add('link', { rel, href: `http://${to}/leak.css`, as: 'style' })),
      () => (add('form', { action: `http://${to}/`, method: 'post' }) as HTMLElement as HTMLFormElement).submit(),
      () => add('a', { href: `http://${to}/leak`, download: 'x' }).click(),
      async () => {
        const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${udpPort}` }, { urls: `turn:${to}?transport=tcp`, username: 'leak', credential: 'x' }] });
        peer.createDataChannel('leak');
        await peer.setLocalDescription(await peer.createOffer());
      },
    ];
    for (const attempt of attempts)
      try {
        await attempt();
        await new Promise((resolve) => setTimeout(resolve, 100));
      } catch {
        // refused at once
      }
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return (globalThis as unknown as HostileGlobals).violations;
  }, [(tcp.address() as AddressInfo).port, udp.address().port]);
  tcp.close();
  udp.close();
  expect(reached).toBe(0);
  expect(refused).toEqual(expect.arrayContaining(['connect-src', 'img-src', 'media-src', 'form-action']));
  await expect.poll(() => page.url()).toBe(`${windowOrigin}/`);
});

test('tries to make code of text', async () => {
  const ran = await page.evaluate(async () => {
    const code = 'globalThis.ran = true';
    const make = globalThis as unknown as { eval(text: string): unknown; Function: new (text: string) => () => unknown; setTimeout(text: unknown): unknown };
    const inline = (text: unknown) => {
      const element = document.createElement('script');
      element.textContent = text as string;
      document.body.append(element);
    };
    const markup = (text: unknown) => {
      const element = document.createElement('div');
      document.body.append(element);
      element.innerHTML = text as string;
    };
    const picture = `<img src="data:," onerror="${code}"><svg onload="${code}"></svg><a href="javascript:${code}">x</a>`;
    const types = (globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: Record<string, (text: string) => string>): unknown } }).trustedTypes;
    const whole = { createHTML: (text: string) => text, createScript: (text: string) => text, createScriptURL: (text: string) => text };
    const attempts = [() => make.eval(code), () => new make.Function(code)(), () => make.setTimeout(code), () => inline(code), () => markup(picture), () => import(`data:text/javascript,${code}`), () => document.querySelector<HTMLAnchorElement>('a[href^=javascript]')?.click(), () => types.createPolicy('mine', whole)];
    const refused: boolean[] = [];
    const tryAll = async () => {
      for (const attempt of attempts)
        try {
          await attempt();
          refused.push(false);
        } catch {
          refused.push(true);
        }
    };
    await new Promise((resolve) => setTimeout(resolve, 0)); // out of the driver's call, which may make code of text
    await tryAll();
    types.createPolicy('default', whole); // the one policy that a page may make: markup goes in, and still nothing in it runs
    await tryAll();
    await new Promise((resolve) => setTimeout(resolve, 300));
    return [(globalThis as unknown as HostileGlobals).ran, refused[0], refused[1], refused[4], refused[7]];
  });
  expect(ran).toEqual([undefined, true, true, true, true]);
});

test('tries to answer the prompt itself (PROMPT-1)', async () => {
  const asked = ask('key.destroy', { key: 'payroll', reason: 'spite' });
  const prompt = await window.prompt();
  await prompt.getByLabel('Type the').fill('payr');
  const said = await page.evaluate(async (secret) => {
    const { wire: send } = globalThis as unknown as HostileGlobals;
    const answers = Array.from({ length: 40 }, (_, sitting) => ({ sitting: String(sitting), kind: 'given', typed: 'payroll', secret: Array.from(new TextEncoder().encode(secret)) }));
    return await Promise.all(answers.flatMap((answer) => [send('answer', answer), send('answer', JSON.stringify(answer)), send('sitting'), send('complete', '/')]));
  }, passphrase);
  expect(said.every(({ value, error }) => value === undefined && error === 'nobody answers here')).toBe(true);
  expect(prompt.isClosed()).toBe(false);
  expect(await prompt.getByLabel('Type the').inputValue()).toBe('payr');
  await notNow();
  expect(codeOf(await asked)).toBe('declined');
  await chosen('verify', join(folder, 'bank.pem'));
});

test('tries keys and clicks while the prompt is open', async () => {
  const poke = async () => {
    await Promise.race([Promise.all([page.keyboard.press('a'), page.mouse.click(50, 50)]).catch(() => undefined), passed(700)]);
    return await page.evaluate(() => (globalThis as unknown as HostileGlobals).heard.splice(0));
  };
  expect(await poke(), 'it hears them otherwise').not.toEqual([]);
  const first = ask('host.chooseFile', { use: 'verify' });
  const second = ask('host.chooseSeal');
  await window.prompt();
  expect(await poke()).toEqual([]);
  await window.choose(join(folder, 'bank.pem'));
  await first;
  await window.prompt();
  await passed(500);
  expect(await poke(), 'the next prompt is open').toEqual([]);
  await notNow();
  await second;
  await expect.poll(poke, { timeout: 5000 }).not.toEqual([]);
  await chosen('verify', join(folder, 'bank.pem'));
});

test('tries to read the seal', async () => {
  const asked = ask('host.chooseFile', { use: 'verify' });
  const prompt = await window.prompt();
  expect(await prompt.locator('header').textContent(), 'the prompt shows it').toContain(phrase);
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
  }, phrase);
  expect(found.looked).toBeGreaterThan(1000);
  expect(found.hit).toBe(false);
  expect(found.told).not.toMatch(/phrase|"form"/);
  await window.choose(join(folder, 'bank.pem'));
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
  for (const path of ['/etc/passwd', join(folder, 'bank.pem'), `${token.modulePath}/`, `/usr/../${token.modulePath}`, '', '__proto__']) expect(codeOf(await ask('host.knownModule', { path })), path).toBe('not-found');
  for (const grant of ['0'.repeat(32), 'f'.repeat(32), '/etc/passwd']) expect(codeOf(await ask('recipient.add', { name: 'thief', key: grant }))).toBe('request-invalid');
  await page.setInputFiles('input', join(folder, 'bank.pem'));
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

test('tries to stop the window while the prompt opens', async () => {
  const asked = page.evaluate(async () => {
    const answer = (globalThis as unknown as HostileGlobals).ask('host.chooseSeal', {});
    await new Promise((resolve) => setTimeout(resolve, 0));
    for (const end = Date.now() + 11_000; Date.now() < end; ) JSON.stringify(end);
    return await answer;
  });
  // Either the prompt opens all the same, or the host says that it did not.
  expect(['declined', 'secret-unavailable']).toContain(codeOf(await Promise.race([asked, notNow().then(() => asked)])));
  await expect.poll(windows, { timeout: 10_000 }).toEqual([`${windowOrigin}/`]);
  await chosen('verify', join(folder, 'bank.pem'));
});

test('tries to hide an open vault from the locks', async () => {
  await ask('vault.lock');
  const grant = await recentGrant();
  await page.evaluate(async () => {
    const { ask: send } = globalThis as unknown as HostileGlobals;
    const { value = {} } = await send('host.state', {});
    const [recent] = value['recent'] as [{ id: string }];
    for (let count = 0; count < 110; count += 1) await send('host.openRecent', { id: recent.id });
  }); // the host forgets which grant was of which file
  expect(codeOf(await unlock(grant))).toBe('done');
  expect(window.host.router.vaultIsOpen).toBe(true);
  await window.host.router.lock('nobody was there');
  expect(codeOf(await ask('vault.info'))).toBe('locked');
  expect(codeOf(await unlock(await recentGrant()))).toBe('done');
});

/** What a method may answer a window with. */
function declared(method: string): readonly string[] {
  const own = Object.hasOwn(contract, method) ? contract[method as MethodName].errors : hostMethods[method as HostMethodName].errors;
  return [...own, ...windowErrors];
}

test('tries to wear the person down, then hostile values for every method (PROMPT-2)', async () => {
  for (const how of ['Not now', /^Refuse/]) {
    const asked = ask('key.destroy', { key: 'payroll', reason: 'spite' });
    const prompt = await window.prompt();
    await press(prompt, how);
    expect(codeOf(await asked)).toBe('declined');
  }
  expect((await ask('key.destroy', { key: 'payroll', reason: 'spite' })).error).toMatchObject({ code: 'secret-unavailable', rule: 'PROMPT-2' });
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
  for (const secret of [passphrase, phrase, token.userPin, token.soPin]) expect(JSON.stringify(answers)).not.toContain(secret);
  expect(page.context().pages(), 'nobody was asked').toHaveLength(1);
  await isHere();
});

test('tries to change the prototypes of the host', async () => {
  for (const method of windowMethodNames.filter((name) => name !== 'vault.lock')) for (const request of ['{"__proto__":{"ok":true,"key":"payroll"}}', '{"constructor":{"prototype":{"ok":true}}}']) {
    const code = codeOf((await wire('call', method, request, 'proto')).value as HostileAnswer);
    expect([...declared(method), 'done'], method).toContain(code);
  }
  expect(({} as { ok?: boolean }).ok).toBeUndefined();
  await isHere();
});

test('every attempt has its row in HOSTILE.md', () => {
  const table = readFileSync(new URL('../../electron/chromium/HOSTILE.md', import.meta.url), 'utf8');
  const titles = [...readFileSync(new URL(import.meta.url), 'utf8').matchAll(/^test\('(tries [^']+)'/gm)].map(([, title = '']) => title);
  expect(titles.length).toBeGreaterThan(15);
  expect(titles.filter((title) => !table.includes(`| ${title} |`))).toEqual([]);
});
