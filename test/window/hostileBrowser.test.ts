/** A hostile page in the window's place tries what browsers can: other pages, windows, frames, the network, code made of text. `electron/chromium/HOSTILE.md` has a row for each attempt. */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as passed } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { promptOrigin, windowOrigin } from '../../electron/chromium/chromiumWindow.ts';
import type { HostileGlobals } from '../fixtures/hostilePage.ts';
import { codeOf, openHostile } from '../fixtures/hostileWindow.ts';
import type { HostileWindow } from '../fixtures/hostileWindow.ts';

let hostile: HostileWindow;
let page: Page;

beforeAll(async () => {
  hostile = await openHostile();
  ({ page } = hostile);
});
afterAll(() => hostile.close());

test('tries to leave for another page', async () => {
  const before = hostile.loaded.length;
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
  expect(hostile.loaded.slice(before).filter((url) => !url.startsWith(`${windowOrigin}/`) && !url.startsWith(`blob:${windowOrigin}/`))).toEqual([]);
  expect(await hostile.isHere()).toBe(true);
});

test('tries to open windows', async () => {
  const before = hostile.loaded.length;
  const kinds = ['', 'popup,width=420,height=520', 'noopener'];
  const places = ['https://example.com/', `${promptOrigin}/`, `${promptOrigin}/#a-b`, `${windowOrigin}/`, 'about:blank', '', 'data:text/html,x', `${promptOrigin}/`];
  // Many times: a window that is closed before it came to run once left the page that opened it standing still.
  for (const [index, address] of Array.from({ length: 5 }, () => places).flat().entries())
    await page.evaluate(([to, how]) => void open(to, '_blank', how), [address, kinds[index % kinds.length]]);
  await expect.poll(() => hostile.windows(), { timeout: 10_000 }).toEqual([`${windowOrigin}/`]);
  expect(hostile.loaded.slice(before).filter((url) => !url.startsWith(`${windowOrigin}/`)), 'the prompt is not served unasked').toEqual([]);
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
  await expect.poll(async () => (await hostile.windows()).filter((url) => url !== `${windowOrigin}/`), { timeout: 10_000 }).toEqual([expect.stringMatching(/^https:\/\/strongroom-prompt\.invalid\/#/)]);
  await hostile.notNow();
  await asked;
  await hostile.chosen();
});

test('tries frames', async () => {
  const before = hostile.loaded.length;
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
  expect(hostile.loaded.slice(before), 'nothing was served').toEqual([]);
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

test('tries to stop the window while the prompt opens', async () => {
  const asked = page.evaluate(async () => {
    const answer = (globalThis as unknown as HostileGlobals).ask('host.chooseSeal', {});
    await new Promise((resolve) => setTimeout(resolve, 0));
    for (const end = Date.now() + 11_000; Date.now() < end; ) JSON.stringify(end);
    return await answer;
  });
  // Either the prompt opens all the same, or the host says that it did not.
  expect(['declined', 'secret-unavailable']).toContain(codeOf(await Promise.race([asked, hostile.notNow().then(() => asked)])));
  await expect.poll(() => hostile.windows(), { timeout: 10_000 }).toEqual([`${windowOrigin}/`]);
  await hostile.chosen();
});

test('every attempt has its row in HOSTILE.md', () => {
  const table = readFileSync(new URL('../../electron/chromium/HOSTILE.md', import.meta.url), 'utf8');
  const titles = [...['hostile.test.ts', 'hostileBrowser.test.ts'].map((name) => readFileSync(new URL(name, import.meta.url), 'utf8')).join('\n').matchAll(/^test\('(tries [^']+)'/gm)].map(([, title = '']) => title);
  expect(titles.length).toBeGreaterThan(15);
  expect(titles.filter((title) => !table.includes(`| ${title} |`))).toEqual([]);
});
