/** A disk that knows no hard links, as most sticks: results get their names there all the same, and nothing is overwritten. The disk is a fake: its link is refused. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<object>()),
  link: () => Promise.reject(Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' })),
}));

let t: TestCore;

beforeAll(async () => {
  t = makeTestCore();
  await t.create();
});
afterAll(() => t.close());

test('a result gets its name, and no temporary file stays', async () => {
  await t.call('audit.export', { out: t.write('log.jsonl') });
  expect(readFileSync(t.path('log.jsonl'), 'utf8')).toContain('"strongroom":"log"');
  expect(readdirSync(t.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a file that is there already stays as it is', async () => {
  const out = t.write('taken');
  writeFileSync(t.path('taken'), 'somebody else was first');
  expect(await t.refused('audit.export', { out })).toMatchObject({ code: 'file-exists' });
  expect(readFileSync(t.path('taken'), 'utf8')).toBe('somebody else was first');
});
