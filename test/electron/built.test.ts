/** What the build made: the main program starts, and the core that it starts in a thread makes a vault. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('the built application starts against the stand-in, sandboxed and once, and makes a vault', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'test/electron/startBuilt.ts')], { encoding: 'utf8', timeout: 50_000 });
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ made: { ok: true, value: { principal: { name: 'Ada' }, solo: true } }, sandboxed: true, single: true });
});

test('the built programs name no place of this machine, and load only what package.json declares', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  const files = readdirSync(join(root, 'out/main'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  expect(files.length).toBeGreaterThan(2);
  for (const name of files) {
    const text = readFileSync(join(root, 'out/main', name), 'utf8');
    expect(text, name).not.toContain(root);
    const imported = [...text.matchAll(/^import (?:[^;]* from )?"([^"]+)";$/gm)].map((match) => match[1] ?? '');
    const packages = imported.filter((wanted) => !wanted.startsWith('node:') && !wanted.startsWith('.') && wanted !== 'electron');
    for (const wanted of packages) expect(Object.keys(dependencies), `${name}: ${wanted}`).toContain(wanted.split('/').slice(0, wanted.startsWith('@') ? 2 : 1).join('/'));
  }
});
