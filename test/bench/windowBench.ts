/** The window: how soon it is there, against a bare page in the same Chromium, and its longest frame over ten thousand keys; how long any call holds the main thread. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Bundle } from '../../electron/host/window/bundle.ts';
import { makeManyKeys, openInWindow } from '../fixtures/manyKeysWindow.ts';
import { openWindow } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';

type Say = (line: string) => void;
const many = 10_000;

/** First paint and the end of loading, in milliseconds after the navigation began. */
async function paint({ page }: TestWindow): Promise<{ readonly first: number; readonly ready: number }> {
  await page.reload();
  await page.waitForTimeout(1500);
  return await page.evaluate(() => {
    const first = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN;
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return { first, ready: navigation?.loadEventEnd ?? Number.NaN };
  });
}

/** A page with a heading and nothing else, through the same route. */
async function barePaint(folder: string): Promise<{ readonly first: number; readonly ready: number }> {
  const bare = `${folder}/bare`;
  mkdirSync(bare);
  writeFileSync(`${bare}/index.html`, '<!doctype html><html lang="en"><title>bare</title><h1>bare</h1></html>');
  const window = await openWindow({ windowBundle: new Bundle(bare), folder: `${folder}/host` });
  const result = await paint(window);
  await window.close();
  return result;
}

/** The longest gap between two frames while something goes on. */
async function longestFrame({ page }: TestWindow, during: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const state = globalThis as unknown as { longest: number; stop: boolean };
    state.longest = 0;
    state.stop = false;
    let last = performance.now();
    const frame = (now: number) => {
      state.longest = Math.max(state.longest, now - last);
      last = now;
      if (!state.stop) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await during();
  return await page.evaluate(() => {
    const state = globalThis as unknown as { longest: number; stop: boolean };
    state.stop = true;
    return state.longest;
  });
}

async function scroll({ page }: TestWindow): Promise<void> {
  const grid = page.getByRole('grid', { name: 'Keys' });
  for (let step = 0; step < 40; step += 1) {
    await grid.evaluate((element, top) => element.scrollTo(0, top), step * 4000);
    await page.waitForTimeout(16);
  }
}

export async function windowBench(say: Say): Promise<string> {
  const window = await openWindow();
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const ours = await paint(window);
  const bare = await barePaint(window.folder);
  say(`first paint ${ms(ours.first)}, a bare page ${ms(bare.first)}: ${(ours.first / bare.first).toFixed(1)} times; loaded ${ms(ours.ready)} against ${ms(bare.ready)}`);
  const path = await makeManyKeys(window, many);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await openInWindow(window, path);
  await window.page.evaluate(() => {
    location.hash = '#/keys';
  });
  const shown = performance.now();
  await window.page.locator('.krow').first().waitFor();
  say(`${many} keys: from the click to the first rows ${ms(performance.now() - shown)}`);
  say(`longest frame while scrolling through them ${ms(await longestFrame(window, () => scroll(window)))}`);
  const typing = () => window.page.getByLabel('Filter by typing').pressSequentially('number 99', { delay: 40 });
  say(`longest frame while typing into the filter ${ms(await longestFrame(window, typing))}`);
  say(`longest hold of the host's main thread meanwhile, unlock and list included ${ms(delay.max / 1e6)}`);
  delay.disable();
  await window.host.close();
  return window.folder;
}
