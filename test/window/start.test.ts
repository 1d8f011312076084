/** `npm start` where no window can open: it says so, and names what works. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const start = join(import.meta.dirname, '../../electron/build/start.ts');

test('with no display npm start says so, names the demo and the command line, and has not failed', () => {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...environment } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [start], { env: environment, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  for (const said of ['no display', 'npm run demo', 'npm run cli']) expect(stdout).toContain(said);
});

test('with a display that is not there it ends, and says what failed', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [start], { env: { ...process.env, DISPLAY: ':123', WAYLAND_DISPLAY: '' }, encoding: 'utf8', timeout: 60_000 });
  expect(stdout).toContain('evaluation window');
  expect(status).toBe(1);
  expect(stderr.trim().split('\n').at(-1)).toContain('is there a display');
  expect(stderr.length).toBeLessThan(600); // one sentence, not the driver's log
});
