/** The prompt's window in its bad moments, against the stand-in: the main window is covered while one is open, and only then. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { BrowserWindow as RealWindow, Session } from 'electron';
import { ElectronPrompt } from '../../electron/app/promptWindow.ts';
import type { Question } from '../../shared/ipc/promptContract.ts';
import { startApplication } from '../fixtures/electronApp.ts';
import type { TestApplication } from '../fixtures/electronApp.ts';
import { BrowserWindow, lastCall, theSession } from '../fixtures/electronStandIn.ts';

vi.mock('electron', () => import('../fixtures/electronStandIn.ts'));

let application: TestApplication;
beforeAll(async () => {
  application = await startApplication();
});
afterEach(() => {
  BrowserWindow.loadFails = false;
});
afterAll(() => application.close());

test('a page that does not load leaves no window behind, and the main window free', async () => {
  BrowserWindow.loadFails = true;
  const { ok, error } = await application.call('host.chooseSeal', {});
  expect([ok, error?.code]).toEqual([false, 'secret-unavailable']);
  expect(BrowserWindow.all.filter((window) => window !== application.window && !window.destroyed)).toEqual([]);
  expect(application.window.enabled).toBe(true);
});

test('one that a person closes is put off: it is not closed twice, which Electron refuses', async () => {
  const asked = application.call('host.chooseSeal', {});
  const { window } = await application.prompt();
  window.destroy();
  expect((await asked).error?.code).toBe('declined');
});

test('one that closes late does not lift the veil of the next', async () => {
  const main = new BrowserWindow({});
  const prompt = new ElectronPrompt(main as unknown as RealWindow, join('out', 'prompt.cjs'), theSession as unknown as Session);
  const closed: string[] = [];
  const open = (id: string) => prompt.open({ id, question: {} as Question, deafFor: 0 } as Parameters<ElectronPrompt['open']>[0], { onAnswer: () => undefined, onClosed: () => void closed.push(id) });
  const first = await open('first');
  const second = await open('second');
  first.close();
  expect([main.enabled, closed]).toEqual([false, ['first']]);
  second.close();
  expect([main.enabled, closed, lastCall('contentView.removeChildView').length]).toEqual([true, ['first', 'second'], 1]);
});
