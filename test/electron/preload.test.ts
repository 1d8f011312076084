/** The preloads from their sources: a function per method, and a path that goes to the main process alone. */
import { expect, test, vi } from 'vitest';
import { promptChannel, windowChannel, windowEventChannel } from '../../shared/ipc/channels.ts';
import { windowMethodNames } from '../../shared/ipc/methodNames.ts';
import { exposed, lastCall } from '../fixtures/electronStandIn.ts';

vi.mock('electron', () => import('../fixtures/electronStandIn.ts'));

type Functions = Record<string, (...parts: unknown[]) => unknown>;

test('the bridge of the window has one function per method and three more, and no channel of Electron is in reach', async () => {
  await import('../../electron/preload/windowPreload.ts');
  const bridge = exposed['strongroom'] as unknown as Functions & { methods: Functions };
  expect(Object.keys(bridge).sort()).toEqual(['cancel', 'grantDropped', 'methods', 'onEvent']);
  expect(Object.keys(bridge.methods)).toEqual([...windowMethodNames]);
  expect(await bridge.methods['key.list']?.({ state: 'active' }, 'one')).toEqual({ ok: true, value: {} });
  expect(lastCall('ipcRenderer.invoke')).toEqual([windowChannel, 'call', 'key.list', '{"state":"active"}', 'one']);
  bridge['cancel']?.('one');
  expect(lastCall('ipcRenderer.invoke')).toEqual([windowChannel, 'cancel', 'one']);
  await bridge['grantDropped']?.({ path: '/somewhere' }, 'sign');
  expect(lastCall('ipcRenderer.invoke')).toEqual([windowChannel, 'dropped', '/somewhere', 'sign']);
  bridge['onEvent']?.(() => undefined);
  expect(lastCall('ipcRenderer.on')[0]).toBe(windowEventChannel);
});

test('a listener of the page gets what it was told, and nothing of the event, which leads to Electron', () => {
  const told = vi.fn();
  (exposed['strongroom'] as unknown as Functions)['onEvent']?.(told);
  (lastCall('ipcRenderer.on')[1] as (event: unknown, told: unknown) => void)({ sender: 'electron' }, { kind: 'locked' });
  expect(told.mock.calls).toEqual([[{ kind: 'locked' }]]);
});

test('the bridge of the prompt has its four functions', async () => {
  await import('../../electron/preload/promptPreload.ts');
  const bridge = exposed['strongroomPrompt'] as unknown as Functions;
  expect(Object.keys(bridge).sort()).toEqual(['answer', 'complete', 'onSitting', 'sitting']);
  for (const [name, value] of [['sitting', undefined], ['answer', { kind: 'declined' }], ['complete', '/x']] as const) {
    void bridge[name]?.(value);
    expect(lastCall('ipcRenderer.invoke').slice(0, 2)).toEqual([promptChannel, name]);
  }
});
